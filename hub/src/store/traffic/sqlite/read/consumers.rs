//! Totals per consumer.

use std::collections::HashMap;

use super::super::SqliteTraffic;
use super::super::corrupt;
use super::totals::Sum;
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::{ConsumerHash, ConsumerTotals, Filter, Scope, Window};

/// A consumer as it stands in its table: number, hash, first and last minute.
type ConsumerRow = (i64, Vec<u8>, UnixSecs, UnixSecs);

impl SqliteTraffic {
    pub(super) async fn read_consumers(
        &self,
        scope: &Scope,
        window: Window,
        filter: &Filter,
    ) -> Result<Vec<ConsumerTotals>, StoreError> {
        let Some(scope) = self.scope_id(scope).await? else { return Ok(Vec::new()) };
        let segments = self.plan(window);
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else { return Ok(Vec::new()) };
        let sql = "SELECT id, hash, first_seen, last_seen FROM consumers WHERE scope_id = ?1 AND last_seen >= ?2 \
                   AND first_seen < ?3 AND (?4 IS NULL OR hash = ?4)";
        let query = sqlx::query_as(sql).bind(scope).bind(first.from).bind(last.to);
        let query = query.bind(filter.consumer.map(|hash| hash.to_vec()));
        let consumers: Vec<ConsumerRow> = query.fetch_all(&self.database.readers).await?;

        // Whoever is looked at, the durations are a consumer's.
        let looked_at = Filter { consumer: Some(ConsumerHash::default()), ..filter.clone() };
        let routes_alone = Filter { consumer: None, ..filter.clone() };
        let Some(mut selection) = self.select(scope, &routes_alone, segments).await? else {
            return Ok(Vec::new());
        };
        selection.consumers = consumers.iter().map(|consumer| consumer.0).collect();
        let mut sums: HashMap<i64, Sum> = HashMap::new();
        let add = |found: super::scan::Found<'_>| {
            sums.entry(found.consumer).or_default().add(found.cell, &looked_at)
        };
        selection.read(&self.database.readers, add).await?;
        finish(consumers, sums)
    }
}

/// The consumers that called, the most frequent first.
fn finish(
    consumers: Vec<ConsumerRow>,
    mut sums: HashMap<i64, Sum>,
) -> Result<Vec<ConsumerTotals>, StoreError> {
    let mut found = Vec::with_capacity(sums.len());
    for (id, hash, first_seen_at, last_seen_at) in consumers {
        let Some(totals) = sums.remove(&id).map(Sum::finish) else { continue };
        if totals.requests > 0 {
            let consumer = ConsumerHash::try_from(hash).map_err(|_| corrupt("a consumer"))?;
            found.push(ConsumerTotals { consumer, totals, first_seen_at, last_seen_at });
        }
    }
    found.sort_by(|a, b| b.totals.requests.cmp(&a.totals.requests).then(a.consumer.cmp(&b.consumer)));
    Ok(found)
}
