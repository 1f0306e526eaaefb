//! Nested, merged and opaque routers, errors with their causes, and an end that reports the last seconds, in axum.
//!
//! `SENDRY_WRITE_KEY=… cargo run -p axum-examples --bin nested`, then ask <http://127.0.0.1:3000/tenants/acme/orders/7> and
//! <http://127.0.0.1:3000/reports/failing>; Ctrl-C ends it.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use sendry_sdk_axum::{Sendry, capture_panics, report_error};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    capture_panics(); // shows where a handler panicked
    let sendry = Sendry::builder().app_version(env!("CARGO_PKG_VERSION")).build()?;

    let orders = Router::new()
        .route("/", get(async |Path(tenant): Path<String>| format!("orders of {tenant}\n")))
        .route("/{id}", get(order));
    let app = Router::new()
        .nest("/tenants/{tenant}/orders", orders) // counted as /tenants/{tenant}/orders/{id}
        .merge(reports())
        .nest_service("/static", get(async || "a file\n")); // counted as /static/{*rest}
    let app = sendry_sdk_axum::instrument(app, &sendry);

    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app).with_graceful_shutdown(asked_to_stop()).await?;
    // After the server, so that nothing is counted any more. What the hub does not take waits for the next start.
    if let Err(error) = sendry.shutdown().await {
        tracing::warn!(%error, "the last seconds wait for the next start");
    }
    Ok(())
}

async fn order(Path((tenant, id)): Path<(String, u64)>) -> Json<(String, u64)> {
    Json((tenant, id))
}

fn reports() -> Router {
    let failing = async || -> Result<&'static str, StatusCode> {
        let Err(error) = std::fs::read_to_string("/does/not/exist") else { return Ok("a report\n") };
        report_error(&error); // the type and the message are shown with the 500
        Err(StatusCode::INTERNAL_SERVER_ERROR)
    };
    Router::new().route("/reports/failing", get(failing))
}

async fn asked_to_stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
