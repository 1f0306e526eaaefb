//! What a load balancer and an operator ask.

use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::state::Shared;

pub(super) fn router() -> Router<Shared> {
    Router::new().route("/healthz", get(async || "ok")).route("/version", get(version))
}

async fn version() -> Json<Value> {
    Json(json!({ "version": env!("CARGO_PKG_VERSION") }))
}
