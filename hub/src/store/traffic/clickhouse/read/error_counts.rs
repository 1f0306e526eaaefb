//! How many groups of errors there were, without their texts.

use std::collections::HashMap;

use clickhouse::Row;
use serde::Deserialize;
use tokio::try_join;

use super::super::ClickHouseTraffic;
use super::source::{Family, source};
use crate::store::StoreError;
use crate::store::traffic::{ErrorClass, ErrorCounts, Filter, RouteKey, Scope, Window};

#[derive(Row, Deserialize)]
struct CountRow {
    class: u8,
    route: u64,
    status: u16,
    groups: u64,
    count: u64,
}

impl ClickHouseTraffic {
    pub(super) async fn count_errors(
        &self,
        scope: &Scope,
        window: Window,
    ) -> Result<Vec<ErrorCounts>, StoreError> {
        let segments = self.cover(scope, self.plan(window)).await?;
        let columns = ("class, route, status, fingerprint, count", ["class IN (0, 1)".to_owned()]);
        let Some(source) = source(Family::Events, scope, &segments, (columns.0, &columns.1)) else {
            return Ok(Vec::new());
        };
        // A route and a status are a part of what makes a group, so a group is counted in one place.
        let sql = format!(
            "SELECT class, route, status, toUInt64(uniqExact(fingerprint)), sum(count) AS n FROM {source} \
             GROUP BY class, route, status HAVING n > 0"
        );
        let everything = Filter::default();
        let (rows, routes) = try_join!(self.link.ask::<CountRow>(&sql), self.routes(scope, &everything))?;
        let routes: HashMap<u64, _> = routes.into_iter().map(|route| (route.route, route)).collect();
        let counts = rows.into_iter().map(|row| {
            let route = routes.get(&row.route);
            let route = route.map(|route| (route.method.clone(), route.path.clone()));
            let (method, path) = route.unwrap_or_default();
            ErrorCounts {
                class: if row.class == 0 { ErrorClass::Validation } else { ErrorClass::Server },
                route: RouteKey { method, path },
                status: row.status,
                groups: row.groups,
                count: row.count,
            }
        });
        let mut counts: Vec<_> = counts.collect();
        counts.sort_unstable();
        Ok(counts)
    }
}
