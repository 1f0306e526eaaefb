//! `GET /apps/{app_id}/consumers/activity` and `/consumer-groups`: how many consumers there were over time, and what groups of
//! them did.

use std::collections::{BTreeMap, HashMap};

use sendry_sdk::protocol::{Histogram, Scale};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{AppPath, EnvParams, FilterParams, List, RangeParams, ReadErrors};
use super::asked::{Answer, Asked};
use super::statistics::{Percentiles, errors};
use super::steps;
use crate::store::traffic::{ConsumerStep, ConsumerTotals};

/// Points of the chart, about. Each consumer's buckets are read, so there are fewer than of requests.
const POINTS: i64 = 60;

/// How many consumers called within one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsumerActivity {
    /// The beginning of the step.
    pub start: i64,
    /// Those whose first request ever lies in it.
    pub new: u64,
    /// Those that had called before.
    pub returning: u64,
}

/// What the consumers of one group did. Percentiles are within 9.1 %.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ConsumerGroup {
    /// Null: consumers without a group, and those that were forgotten.
    pub group: Option<String>,
    pub consumers: u64,
    pub requests: u64,
    pub client_errors: u64,
    pub server_errors: u64,
    pub p50_ms: Option<f64>,
    pub p95_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    pub request_bytes: u64,
    pub response_bytes: u64,
}

/// How many consumers called over time, new and returning ones. Steps without any are left out.
#[utoipa::path(
    get, path = "/apps/{app_id}/consumers/activity", tag = "consumers",
    params(AppPath, EnvParams, RangeParams, FilterParams),
    responses((status = 200, description = "The answer", body = List<ConsumerActivity>), ReadErrors)
)]
pub async fn activity(asked: Asked) -> Answer<List<ConsumerActivity>> {
    let steps = steps::choose_about(&asked.range, POINTS);
    let found = asked.query.traffic.consumer_steps(&asked.scope, &steps.steps, &asked.filter).await?;
    let point =
        |ConsumerStep { start, active, new }| ConsumerActivity { start, new, returning: active - new };
    asked.steps(&steps, found.into_iter().map(point).collect()).await
}

/// What the groups of consumers did, the most frequent first.
#[utoipa::path(
    get, path = "/apps/{app_id}/consumer-groups", tag = "consumers",
    params(AppPath, EnvParams, RangeParams, FilterParams),
    responses((status = 200, description = "The answer", body = List<ConsumerGroup>), ReadErrors)
)]
pub async fn consumer_groups(asked: Asked) -> Answer<List<ConsumerGroup>> {
    let totals = asked.query.traffic.consumers(&asked.scope, asked.range.window, &asked.filter).await?;
    let hashes: Vec<_> = totals.iter().map(|one| one.consumer).collect();
    let known = asked.query.metadata.consumers(asked.scope.app_id, &hashes).await?;
    let group_of: HashMap<_, _> = known.into_iter().map(|record| (record.hash, record.group)).collect();
    let mut sums: BTreeMap<Option<String>, Sum> = BTreeMap::new();
    for one in &totals {
        let group = group_of.get(&one.consumer).cloned().flatten();
        sums.entry(group).or_default().add(one);
    }
    let mut data: Vec<_> = sums.into_iter().map(|(group, sum)| sum.finish(group)).collect();
    data.sort_by_key(|group| std::cmp::Reverse(group.requests));
    asked.list(data).await
}

/// A group in the making.
#[derive(Default)]
struct Sum {
    consumers: u64,
    requests: u64,
    client_errors: u64,
    server_errors: u64,
    durations: Histogram,
    duration_max_us: u64,
    request_bytes: u64,
    response_bytes: u64,
}

impl Sum {
    fn add(&mut self, one: &ConsumerTotals) {
        let (client_errors, server_errors) = errors(&one.totals.by_status);
        self.consumers += 1;
        self.requests = self.requests.saturating_add(one.totals.requests);
        self.client_errors = self.client_errors.saturating_add(client_errors);
        self.server_errors = self.server_errors.saturating_add(server_errors);
        self.durations.merge(&one.totals.durations);
        self.duration_max_us = self.duration_max_us.max(one.totals.duration_max_us);
        self.request_bytes = self.request_bytes.saturating_add(one.totals.request_bytes);
        self.response_bytes = self.response_bytes.saturating_add(one.totals.response_bytes);
    }

    fn finish(self, group: Option<String>) -> ConsumerGroup {
        let percentiles = Percentiles::of(&self.durations, Scale::SIZE, self.duration_max_us);
        ConsumerGroup {
            group,
            consumers: self.consumers,
            requests: self.requests,
            client_errors: self.client_errors,
            server_errors: self.server_errors,
            p50_ms: percentiles.p50_ms,
            p95_ms: percentiles.p95_ms,
            p99_ms: percentiles.p99_ms,
            request_bytes: self.request_bytes,
            response_bytes: self.response_bytes,
        }
    }
}
