//! Callers, request logs with masking, and what the application logs, in axum.
//!
//! `SENDRY_WRITE_KEY=… cargo run -p axum-examples --bin request_logs`, then
//! `curl -H 'x-tenant: acme' -H 'content-type: application/json' -d '{"card":"4111","pin":"1234"}' 127.0.0.1:3000/payments/7`.
//! The log of the request shows the caller, the body with both values masked, the span `charge`, and both messages.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{Path, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router};
use sendry_sdk_axum::{RequestLogLayer, RequestLogs, Sendry};
use serde::Deserialize;
use tokio::net::TcpListener;
use tracing::Instrument;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

#[derive(Deserialize)]
struct Payment {
    card: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_filter(LevelFilter::INFO))
        .with(RequestLogLayer::new().with_filter(LevelFilter::DEBUG))
        .init();

    let logs = RequestLogs::new()
        .request_bodies()
        .response_bodies()
        .client_address()
        .mask_fields(["pin"]) // beside password, token, card and more
        .mask_headers(["x-internal"])
        .exclude_paths(["/internal/*"]) // beside health checks
        .keep_slower_than(Duration::from_secs(1));
    let sendry = Sendry::builder().request_logs(logs).build()?;

    let app = Router::new().route("/payments/{id}", post(pay)).layer(from_fn(name_caller));
    let app = sendry_sdk_axum::instrument(app, &sendry);
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    // With connect info, so that the address of the connection is known.
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}

/// Names who calls, from anywhere in the handler's task.
async fn name_caller(request: Request, next: Next) -> Response {
    if let Some(tenant) = request.headers().get("x-tenant").and_then(|tenant| tenant.to_str().ok()) {
        sendry_sdk_axum::set_consumer(tenant, None, Some("tenants"));
    }
    next.run(request).await
}

async fn pay(Path(id): Path<u64>, Json(payment): Json<Payment>) -> String {
    tracing::info!(digits = payment.card.len(), "paying");
    // A task of its own belongs to the request through its span.
    let charge = async { tracing::debug!("asked the bank") };
    let charged = tokio::spawn(charge.instrument(tracing::info_span!("charge", order = id))).await;
    if charged.is_err() {
        tracing::error!("the bank's task ended early");
    }
    format!("paid order {id}\n")
}
