//! `GET /apps/{app_id}/traffic`: requests over time, by status.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{AppPath, EnvParams, FilterParams, List, RangeParams, ReadErrors, StepParams};
use super::asked::{Answer, Asked};
use super::steps;
use crate::http::extract::Params;
use crate::store::traffic::TrafficBucket;

/// What happened within one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrafficPoint {
    /// The beginning of the step.
    pub start: i64,
    pub requests: u64,
    /// Requests by status, as text: `{"200": 17, "404": 1}`.
    pub by_status: BTreeMap<String, u64>,
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
    let buckets = asked.query.traffic.traffic(&asked.scope, &steps.steps, &asked.filter).await?;
    asked.steps(&steps, buckets.into_iter().map(point).collect()).await
}

fn point(bucket: TrafficBucket) -> TrafficPoint {
    TrafficPoint {
        start: bucket.start,
        requests: bucket.by_status.iter().map(|(_, count)| count).sum(),
        by_status: bucket.by_status.into_iter().map(|(status, count)| (status.to_string(), count)).collect(),
        request_bytes: bucket.request_bytes,
        response_bytes: bucket.response_bytes,
    }
}
