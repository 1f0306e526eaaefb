//! Validation errors with `garde` and with `validator` in axum, shown by endpoint and field, without the values.
//!
//! `SENDRY_WRITE_KEY=… cargo run -p axum-examples --bin validation`, then
//! `curl -H 'content-type: application/json' -d '{"email":"nobody","seats":0}' 127.0.0.1:3000/garde` (or `/validator`).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use sendry_sdk::validation::{self, FieldError, Location};
use sendry_sdk_axum::Sendry;
use serde::Deserialize;
use tokio::net::TcpListener;

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
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sendry = Sendry::builder().build()?;
    let app = Router::new()
        .route("/garde", post(with_garde))
        .route("/validator", post(with_validator))
        .route("/own", post(with_own_words));
    let app = sendry_sdk_axum::instrument(app, &sendry);
    axum::serve(TcpListener::bind("127.0.0.1:3000").await?, app).await?;
    Ok(())
}

/// The report as the answer's text: Sendry reads its lines.
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

/// An answer that tells nothing of the fields, which are reported beside it.
async fn with_own_words(Json(booking): Json<Booking>) -> Response {
    let Err(report) = garde::Validate::validate(&booking) else { return StatusCode::CREATED.into_response() };
    validation::report(FieldError::from_display_lines(Location::Body, &report));
    (StatusCode::UNPROCESSABLE_ENTITY, "please check what you entered").into_response()
}
