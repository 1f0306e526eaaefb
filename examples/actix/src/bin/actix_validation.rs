//! Validation errors with `garde` and with `validator` in actix-web, shown by endpoint and field, without the values.
//!
//! `SENDRY_WRITE_KEY=… cargo run -p actix-examples --bin actix_validation`, then
//! `curl -H 'content-type: application/json' -d '{"email":"nobody","seats":0}' 127.0.0.1:3001/garde` (or `/validator`).

use actix_web::{App, HttpResponse, HttpServer, web};
use sendry_sdk_actix::{Sendry, SendryMiddleware};
use serde::Deserialize;

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
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sendry = Sendry::builder().build()?;
    let app = move || {
        App::new()
            .route("/garde", web::post().to(with_garde))
            .route("/validator", web::post().to(with_validator))
            .wrap(SendryMiddleware::new(&sendry))
    };
    HttpServer::new(app).bind("127.0.0.1:3001")?.run().await?;
    sendry.shutdown().await?;
    Ok(())
}

/// The report as the answer's text: Sendry reads its lines. What `web::Json` itself refuses is known by its type.
async fn with_garde(booking: web::Json<Booking>) -> HttpResponse {
    match garde::Validate::validate(&booking.0) {
        Ok(()) => HttpResponse::Created().finish(),
        Err(report) => HttpResponse::UnprocessableEntity().body(report.to_string()),
    }
}

/// The errors as JSON: Sendry reads those too.
async fn with_validator(booking: web::Json<Booking>) -> HttpResponse {
    match validator::Validate::validate(&booking.0) {
        Ok(()) => HttpResponse::Created().finish(),
        Err(errors) => HttpResponse::BadRequest().json(errors),
    }
}
