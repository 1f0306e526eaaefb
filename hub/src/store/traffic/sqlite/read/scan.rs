//! One statement that reads cells: of some routes, some consumers, some segments.

use std::collections::HashSet;

use futures_util::{Stream, TryStreamExt};
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqlitePool};

use super::super::write::{EVERYBODY, all_routes};
use super::super::{SqliteTraffic, corrupt, tier_id};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::plan::Segment;
use crate::store::traffic::{Filter, RouteKey};

/// A route as it stands in its table.
#[derive(Debug)]
pub(super) struct RouteRow {
    pub(super) id: i64,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) first_seen: Option<UnixSecs>,
    pub(super) last_seen: Option<UnixSecs>,
}

impl FromRow<'_, SqliteRow> for RouteRow {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get(0)?,
            method: row.try_get(1)?,
            path: row.try_get(2)?,
            first_seen: row.try_get(3)?,
            last_seen: row.try_get(4)?,
        })
    }
}

impl RouteRow {
    pub(super) fn key(&self) -> RouteKey {
        RouteKey { method: self.method.clone(), path: self.path.clone() }
    }
}

/// Which cells to read.
#[derive(Debug, Default)]
pub(super) struct Selection {
    pub(super) routes: Vec<i64>,
    pub(super) consumers: Vec<i64>,
    pub(super) segments: Vec<Segment>,
}

/// A cell on its way out.
pub(super) struct Found<'a> {
    pub(super) route: i64,
    pub(super) consumer: i64,
    pub(super) bucket: UnixSecs,
    pub(super) cell: &'a [u8],
}

impl Selection {
    /// Hands every cell of the selection to `see`, which answers none when it cannot be decoded.
    pub(super) async fn read(
        &self,
        readers: &SqlitePool,
        mut see: impl FnMut(Found<'_>) -> Option<()>,
    ) -> Result<(), StoreError> {
        if self.routes.is_empty() || self.consumers.is_empty() || self.segments.is_empty() {
            return Ok(());
        }
        let sql = "SELECT t.route_id, t.consumer_id, t.bucket, t.cell FROM json_each(?1) route CROSS JOIN json_each(?2) consumer \
                   CROSS JOIN json_each(?3) segment CROSS JOIN traffic t ON t.tier = segment.value ->> 0 \
                   AND t.route_id = route.value AND t.consumer_id = consumer.value \
                   AND t.bucket >= segment.value ->> 1 AND t.bucket < segment.value ->> 2";
        let query = sqlx::query(sql).bind(json(&self.routes)).bind(json(&self.consumers));
        hand_over(query.bind(segments_json(&self.segments)).fetch(readers), &mut see).await
    }
}

/// Cells of these routes with these consumers, of which most pairs were never together: those that were are found by one seek each.
pub(super) struct Pairs {
    pub(super) routes: Vec<i64>,
    pub(super) consumers: HashSet<i64>,
    pub(super) segments: Vec<Segment>,
}

impl Pairs {
    /// Hands every cell to `see`, as [`Selection::read`] does.
    pub(super) async fn read(
        &self,
        readers: &SqlitePool,
        mut see: impl FnMut(Found<'_>) -> Option<()>,
    ) -> Result<(), StoreError> {
        let tiers: HashSet<i64> = self.segments.iter().map(|segment| tier_id(segment.tier)).collect();
        for tier in tiers {
            let together = self.together(readers, tier).await?;
            let of_tier: Vec<Segment> =
                self.segments.iter().filter(|segment| tier_id(segment.tier) == tier).copied().collect();
            let sql = "SELECT t.route_id, t.consumer_id, t.bucket, t.cell FROM json_each(?1) pair CROSS JOIN json_each(?2) segment \
                       CROSS JOIN traffic t ON t.tier = segment.value ->> 0 AND t.route_id = pair.value ->> 0 \
                       AND t.consumer_id = pair.value ->> 1 AND t.bucket >= segment.value ->> 1 AND t.bucket < segment.value ->> 2";
            let pairs = together.iter().map(|(route, consumer)| format!("[{route},{consumer}]"));
            let pairs = format!("[{}]", pairs.collect::<Vec<_>>().join(","));
            let query = sqlx::query(sql).bind(pairs).bind(segments_json(&of_tier));
            hand_over(query.fetch(readers), &mut see).await?;
        }
        Ok(())
    }

    /// The pairs of which the tier holds anything.
    async fn together(&self, readers: &SqlitePool, tier: i64) -> Result<Vec<(i64, i64)>, StoreError> {
        let sql = "WITH RECURSIVE series (route, consumer) AS (\
                   SELECT value, (SELECT min(consumer_id) FROM traffic WHERE tier = ?1 AND route_id = value) FROM json_each(?2) \
                   UNION ALL SELECT route, (SELECT min(consumer_id) FROM traffic WHERE tier = ?1 AND route_id = route \
                   AND consumer_id > consumer) FROM series WHERE consumer IS NOT NULL) \
                   SELECT route, consumer FROM series WHERE consumer IS NOT NULL";
        let query = sqlx::query_as(sql).bind(tier).bind(json(&self.routes));
        let mut found: Vec<(i64, i64)> = query.fetch_all(readers).await?;
        found.retain(|(_, consumer)| self.consumers.contains(consumer));
        Ok(found)
    }
}

/// Hands every cell of an answer to `see`, which answers none when it cannot be decoded.
async fn hand_over(
    mut rows: impl Stream<Item = Result<SqliteRow, sqlx::Error>> + Unpin,
    see: &mut impl FnMut(Found<'_>) -> Option<()>,
) -> Result<(), StoreError> {
    while let Some(row) = rows.try_next().await? {
        let cell = row.try_get(3)?;
        let found =
            Found { route: row.try_get(0)?, consumer: row.try_get(1)?, bucket: row.try_get(2)?, cell };
        see(found).ok_or_else(|| corrupt("a cell"))?;
    }
    Ok(())
}

impl SqliteTraffic {
    /// What `filter` looks at in charts: one row per bucket when it names no route. None when it names something unknown.
    pub(super) async fn select(
        &self,
        scope: i64,
        filter: &Filter,
        segments: Vec<Segment>,
    ) -> Result<Option<Selection>, StoreError> {
        let Some(consumer) = self.consumer_id(scope, filter).await? else { return Ok(None) };
        let routes = if filter.method.is_none() && filter.path.is_none() {
            vec![all_routes(scope)]
        } else {
            self.routes(scope, filter).await?.iter().map(|route| route.id).collect()
        };
        Ok(Some(Selection { routes, consumers: vec![consumer], segments }))
    }

    /// The number of the consumer that `filter` names, or everybody's; none when it is unknown.
    pub(super) async fn consumer_id(&self, scope: i64, filter: &Filter) -> Result<Option<i64>, StoreError> {
        let Some(hash) = filter.consumer else { return Ok(Some(EVERYBODY)) };
        let query = sqlx::query_as("SELECT id FROM consumers WHERE scope_id = ? AND hash = ?");
        let query = query.bind(scope).bind(hash.to_vec());
        let found: Option<(i64,)> = query.fetch_optional(&self.database.readers).await?;
        Ok(found.map(|(id,)| id))
    }
}

/// Numbers as a JSON array.
pub(super) fn json(numbers: &[i64]) -> String {
    let numbers: Vec<_> = numbers.iter().map(i64::to_string).collect();
    format!("[{}]", numbers.join(","))
}

/// Segments as a JSON array of `[tier, from, to]`.
pub(super) fn segments_json(segments: &[Segment]) -> String {
    let parts =
        segments.iter().map(|segment| format!("[{},{},{}]", tier_id(segment.tier), segment.from, segment.to));
    format!("[{}]", parts.collect::<Vec<_>>().join(","))
}

/// The statuses that `filter` covers as a JSON array; none when it covers all.
pub(super) fn statuses_json(filter: &Filter) -> Option<String> {
    let bounds = filter.status.iter().map(|class| class.bounds());
    let statuses: Vec<i64> = bounds.flat_map(|(low, high)| low..=high).map(i64::from).collect();
    (!filter.status.is_empty()).then(|| json(&statuses))
}
