//! Why requests are refused, where the application words the answer itself.

use actix_web::error::{InternalError, JsonPayloadError};
use actix_web::test::TestRequest;
use actix_web::{App, HttpResponse, web};
use sendry_sdk::validation::{self, FieldError, Location};
use sendry_sdk_actix::SendryMiddleware;
use serde::Deserialize;

use crate::harness::{TestHub, call};

#[derive(Deserialize, garde::Validate, validator::Validate)]
struct Order {
    #[garde(length(min = 3))]
    #[validate(length(min = 3))]
    name: String,
    #[garde(range(max = 9))]
    #[validate(range(max = 9))]
    count: u32,
}

/// Answers as the application likes to, with the extractor's error as its cause.
fn own_answer(error: JsonPayloadError, _: &actix_web::HttpRequest) -> actix_web::Error {
    InternalError::from_response(error, HttpResponse::UnprocessableEntity().body("no")).into()
}

async fn garde(order: web::Json<Order>) -> HttpResponse {
    match garde::Validate::validate(&order.0) {
        Ok(()) => HttpResponse::Ok().finish(),
        Err(report) => HttpResponse::UnprocessableEntity().body(report.to_string()),
    }
}

async fn validator(order: web::Json<Order>) -> HttpResponse {
    match validator::Validate::validate(&order.0) {
        Ok(()) => HttpResponse::Ok().finish(),
        Err(errors) => HttpResponse::BadRequest().json(errors),
    }
}

async fn told(order: web::Json<Order>) -> HttpResponse {
    if let Err(report) = garde::Validate::validate(&order.0) {
        validation::report(FieldError::from_display_lines(Location::Body, &report));
        return HttpResponse::UnprocessableEntity().finish();
    }
    HttpResponse::Ok().finish()
}

/// Location, field and code of what was recorded of one `POST` of `json`.
async fn refused(path: &str, json: &'static str) -> Vec<(String, String, String)> {
    let hub = TestHub::new();
    let app = App::new()
        .app_data(web::JsonConfig::default().error_handler(own_answer))
        .route("/garde", web::post().to(garde))
        .route("/validator", web::post().to(validator))
        .route("/told", web::post().to(told))
        .wrap(SendryMiddleware::new(&hub.sendry));
    let app = actix_web::test::init_service(app).await;
    let request = TestRequest::post().uri(path).insert_header(("content-type", "application/json"));
    let (status, _) = call(&app, request.set_payload(json)).await;
    assert!((400..=422).contains(&status), "{status}");
    hub.sendry.flush().await.unwrap();
    let errors = hub.hub.reports().into_iter().flat_map(|report| report.validation_errors);
    let mut rows: Vec<_> = errors.map(|error| (error.location, error.field, error.code)).collect();
    rows.sort();
    rows
}

fn rows(rows: &[[&str; 3]]) -> Vec<(String, String, String)> {
    rows.iter().map(|[l, f, c]| ((*l).to_owned(), (*f).to_owned(), (*c).to_owned())).collect()
}

const INVALID: &str = r#"{"name":"x","count":10}"#;

#[actix_web::test]
async fn a_report_of_garde_is_read_from_the_answer() {
    assert_eq!(
        refused("/garde", INVALID).await,
        rows(&[["unknown", "count", "range"], ["unknown", "name", "length"]])
    );
}

#[actix_web::test]
async fn the_errors_of_validator_are_read_from_the_answer() {
    assert_eq!(
        refused("/validator", INVALID).await,
        rows(&[["unknown", "count", "range"], ["unknown", "name", "length"]])
    );
}

#[actix_web::test]
async fn what_the_handler_tells_goes_before_what_is_read() {
    assert_eq!(
        refused("/told", INVALID).await,
        rows(&[["body", "count", "range"], ["body", "name", "length"]])
    );
}

#[actix_web::test]
async fn an_extractors_error_is_known_by_its_type_whatever_is_answered() {
    assert_eq!(refused("/garde", r#"{"name":"abc"}"#).await, rows(&[["body", "count", "missing_field"]]));
}
