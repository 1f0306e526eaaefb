//! How the figures of an app are judged: until when a request satisfies, and which errors are none.
//!
//! Both apply when figures are read, to all of the past too. Counts of errors stay what they are: what is expected is told
//! beside them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Rows;
use crate::auth::journal::Change;
use crate::auth::{Auth, Caller};
use crate::http::extract::{JsonBody, PathParams};
use crate::http::problem::Problem;
use crate::query::answer::{AppPath, ChangeErrors};
use crate::query::statistics::APDEX_THRESHOLD_MS;
use crate::store::metadata::{ApdexThreshold, App, ExpectedError};

/// The longest threshold: ten minutes.
const THRESHOLD_MS_MAX: u32 = 600_000;
/// Endpoints with a threshold, and errors that are expected: more than an API has endpoints that matter.
const ENTRIES_MAX: usize = 1_000;
/// Characters of a method and of a path.
const METHOD_CHARS_MAX: usize = 32;
const PATH_CHARS_MAX: usize = 2_000;

/// Until when requests satisfy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Apdex {
    /// Of the app as a whole, 1 to 600000; null: 500, as it is when nobody sets it.
    #[serde(default)]
    pub threshold_ms: Option<u32>,
    /// Of single endpoints, which come before the app's.
    #[serde(default)]
    pub endpoints: Vec<EndpointApdex>,
}

/// Until when the requests of one endpoint satisfy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointApdex {
    pub method: String,
    /// The template, as the endpoint table shows it.
    pub path: String,
    pub threshold_ms: u32,
}

/// A status of an endpoint that is no error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExpectedError {
    pub method: String,
    /// The template, as the endpoint table shows it.
    pub path: String,
    /// 400 to 599.
    pub status: u16,
}

/// A status of an endpoint that is no error, and who said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExpectedErrorRow {
    pub id: Uuid,
    pub method: String,
    pub path: String,
    pub status: u16,
    pub created_by: String,
    pub created_at: i64,
}

/// Names an expected error of an app.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ExpectedErrorPath {
    pub app_id: Uuid,
    pub expected_error_id: Uuid,
}

/// The Apdex thresholds of an app.
#[utoipa::path(get, path = "/apps/{app_id}/apdex", tag = "apps", params(AppPath),
    responses((status = 200, description = "The answer", body = Apdex), ChangeErrors))]
pub async fn apdex(
    State(auth): State<Arc<Auth>>,
    PathParams(AppPath { app_id }): PathParams<AppPath>,
) -> Result<Json<Apdex>, Problem> {
    find(&auth, app_id).await?;
    let mut apdex = Apdex { threshold_ms: None, endpoints: Vec::new() };
    for ApdexThreshold { endpoint, threshold_ms } in auth.metadata.apdex_thresholds(app_id).await? {
        match endpoint {
            Some((method, path)) => apdex.endpoints.push(EndpointApdex { method, path, threshold_ms }),
            None => apdex.threshold_ms = Some(threshold_ms),
        }
    }
    Ok(Json(apdex))
}

/// Replaces the Apdex thresholds of an app.
#[utoipa::path(put, path = "/apps/{app_id}/apdex", tag = "apps", params(AppPath), request_body = Apdex,
    responses((status = 200, description = "The answer", body = Apdex), ChangeErrors))]
pub async fn set_apdex(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    PathParams(AppPath { app_id }): PathParams<AppPath>,
    JsonBody(wanted): JsonBody<Apdex>,
) -> Result<Json<Apdex>, Problem> {
    let app = find(&auth, app_id).await?;
    let thresholds = check(&wanted).map_err(|problem| Problem::bad_request("bad_apdex", problem))?;
    auth.metadata.set_apdex_thresholds(app_id, &thresholds).await?;
    let change = Change::new("app.set_apdex").target(app_id, &app.name).app(Some(app_id));
    let change = change.detail("threshold_ms", wanted.threshold_ms.unwrap_or(APDEX_THRESHOLD_MS));
    auth.record(caller.actor(), change.detail("endpoints", wanted.endpoints.len())).await;
    Ok(Json(wanted))
}

/// The thresholds as they are stored, or what is wrong with them.
fn check(wanted: &Apdex) -> Result<Vec<ApdexThreshold>, String> {
    let own = wanted.threshold_ms.map(|threshold_ms| ApdexThreshold { endpoint: None, threshold_ms });
    let of_endpoint = |one: &EndpointApdex| ApdexThreshold {
        endpoint: Some((one.method.clone(), one.path.clone())),
        threshold_ms: one.threshold_ms,
    };
    let all: Vec<_> = own.into_iter().chain(wanted.endpoints.iter().map(of_endpoint)).collect();
    if wanted.endpoints.len() > ENTRIES_MAX {
        return Err(format!("At most {ENTRIES_MAX} endpoints have a threshold of their own."));
    }
    if all.iter().any(|one| !(1..=THRESHOLD_MS_MAX).contains(&one.threshold_ms)) {
        return Err(format!("A threshold is 1 to {THRESHOLD_MS_MAX} milliseconds."));
    }
    let mut endpoints: Vec<_> = all.iter().filter_map(|one| one.endpoint.as_ref()).collect();
    endpoints.iter().try_for_each(|(method, path)| check_endpoint(method, path))?;
    let count = endpoints.len();
    endpoints.sort_unstable();
    endpoints.dedup();
    if endpoints.len() == count { Ok(all) } else { Err("An endpoint has one threshold.".to_owned()) }
}

fn check_endpoint(method: &str, path: &str) -> Result<(), String> {
    let fits = |text: &str, max: usize| (1..=max).contains(&text.chars().count());
    if fits(method, METHOD_CHARS_MAX) && fits(path, PATH_CHARS_MAX) {
        return Ok(());
    }
    Err("An endpoint has a method and a path, as the endpoint table shows them.".to_owned())
}

/// The errors of an app that are none.
#[utoipa::path(get, path = "/apps/{app_id}/expected-errors", tag = "apps", params(AppPath),
    responses((status = 200, description = "The answer", body = Rows<ExpectedErrorRow>), ChangeErrors))]
pub async fn expected_errors(
    State(auth): State<Arc<Auth>>,
    PathParams(AppPath { app_id }): PathParams<AppPath>,
) -> Result<Json<Rows<ExpectedErrorRow>>, Problem> {
    find(&auth, app_id).await?;
    let expected = auth.metadata.expected_errors(app_id).await?;
    Ok(Json(Rows { data: expected.into_iter().map(row).collect() }))
}

/// Marks a status of an endpoint as expected: it is counted beside the errors that are. Marking it again changes nothing.
#[utoipa::path(post, path = "/apps/{app_id}/expected-errors", tag = "apps", params(AppPath), request_body = NewExpectedError,
    responses((status = 201, description = "Created", body = ExpectedErrorRow),
        (status = 200, description = "It was expected already", body = ExpectedErrorRow), ChangeErrors))]
pub async fn expect_error(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    PathParams(AppPath { app_id }): PathParams<AppPath>,
    JsonBody(new): JsonBody<NewExpectedError>,
) -> Result<(StatusCode, Json<ExpectedErrorRow>), Problem> {
    find(&auth, app_id).await?;
    let bad = |problem: String| Problem::bad_request("bad_expected_error", problem);
    check_endpoint(&new.method, &new.path).map_err(bad)?;
    if !(400..=599).contains(&new.status) {
        return Err(bad("`status` is a status of an error, 400 to 599.".to_owned()));
    }
    let known = auth.metadata.expected_errors(app_id).await?;
    let same =
        |one: &&ExpectedError| (&one.method, &one.path, one.status) == (&new.method, &new.path, new.status);
    if let Some(known) = known.iter().find(same) {
        return Ok((StatusCode::OK, Json(row(known.clone()))));
    }
    if known.len() >= ENTRIES_MAX {
        return Err(bad(format!("An app has at most {ENTRIES_MAX} expected errors; delete others first.")));
    }
    let (id, now) = (Uuid::now_v7(), auth.now());
    let created_by = caller.actor().name;
    let NewExpectedError { method, path, status } = new;
    let expected = ExpectedError { id, app_id, method, path, status, created_by, created_at: now };
    auth.metadata.expect_error(&expected).await?;
    auth.record(caller.actor(), marked("expected_error.create", &expected)).await;
    Ok((StatusCode::CREATED, Json(row(expected))))
}

/// Counts a status of an endpoint as an error again.
#[utoipa::path(delete, path = "/apps/{app_id}/expected-errors/{expected_error_id}", tag = "apps", params(ExpectedErrorPath),
    responses((status = 204, description = "Done"), ChangeErrors))]
pub async fn unexpect_error(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    PathParams(ExpectedErrorPath { app_id, expected_error_id }): PathParams<ExpectedErrorPath>,
) -> Result<StatusCode, Problem> {
    let known = auth.metadata.expected_errors(app_id).await?;
    let found = known.into_iter().find(|one| one.id == expected_error_id);
    let Some(expected) = found else {
        return Err(Problem::not_found(format!("There is no expected error {expected_error_id}.")));
    };
    auth.metadata.unexpect_error(app_id, expected.id).await?;
    auth.record(caller.actor(), marked("expected_error.delete", &expected)).await;
    Ok(StatusCode::NO_CONTENT)
}

fn marked(action: &'static str, expected: &ExpectedError) -> Change {
    let name = format!("{} {} {}", expected.status, expected.method, expected.path);
    Change::new(action).target(expected.id, &name).app(Some(expected.app_id))
}

fn row(expected: ExpectedError) -> ExpectedErrorRow {
    let ExpectedError { id, method, path, status, created_by, created_at, .. } = expected;
    ExpectedErrorRow { id, method, path, status, created_by, created_at }
}

async fn find(auth: &Auth, app_id: Uuid) -> Result<App, Problem> {
    let app = auth.metadata.app(app_id).await?;
    app.ok_or_else(|| Problem::not_found(format!("There is no app {app_id}.")))
}
