//! `GET /apps/{app_id}/traffic`: requests over time, by status.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{AppPath, EnvParams, FilterParams, List, RangeParams, ReadErrors, StepParams};

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
pub async fn traffic() {}
