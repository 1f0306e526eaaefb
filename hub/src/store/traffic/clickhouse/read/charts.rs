//! The traffic and the latency chart.

use std::collections::BTreeMap;

use clickhouse::Row;
use serde::Deserialize;

use super::super::ClickHouseTraffic;
use super::endpoints::of_routes;
use super::source::{Family, source};
use super::totals::{NO_HISTOGRAM, add_buckets, conditions, saturating_sum};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::{Filter, LatencyBucket, Scope, Steps, TrafficBucket};

#[derive(Row, Deserialize)]
struct TrafficSum {
    bucket: u32,
    status: u16,
    requests: u64,
    request_sum: u64,
    response_sum: u64,
}

#[derive(Row, Deserialize)]
struct LatencySum {
    bucket: u32,
    headers_apart: bool,
    /// What it is for Apdex: 0 as it lasted, 1 a server error, 2 nothing.
    kind: u8,
    requests: u64,
    duration_sum: u64,
    duration_max: u64,
    durations: Vec<(i16, u64)>,
    headers: Vec<(i16, u64)>,
}

/// What [`LatencySum`] needs of each row, the times to headers aside.
const LATENCY_COLUMNS: &str =
    "bucket, status, requests, headers_apart, duration_sum_us, duration_max_us, durations";

/// A step of the traffic chart in the making.
#[derive(Default)]
struct Step {
    by_status: BTreeMap<u16, u64>,
    request_bytes: u64,
    response_bytes: u64,
}

impl ClickHouseTraffic {
    pub(super) async fn read_traffic(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
    ) -> Result<Vec<TrafficBucket>, StoreError> {
        let columns = "bucket, status, requests, request_bytes, response_bytes";
        let Some(source) = self.chart(scope, steps, filter, columns).await? else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT bucket, status, sum(requests) AS n, {} AS request_sum, {} AS response_sum FROM {source} \
             GROUP BY bucket, status HAVING n > 0",
            saturating_sum("request_bytes"),
            saturating_sum("response_bytes"),
        );
        let mut sums: BTreeMap<UnixSecs, Step> = BTreeMap::new();
        for row in self.link.ask::<TrafficSum>(&sql).await? {
            let Some(start) = start_of(steps, row.bucket) else { continue };
            let step = sums.entry(start).or_default();
            let count = step.by_status.entry(row.status).or_default();
            *count = count.saturating_add(row.requests);
            step.request_bytes = step.request_bytes.saturating_add(row.request_sum);
            step.response_bytes = step.response_bytes.saturating_add(row.response_sum);
        }
        let buckets = sums.into_iter().map(|(start, step)| TrafficBucket {
            start,
            by_status: step.by_status.into_iter().collect(),
            request_bytes: step.request_bytes,
            response_bytes: step.response_bytes,
        });
        Ok(buckets.collect())
    }

    pub(super) async fn read_latency(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
    ) -> Result<Vec<LatencyBucket>, StoreError> {
        let (columns, headers) = match filter.durations_only {
            true => (LATENCY_COLUMNS.to_owned(), NO_HISTOGRAM),
            false => (format!("{LATENCY_COLUMNS}, headers"), "sumMap(headers)"),
        };
        let Some(source) = self.chart(scope, steps, filter, &columns).await? else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT bucket, headers_apart, toUInt8(multiIf(status >= 500 AND status < 600, 1, status = 499, 2, 0)) AS kind, \
             {} AS n, {} AS duration_sum, max(duration_max_us), sumMap(durations), {headers} \
             FROM {source} WHERE requests > 0 GROUP BY bucket, headers_apart, kind",
            saturating_sum("requests"),
            saturating_sum("duration_sum_us"),
        );
        let mut buckets: BTreeMap<UnixSecs, LatencyBucket> = BTreeMap::new();
        for row in self.link.ask::<LatencySum>(&sql).await? {
            let Some(start) = start_of(steps, row.bucket) else { continue };
            let bucket = buckets.entry(start).or_insert_with(|| empty_latency(start));
            bucket.duration_sum_us = bucket.duration_sum_us.saturating_add(row.duration_sum);
            bucket.duration_max_us = bucket.duration_max_us.max(row.duration_max);
            add_buckets(&mut bucket.durations, &row.durations);
            match row.kind {
                0 => add_buckets(&mut bucket.apdex_durations, &row.durations),
                1 => bucket.server_errors = bucket.server_errors.saturating_add(row.requests),
                _ => {}
            }
            if filter.consumer.is_none() && !filter.durations_only {
                let headers = if row.headers_apart { &row.headers } else { &row.durations };
                add_buckets(&mut bucket.headers, headers);
            }
        }
        Ok(buckets.into_values().collect())
    }

    /// The rows of a chart; none when the filter names no route that there is.
    async fn chart(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
        columns: &str,
    ) -> Result<Option<String>, StoreError> {
        let mut conditions = conditions(filter);
        if filter.method.is_some() || filter.path.is_some() {
            let routes = self.routes(scope, filter).await?;
            if routes.is_empty() {
                return Ok(None);
            }
            conditions.extend(of_routes(filter, &routes));
        }
        let segments = self.cover(scope, self.plan_steps(steps)).await?;
        Ok(source(Family::Traffic, scope, &segments, (columns, &conditions)))
    }
}

/// The start of the step that a bucket belongs to. A first bucket may begin before the first step.
pub(super) fn start_of(steps: &Steps, bucket: u32) -> Option<UnixSecs> {
    steps.start_of(i64::from(bucket).max(steps.window().from))
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
