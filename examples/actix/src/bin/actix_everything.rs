//! All that Sendry shows of an actix-web application, in one: callers, refused fields, errors with their causes, panics, streams,
//! request logs with masked bodies, application logs and spans, and an end that reports the last seconds.
//!
//! `SENDRY_WRITE_KEY=… cargo run -p actix-examples --bin actix_everything [ADDRESS]`; it listens on 127.0.0.1:3001 otherwise.
//! `cargo xtask test examples` asks it for all of it, and the hub for what came of it.

use std::fmt;

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{Bytes, Json, Path, ServiceConfig};
use actix_web::{App, Error, HttpResponse, HttpServer, ResponseError, body::MessageBody, web};
use sendry_sdk_actix::{ErrorCause, RequestLogLayer, RequestLogs, Sendry, SendryMiddleware};
use serde::Deserialize;
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

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::registry().with(RequestLogLayer::new().with_filter(LevelFilter::INFO)).init();
    sendry_sdk_actix::capture_panics();
    let logs = RequestLogs::new().request_bodies().response_bodies().client_address().mask_fields(["pin"]);
    let sendry = Sendry::builder().app_version(env!("CARGO_PKG_VERSION")).request_logs(logs).build()?;
    let app =
        move || App::new().configure(routes).wrap(from_fn(name_caller)).wrap(SendryMiddleware::new(&sendry));

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3001".to_owned());
    // It returns after Ctrl-C and SIGTERM, when the requests under way have ended.
    HttpServer::new(app).workers(2).bind(address)?.run().await?;
    sendry.shutdown().await?;
    Ok(())
}

fn routes(app: &mut ServiceConfig) {
    let order = async |path: Path<(String, u64)>| format!("order {} of {}\n", path.1, path.0);
    app.route("/healthz", web::get().to(async || "well\n"))
        .route("/never", web::get().to(async || "nobody asks\n"))
        .route("/garde", web::post().to(with_garde))
        .route("/validator", web::post().to(with_validator))
        .route("/payments/{id}", web::post().to(pay))
        .route("/failing", web::get().to(failing))
        .route("/panic", web::get().to(async || -> &'static str { panic!("no address to bill to") }))
        .route("/stream", web::get().to(stream))
        .service(web::scope("/tenants/{tenant}").route("/orders/{id}", web::get().to(order)));
}

/// Names who calls, from anywhere in the handler's task.
async fn name_caller(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if let Some(tenant) = request.headers().get("x-tenant").and_then(|tenant| tenant.to_str().ok()) {
        sendry_sdk_actix::set_consumer(tenant, Some("A tenant"), Some("tenants"));
    }
    next.call(request).await
}

/// The report as the answer's text: Sendry reads its lines. What `web::Json` itself refuses is known by its type.
async fn with_garde(booking: Json<Booking>) -> HttpResponse {
    match garde::Validate::validate(&booking.0) {
        Ok(()) => HttpResponse::Created().finish(),
        Err(report) => HttpResponse::UnprocessableEntity().body(report.to_string()),
    }
}

/// The errors as JSON: Sendry reads those too.
async fn with_validator(booking: Json<Booking>) -> HttpResponse {
    match validator::Validate::validate(&booking.0) {
        Ok(()) => HttpResponse::Created().finish(),
        Err(errors) => HttpResponse::BadRequest().json(errors),
    }
}

/// What it logs, and its span, are shown with the request.
async fn pay(id: Path<u64>, payment: Json<serde_json::Value>) -> Json<serde_json::Value> {
    tracing::info!(order = *id, token = "masked by its name", "paying");
    async { tracing::warn!("asked the bank twice") }.instrument(tracing::info_span!("charge")).await;
    payment
}

/// An error of the application, whose clients are told nothing of it.
#[derive(Debug)]
struct AppError(anyhow::Error);

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl ResponseError for AppError {
    fn error_response(&self) -> HttpResponse {
        let cause = ErrorCause::new(&*self.0).with_kind("AppError").with_backtrace(self.0.backtrace());
        let mut response = HttpResponse::InternalServerError().body("please try again\n");
        response.extensions_mut().insert(cause);
        response
    }
}

async fn failing() -> Result<String, AppError> {
    use anyhow::Context;
    std::fs::read_to_string("/does/not/exist").context("no report").map_err(AppError)
}

async fn stream() -> HttpResponse {
    let chunks = ["a ", "long ", "answer\n"].map(|text| Ok::<_, Error>(Bytes::from_static(text.as_bytes())));
    HttpResponse::Ok().streaming(futures_util::stream::iter(chunks))
}
