//! Totals per consumer, and how many there were over time.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::SqliteTraffic;
use super::super::cell::read_cell;
use super::super::corrupt;
use super::scan::Selection;
use super::totals::Sum;
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::plan::Segment;
use crate::store::traffic::{ConsumerHash, ConsumerStep, ConsumerTotals, Filter, Scope, Steps, Window};

/// A consumer as it stands in its table: number, hash, first and last minute.
pub(super) type ConsumerRow = (i64, Vec<u8>, UnixSecs, UnixSecs);

impl SqliteTraffic {
    pub(super) async fn read_consumers(
        &self,
        scope: &Scope,
        window: Window,
        filter: &Filter,
    ) -> Result<Vec<ConsumerTotals>, StoreError> {
        let Some(scope) = self.scope_id(scope).await? else { return Ok(Vec::new()) };
        let (consumers, selection) = self.select_consumers(scope, self.plan(window), filter).await?;
        // Whoever is looked at, the durations are a consumer's.
        let looked_at = Filter { consumer: Some(ConsumerHash::default()), ..filter.clone() };
        let mut sums: HashMap<i64, Sum> = HashMap::new();
        let add = |found: super::scan::Found<'_>| {
            sums.entry(found.consumer).or_default().add(found.cell, &looked_at)
        };
        selection.read(&self.database.readers, add).await?;
        finish(consumers, sums)
    }

    pub(super) async fn read_consumer_steps(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
    ) -> Result<Vec<ConsumerStep>, StoreError> {
        let Some(scope) = self.scope_id(scope).await? else { return Ok(Vec::new()) };
        let (consumers, selection) = self.select_consumers(scope, self.plan_steps(steps), filter).await?;
        let from = steps.window().from;
        let mut active: BTreeMap<UnixSecs, HashSet<i64>> = BTreeMap::new();
        let add = |found: super::scan::Found<'_>| {
            let Some(start) = steps.start_of(found.bucket.max(from)) else { return Some(()) };
            let mut called = false;
            read_cell(found.cell, |status, sums, _| {
                called |= filter.covers_status(status) && sums.requests > 0;
                Some(())
            })?;
            if called {
                active.entry(start).or_default().insert(found.consumer);
            }
            Some(())
        };
        selection.read(&self.database.readers, add).await?;
        let begins: HashMap<i64, UnixSecs> = consumers.iter().map(|row| (row.0, row.2)).collect();
        let begin = |consumer: &i64| begins.get(consumer).and_then(|begin| steps.start_of(*begin));
        let step = |(start, active): (UnixSecs, HashSet<i64>)| {
            let new = active.iter().filter(|consumer| begin(consumer) == Some(start)).count() as u64;
            ConsumerStep { start, active: active.len() as u64, new }
        };
        Ok(active.into_iter().map(step).collect())
    }

    /// The consumers that may have called within the segments, and which cells of theirs the filter looks at.
    async fn select_consumers(
        &self,
        scope: i64,
        segments: Vec<Segment>,
        filter: &Filter,
    ) -> Result<(Vec<ConsumerRow>, Selection), StoreError> {
        let consumers = self.consumers_within(scope, &segments, filter).await?;
        let routes_alone = Filter { consumer: None, ..filter.clone() };
        let selection = self.select(scope, &routes_alone, segments).await?;
        let mut selection = selection.unwrap_or_default();
        selection.consumers = consumers.iter().map(|consumer| consumer.0).collect();
        Ok((consumers, selection))
    }

    /// The consumers that may have called within the segments, of those that the filter looks at.
    pub(super) async fn consumers_within(
        &self,
        scope: i64,
        segments: &[Segment],
        filter: &Filter,
    ) -> Result<Vec<ConsumerRow>, StoreError> {
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else { return Ok(Vec::new()) };
        let sql = "SELECT id, hash, first_seen, last_seen FROM consumers WHERE scope_id = ?1 AND last_seen >= ?2 \
                   AND first_seen < ?3 AND (?4 IS NULL OR hash = ?4)";
        let query = sqlx::query_as(sql).bind(scope).bind(first.from).bind(last.to);
        let query = query.bind(filter.consumer.map(|hash| hash.to_vec()));
        Ok(query.fetch_all(&self.database.readers).await?)
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
