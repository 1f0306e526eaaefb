//! Why a message was not accepted. Each says what the sender should do, and maps to one status.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use sendry_sdk::protocol::VERSION;

use crate::http::problem::Problem;
use crate::queue::QueueError;
use crate::store::StoreError;

/// Seconds after which a sender may try again when the queue or a store is down.
const OUTAGE_RETRY_SECS: u64 = 10;

/// Why a message was not accepted.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("There is no write key. Send `Authorization: Bearer sdry_…`.")]
    NoKey,
    #[error(
        "The write key is unknown or revoked. The app's set-up page and `sendry-hub app create` make keys."
    )]
    WrongKey,
    #[error("The content type is {sent:?}; send {allowed}.")]
    ContentType { sent: String, allowed: &'static str },
    #[error("The content encoding is {sent:?}; send gzip or none.")]
    ContentEncoding { sent: String },
    #[error("The body is longer than {limit} bytes. Report more often, or fewer things at once.")]
    TooLarge { limit: usize },
    #[error("The body is longer than {limit} bytes when it is unpacked.")]
    TooLargeUnpacked { limit: usize },
    #[error("The body ended before it was complete.")]
    Interrupted,
    #[error("The body is not gzip: {problem}.")]
    Gzip { problem: String },
    #[error("The body is not JSON: {problem}.")]
    NotJson { problem: String },
    #[error("The body is not a {wanted}: {problem}.")]
    NotAMessage { wanted: &'static str, problem: String },
    #[error(
        "The message is of version {version} of the protocol; this hub speaks {VERSION}. Update the hub."
    )]
    Version { version: u64 },
    #[error("{env:?} cannot name an environment: 1 to 32 characters of A-Z, a-z, 0-9, _ and -.")]
    BadEnvironment { env: String },
    #[error("The app has {limit} environments, so {env:?} cannot be added. Is it misspelt?")]
    TooManyEnvironments { env: String, limit: usize },
    #[error("The app sends more than {per_second} messages a second.")]
    RateLimited { per_second: f64 },
    #[error("The queue is not available; send this again later.")]
    Queue(#[source] QueueError),
    #[error("The metadata store is not available; send this again later.")]
    Metadata(#[source] StoreError),
}

impl Refusal {
    /// Its name: the problem's type and the label of the metric.
    pub(super) fn reason(&self) -> &'static str {
        self.name_and_status().0
    }

    fn name_and_status(&self) -> (&'static str, StatusCode) {
        match self {
            Self::NoKey | Self::WrongKey => ("unauthorized", StatusCode::UNAUTHORIZED),
            Self::ContentType { .. } => ("unsupported_content_type", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Self::ContentEncoding { .. } => {
                ("unsupported_content_encoding", StatusCode::UNSUPPORTED_MEDIA_TYPE)
            }
            Self::TooLarge { .. } => ("too_large", StatusCode::PAYLOAD_TOO_LARGE),
            Self::TooLargeUnpacked { .. } => ("too_large_unpacked", StatusCode::PAYLOAD_TOO_LARGE),
            Self::Interrupted => ("interrupted", StatusCode::REQUEST_TIMEOUT),
            Self::Gzip { .. } => ("not_gzip", StatusCode::BAD_REQUEST),
            Self::NotJson { .. } => ("not_json", StatusCode::BAD_REQUEST),
            Self::NotAMessage { .. } => ("not_a_message", StatusCode::UNPROCESSABLE_ENTITY),
            Self::Version { .. } => ("unsupported_version", StatusCode::UNPROCESSABLE_ENTITY),
            Self::BadEnvironment { .. } => ("bad_environment", StatusCode::UNPROCESSABLE_ENTITY),
            Self::TooManyEnvironments { .. } => ("too_many_environments", StatusCode::UNPROCESSABLE_ENTITY),
            Self::RateLimited { .. } => ("rate_limited", StatusCode::TOO_MANY_REQUESTS),
            Self::Queue(_) => ("queue_unavailable", StatusCode::SERVICE_UNAVAILABLE),
            Self::Metadata(_) => ("metadata_unavailable", StatusCode::SERVICE_UNAVAILABLE),
        }
    }

    fn retry_after_secs(&self) -> Option<u64> {
        match self {
            Self::RateLimited { .. } => Some(1),
            Self::Queue(QueueError::CircuitOpen { retry_secs }) => Some(*retry_secs),
            Self::Queue(_) | Self::Metadata(_) => Some(OUTAGE_RETRY_SECS),
            _ => None,
        }
    }
}

impl IntoResponse for Refusal {
    /// The one place where an outage that a sender met is logged.
    fn into_response(self) -> Response {
        match &self {
            // Opening was logged, and there may be thousands of these.
            Self::Queue(QueueError::CircuitOpen { .. }) => {}
            Self::Queue(error) => {
                tracing::warn!(%error, "A message was not accepted: the queue is not available.")
            }
            Self::Metadata(error) => {
                tracing::warn!(%error, "A message was not accepted: the metadata is not available.")
            }
            _ => {}
        }
        let (name, status) = self.name_and_status();
        let mut problem = Problem::new(status, name, self.to_string());
        problem.retry_after_secs = self.retry_after_secs();
        let mut response = problem.into_response();
        if matches!(self, Self::ContentEncoding { .. }) {
            response.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }
}
