//! How many allocations a request costs. A binary of its own, because it counts every allocation of its process.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;
use sendry_sdk::testing::TestTransport;
use sendry_sdk_axum::{Sendry, instrument};
use tokio::runtime::{Builder, Runtime};
use tower::{Service, ServiceExt};

const REQUESTS: u64 = 1_000;

fn router() -> Router {
    let named = async || {
        sendry_sdk::set_consumer("acme", None, None);
        "a body of known length"
    };
    let told = async || {
        tracing::info_span!("work", step = 1).in_scope(|| tracing::info!(answer = 42, "told"));
        "a body of known length"
    };
    Router::new()
        .route("/told/{id}", get(told))
        .route("/plain/{id}", get(async || "a body of known length"))
        .route("/named/{id}", get(named))
}

/// Allocations of a request to `path`, the growth of tables being over.
fn count(
    runtime: &Runtime,
    app: impl Service<Request, Response = Response, Error = Infallible> + Clone,
    path: &str,
) -> u64 {
    let send = || {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        drop(runtime.block_on(app.clone().oneshot(request)));
    };
    (0..100).for_each(|_| send());
    let counted = allocation_counter::measure(|| (0..REQUESTS).for_each(|_| send()));
    // A minute may end in between, and begins with a few allocations of its own.
    counted.count_total / REQUESTS
}

#[test]
fn a_request_costs_two_allocations_and_a_named_caller_one_more() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let sendry = Sendry::builder().transport(TestTransport::new()).build().unwrap();
    let (bare, counted) = (router().with_state(()), instrument(router(), &sendry));
    let added = |path| count(&runtime, counted.clone(), path) - count(&runtime, bare.clone(), path);
    assert_eq!(added("/plain/1"), 2);
    assert_eq!(added("/named/1"), 3);
}

#[cfg(feature = "tracing")]
#[test]
fn what_a_request_that_is_not_logged_tells_tracing_costs_no_allocation() {
    use tracing_subscriber::layer::SubscriberExt;

    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let sendry = Sendry::builder().transport(TestTransport::new()).build().unwrap();
    let (bare, counted) = (router().with_state(()), instrument(router(), &sendry));
    let subscriber = tracing_subscriber::registry().with(sendry_sdk::request_log::layer());
    tracing::subscriber::with_default(subscriber, || {
        assert_eq!(count(&runtime, counted, "/told/1") - count(&runtime, bare, "/told/1"), 2);
    });
}
