//! What a handler says of its request: who called, and why it failed.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use axum::routing::get;
use sendry_sdk::protocol::ServerError;
use tower::ServiceExt;

use crate::harness::TestApp;

fn named() -> Router {
    let by_key = async |request: Request, next: Next| {
        let key = request.headers().get("x-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
        if let Some(key) = key {
            sendry_sdk::set_consumer(&key, Some("From a middleware"), Some("keys"));
        }
        next.run(request).await
    };
    let by_path = async |Path(user): Path<String>| {
        tokio::task::yield_now().await;
        sendry_sdk::set_consumer(&user, None, None);
        "hello"
    };
    Router::new()
        .route("/anonymous", get(async || "who"))
        .route("/users/{user}", get(by_path))
        .layer(from_fn(by_key))
}

#[tokio::test]
async fn a_handler_or_a_middleware_names_the_caller() {
    let app = TestApp::new(named());
    app.get("/anonymous").await;
    app.get("/users/ann").await;
    app.get("/users/ann").await;
    let keyed = Request::builder().uri("/anonymous").header("x-key", "k1").body(Body::empty()).unwrap();
    app.send(keyed).await;
    app.sendry.flush().await.unwrap();
    let report = app.hub.reports().pop().unwrap();
    let minute = &report.minutes[0];
    let mut rows: Vec<_> = minute
        .consumers
        .iter()
        .map(|row| {
            (
                report.consumers[row.consumer as usize].clone(),
                report.routes[row.route as usize].path.clone(),
                row.count,
            )
        })
        .collect();
    rows.sort_by(|a, b| a.0.identifier.cmp(&b.0.identifier));
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0].0.identifier.as_str(), rows[0].1.as_str(), rows[0].2), ("ann", "/users/{user}", 2));
    assert_eq!(
        (rows[1].0.name.as_deref(), rows[1].0.group.as_deref(), rows[1].2),
        (Some("From a middleware"), Some("keys"), 1)
    );
    assert_eq!(
        minute.routes.iter().map(|series| series.count).sum::<u64>(),
        4,
        "the totals are those of all requests"
    );
}

#[tokio::test]
async fn outside_of_a_request_naming_a_caller_does_nothing() {
    sendry_sdk::set_consumer("nobody", None, None);
    sendry_sdk::report_error_as("nothing", "nobody asked");
    let app = TestApp::new(named());
    app.get("/anonymous").await;
    app.sendry.flush().await.unwrap();
    assert!(
        app.hub.reports().iter().all(|report| report.consumers.is_empty() && report.server_errors.is_empty())
    );
}

async fn server_errors(app: &TestApp) -> Vec<ServerError> {
    app.sendry.flush().await.unwrap();
    app.hub.reports().iter().flat_map(|report| report.server_errors.clone()).collect()
}

struct AppError(std::io::Error);

impl IntoResponse for AppError {
    fn into_response(self) -> axum::response::Response {
        sendry_sdk::report_error(&self.0);
        (StatusCode::BAD_GATEWAY, "sorry").into_response()
    }
}

#[tokio::test]
async fn a_handlers_error_is_told_with_its_type_and_message_and_grouped() {
    let fails = async || -> Result<(), AppError> {
        Err(AppError(std::io::Error::other("the payment gateway is gone")))
    };
    let app = TestApp::new(Router::new().route("/pay", get(fails)));
    for _ in 0..3 {
        assert_eq!(app.get("/pay").await.1, b"sorry");
    }
    let errors = server_errors(&app).await;
    assert_eq!(errors.len(), 1);
    assert_eq!(
        (errors[0].count, errors[0].status, errors[0].kind.as_str()),
        (3, 502, "std::io::error::Error")
    );
    assert_eq!(errors[0].message, "the payment gateway is gone");
}

#[tokio::test]
async fn a_5xx_that_says_nothing_is_told_by_what_its_body_says() {
    let json = async || (StatusCode::SERVICE_UNAVAILABLE, axum::Json(Detail { detail: "try again" }));
    let text = async || (StatusCode::INTERNAL_SERVER_ERROR, "it broke");
    let app = TestApp::new(Router::new().route("/json", get(json)).route("/text", get(text)));
    assert_eq!(app.get("/json").await.1, br#"{"detail":"try again"}"#);
    assert_eq!(app.get("/text").await.1, b"it broke");
    let mut messages: Vec<_> = server_errors(&app).await.into_iter().map(|error| error.message).collect();
    messages.sort();
    assert_eq!(messages, ["it broke", "try again"]);
}

#[derive(serde::Serialize)]
struct Detail {
    detail: &'static str,
}

#[tokio::test]
async fn a_panic_is_told_with_its_place_once_the_hook_is_there() {
    sendry_sdk::capture_panics();
    let app =
        TestApp::new(Router::new().route("/panics", get(async || -> () { panic!("on purpose {}", 7) })));
    let request = Request::builder().uri("/panics").body(Body::empty()).unwrap();
    assert!(tokio::spawn(app.app.clone().oneshot(request)).await.unwrap_err().is_panic());
    let error = server_errors(&app).await.remove(0);
    assert_eq!((error.kind.as_str(), error.message.as_str(), error.status), ("panic", "on purpose 7", 500));
    assert!(error.location.unwrap().contains("context.rs") && error.backtrace.is_some());
}

/// What a layer does that makes an answer of a panic.
async fn catch_panic(request: Request, next: Next) -> axum::response::Response {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    let mut run = Box::pin(next.run(request));
    std::future::poll_fn(move |cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| run.as_mut().poll(cx)));
        polled.unwrap_or_else(|_| {
            std::task::Poll::Ready((StatusCode::INTERNAL_SERVER_ERROR, "caught").into_response())
        })
    })
    .await
}

#[tokio::test]
async fn a_panic_that_a_layer_makes_an_answer_of_is_told_with_its_place_all_the_same() {
    sendry_sdk::capture_panics();
    let router = Router::new().route("/panics", get(async || -> () { panic!("on purpose") }));
    let app = TestApp::new(router.layer(from_fn(catch_panic)));
    assert_eq!(app.get("/panics").await, (500, b"caught".to_vec()));
    let error = server_errors(&app).await.remove(0);
    assert_eq!((error.kind.as_str(), error.message.as_str()), ("panic", "on purpose"));
    assert!(error.location.is_some());
}

#[tokio::test]
async fn groups_beyond_the_limit_are_counted_as_lost() {
    let fails = async |Path(id): Path<u32>| {
        sendry_sdk::report_error_as("E", &format!("number {id}"));
        StatusCode::INTERNAL_SERVER_ERROR
    };
    let app = TestApp::new(Router::new().route("/{id}", get(fails)));
    for id in 0..150 {
        app.get(&format!("/{id}")).await;
    }
    assert_eq!(server_errors(&app).await.len(), 100);
    let losses: Vec<_> = app.hub.reports().iter().flat_map(|report| report.losses.clone()).collect();
    assert_eq!(losses.iter().map(|loss| loss.count).sum::<u64>(), 50);
}

#[derive(serde::Deserialize)]
struct Order {
    #[expect(dead_code, reason = "only its type matters")]
    quantity: u8,
}

#[tokio::test]
async fn a_refused_field_is_told_without_its_value() {
    let app = TestApp::new(
        Router::new()
            .route("/orders", axum::routing::post(async |axum::Json(_): axum::Json<Order>| "taken"))
            .route("/orders/{id}", get(async |Path(_): Path<u32>| "one")),
    );
    for _ in 0..2 {
        sendry_sdk::set_consumer("nobody, outside of a request", None, None);
        let request =
            Request::builder().method("POST").uri("/orders").header("content-type", "application/json");
        let response = app.send(request.body(Body::from(r#"{"quantity":"my-secret-value"}"#)).unwrap()).await;
        assert_eq!(response.status(), 422);
        let body = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
        assert!(
            String::from_utf8_lossy(&body).contains("my-secret-value"),
            "the client's answer is left as it is"
        );
    }
    assert_eq!(app.get("/orders/my-secret-value").await.0, 400);
    app.sendry.flush().await.unwrap();
    let report = app.hub.reports().pop().unwrap();
    let mut errors = report.validation_errors.clone();
    errors.sort_by_key(|error| error.status);
    let told: Vec<_> =
        errors.iter().map(|e| (e.status, e.location.as_str(), e.field.as_str(), e.count)).collect();
    assert_eq!(told, [(400, "path", "", 1), (422, "body", "quantity", 2)]);
    let sent = serde_json::to_string(&report).unwrap();
    assert!(!sent.contains("my-secret-value"), "{sent}");
}

#[tokio::test]
async fn a_handler_that_names_the_fields_is_believed() {
    use sendry_sdk::validation::{self, FieldError, Location};
    let refuses = async || {
        validation::report([
            FieldError::new(Location::Query, "page", "must be above zero").with_code("range")
        ]);
        (StatusCode::UNPROCESSABLE_ENTITY, axum::Json(serde_json::json!({"errors": {"other": ["is wrong"]}})))
    };
    let app = TestApp::new(Router::new().route("/list", get(refuses)));
    app.get("/list").await;
    app.sendry.flush().await.unwrap();
    let errors = app.hub.reports().pop().unwrap().validation_errors;
    let told: Vec<_> =
        errors.iter().map(|e| (e.location.as_str(), e.field.as_str(), e.code.as_str())).collect();
    assert_eq!(told, [("query", "page", "range")]);
}
