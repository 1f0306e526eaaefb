//! Request logs: gzip JSON lines. The first line is a [`RequestLogBatchHead`], each further line a [`RequestLog`].

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ApplicationLog, Consumer, Span};

/// The first line of a batch of request logs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RequestLogBatchHead {
    /// The version of the protocol; see [`super::VERSION`].
    #[serde(rename = "v")]
    pub version: u16,
    /// Names this batch for ever: constant over retries.
    pub batch_id: Uuid,
    /// Names the process.
    pub instance_id: Uuid,
    /// The running number of this batch within its instance, from 0.
    pub sequence: u64,
    /// The environment.
    pub env: String,
}

/// One request with its response, masked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RequestLog {
    /// Names this request for ever.
    pub id: Uuid,
    /// When it arrived, in microseconds of Unix time.
    pub time_us: i64,
    /// The method in upper case.
    pub method: String,
    /// The route's template.
    pub path: String,
    /// The URL as requested, its query masked.
    pub url: String,
    /// The response's status.
    pub status: u16,
    /// From arrival to the end of the body, in microseconds.
    pub duration_us: u64,
    /// Who called, where the application says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer: Option<Consumer>,
    /// The client's address, where it is switched on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_address: Option<String>,
    /// The trace id of `traceparent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The span id of `traceparent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span_id: Option<String>,
    /// Request headers, masked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_headers: Vec<(String, String)>,
    /// The request's body.
    #[serde(default)]
    pub request_body: LoggedBody,
    /// Response headers, masked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_headers: Vec<(String, String)>,
    /// The response's body.
    #[serde(default)]
    pub response_body: LoggedBody,
    /// Why the server failed, where it did and the application or its panic says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<LoggedError>,
    /// What the application logged while it served the request, in that order; at most [`super::limits::APPLICATION_LOGS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<ApplicationLog>,
    /// Events beyond the limits, which are not in `logs`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub logs_cut: u32,
    /// The spans of the request in the order of their beginnings; at most [`super::limits::SPANS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
    /// Spans beyond the limits, which are not in `spans`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub spans_cut: u32,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Why a request was answered with a 5xx. Its texts are not masked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedError {
    /// The type of the error, or `panic`.
    #[serde(default, rename = "type", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Its message, at most [`super::limits::MESSAGE_CHARS_MAX`] characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Where in the source it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Backtrace, at most [`super::limits::BACKTRACE_BYTES_MAX`] bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backtrace: Option<String>,
}

/// A body, or why it is not here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedBody {
    /// Its size in bytes, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Its text, masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Why there is no text: `off`, `content_type`, `encoded`, `too_large`, `not_utf8`, `not_json`, `not_read`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
}
