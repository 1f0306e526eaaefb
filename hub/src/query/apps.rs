//! `GET /apps` and `GET /apps/{app_id}/summary`: what there is, and how it does at a glance.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{AppPath, EnvParams, List, One, RangeParams, ReadErrors};

/// A monitored app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AppRow {
    pub app_id: Uuid,
    pub name: String,
    pub created_at: i64,
    /// Those that ever reported.
    pub environments: Vec<EnvironmentRow>,
}

/// An environment of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EnvironmentRow {
    pub env: String,
    /// Null while only the start-up message was seen.
    pub first_report_at: Option<i64>,
    pub last_report_at: Option<i64>,
    /// Instances that reported within the five minutes before the last report.
    pub instances: u64,
}

/// An app at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Summary {
    pub requests: u64,
    pub client_errors: u64,
    pub server_errors: u64,
    /// From 0 to 1; null where no request counts for it.
    pub apdex: Option<f64>,
    pub p50_ms: Option<f64>,
    pub p95_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    pub request_bytes: u64,
    pub response_bytes: u64,
    /// About 48 points; steps without requests are left out.
    pub sparkline: Vec<SparklinePoint>,
}

/// A point of a sparkline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SparklinePoint {
    pub start: i64,
    pub requests: u64,
    pub client_errors: u64,
    pub server_errors: u64,
}

/// All apps with their environments, by name.
#[utoipa::path(
    get, path = "/apps", tag = "apps", params(RangeParams),
    responses((status = 200, description = "The answer", body = List<AppRow>), ReadErrors)
)]
pub async fn apps() {}

/// An app at a glance: totals and a sparkline.
#[utoipa::path(
    get, path = "/apps/{app_id}/summary", tag = "apps", params(AppPath, EnvParams, RangeParams),
    responses((status = 200, description = "The answer", body = One<Summary>), ReadErrors)
)]
pub async fn summary() {}
