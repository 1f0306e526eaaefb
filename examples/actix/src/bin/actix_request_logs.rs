//! Callers, request logs with masking, and what the application logs, in actix-web.
//!
//! `SENDRY_WRITE_KEY=… cargo run -p actix-examples --bin actix_request_logs`, then
//! `curl -H 'x-tenant: acme' -H 'content-type: application/json' -d '{"card":"4111","pin":"1234"}' 127.0.0.1:3001/payments/7`.

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, Error, HttpServer, body::MessageBody, web};
use sendry_sdk_actix::{RequestLogLayer, RequestLogs, Sendry, SendryMiddleware};
use serde::Deserialize;
use tracing::Instrument;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

#[derive(Deserialize)]
struct Payment {
    card: String,
}

#[actix_web::main]
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
        .exclude_paths(["/internal/*"]); // beside health checks
    let sendry = Sendry::builder().request_logs(logs).build()?;
    let app = move || {
        App::new()
            .route("/payments/{id}", web::post().to(pay))
            .wrap(from_fn(name_caller))
            .wrap(SendryMiddleware::new(&sendry))
    };
    HttpServer::new(app).bind("127.0.0.1:3001")?.run().await?;
    sendry.shutdown().await?;
    Ok(())
}

/// Names who calls, from anywhere in the handler's task.
async fn name_caller(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if let Some(tenant) = request.headers().get("x-tenant").and_then(|tenant| tenant.to_str().ok()) {
        sendry_sdk_actix::set_consumer(tenant, None, Some("tenants"));
    }
    next.call(request).await
}

async fn pay(id: web::Path<u64>, payment: web::Json<Payment>) -> String {
    tracing::info!(digits = payment.card.len(), "paying");
    let charge = async { tracing::debug!("asked the bank") };
    charge.instrument(tracing::info_span!("charge", order = *id)).await;
    format!("paid order {id}\n")
}
