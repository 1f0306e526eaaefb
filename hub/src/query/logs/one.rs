//! `GET /apps/{app_id}/request-logs/{log_id}`: one request whole.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use sendry_sdk::protocol::{self, LogField, LogLevel};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::super::answer::ReadErrors;
use super::super::state::Query;
use super::{Known, LogConsumer, millis};
use crate::http::extract::PathParams;
use crate::http::problem::Problem;
use crate::store::traffic::StoredLog;

/// Names a request log of an app.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct LogPath {
    /// The public id of the app.
    pub app_id: Uuid,
    /// The id of the request log.
    pub log_id: Uuid,
}

/// A request with its response, masked where it came from. Everything in it is text that others wrote: show it as text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LogDetail {
    pub id: Uuid,
    pub env: String,
    /// When it arrived, in microseconds of Unix time.
    pub time_us: i64,
    pub method: String,
    /// The template, as the framework writes it.
    pub path: String,
    /// The URL as requested, its query masked.
    pub url: String,
    pub status: u16,
    /// From arrival to the end of the response's body.
    pub duration_ms: f64,
    /// Null where the application names nobody.
    pub consumer: Option<LogConsumer>,
    /// The client's address, where the application logs it.
    pub client_address: Option<String>,
    pub trace_id: Option<String>,
    pub span_id: Option<String>,
    pub request: LoggedHalf,
    pub response: LoggedHalf,
    /// Why the server failed; null where it did not, or where nobody says.
    pub error: Option<LoggedError>,
    /// What the application logged while it served the request, in that order.
    pub logs: Vec<LoggedEvent>,
    /// How many further ones there were.
    pub logs_cut: u32,
    /// Its spans, in the order in which they began. One whose parent is not among them stands directly under the request.
    pub spans: Vec<LoggedSpan>,
    /// How many further ones there were.
    pub spans_cut: u32,
}

/// Why the server failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoggedError {
    /// The type of the error, or `panic`; empty where it is not known.
    #[serde(rename = "type")]
    pub kind: String,
    pub message: String,
    /// Where in the source it happened.
    pub location: Option<String>,
    pub backtrace: Option<String>,
}

/// An event that the application logged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LoggedEvent {
    /// When, since the request arrived.
    pub offset_ms: f64,
    pub level: EventLevel,
    /// The part of the program that speaks; empty when it says nothing of it.
    pub target: String,
    pub message: String,
    /// The id of the innermost span around it.
    pub span: Option<u32>,
    pub fields: Vec<LoggedField>,
}

/// How grave an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EventLevel {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

/// A span of time that the application named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LoggedSpan {
    /// A number of its own within the request.
    pub id: u32,
    /// The span around it; null for one directly under the request.
    pub parent: Option<u32>,
    pub name: String,
    pub target: String,
    /// When it began, since the request arrived.
    pub offset_ms: f64,
    /// Null when it outlived the request.
    pub duration_ms: Option<f64>,
    /// How much of that something ran in it; the rest it waited.
    pub busy_ms: Option<f64>,
    pub failed: bool,
    pub fields: Vec<LoggedField>,
}

/// A field of an event or a span.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoggedField {
    pub name: String,
    pub value: String,
}

/// A request or a response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoggedHalf {
    pub headers: Vec<LoggedHeader>,
    pub body: LoggedBody,
}

/// A header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoggedHeader {
    pub name: String,
    pub value: String,
}

/// A body, or why it is not here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LoggedBodyText)]
pub struct LoggedBody {
    /// Its size, where known.
    pub bytes: Option<u64>,
    pub text: Option<String>,
    /// Why there is no text: `off` (bodies are not logged), `content_type` (of a kind that is not kept), `encoded` (compressed),
    /// `too_large`, `not_utf8`, `not_json` (whatever its type says), `not_read` (nobody read it to its end). Null when there is one, or
    /// there was no body.
    pub missing: Option<String>,
}

/// A request whole.
#[utoipa::path(
    get, path = "/apps/{app_id}/request-logs/{log_id}", tag = "request logs", params(LogPath),
    responses((status = 200, description = "The answer", body = LogDetail), ReadErrors)
)]
pub async fn request_log(
    State(query): State<Arc<Query>>,
    PathParams(LogPath { app_id, log_id }): PathParams<LogPath>,
) -> Result<Json<LogDetail>, Problem> {
    query.check_app(app_id).await?;
    let Some(stored) = query.traffic.request_log(app_id, log_id).await? else {
        let detail = format!("The app {app_id} has no request log {log_id}; it may have expired.");
        return Err(Problem::not_found(detail));
    };
    let known = Known::of(&query, app_id, stored.consumer.into_iter()).await?;
    Ok(Json(detail(stored, &known)))
}

pub(super) fn detail(stored: StoredLog, known: &Known) -> LogDetail {
    let log = stored.log;
    LogDetail {
        id: log.id,
        env: stored.env,
        time_us: log.time_us,
        method: log.method,
        path: log.path,
        url: log.url,
        status: log.status,
        duration_ms: millis(log.duration_us),
        consumer: stored.consumer.map(|hash| known.consumer(hash)),
        client_address: log.client_address,
        trace_id: log.trace_id,
        span_id: log.span_id,
        request: half(log.request_headers, log.request_body),
        response: half(log.response_headers, log.response_body),
        error: log.error.map(error),
        logs: log.logs.into_iter().map(event).collect(),
        logs_cut: log.logs_cut,
        spans: log.spans.into_iter().map(span).collect(),
        spans_cut: log.spans_cut,
    }
}

fn half(headers: Vec<(String, String)>, body: protocol::LoggedBody) -> LoggedHalf {
    let headers = headers.into_iter().map(|(name, value)| LoggedHeader { name, value }).collect();
    let protocol::LoggedBody { bytes, text, missing } = body;
    LoggedHalf { headers, body: LoggedBody { bytes, text, missing } }
}

fn error(error: protocol::LoggedError) -> LoggedError {
    let protocol::LoggedError { kind, message, location, backtrace } = error;
    LoggedError { kind, message, location, backtrace }
}

fn event(log: protocol::ApplicationLog) -> LoggedEvent {
    LoggedEvent {
        offset_ms: millis(log.offset_us),
        level: level(log.level),
        target: log.target,
        message: log.message,
        span: log.span,
        fields: fields(log.fields),
    }
}

fn level(level: LogLevel) -> EventLevel {
    match level {
        LogLevel::Trace => EventLevel::Trace,
        LogLevel::Debug => EventLevel::Debug,
        LogLevel::Warn => EventLevel::Warn,
        LogLevel::Error => EventLevel::Error,
        // Of a level that is not known nobody knows how grave it is.
        _ => EventLevel::Info,
    }
}

fn span(span: protocol::Span) -> LoggedSpan {
    LoggedSpan {
        id: span.id,
        parent: span.parent,
        name: span.name,
        target: span.target,
        offset_ms: millis(span.offset_us),
        duration_ms: span.duration_us.map(millis),
        busy_ms: span.busy_us.map(millis),
        failed: span.failed,
        fields: fields(span.fields),
    }
}

fn fields(fields: Vec<LogField>) -> Vec<LoggedField> {
    fields.into_iter().map(|(name, value)| LoggedField { name, value }).collect()
}
