//! `GET /apps/{app_id}/traffic`: requests over time, by status.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{AppPath, EnvParams, FilterParams, List, RangeParams, ReadErrors, StepParams};
use super::asked::{Answer, Asked};
use super::judge::Expected;
use super::steps;
use crate::clock::UnixSecs;
use crate::http::extract::Params;
use crate::store::traffic::{StatusStep, TrafficBucket};

/// Requests by status, as text.
type ByStatus = BTreeMap<String, u64>;

/// What happened within one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrafficPoint {
    /// The beginning of the step.
    pub start: i64,
    pub requests: u64,
    /// Requests by status, as text: `{"200": 17, "404": 1}`.
    pub by_status: BTreeMap<String, u64>,
    /// How many of them were errors that are marked as expected of their endpoint.
    pub expected_errors: u64,
    /// These by status, as in `by_status`, which they are a part of.
    pub expected_by_status: BTreeMap<String, u64>,
    pub request_bytes: u64,
    pub response_bytes: u64,
}

/// Requests over time, by status.
///
/// Steps without requests are left out: a gap is a gap, not a zero.
#[utoipa::path(
    get, path = "/apps/{app_id}/traffic", tag = "traffic",
    params(AppPath, EnvParams, RangeParams, StepParams, FilterParams),
    responses((status = 200, description = "The answer", body = List<TrafficPoint>), ReadErrors)
)]
pub async fn traffic(asked: Asked, Params(step): Params<StepParams>) -> Answer<List<TrafficPoint>> {
    let steps = steps::choose(&asked.range, step.step.as_deref())?;
    let judge = asked.query.judge(asked.scope.app_id).await?;
    let question = (&judge, Expected::All);
    let expected = asked.query.expected_steps(&asked.scope, &steps.steps, &asked.filter, question).await?;
    let buckets = asked.query.traffic.traffic(&asked.scope, &steps.steps, &asked.filter).await?;
    let mut expected = by_step(expected);
    let point = |bucket: TrafficBucket| {
        let expected = expected.remove(&bucket.start).unwrap_or_default();
        point(bucket, expected)
    };
    asked.steps(&steps, buckets.into_iter().map(point).collect()).await
}

/// Counts by status of each step.
fn by_step(expected: Vec<StatusStep>) -> HashMap<UnixSecs, ByStatus> {
    let mut by_step: HashMap<UnixSecs, ByStatus> = HashMap::new();
    for step in expected {
        let by_status = by_step.entry(step.start).or_default();
        *by_status.entry(step.of.status.to_string()).or_default() += step.requests;
    }
    by_step
}

fn point(bucket: TrafficBucket, expected: ByStatus) -> TrafficPoint {
    TrafficPoint {
        start: bucket.start,
        requests: bucket.by_status.iter().map(|(_, count)| count).sum(),
        by_status: bucket.by_status.into_iter().map(|(status, count)| (status.to_string(), count)).collect(),
        expected_errors: expected.values().sum(),
        expected_by_status: expected,
        request_bytes: bucket.request_bytes,
        response_bytes: bucket.response_bytes,
    }
}
