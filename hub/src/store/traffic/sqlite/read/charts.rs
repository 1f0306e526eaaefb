//! The traffic and the latency chart.

use std::collections::BTreeMap;

use super::super::SqliteTraffic;
use super::super::cell::read_cell;
use super::totals::counts_for_apdex;
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::{Filter, LatencyBucket, Scope, Steps, TrafficBucket};

/// A step of the traffic chart in the making.
#[derive(Default)]
struct TrafficSum {
    by_status: BTreeMap<u16, u64>,
    request_bytes: u64,
    response_bytes: u64,
}

impl SqliteTraffic {
    pub(super) async fn read_traffic(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
    ) -> Result<Vec<TrafficBucket>, StoreError> {
        let mut sums: BTreeMap<UnixSecs, TrafficSum> = BTreeMap::new();
        self.read_steps(scope, steps, filter, |start, cell| {
            read_cell(cell, |status, of_status, _| {
                if filter.covers_status(status) && of_status.requests > 0 {
                    let sum = sums.entry(start).or_default();
                    let count = sum.by_status.entry(status).or_default();
                    *count = count.saturating_add(of_status.requests);
                    sum.request_bytes = sum.request_bytes.saturating_add(of_status.request_bytes);
                    sum.response_bytes = sum.response_bytes.saturating_add(of_status.response_bytes);
                }
                Some(())
            })
        })
        .await?;
        let buckets = sums.into_iter().map(|(start, sum)| TrafficBucket {
            start,
            by_status: sum.by_status.into_iter().collect(),
            request_bytes: sum.request_bytes,
            response_bytes: sum.response_bytes,
        });
        Ok(buckets.collect())
    }

    pub(super) async fn read_latency(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
    ) -> Result<Vec<LatencyBucket>, StoreError> {
        let mut buckets: BTreeMap<UnixSecs, LatencyBucket> = BTreeMap::new();
        self.read_steps(scope, steps, filter, |start, cell| {
            read_cell(cell, |status, sums, mut histograms| {
                if !filter.covers_status(status) || sums.requests == 0 {
                    return Some(());
                }
                let bucket = buckets.entry(start).or_insert_with(|| empty_latency(start));
                bucket.duration_sum_us = bucket.duration_sum_us.saturating_add(sums.duration_sum_us);
                bucket.duration_max_us = bucket.duration_max_us.max(sums.duration_max_us);
                if (500..600).contains(&status) {
                    bucket.server_errors = bucket.server_errors.saturating_add(sums.requests);
                }
                // Those that do not count for Apdex; the others are added to them in the end.
                let durations = match counts_for_apdex(status) {
                    true => &mut bucket.apdex_durations,
                    false => &mut bucket.durations,
                };
                match filter.consumer.is_some() || filter.durations_only {
                    true => histograms.add_durations_to(durations),
                    false => histograms.add_times_to(durations, &mut bucket.headers),
                }
            })
        })
        .await?;
        let mut buckets: Vec<LatencyBucket> = buckets.into_values().collect();
        buckets.iter_mut().for_each(|bucket| bucket.durations.merge(&bucket.apdex_durations));
        Ok(buckets)
    }

    /// Hands the cells to `see`, each with the start of its step.
    async fn read_steps(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
        mut see: impl FnMut(UnixSecs, &[u8]) -> Option<()>,
    ) -> Result<(), StoreError> {
        let Some(scope) = self.scope_id(scope).await? else { return Ok(()) };
        let Some(selection) = self.select(scope, filter, self.plan_steps(steps)).await? else {
            return Ok(());
        };
        let first = steps.window().from;
        let see = |found: super::scan::Found<'_>| match steps.start_of(found.bucket.max(first)) {
            Some(start) => see(start, found.cell),
            None => Some(()),
        };
        selection.read(&self.database.readers, see).await
    }
}

fn empty_latency(start: UnixSecs) -> LatencyBucket {
    LatencyBucket {
        start,
        duration_sum_us: 0,
        duration_max_us: 0,
        durations: Default::default(),
        headers: Default::default(),
        apdex_durations: Default::default(),
        server_errors: 0,
    }
}
