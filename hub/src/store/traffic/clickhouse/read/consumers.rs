//! Totals per consumer, and how many there were over time.

use std::collections::{BTreeMap, HashMap, HashSet};

use clickhouse::Row;
use serde::Deserialize;
use tokio::try_join;

use super::super::{ClickHouseTraffic, link::time, of_scope};
use super::charts::start_of;
use super::endpoints::of_routes;
use super::source::{Family, source};
use super::totals::{Per, Sum, of_consumer, of_status};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::{ConsumerHash, ConsumerStep, ConsumerTotals, Filter, Scope, Steps, Window};

#[derive(Row, Deserialize)]
struct SeenRow {
    consumer: ConsumerHash,
    first_seen: u32,
    last_seen: u32,
}

#[derive(Row, Deserialize)]
struct CalledRow {
    bucket: u32,
    consumer: ConsumerHash,
}

impl ClickHouseTraffic {
    pub(super) async fn read_consumers(
        &self,
        scope: &Scope,
        window: Window,
        filter: &Filter,
    ) -> Result<Vec<ConsumerTotals>, StoreError> {
        let (routes, segments) = try_join!(self.routes(scope, filter), self.cover(scope, self.plan(window)))?;
        let mut conditions = vec!["by_consumer = 1".to_owned()];
        conditions.extend(filter.consumer.map(of_consumer));
        conditions.extend(of_status(filter));
        conditions.extend(of_routes(filter, &routes));
        let (rows, seen) = try_join!(
            self.sums(scope, &segments, &conditions, (Per::Consumer, filter)),
            self.seen(scope, window, filter)
        )?;
        let mut sums: HashMap<ConsumerHash, Sum> = HashMap::new();
        rows.iter().for_each(|row| sums.entry(row.key_consumer).or_default().add(row, filter));
        let found = seen.into_iter().filter_map(|row| {
            let totals = sums.remove(&row.consumer)?.finish();
            (totals.requests > 0).then(|| ConsumerTotals {
                consumer: row.consumer,
                totals,
                first_seen_at: row.first_seen.into(),
                last_seen_at: row.last_seen.into(),
            })
        });
        let mut found: Vec<_> = found.collect();
        found.sort_by(|a, b| b.totals.requests.cmp(&a.totals.requests).then(a.consumer.cmp(&b.consumer)));
        Ok(found)
    }

    pub(super) async fn read_consumer_steps(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
    ) -> Result<Vec<ConsumerStep>, StoreError> {
        let (routes, segments, seen) = try_join!(
            self.routes(scope, filter),
            self.cover(scope, self.plan_steps(steps)),
            self.seen(scope, steps.window(), filter)
        )?;
        let mut conditions = vec!["by_consumer = 1".to_owned()];
        conditions.extend(filter.consumer.map(of_consumer));
        conditions.extend(of_status(filter));
        conditions.extend(of_routes(filter, &routes));
        let columns = ("bucket, consumer, requests", conditions.as_slice());
        let Some(source) = source(Family::Traffic, scope, &segments, columns) else { return Ok(Vec::new()) };
        let sql = format!("SELECT DISTINCT bucket, consumer FROM {source} WHERE requests > 0");
        let mut active: BTreeMap<UnixSecs, HashSet<ConsumerHash>> = BTreeMap::new();
        for CalledRow { bucket, consumer } in self.link.ask(&sql).await? {
            if let Some(start) = start_of(steps, bucket) {
                active.entry(start).or_default().insert(consumer);
            }
        }
        let begins: HashMap<ConsumerHash, i64> =
            seen.iter().map(|row| (row.consumer, row.first_seen.into())).collect();
        let begin = |consumer: &ConsumerHash| begins.get(consumer).and_then(|begin| steps.start_of(*begin));
        let step = |(start, active): (UnixSecs, HashSet<ConsumerHash>)| {
            let new = active.iter().filter(|consumer| begin(consumer) == Some(start)).count() as u64;
            ConsumerStep { start, active: active.len() as u64, new }
        };
        Ok(active.into_iter().map(step).collect())
    }

    /// When the consumers called first and last that may have called within the window.
    async fn seen(&self, scope: &Scope, window: Window, filter: &Filter) -> Result<Vec<SeenRow>, StoreError> {
        let segments = self.plan(window);
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else { return Ok(Vec::new()) };
        let consumer = filter.consumer.map_or(String::new(), |hash| format!(" AND {}", of_consumer(hash)));
        let sql = format!(
            "SELECT consumer, min(first_seen) AS f, max(last_seen) AS l FROM consumers WHERE {}{consumer} GROUP BY consumer \
             HAVING l >= {} AND f < {}",
            of_scope(scope),
            time(first.from),
            time(last.to),
        );
        self.link.ask(&sql).await
    }
}
