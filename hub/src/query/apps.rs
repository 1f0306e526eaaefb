//! `GET /apps` and `GET /apps/{app_id}/summary`: what there is, and how it does at a glance.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use sendry_sdk::protocol::Scale;
use serde::{Deserialize, Serialize};
use tokio::try_join;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{AppPath, EnvParams, List, One, RangeParams, ReadErrors};
use super::asked::{Answer, Asked};
use super::endpoints::pardoned;
use super::judge::{Expected, ExpectedErrors, Judge};
use super::range::TimeRange;
use super::state::Query;
use super::statistics::{Pardoned, Percentiles, Satisfaction, errors};
use super::steps::{self, ChosenSteps};
use crate::auth::{Caller, Role};
use crate::clock::UnixSecs;
use crate::http::extract::Params;
use crate::http::problem::Problem;
use crate::store::StoreError;
use crate::store::metadata::App;
use crate::store::traffic::{
    EndpointTotals, Filter, Freshness, Scope, StatusStep, Steps, Totals, TrafficBucket,
};

/// Points of a sparkline: one for each half hour of a day.
const SPARKLINE_POINTS: i64 = 48;

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
    pub first_report_at: i64,
    pub last_report_at: i64,
    /// Instances that reported within the five minutes before the last report.
    pub instances: u64,
}

/// An app at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Summary {
    pub requests: u64,
    pub client_errors: u64,
    pub server_errors: u64,
    /// How many of the client and server errors were marked as expected.
    pub expected_errors: u64,
    /// How many of these were the server's (5xx).
    pub expected_server_errors: u64,
    /// From 0 to 1, each endpoint by its own threshold; null where no request counts for it.
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
    /// How many of them were marked as expected.
    pub expected_errors: u64,
    /// How many of these were the server's (5xx).
    pub expected_server_errors: u64,
}

/// The apps that one may see, with their environments, by name.
#[utoipa::path(
    get, path = "/apps", tag = "apps", params(RangeParams),
    responses((status = 200, description = "The answer", body = List<AppRow>), ReadErrors)
)]
pub async fn apps(
    caller: Caller,
    State(query): State<Arc<Query>>,
    Params(range): Params<RangeParams>,
) -> Result<Json<List<AppRow>>, Problem> {
    let range = query.time_range(&range).await?;
    let mut data = Vec::new();
    let apps = query.metadata.apps().await?;
    for app in apps.into_iter().filter(|app| caller.may(Role::Viewer, Some(app.app_id))) {
        data.push(row(&query, app).await?);
    }
    let reported = data.iter().flat_map(|app: &AppRow| &app.environments).map(|env| env.last_report_at);
    Ok(Json(List { as_of: reported.max(), range: range.describe(), data, next: None }))
}

async fn row(query: &Query, app: App) -> Result<AppRow, StoreError> {
    let environments = query.traffic.freshness(app.app_id).await?;
    Ok(AppRow {
        app_id: app.app_id,
        name: app.name,
        created_at: app.created_at,
        environments: environments.into_iter().map(environment).collect(),
    })
}

pub(super) fn environment(freshness: Freshness) -> EnvironmentRow {
    EnvironmentRow {
        env: freshness.env,
        first_report_at: freshness.first_report_at.div_euclid(1_000),
        last_report_at: freshness.last_report_at.div_euclid(1_000),
        instances: freshness.instances,
    }
}

/// An app at a glance: totals and a sparkline.
#[utoipa::path(
    get, path = "/apps/{app_id}/summary", tag = "apps", params(AppPath, EnvParams, RangeParams),
    responses((status = 200, description = "The answer", body = One<Summary>), ReadErrors)
)]
pub async fn summary(asked: Asked) -> Answer<One<Summary>> {
    let steps = sparkline_steps(&asked.range);
    let judge = asked.query.judge(asked.scope.app_id).await?;
    let data = asked.query.summary(&asked.scope, &steps.steps, &judge).await?;
    asked.one(asked.range.describe_steps(&steps), data).await
}

/// The steps of a sparkline.
pub(super) fn sparkline_steps(range: &TimeRange) -> ChosenSteps {
    steps::choose_about(range, SPARKLINE_POINTS)
}

impl Query {
    /// How an app did over `steps`.
    pub(super) async fn summary(
        &self,
        scope: &Scope,
        steps: &Steps,
        judge: &Judge,
    ) -> Result<Summary, StoreError> {
        let filter = Filter::default();
        let expected = self.expected_steps(scope, steps, &filter, (judge, Expected::All)).await?;
        let durations = filter.of_durations();
        let (endpoints, buckets) = try_join!(
            self.traffic.endpoints(scope, steps.window(), &durations),
            self.traffic.traffic(scope, steps, &filter)
        )?;
        Ok(summarize(&endpoints, judge, &expected, &buckets))
    }
}

/// The totals of all endpoints, as far as a summary needs them.
fn merged(endpoints: &[EndpointTotals]) -> Totals {
    let mut all = Totals::default();
    for totals in endpoints.iter().map(|endpoint| &endpoint.totals) {
        all.requests += totals.requests;
        all.by_status.extend(&totals.by_status);
        all.duration_max_us = all.duration_max_us.max(totals.duration_max_us);
        all.durations.merge(&totals.durations);
        all.request_bytes += totals.request_bytes;
        all.response_bytes += totals.response_bytes;
    }
    all
}

fn summarize(
    endpoints: &[EndpointTotals],
    judge: &Judge,
    expected: &[StatusStep],
    buckets: &[TrafficBucket],
) -> Summary {
    let (totals, mut satisfaction) = (merged(endpoints), Satisfaction::default());
    let mut expected_errors = ExpectedErrors::default();
    let (pardoned, none, scale) = (pardoned(expected), Pardoned::default(), Scale::DURATION);
    for EndpointTotals { route, totals, .. } in endpoints {
        let threshold_ms = judge.threshold_ms(&route.method, &route.path);
        satisfaction.add(totals, pardoned.get(route).unwrap_or(&none), scale, threshold_ms);
        let expected = judge.expected_errors(&route.method, &route.path, &totals.by_status);
        expected_errors.all += expected.all;
        expected_errors.server += expected.server;
    }
    let (client_errors, server_errors) = errors(&totals.by_status);
    let percentiles = Percentiles::of(&totals.durations, scale, totals.duration_max_us);
    let mut expected_by_step: HashMap<UnixSecs, ExpectedErrors> = HashMap::new();
    for step in expected {
        expected_by_step.entry(step.start).or_default().add(step.of.status, step.requests);
    }
    let point = |bucket: &TrafficBucket| {
        sparkline_point(bucket, expected_by_step.get(&bucket.start).copied().unwrap_or_default())
    };
    Summary {
        requests: totals.requests,
        client_errors,
        server_errors,
        expected_errors: expected_errors.all,
        expected_server_errors: expected_errors.server,
        apdex: satisfaction.apdex(),
        p50_ms: percentiles.p50_ms,
        p95_ms: percentiles.p95_ms,
        p99_ms: percentiles.p99_ms,
        request_bytes: totals.request_bytes,
        response_bytes: totals.response_bytes,
        sparkline: buckets.iter().map(point).collect(),
    }
}

fn sparkline_point(bucket: &TrafficBucket, expected: ExpectedErrors) -> SparklinePoint {
    let (client_errors, server_errors) = errors(&bucket.by_status);
    let requests = bucket.by_status.iter().map(|(_, count)| count).sum();
    SparklinePoint {
        start: bucket.start,
        requests,
        client_errors,
        server_errors,
        expected_errors: expected.all,
        expected_server_errors: expected.server,
    }
}
