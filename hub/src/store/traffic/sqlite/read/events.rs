//! Groups of events: failed validations, server errors, losses.

use std::collections::HashMap;

use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};

use super::super::write::EVERYBODY;
use super::super::{EventClass, SqliteTraffic};
use super::scan::{segments_json, statuses_json};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::plan::Segment;
use crate::store::traffic::{
    ErrorGroupId, Filter, LossRow, RouteKey, Scope, ServerErrorRow, ValidationErrorRow, Window,
};

/// A group with its count in a window.
#[derive(Debug)]
pub(super) struct EventRow {
    id: ErrorGroupId,
    route: RouteKey,
    status: u16,
    code: String,
    message: String,
    location: Option<String>,
    field: Option<String>,
    backtrace: Option<String>,
    first_seen: UnixSecs,
    last_seen: UnixSecs,
    count: u64,
    consumers: u64,
    first_version: Option<String>,
    last_version: Option<String>,
}

/// The counts in the segments of `?2`, of a scope's groups of one class, under the filter for a consumer `?4` (0: everybody)
/// and the statuses `?5` (NULL: all).
const COUNTED: &str = "FROM event_groups g CROSS JOIN json_each(?2) segment CROSS JOIN event_counts c \
     ON c.tier = segment.value ->> 0 AND c.group_id = g.id AND c.bucket >= segment.value ->> 1 AND c.bucket < segment.value ->> 2 \
     LEFT JOIN routes r ON r.id = g.route_id \
     WHERE g.scope_id = ?1 AND g.class = ?3 AND (?4 = 0 OR c.consumer_id = ?4) \
     AND (?5 IS NULL OR g.status IN (SELECT value FROM json_each(?5))) ";

impl SqliteTraffic {
    /// The groups that occurred, the most frequent first.
    pub(super) async fn read_events(
        &self,
        scope: &Scope,
        class: EventClass,
        window: Window,
        filter: &Filter,
    ) -> Result<Vec<EventRow>, StoreError> {
        let Some(scope) = self.scope_id(scope).await? else { return Ok(Vec::new()) };
        let Some(consumer) = self.consumer_id(scope, filter).await? else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT coalesce(r.method, ''), coalesce(r.path, ''), g.status, g.code, g.message, g.location, g.field, g.backtrace, \
             g.first_seen, g.last_seen, sum(c.count), count(DISTINCT nullif(c.consumer_id, 0)), g.class, g.fingerprint, \
             (SELECT version FROM event_versions v WHERE v.group_id = g.id ORDER BY v.first_seen, version LIMIT 1), \
             (SELECT version FROM event_versions v WHERE v.group_id = g.id ORDER BY v.last_seen DESC, version DESC LIMIT 1) {COUNTED} \
             GROUP BY g.id ORDER BY sum(c.count) DESC, g.id"
        );
        let query =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(scope).bind(segments_json(&self.plan(window)));
        let query = query.bind(class as i64).bind(consumer).bind(statuses_json(filter));
        let mut found: Vec<EventRow> = query.fetch_all(&self.database.readers).await?;
        found.retain(|row| {
            class == EventClass::Loss || filter.covers_route(&row.route.method, &row.route.path)
        });
        Ok(found)
    }

    /// How many events of `class` each route had.
    pub(super) async fn count_by_route(
        &self,
        scope: i64,
        class: EventClass,
        segments: &[Segment],
        filter: &Filter,
    ) -> Result<HashMap<i64, u64>, StoreError> {
        let Some(consumer) = self.consumer_id(scope, filter).await? else { return Ok(HashMap::new()) };
        let sql = format!("SELECT g.route_id, sum(c.count) {COUNTED} GROUP BY g.route_id");
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(scope).bind(segments_json(segments));
        let query = query.bind(class as i64).bind(consumer).bind(statuses_json(filter));
        let counts: Vec<(i64, i64)> = query.fetch_all(&self.database.readers).await?;
        Ok(counts.into_iter().map(|(route, count)| (route, count.unsigned_abs())).collect())
    }
}

const _: () = assert!(EVERYBODY == 0, "COUNTED compares with it");

impl FromRow<'_, SqliteRow> for EventRow {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        let class: u8 = row.try_get(12)?;
        Ok(Self {
            id: format!("{class:02x}{}", hex::encode(row.try_get::<&[u8], _>(13)?)),
            route: RouteKey { method: row.try_get(0)?, path: row.try_get(1)? },
            status: row.try_get(2)?,
            code: row.try_get(3)?,
            message: row.try_get(4)?,
            location: row.try_get(5)?,
            field: row.try_get(6)?,
            backtrace: row.try_get(7)?,
            first_seen: row.try_get(8)?,
            last_seen: row.try_get(9)?,
            count: row.try_get::<i64, _>(10)?.unsigned_abs(),
            consumers: row.try_get::<i64, _>(11)?.unsigned_abs(),
            first_version: row.try_get(14)?,
            last_version: row.try_get(15)?,
        })
    }
}

impl EventRow {
    pub(super) fn into_validation_error(self) -> ValidationErrorRow {
        ValidationErrorRow {
            id: self.id,
            route: self.route,
            status: self.status,
            location: self.location.unwrap_or_default(),
            field: self.field.unwrap_or_default(),
            message: self.message,
            code: self.code,
            count: self.count,
            consumers: self.consumers,
            first_seen_at: self.first_seen,
            last_seen_at: self.last_seen,
            first_version: self.first_version,
            last_version: self.last_version,
        }
    }

    pub(super) fn into_server_error(self) -> ServerErrorRow {
        ServerErrorRow {
            id: self.id,
            route: self.route,
            status: self.status,
            kind: self.code,
            message: self.message,
            location: self.location,
            backtrace: self.backtrace,
            count: self.count,
            consumers: self.consumers,
            first_seen_at: self.first_seen,
            last_seen_at: self.last_seen,
            first_version: self.first_version,
            last_version: self.last_version,
        }
    }

    pub(super) fn into_loss(self) -> LossRow {
        LossRow {
            reason: self.code,
            detail: self.message,
            count: self.count,
            first_seen_at: self.first_seen,
            last_seen_at: self.last_seen,
        }
    }
}
