//! One message, from its request to its 202.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use sendry_sdk::protocol::{Accepted, limits};
use uuid::Uuid;

use super::refusal::Refusal;
use super::{Ingest, body};
use crate::queue::{AppId, ENVELOPE_VERSION, Encoding, Envelope, Kind};

/// Bytes of any message as sent. Batches of request logs are files of 1 MB, so the limit of reports is enough for all.
const BODY_BYTES_MAX: usize = limits::REPORT_BYTES_MAX;

/// Accepts a message or says why not.
pub(super) async fn accept(ingest: Arc<Ingest>, kind: Kind, request: Request) -> Response {
    let started = Instant::now();
    match ingest.accept(kind, request).await {
        Ok(bytes) => {
            ingest.metrics.record_accepted(kind, bytes, started.elapsed());
            (StatusCode::ACCEPTED, Json(ingest.accepted())).into_response()
        }
        Err(refusal) => {
            ingest.metrics.record_refused(refusal.reason());
            refusal.into_response()
        }
    }
}

impl Ingest {
    async fn accept(&self, kind: Kind, request: Request) -> Result<usize, Refusal> {
        let (parts, body) = request.into_parts();
        let (app_id, encoding) = match self.admit(kind, &parts).await {
            Ok(admitted) => admitted,
            Err(refusal) => {
                body::drain(body);
                return Err(refusal);
            }
        };
        let bytes = body::read(body, BODY_BYTES_MAX).await?;
        let size = bytes.len();
        let env = self.inspector.inspect(kind, encoding, bytes.clone()).await?;
        self.environments.admit(app_id, env).await?;
        let envelope = Envelope {
            version: ENVELOPE_VERSION,
            // Given when it is published.
            ingest_id: Uuid::nil(),
            ingest_sequence: 0,
            accepted_at: self.clock.now_ms(),
            app_id,
            kind,
            encoding,
            body: bytes,
        };
        self.publisher.publish(envelope).await?;
        Ok(size)
    }

    /// What can be told from the head of the request.
    async fn admit(&self, kind: Kind, parts: &Parts) -> Result<(AppId, Encoding), Refusal> {
        let app_id = self.keys.app_of(&parts.headers).await?;
        check_content_type(kind, &parts.headers)?;
        let encoding = content_encoding(&parts.headers)?;
        if content_length(&parts.headers).is_some_and(|length| length > BODY_BYTES_MAX as u64) {
            return Err(Refusal::TooLarge { limit: BODY_BYTES_MAX });
        }
        self.rate.take(app_id)?;
        Ok((app_id, encoding))
    }

    fn accepted(&self) -> Accepted {
        Accepted {
            server_time: self.clock.now_ms() as f64 / 1_000.0,
            sync_interval_secs: self.sync_interval_secs,
            request_logs_paused_until: None,
        }
    }
}

fn check_content_type(kind: Kind, headers: &HeaderMap) -> Result<(), Refusal> {
    let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let sent = sent.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let allowed: &[&str] = match kind {
        Kind::Startup | Kind::Report => &["application/json"],
        Kind::RequestLogs => &["application/x-ndjson", "application/jsonl", "application/json"],
    };
    if allowed.contains(&sent.as_str()) {
        Ok(())
    } else {
        Err(Refusal::ContentType { sent, allowed: allowed[0] })
    }
}

fn content_encoding(headers: &HeaderMap) -> Result<Encoding, Refusal> {
    let Some(sent) = headers.get(header::CONTENT_ENCODING) else { return Ok(Encoding::Identity) };
    let sent = sent.to_str().unwrap_or_default().trim().to_ascii_lowercase();
    match sent.as_str() {
        "gzip" | "x-gzip" => Ok(Encoding::Gzip),
        "" | "identity" => Ok(Encoding::Identity),
        _ => Err(Refusal::ContentEncoding { sent }),
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
