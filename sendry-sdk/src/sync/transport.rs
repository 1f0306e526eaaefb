//! How messages reach the hub: a seam with one contract.
//!
//! [`HttpTransport`] is what a client uses unless [`crate::Builder::transport`] is given another; the feature `testing` ships
//! one that keeps what it is given. A transport sends one message and says what became of it. It does not retry, wait or
//! keep: the sync thread does.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url, redirect};

use crate::ConfigError;
use crate::protocol::{Accepted, Problem};

/// Long enough for a slow link, short enough that a hanging hub does not hold the next report for long.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How much of an answer is read: answers are a few hundred bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Brings messages to a hub.
pub trait Transport: Send + Sync + 'static {
    /// Sends one message. Called by one thread, one message at a time, in a tokio runtime with I/O and time.
    fn send(&self, message: Message) -> SendFuture<'_>;
}

/// What [`Transport::send`] returns.
pub type SendFuture<'a> = Pin<Box<dyn Future<Output = Result<Accepted, TransportError>> + Send + 'a>>;

/// A message, encoded.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Message {
    /// What it is.
    pub kind: MessageKind,
    /// JSON, or JSON lines, gzipped.
    pub body: Bytes,
}

impl Message {
    /// A message, for those who test a transport.
    pub fn new(kind: MessageKind, body: impl Into<Bytes>) -> Self {
        Self { kind, body: body.into() }
    }
}

/// The kinds of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MessageKind {
    /// A `protocol::Startup`.
    Startup,
    /// A `protocol::Report`.
    Report,
    /// A `protocol::RequestLogBatchHead` and its `protocol::RequestLog`s, a line each.
    RequestLogs,
}

impl MessageKind {
    /// Where the hub takes it.
    pub fn path(self) -> &'static str {
        match self {
            Self::Startup => "ingest/v1/startup",
            Self::Report => "ingest/v1/report",
            Self::RequestLogs => "ingest/v1/request-logs",
        }
    }

    /// What it is written in, before it is gzipped.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Startup | Self::Report => "application/json",
            Self::RequestLogs => "application/x-ndjson",
        }
    }
}

/// Why a message was not accepted, which decides what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// Not now: the hub cannot be reached, is overloaded or asks to wait. The message is kept and sent again.
    #[error("{detail}")]
    Unavailable {
        /// What happened.
        detail: String,
        /// How long the hub asks to wait.
        retry_after: Option<Duration>,
    },
    /// The hub does not know the write key. The message is kept and sent again every few minutes.
    #[error("{0}")]
    Unauthorized(String),
    /// The hub will never take this message. It is dropped and counted.
    #[error("{0}")]
    Refused(String),
}

impl TransportError {
    fn unavailable(detail: impl fmt::Display) -> Self {
        Self::Unavailable { detail: detail.to_string(), retry_after: None }
    }
}

/// HTTP to a hub, through one kept connection.
pub struct HttpTransport {
    hub_url: Url,
    authorization: HeaderValue,
    client: OnceLock<Result<Client, String>>,
}

impl fmt::Debug for HttpTransport {
    /// Leaves out the write key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").field("hub_url", &self.hub_url.as_str()).finish_non_exhaustive()
    }
}

impl HttpTransport {
    /// Prepares to send to the hub at `hub_url`, which may have a path; opens nothing yet.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the address.
    pub fn new(hub_url: &str, write_key: &str) -> Result<Self, ConfigError> {
        let wrong =
            |reason: &str| ConfigError::HubUrl { url: without_user(hub_url), reason: reason.to_owned() };
        let mut url = Url::parse(hub_url).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("it does not begin with http:// or https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it names a user; the write key is all that the hub needs"));
        }
        url.set_query(None);
        url.set_fragment(None);
        url.set_path(&format!("{}/", url.path().trim_end_matches('/')));
        let mut authorization =
            HeaderValue::from_str(&format!("Bearer {write_key}")).map_err(|_| ConfigError::WriteKey)?;
        authorization.set_sensitive(true);
        Ok(Self { hub_url: url, authorization, client: OnceLock::new() })
    }

    async fn post(&self, message: Message) -> Result<Accepted, TransportError> {
        let client = self.client.get_or_init(build_client).as_ref().map_err(TransportError::unavailable)?;
        let url = self.hub_url.join(message.kind.path()).map_err(TransportError::unavailable)?;
        let request = client
            .post(url)
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, message.kind.content_type())
            .header(CONTENT_ENCODING, "gzip")
            .body(message.body);
        let response = request.send().await.map_err(|error| TransportError::unavailable(describe(&error)))?;
        read_answer(response).await
    }
}

impl Transport for HttpTransport {
    fn send(&self, message: Message) -> SendFuture<'_> {
        Box::pin(self.post(message))
    }
}

/// An address to show: a user and password in it are nobody's business.
fn without_user(hub_url: &str) -> String {
    hub_url.rsplit_once('@').map_or_else(|| hub_url.to_owned(), |(_, host)| format!("…@{host}"))
}

/// TLS on ring with the machine's certificates, for this client alone: nothing is installed process-wide.
fn build_client() -> Result<Client, String> {
    use rustls_platform_verifier::BuilderVerifierExt;
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_platform_verifier())
        .map_err(|error| format!("TLS cannot be set up: {error}"))?
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("sendry-sdk/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        .pool_max_idle_per_host(1)
        .build()
        .map_err(|error| format!("the HTTP client cannot be set up: {}", describe(&error)))
}

async fn read_answer(mut response: Response) -> Result<Accepted, TransportError> {
    let status = response.status();
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let mut body = Vec::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|error| TransportError::unavailable(describe(&error)))?
    {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(TransportError::unavailable(
                "the answer is too long to come from a hub; check SENDRY_HUB_URL",
            ));
        }
        body.extend_from_slice(&chunk);
    }
    if status == StatusCode::ACCEPTED {
        return serde_json::from_slice(&body)
            .map_err(|_| TransportError::unavailable("the answer is not a hub's; check SENDRY_HUB_URL"));
    }
    let problem = serde_json::from_slice::<Problem>(&body).unwrap_or_default();
    let detail =
        format!("{status}: {}", if problem.detail.is_empty() { "no hub answered" } else { &problem.detail });
    Err(match status {
        StatusCode::UNAUTHORIZED => TransportError::Unauthorized(detail),
        StatusCode::BAD_REQUEST
        | StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::UNSUPPORTED_MEDIA_TYPE
        | StatusCode::UNPROCESSABLE_ENTITY => TransportError::Refused(detail),
        _ => TransportError::Unavailable { detail, retry_after: retry_after.map(Duration::from_secs) },
    })
}

/// An error with its causes: the outermost alone seldom says what happened.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
