//! All that Sendry shows of an axum application, in one: callers, refused fields, errors with their causes, panics, streams, request
//! logs with masked bodies, application logs and spans, and an end that reports the last seconds.
//!
//! `SENDRY_WRITE_KEY=… cargo run -p axum-examples --bin everything [ADDRESS]`; it listens on 127.0.0.1:3000 otherwise.
//! `cargo xtask test examples` asks it for all of it, and the hub for what came of it.

use std::net::SocketAddr;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use sendry_sdk_axum::{ErrorCause, RequestLogLayer, RequestLogs, Sendry};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing::Instrument;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

#[derive(Deserialize, garde::Validate, validator::Validate)]
struct Booking {
    #[garde(email)]
    #[validate(email)]
    email: String,
    #[garde(range(min = 1, max = 9))]
    #[validate(range(min = 1, max = 9))]
    seats: u32,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::registry().with(RequestLogLayer::new().with_filter(LevelFilter::INFO)).init();
    sendry_sdk_axum::capture_panics();
    let logs = RequestLogs::new().request_bodies().response_bodies().client_address().mask_fields(["pin"]);
    let sendry = Sendry::builder().app_version(env!("CARGO_PKG_VERSION")).request_logs(logs).build()?;
    let app = sendry_sdk_axum::instrument(router(), &sendry);

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(TcpListener::bind(address).await?, app).with_graceful_shutdown(asked_to_stop()?).await?;
    sendry.shutdown().await?;
    Ok(())
}

fn router() -> Router {
    let order = async |Path((tenant, id)): Path<(String, u64)>| format!("order {id} of {tenant}\n");
    Router::new()
        .route("/healthz", get(async || "well\n"))
        .route("/never", get(async || "nobody asks\n"))
        .route("/garde", post(with_garde))
        .route("/validator", post(with_validator))
        .route("/payments/{id}", post(pay))
        .route("/failing", get(failing))
        .route("/panic", get(async || -> &'static str { panic!("no address to bill to") }))
        .route("/stream", get(stream))
        .nest("/tenants/{tenant}", Router::new().route("/orders/{id}", get(order)))
        .layer(from_fn(name_caller))
}

/// Names who calls, from anywhere in the handler's task.
async fn name_caller(request: Request, next: Next) -> Response {
    if let Some(tenant) = request.headers().get("x-tenant").and_then(|tenant| tenant.to_str().ok()) {
        sendry_sdk_axum::set_consumer(tenant, Some("A tenant"), Some("tenants"));
    }
    next.run(request).await
}

/// The report as the answer's text: Sendry reads its lines. What `Json` itself refuses it reads too.
async fn with_garde(Json(booking): Json<Booking>) -> Response {
    match garde::Validate::validate(&booking) {
        Ok(()) => StatusCode::CREATED.into_response(),
        Err(report) => (StatusCode::UNPROCESSABLE_ENTITY, report.to_string()).into_response(),
    }
}

/// The errors as JSON: Sendry reads those too.
async fn with_validator(Json(booking): Json<Booking>) -> Response {
    match validator::Validate::validate(&booking) {
        Ok(()) => StatusCode::CREATED.into_response(),
        Err(errors) => (StatusCode::BAD_REQUEST, Json(errors)).into_response(),
    }
}

/// What it logs, and its span, are shown with the request.
async fn pay(Path(id): Path<u64>, Json(payment): Json<serde_json::Value>) -> Json<serde_json::Value> {
    tracing::info!(order = id, token = "masked by its name", "paying");
    async { tracing::warn!("asked the bank twice") }.instrument(tracing::info_span!("charge")).await;
    Json(payment)
}

/// An error of the application, whose clients are told nothing of it.
struct AppError(anyhow::Error);

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let cause = ErrorCause::new(&*self.0).with_kind("AppError").with_backtrace(self.0.backtrace());
        (StatusCode::INTERNAL_SERVER_ERROR, Extension(cause), "please try again\n").into_response()
    }
}

async fn failing() -> Result<String, AppError> {
    use anyhow::Context;
    std::fs::read_to_string("/does/not/exist").context("no report").map_err(AppError)
}

async fn stream() -> Body {
    let chunks =
        ["a ", "long ", "answer\n"].map(|text| Ok::<_, std::io::Error>(Bytes::from_static(text.as_bytes())));
    Body::from_stream(futures_util::stream::iter(chunks))
}

/// Waits for Ctrl-C or SIGTERM.
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => (),
            _ = terminate.recv() => (),
        }
    })
}
