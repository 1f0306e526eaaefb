//! How many groups of errors there were, without their texts.

use super::super::SqliteTraffic;
use super::scan::segments_json;
use crate::store::StoreError;
use crate::store::traffic::{ErrorClass, ErrorCounts, RouteKey, Scope, Window};

/// Class, method, path and status, how many groups, and how often.
type CountRow = (i64, String, String, u16, i64, i64);

impl SqliteTraffic {
    pub(super) async fn count_errors(
        &self,
        scope: &Scope,
        window: Window,
    ) -> Result<Vec<ErrorCounts>, StoreError> {
        let Some(scope) = self.scope_id(scope).await? else { return Ok(Vec::new()) };
        let sql = "SELECT class, method, path, status, count(*), sum(n) FROM (\
                     SELECT g.class, coalesce(r.method, '') AS method, coalesce(r.path, '') AS path, g.status, sum(c.count) AS n \
                     FROM event_groups g CROSS JOIN json_each(?2) segment CROSS JOIN event_counts c \
                     ON c.tier = segment.value ->> 0 AND c.group_id = g.id AND c.bucket >= segment.value ->> 1 \
                     AND c.bucket < segment.value ->> 2 LEFT JOIN routes r ON r.id = g.route_id \
                     WHERE g.scope_id = ?1 AND g.class IN (0, 1) GROUP BY g.id) GROUP BY class, method, path, status";
        let query = sqlx::query_as(sql).bind(scope).bind(segments_json(&self.plan(window)));
        let rows: Vec<CountRow> = query.fetch_all(&self.database.readers).await?;
        let mut counts: Vec<_> = rows.into_iter().map(counts).collect();
        counts.sort_unstable();
        Ok(counts)
    }
}

fn counts((class, method, path, status, groups, count): CountRow) -> ErrorCounts {
    ErrorCounts {
        class: if class == 0 { ErrorClass::Validation } else { ErrorClass::Server },
        route: RouteKey { method, path },
        status,
        groups: groups.unsigned_abs(),
        count: count.unsigned_abs(),
    }
}
