use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::MatchedPath;
use axum::routing::get;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use sendry_sdk::Sendry;
use sendry_sdk::protocol::LossReason;
use sendry_sdk::testing::TestTransport;
use tower::{ServiceBuilder, ServiceExt};

type Body = Full<bytes::Bytes>;

fn sendry() -> (Sendry, Arc<TestTransport>) {
    let hub = TestTransport::new();
    (Sendry::builder().transport(hub.clone()).build().unwrap(), hub)
}

fn request(path: &str) -> Request<Body> {
    Request::builder().uri(path).body(Body::default()).unwrap()
}

async fn hello(_request: Request<Body>) -> Result<Response<Body>, Infallible> {
    Ok(Response::new(Body::from("hello")))
}

async fn broken(_request: Request<Body>) -> Result<Response<Body>, std::io::Error> {
    Err(std::io::Error::other("broken"))
}

#[tokio::test]
async fn any_tower_service_is_counted_by_a_route_function() {
    let (sendry, hub) = sendry();
    let layer = sendry.layer(|request| request.uri.path().starts_with("/a/").then_some("/a/{id}"));
    let service = ServiceBuilder::new().layer(layer).service_fn(hello);
    for path in ["/a/1", "/a/2", "/b"] {
        let response = service.oneshot(request(path)).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "hello");
    }
    sendry.flush().await.unwrap();
    let mut counted: Vec<_> =
        hub.counted().into_iter().map(|c| (c.path, c.series.count, c.series.response.sum)).collect();
    counted.sort();
    assert_eq!(counted, [("(unmatched)".to_owned(), 1, 5), ("/a/{id}".to_owned(), 2, 10)]);
}

#[tokio::test]
async fn the_line_of_the_readme_reads_axums_matched_path() {
    let (sendry, hub) = sendry();
    let app: Router = Router::new()
        .route("/orders/{id}", get(async || "an order"))
        .layer(sendry.layer(|request| request.extensions.get::<MatchedPath>().map(MatchedPath::as_str)));
    app.oneshot(Request::builder().uri("/orders/17").body(axum::body::Body::empty()).unwrap()).await.unwrap();
    sendry.flush().await.unwrap();
    assert_eq!(hub.counted()[0].path, "/orders/{id}");
}

#[tokio::test]
async fn a_service_that_fails_counts_as_500_and_its_error_goes_on() {
    let (sendry, hub) = sendry();
    let service = ServiceBuilder::new().layer(sendry.layer(|_| Some("/a"))).service_fn(broken);
    assert_eq!(service.oneshot(request("/a")).await.err().unwrap().to_string(), "broken");
    sendry.flush().await.unwrap();
    assert_eq!(hub.counted()[0].series.status, 500);
}

#[tokio::test]
async fn a_route_function_that_panics_is_caught_and_counted() {
    let (sendry, hub) = sendry();
    let layer = sendry.layer(|request| if request.uri.path() == "/" { None } else { panic!("on purpose") });
    let service = ServiceBuilder::new().layer(layer).service_fn(hello);
    assert_eq!(service.oneshot(request("/a")).await.unwrap().status(), 200);
    sendry.flush().await.unwrap();
    assert_eq!((hub.requests(), hub.counted()[0].path.as_str()), (1, "(unmatched)"));
    let losses = &hub.reports()[0].losses;
    assert!(losses.iter().any(|loss| loss.reason == LossReason::CallbackPanicked && loss.count == 1));
}

#[test]
fn a_client_needs_no_runtime_and_any_executor_can_wait_for_it() {
    let (sendry, hub) = sendry();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(sendry.flush()).unwrap();
    runtime.block_on(sendry.shutdown()).unwrap();
    assert_eq!(runtime.block_on(sendry.flush()), Err(sendry_sdk::FlushError::Stopped));
    let finals: Vec<bool> = hub.reports().iter().map(|report| report.is_final).collect();
    assert_eq!(finals, [false, true]);
}

/// A clock that takes the sync thread down with it.
struct Stops(sendry_sdk::clock::SystemClock);

impl sendry_sdk::clock::Clock for Stops {
    fn monotonic_nanos(&self) -> u64 {
        assert_ne!(std::thread::current().name(), Some("sendry-sync"), "on purpose");
        self.0.monotonic_nanos()
    }

    fn unix_nanos(&self) -> i64 {
        self.0.unix_nanos()
    }
}

#[tokio::test]
async fn when_nobody_reports_any_more_nothing_is_counted() {
    let builder =
        Sendry::builder().transport(TestTransport::new()).clock(Arc::new(Stops(Default::default())));
    let sendry = builder.build().unwrap();
    assert_eq!(sendry.flush().await, Err(sendry_sdk::FlushError::Stopped));
    let tracker = || sendry_sdk::track::RequestTracker::start(&sendry, &http::Method::GET, Some("/a"), None);
    // The reply is dropped a moment before the thread has ended.
    for _ in 0..500 {
        if tracker().is_none() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("requests are counted for nobody");
}

#[tokio::test]
async fn texts_that_are_cut_and_fields_beyond_the_limit_are_counted() {
    use sendry_sdk::validation::{FieldError, Location, report};
    let (sendry, hub) = sendry();
    let handle = async |request: Request<Body>| {
        let long = "x".repeat(5_000);
        let field = |n: usize| FieldError::new(Location::Body, format!("field{}", letters(n)), "is wrong");
        let mut response = Response::new(Body::default());
        match request.uri().path() {
            "/consumer" => sendry_sdk::set_consumer(&long, Some("short"), Some(&long)),
            "/error" => {
                sendry_sdk::report_error_as("E", &long);
                *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
            }
            _ => {
                report((0..130).map(field));
                report((130..140).map(field));
                *response.status_mut() = http::StatusCode::CONFLICT;
            }
        }
        Ok::<_, Infallible>(response)
    };
    let service = ServiceBuilder::new().layer(sendry.layer(|_| Some("/a"))).service_fn(handle);
    for path in ["/consumer", "/error", "/fields"] {
        service.oneshot(request(path)).await.unwrap();
    }
    sendry.flush().await.unwrap();
    let report = hub.reports().remove(0);
    let lost = |reason| report.losses.iter().find(|loss| loss.reason == reason).map(|loss| loss.count);
    assert_eq!(lost(LossReason::TextCut), Some(2 + 1));
    assert_eq!((lost(LossReason::ValidationErrorsDropped), report.validation_errors.len()), (Some(40), 100));
}

/// A number in letters, because those of a field's name are kept.
fn letters(number: usize) -> String {
    number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}
