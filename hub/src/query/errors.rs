//! `GET /apps/{app_id}/validation-errors` and `/server-errors`: what failed, in groups, the most frequent first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{AppPath, EnvParams, FilterParams, List, PageParams, RangeParams, ReadErrors};
use super::page::{Page, by_count};
use super::state::Query;
use crate::http::extract::{Params, PathParams};
use crate::http::problem::Problem;
use crate::store::traffic::{ServerErrorRow, ValidationErrorRow};

/// A group of failed validations of one field of one endpoint. It never holds the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ValidationErrorGroup {
    /// Names the group, for `/error-groups/{group_id}`.
    pub group_id: String,
    pub method: String,
    pub path: String,
    /// Where the field stands: `body`, `query`, `path`, `header`, `form`.
    pub location: String,
    /// The path of the field, with `*` for the indexes of arrays.
    pub field: String,
    pub message: String,
    /// The rule that failed, where it has a name.
    pub code: String,
    pub count: u64,
    /// How many different consumers, of those that have a name.
    pub consumers: u64,
    pub first_seen_at: i64,
    pub last_seen_at: i64,
    /// The versions of the app with which it was seen first and last, ever; null when the app says none.
    pub first_version: Option<String>,
    pub last_version: Option<String>,
}

/// A group of server errors of one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServerErrorGroup {
    /// Names the group, for `/error-groups/{group_id}`.
    pub group_id: String,
    pub method: String,
    pub path: String,
    pub status: u16,
    /// The type of the error, or `panic`.
    #[serde(rename = "type")]
    pub kind: String,
    pub message: String,
    /// Source location of a panic.
    pub location: Option<String>,
    pub backtrace: Option<String>,
    pub count: u64,
    /// How many different consumers, of those that have a name.
    pub consumers: u64,
    pub first_seen_at: i64,
    pub last_seen_at: i64,
    /// The versions of the app with which it was seen first and last, ever; null when the app says none.
    pub first_version: Option<String>,
    pub last_version: Option<String>,
}

/// Failed validations, in groups; the most frequent first.
#[utoipa::path(
    get, path = "/apps/{app_id}/validation-errors", tag = "errors",
    params(AppPath, EnvParams, RangeParams, FilterParams, PageParams),
    responses((status = 200, description = "The answer", body = List<ValidationErrorGroup>), ReadErrors)
)]
pub async fn validation_errors(
    State(query): State<Arc<Query>>,
    PathParams(AppPath { app_id }): PathParams<AppPath>,
    Params(env): Params<EnvParams>,
    Params(range): Params<RangeParams>,
    Params(filter): Params<FilterParams>,
    Params(page): Params<PageParams>,
) -> Result<Json<List<ValidationErrorGroup>>, Problem> {
    let page = Page::parse(&page)?;
    let (scope, range) = query.question(app_id, &env, &range).await?;
    let filter = query.filter(app_id, &filter)?;
    let rows = query.traffic.validation_errors(&scope, range.window, &filter).await?;
    let mut groups: Vec<_> = rows.into_iter().map(validation_error).collect();
    let key = |group: &ValidationErrorGroup| {
        let ValidationErrorGroup { method, path, location, field, message, code, count, .. } = group;
        by_count(*count, &[method, path, location, field, message, code])
    };
    groups.sort_by_cached_key(key);
    let (data, next) = page.of(groups, key);
    Ok(Json(List { range: range.describe(), as_of: query.as_of(&scope).await?, data, next }))
}

/// Server errors and panics, in groups; the most frequent first.
#[utoipa::path(
    get, path = "/apps/{app_id}/server-errors", tag = "errors",
    params(AppPath, EnvParams, RangeParams, FilterParams, PageParams),
    responses((status = 200, description = "The answer", body = List<ServerErrorGroup>), ReadErrors)
)]
pub async fn server_errors(
    State(query): State<Arc<Query>>,
    PathParams(AppPath { app_id }): PathParams<AppPath>,
    Params(env): Params<EnvParams>,
    Params(range): Params<RangeParams>,
    Params(filter): Params<FilterParams>,
    Params(page): Params<PageParams>,
) -> Result<Json<List<ServerErrorGroup>>, Problem> {
    let page = Page::parse(&page)?;
    let (scope, range) = query.question(app_id, &env, &range).await?;
    let filter = query.filter(app_id, &filter)?;
    let rows = query.traffic.server_errors(&scope, range.window, &filter).await?;
    let mut groups: Vec<_> = rows.into_iter().map(server_error).collect();
    let key = |group: &ServerErrorGroup| {
        let ServerErrorGroup { method, path, status, kind, message, location, count, .. } = group;
        let location = location.as_deref().unwrap_or_default();
        by_count(*count, &[method, path, &status.to_string(), kind, message, location])
    };
    groups.sort_by_cached_key(key);
    let (data, next) = page.of(groups, key);
    Ok(Json(List { range: range.describe(), as_of: query.as_of(&scope).await?, data, next }))
}

fn validation_error(row: ValidationErrorRow) -> ValidationErrorGroup {
    ValidationErrorGroup {
        group_id: row.id,
        method: row.route.method,
        path: row.route.path,
        location: row.location,
        field: row.field,
        message: row.message,
        code: row.code,
        count: row.count,
        consumers: row.consumers,
        first_seen_at: row.first_seen_at,
        last_seen_at: row.last_seen_at,
        first_version: row.first_version,
        last_version: row.last_version,
    }
}

fn server_error(row: ServerErrorRow) -> ServerErrorGroup {
    ServerErrorGroup {
        group_id: row.id,
        method: row.route.method,
        path: row.route.path,
        status: row.status,
        kind: row.kind,
        message: row.message,
        location: row.location,
        backtrace: row.backtrace,
        count: row.count,
        consumers: row.consumers,
        first_seen_at: row.first_seen_at,
        last_seen_at: row.last_seen_at,
        first_version: row.first_version,
        last_version: row.last_version,
    }
}
