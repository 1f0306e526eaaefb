//! `GET /apps/{app_id}/endpoints`: the endpoint table, routes never called included.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{AppPath, EnvParams, FilterParams, List, PageParams, RangeParams, ReadErrors};

/// One endpoint: a method and a path template. Percentiles are null where there were no requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EndpointRow {
    pub method: String,
    /// The template, as the framework writes it.
    pub path: String,
    pub requests: u64,
    /// Requests answered with 4xx; 499 (aborted by the client) is one of them.
    pub client_errors: u64,
    /// Requests answered with 5xx.
    pub server_errors: u64,
    pub validation_errors: u64,
    pub p50_ms: Option<f64>,
    pub p75_ms: Option<f64>,
    pub p95_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    pub mean_ms: Option<f64>,
    pub max_ms: Option<f64>,
    /// From 0 to 1; null where no request counts for it.
    pub apdex: Option<f64>,
    pub request_bytes: u64,
    pub response_bytes: u64,
    /// When it was first called, ever; null when it never was.
    pub first_seen_at: Option<i64>,
    pub last_seen_at: Option<i64>,
}

/// The endpoint table.
///
/// Sorted by method and path; endpoints that were never called are included with zeros.
#[utoipa::path(
    get, path = "/apps/{app_id}/endpoints", tag = "traffic",
    params(AppPath, EnvParams, RangeParams, FilterParams, PageParams),
    responses((status = 200, description = "The answer", body = List<EndpointRow>), ReadErrors)
)]
pub async fn endpoints() {}
