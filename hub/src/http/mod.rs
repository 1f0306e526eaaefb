//! The HTTP side: one listener ([`server`]), one router of what the roles mount, and what all of them share: errors
//! ([`problem`]), extractors ([`extract`]), limits of time, and headers ([`headers`]).
//!
//! Ingest is mounted apart from the rest, so that nothing the dashboard needs (compression, headers) costs a report anything.

pub mod base;
pub mod extract;
pub mod headers;
pub mod health;
pub mod origin;
pub mod peer;
pub mod problem;
pub mod server;
mod stall;

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use problem::Problem;

/// Bytes of any body but those of ingest: the largest is a log-in.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// What the roles mount.
pub struct Routes {
    pub ingest: Router,
    pub query: Router,
    pub health: Router,
    /// Everything else.
    pub dashboard: Router,
}

/// Assembles the hub's routes; a request that takes longer than `timeout` is answered with 503.
pub fn router(routes: Routes, timeout: Duration) -> Router {
    let no_store = SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, headers::no_store);
    let query = routes.query.layer(DefaultBodyLimit::max(BODY_BYTES_MAX)).layer(no_store);
    let pages = headers::secure(query.merge(routes.dashboard).layer(CompressionLayer::new()));
    let all = routes.ingest.merge(routes.health).merge(pages);
    all.layer(from_fn_with_state(timeout, limit_time)).layer(CatchPanicLayer::custom(on_panic))
}

async fn limit_time(State(timeout): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::unavailable("timeout", "This took longer than http.request_timeout_secs.", 5)
            .into_response(),
    }
}

/// A bug: the one place where it is logged.
fn on_panic(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    tracing::error!(panic = text, "A request made the hub panic. Please report it.");
    let detail = "The hub failed; its log says where.";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail).into_response()
}
