//! The envelopes in which the query API answers, and the parameters that its reads share.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, IntoResponses, ToSchema};
use uuid::Uuid;

use crate::http::problem::Problem;

/// What an answer covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Range {
    /// First second, included; snapped outward to what is stored.
    pub from: i64,
    /// Last second, excluded; snapped outward to what is stored.
    pub to: i64,
    /// The width of a step; null where the answer has no steps. Steps of a day may differ by an hour where clocks change.
    pub step_secs: Option<i64>,
    /// The finest rows that the answer was taken from.
    pub tier: TierName,
    /// The time zone in which steps of an hour and more are aligned.
    pub tz: String,
}

/// The width of stored rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum TierName {
    /// Single requests.
    #[serde(rename = "request")]
    Request,
    #[serde(rename = "1m")]
    Minute,
    #[serde(rename = "30m")]
    HalfHour,
    /// A UTC day.
    #[serde(rename = "1d")]
    Day,
}

/// A list over a range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct List<T> {
    pub range: Range,
    /// When the newest stored report of the environment was accepted; null when there is none.
    pub as_of: Option<i64>,
    pub data: Vec<T>,
    /// Where the next page begins, for the parameter `next`; null on the last page.
    pub next: Option<String>,
}

/// One thing over a range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct One<T> {
    pub range: Range,
    /// When the newest stored report of the environment was accepted; null when there is none.
    pub as_of: Option<i64>,
    pub data: T,
}

/// Names the app.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct AppPath {
    /// The public id of the app.
    pub app_id: Uuid,
}

/// Names the environment.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EnvParams {
    /// The environment.
    #[param(required = true, value_type = String)]
    pub env: Option<String>,
}

/// The span of time that is asked for. Without it: the last 24 hours.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RangeParams {
    /// First moment, included: RFC 3339 or Unix seconds.
    pub from: Option<String>,
    /// Last moment, excluded: RFC 3339 or Unix seconds.
    pub to: Option<String>,
    /// IANA time zone; aligns steps of an hour and more. UTC when absent.
    pub tz: Option<String>,
}

/// The width of steps.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StepParams {
    /// Seconds per step. Chosen from the range when absent, made coarser when there would be too many.
    #[param(value_type = Option<i64>)]
    pub step: Option<String>,
}

/// What to look at; everything when absent.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FilterParams {
    /// The method, in upper case.
    pub method: Option<String>,
    /// A path template, with `*` for any characters.
    pub path: Option<String>,
    /// Statuses (`404`) and classes of them (`4xx`), several with commas between.
    pub status: Option<String>,
    /// The identifier of a consumer.
    pub consumer: Option<String>,
}

/// Which part of a long list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// Entries per page, at most 10,000. 1,000 when absent.
    #[param(value_type = Option<u32>)]
    pub limit: Option<String>,
    /// `next` of the page before.
    pub next: Option<String>,
}

/// The errors of a read.
#[derive(IntoResponses)]
pub enum ReadErrors {
    /// A parameter cannot be understood.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// No valid token and no session.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(Problem),
    /// The role does not allow it.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// There is no such app.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// A store cannot be reached now.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

/// The errors of a change.
#[derive(IntoResponses)]
pub enum ChangeErrors {
    /// The body cannot be understood.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// No session.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(Problem),
    /// The role does not allow it, or the request did not come from the dashboard.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// There is no such thing.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// The body has more than 64 KiB.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
    /// The body does not say that it is JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    UnsupportedMediaType(Problem),
    /// A store cannot be reached now.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}
