//! Routes, consumers, groups and instances of an environment.

use std::collections::BTreeMap;

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::super::{SqliteTraffic, corrupt};
use super::uuid;
use crate::store::StoreError;
use crate::store::traffic::copied::{CopiedGroup, CopiedInstance, CopiedRoute, Names};
use crate::store::traffic::{ConsumerHash, RouteKey};

impl SqliteTraffic {
    pub(crate) async fn names(&self, scope: i64) -> Result<Names, StoreError> {
        Ok(Names {
            routes: self
                .named(scope, "SELECT id, method, path, declared, first_seen, last_seen FROM routes WHERE scope_id = ?", route)
                .await?,
            consumers: self
                .named(scope, "SELECT id, hash, first_seen, last_seen FROM consumers WHERE scope_id = ?", |row| {
                    let hash: ConsumerHash =
                        row.try_get::<Vec<u8>, _>(1)?.try_into().map_err(|_| corrupt("a consumer"))?;
                    Ok((hash, (row.try_get(2)?, row.try_get(3)?)))
                })
                .await?,
            groups: self
                .named(
                    scope,
                    "SELECT id, class, route_id, status, code, message, location, field, backtrace, first_seen, last_seen \
                     FROM event_groups WHERE scope_id = ?",
                    group,
                )
                .await?,
            instances: self
                .named(
                    scope,
                    "SELECT id, instance_id, app_version, sdk, framework, host, started_at, first_report_at, last_report_at, \
                     reports, last_sequence, clock_offset_ms, ended, seen_at FROM instances WHERE scope_id = ?",
                    instance,
                )
                .await?,
            versions: self.versions_of(scope).await?,
        })
    }

    async fn named<T>(
        &self,
        scope: i64,
        sql: &'static str,
        read: impl Fn(&SqliteRow) -> Result<T, StoreError>,
    ) -> Result<BTreeMap<i64, T>, StoreError> {
        let rows = sqlx::query(sql).bind(scope).fetch_all(&self.database.readers).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, read(row)?))).collect()
    }

    async fn versions_of(&self, scope: i64) -> Result<Vec<(i64, String, (i64, i64))>, StoreError> {
        let sql = "SELECT v.group_id, v.version, v.first_seen, v.last_seen FROM event_groups g \
                   JOIN event_versions v ON v.group_id = g.id WHERE g.scope_id = ?";
        let rows: Vec<(i64, String, i64, i64)> =
            sqlx::query_as(sql).bind(scope).fetch_all(&self.database.readers).await?;
        Ok(rows.into_iter().map(|(group, version, first, last)| (group, version, (first, last))).collect())
    }
}

fn route(row: &SqliteRow) -> Result<CopiedRoute, StoreError> {
    let (first, last): (Option<i64>, Option<i64>) = (row.try_get(4)?, row.try_get(5)?);
    Ok(CopiedRoute {
        key: RouteKey { method: row.try_get(1)?, path: row.try_get(2)? },
        declared: row.try_get(3)?,
        seen: first.zip(last),
    })
}

fn group(row: &SqliteRow) -> Result<CopiedGroup, StoreError> {
    Ok(CopiedGroup {
        class: row.try_get(1)?,
        route: row.try_get(2)?,
        status: row.try_get(3)?,
        code: row.try_get(4)?,
        message: row.try_get(5)?,
        location: row.try_get::<Option<_>, _>(6)?.unwrap_or_default(),
        field: row.try_get::<Option<_>, _>(7)?.unwrap_or_default(),
        backtrace: row.try_get(8)?,
        seen: (row.try_get(9)?, row.try_get(10)?),
    })
}

fn instance(row: &SqliteRow) -> Result<CopiedInstance, StoreError> {
    Ok(CopiedInstance {
        id: uuid(row.try_get(1)?)?,
        texts: [row.try_get(2)?, row.try_get(3)?, row.try_get(4)?, row.try_get(5)?],
        started_at: row.try_get(6)?,
        first_report_at: row.try_get(7)?,
        last_report_at: row.try_get(8)?,
        reports: row.try_get::<i64, _>(9)?.unsigned_abs(),
        last_sequence: row.try_get::<Option<i64>, _>(10)?.map(i64::unsigned_abs),
        clock_offset_ms: row.try_get(11)?,
        ended: row.try_get(12)?,
        seen_at: row.try_get(13)?,
    })
}
