//! Totals per consumer.

use std::collections::HashMap;

use clickhouse::Row;
use serde::Deserialize;
use tokio::try_join;

use super::super::{ClickHouseTraffic, link::time, of_scope};
use super::endpoints::of_routes;
use super::totals::{Per, Sum, of_consumer, of_status};
use crate::store::StoreError;
use crate::store::traffic::{ConsumerHash, ConsumerTotals, Filter, Scope, Window};

#[derive(Row, Deserialize)]
struct SeenRow {
    consumer: ConsumerHash,
    first_seen: u32,
    last_seen: u32,
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
            self.sums(scope, &segments, &conditions, Per::Consumer),
            self.seen(scope, window, filter)
        )?;
        let mut sums: HashMap<ConsumerHash, Sum> = HashMap::new();
        rows.iter().for_each(|row| sums.entry(row.key_consumer).or_default().add(row));
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
