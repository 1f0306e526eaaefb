//! `GET /apps/{app_id}/endpoints`: the endpoint table, routes never called included.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{AppPath, EnvParams, FilterParams, List, PageParams, RangeParams, ReadErrors};
use super::asked::{Answer, Asked};
use super::judge::{Expected, Judge};
use super::page::Page;
use super::statistics::{Pardoned, Percentiles, apdex, errors, max_ms, mean_ms};
use crate::store::traffic::{EndpointTotals, Filter, RouteKey, StatusStep, Steps};

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
    /// Requests by status, as text: `{"200": 17, "404": 1}`.
    pub by_status: BTreeMap<String, u64>,
    pub p50_ms: Option<f64>,
    pub p75_ms: Option<f64>,
    pub p95_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    pub mean_ms: Option<f64>,
    pub max_ms: Option<f64>,
    /// What all its requests took together: where time can be saved.
    pub total_ms: f64,
    /// From 0 to 1; null where no request counts for it.
    pub apdex: Option<f64>,
    /// Until when a request satisfies here.
    pub apdex_threshold_ms: u32,
    /// How many of the client and server errors were marked as expected.
    pub expected_errors: u64,
    /// How many of these were the server's (5xx).
    pub expected_server_errors: u64,
    pub request_bytes: u64,
    pub response_bytes: u64,
    /// When it was first called, ever; null when it never was.
    pub first_seen_at: Option<i64>,
    pub last_seen_at: Option<i64>,
}

/// The endpoint table.
///
/// Sorted by path and method; endpoints that were never called are included with zeros.
#[utoipa::path(
    get, path = "/apps/{app_id}/endpoints", tag = "traffic",
    params(AppPath, EnvParams, RangeParams, FilterParams, PageParams),
    responses((status = 200, description = "The answer", body = List<EndpointRow>), ReadErrors)
)]
pub async fn endpoints(asked: Asked, page: Page) -> Answer<List<EndpointRow>> {
    let Asked { query, scope, range, filter } = &asked;
    let judge = query.judge(scope.app_id).await?;
    let whole = Steps { bounds: vec![range.window.from, range.window.to] };
    let expected = query.expected_steps(scope, &whole, filter, (&judge, Expected::ServerErrors)).await?;
    let totals = query.traffic.endpoints(scope, range.window, &filter.of_durations()).await?;
    let (totals, next) = page.of(totals, key);
    let mut pardoned = pardoned(&expected);
    let row = |totals: EndpointTotals| {
        let pardoned = pardoned.remove(&totals.route).unwrap_or_default();
        row(totals, &pardoned, filter, &judge)
    };
    let data = totals.into_iter().map(row).collect();
    asked.page((data, next)).await
}

/// The server errors that are expected of each endpoint.
pub(super) fn pardoned(expected: &[StatusStep]) -> HashMap<RouteKey, Pardoned> {
    let mut pardoned: HashMap<RouteKey, Pardoned> = HashMap::new();
    for step in expected.iter().filter(|step| step.of.status / 100 == 5) {
        pardoned.entry(step.of.route.clone()).or_default().add(step.requests, &step.durations);
    }
    pardoned
}

/// By what the table rises: a NUL sorts before everything that a path holds.
fn key(endpoint: &EndpointTotals) -> String {
    format!("{}\0{}", endpoint.route.path, endpoint.route.method)
}

fn row(endpoint: EndpointTotals, pardoned: &Pardoned, filter: &Filter, judge: &Judge) -> EndpointRow {
    let totals = endpoint.totals;
    let scale = filter.duration_scale();
    let percentiles = Percentiles::of(&totals.durations, scale, totals.duration_max_us);
    let (client_errors, server_errors) = errors(&totals.by_status);
    let timed = totals.durations.count();
    let (method, path) = (&endpoint.route.method, &endpoint.route.path);
    let threshold_ms = judge.threshold_ms(method, path);
    let expected = judge.expected_errors(method, path, &totals.by_status);
    EndpointRow {
        apdex_threshold_ms: threshold_ms,
        expected_errors: expected.all,
        expected_server_errors: expected.server,
        method: endpoint.route.method,
        path: endpoint.route.path,
        requests: totals.requests,
        client_errors,
        server_errors,
        validation_errors: endpoint.validation_errors,
        by_status: totals.by_status.iter().map(|(status, count)| (status.to_string(), *count)).collect(),
        p50_ms: percentiles.p50_ms,
        p75_ms: percentiles.p75_ms,
        p95_ms: percentiles.p95_ms,
        p99_ms: percentiles.p99_ms,
        mean_ms: mean_ms(totals.duration_sum_us, timed),
        max_ms: max_ms(totals.duration_max_us, timed),
        total_ms: totals.duration_sum_us as f64 / 1_000.0,
        apdex: apdex(&totals, pardoned, scale, threshold_ms),
        request_bytes: totals.request_bytes,
        response_bytes: totals.response_bytes,
        first_seen_at: endpoint.first_seen_at,
        last_seen_at: endpoint.last_seen_at,
    }
}
