//! `GET /apps/{app_id}/validation-errors` and `/server-errors`: what failed, in groups, the most frequent first.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{AppPath, EnvParams, FilterParams, List, PageParams, RangeParams, ReadErrors};
use super::asked::{Answer, Asked};
use super::judge::Judge;
use super::page::{Page, by_count};
use crate::store::traffic::{ServerErrorRow, ValidationErrorRow};

/// A group of failed validations of one field of one endpoint. It never holds the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ValidationErrorGroup {
    /// Names the group, for `/error-groups/{group_id}`.
    pub group_id: String,
    pub method: String,
    pub path: String,
    /// The status of the responses.
    pub status: u16,
    /// Whether this status was marked as expected of the endpoint.
    pub expected: bool,
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
    /// Whether this status was marked as expected of the endpoint.
    pub expected: bool,
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
pub async fn validation_errors(asked: Asked, page: Page) -> Answer<List<ValidationErrorGroup>> {
    let rows = asked.query.traffic.validation_errors(&asked.scope, asked.range.window, &asked.filter).await?;
    let judge = asked.query.judge(asked.scope.app_id).await?;
    let groups = rows.into_iter().map(|row| validation_error(row, &judge)).collect();
    let key = |group: &ValidationErrorGroup| {
        let ValidationErrorGroup { method, path, location, field, message, code, status, count, .. } = group;
        by_count(*count, &[method, path, location, field, message, code, &status.to_string()])
    };
    asked.page(page.of(groups, key)).await
}

/// Server errors and panics, in groups; the most frequent first.
#[utoipa::path(
    get, path = "/apps/{app_id}/server-errors", tag = "errors",
    params(AppPath, EnvParams, RangeParams, FilterParams, PageParams),
    responses((status = 200, description = "The answer", body = List<ServerErrorGroup>), ReadErrors)
)]
pub async fn server_errors(asked: Asked, page: Page) -> Answer<List<ServerErrorGroup>> {
    let rows = asked.query.traffic.server_errors(&asked.scope, asked.range.window, &asked.filter).await?;
    let judge = asked.query.judge(asked.scope.app_id).await?;
    let groups = rows.into_iter().map(|row| server_error(row, &judge)).collect();
    let key = |group: &ServerErrorGroup| {
        let ServerErrorGroup { method, path, status, kind, message, location, count, .. } = group;
        let location = location.as_deref().unwrap_or_default();
        by_count(*count, &[method, path, &status.to_string(), kind, message, location])
    };
    asked.page(page.of(groups, key)).await
}

fn validation_error(row: ValidationErrorRow, judge: &Judge) -> ValidationErrorGroup {
    ValidationErrorGroup {
        status: row.status,
        expected: judge.expects(&row.route.method, &row.route.path, row.status),
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

fn server_error(row: ServerErrorRow, judge: &Judge) -> ServerErrorGroup {
    ServerErrorGroup {
        expected: judge.expects(&row.route.method, &row.route.path, row.status),
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
