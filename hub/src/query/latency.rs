//! `GET /apps/{app_id}/latency`: percentiles over time and the merged histogram of the range.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{AppPath, EnvParams, FilterParams, Range, RangeParams, ReadErrors, StepParams};

/// Which time is measured.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MeasureParams {
    /// `duration` (to the end of the body, the default) or `headers` (to the response's head).
    #[param(value_type = Option<Measure>, inline)]
    pub measure: Option<String>,
}

/// Which time is measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    #[default]
    Duration,
    Headers,
}

/// Latency within one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LatencyPoint {
    /// The beginning of the step.
    pub start: i64,
    /// Requests whose time is known.
    pub requests: u64,
    /// Null for `measure=headers`: only durations are summed.
    pub mean_ms: Option<f64>,
    /// Null for `measure=headers`.
    pub max_ms: Option<f64>,
    pub p50_ms: Option<f64>,
    pub p75_ms: Option<f64>,
    pub p95_ms: Option<f64>,
    pub p99_ms: Option<f64>,
}

/// A bucket of the histogram: the requests that took more than `ge_ms`, up to and including `le_ms`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HistogramBucket {
    pub ge_ms: f64,
    pub le_ms: f64,
    pub count: u64,
}

/// The histogram of the whole range: OpenTelemetry's exponential buckets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LatencyHistogram {
    /// The base of the buckets is 2^(2^-scale).
    pub scale: u8,
    /// Requests that took no measurable time.
    pub zero: u64,
    /// Non-empty buckets, rising.
    pub buckets: Vec<HistogramBucket>,
    pub requests: u64,
    pub p50_ms: Option<f64>,
    pub p75_ms: Option<f64>,
    pub p95_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    pub mean_ms: Option<f64>,
    pub max_ms: Option<f64>,
    /// How far a percentile may be from the true one, relatively.
    pub relative_error: f64,
}

/// Percentiles over time, and the histogram of the range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LatencyAnswer {
    pub range: Range,
    /// When the newest stored report of the environment was accepted; null when there is none.
    pub as_of: Option<i64>,
    pub data: Vec<LatencyPoint>,
    /// Always null: steps fit one page.
    pub next: Option<String>,
    pub histogram: LatencyHistogram,
}

/// Percentiles over time, and the histogram of the range.
///
/// Steps without requests are left out.
#[utoipa::path(
    get, path = "/apps/{app_id}/latency", tag = "traffic",
    params(AppPath, EnvParams, RangeParams, StepParams, FilterParams, MeasureParams),
    responses((status = 200, description = "The answer", body = LatencyAnswer), ReadErrors)
)]
pub async fn latency() {}
