//! Which route, method, status and minute a request is counted under.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{Method, Request, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{any, get, post};
use tower::ServiceExt;

use crate::harness::{START, TestApp, duration_of, row};

fn shop() -> Router {
    let orders = Router::new()
        .route("/", get(async || "all").post(async || StatusCode::CREATED))
        .route(
            "/{id}",
            get(async |Path((_, id)): Path<(String, u32)>| id.to_string())
                .delete(async || StatusCode::NO_CONTENT),
        )
        .route("/{id}/items/{*rest}", get(async || "items"));
    let admin = Router::new().route("/users", get(async || StatusCode::FORBIDDEN));
    Router::new()
        .route("/health", get(async || "ok"))
        .nest("/api/{version}/orders", orders)
        .merge(Router::new().nest("/admin", admin))
        .route("/any", any(async || "any"))
}

#[tokio::test]
async fn requests_are_counted_under_the_template_through_nest_and_merge() {
    let app = TestApp::new(shop());
    for path in [
        "/health",
        "/api/v1/orders/1",
        "/api/v2/orders/2",
        "/api/v1/orders/1/items/a/b",
        "/admin/users",
        "/any",
    ] {
        app.get(path).await;
    }
    app.call(Method::POST, "/api/v1/orders").await;
    app.call(Method::DELETE, "/api/v1/orders/1").await;
    assert_eq!(
        app.summary().await,
        [
            row("DELETE", "/api/{version}/orders/{id}", 204, 1),
            row("GET", "/admin/users", 403, 1),
            row("GET", "/any", 200, 1),
            row("GET", "/api/{version}/orders/{id}", 200, 2),
            row("GET", "/api/{version}/orders/{id}/items/{*rest}", 200, 1),
            row("GET", "/health", 200, 1),
            row("POST", "/api/{version}/orders", 201, 1),
        ]
    );
}

#[tokio::test]
async fn requests_without_a_route_share_one_bucket_for_each_method() {
    let app = TestApp::new(shop());
    for n in 0..10_000 {
        app.get(&format!("/nowhere/{n}")).await;
    }
    app.call(Method::POST, "/wp-login.php").await;
    assert_eq!(
        app.summary().await,
        [row("GET", "(unmatched)", 404, 10_000), row("POST", "(unmatched)", 404, 1)]
    );
}

#[tokio::test]
async fn a_wrong_method_belongs_to_the_route() {
    let app = TestApp::new(shop());
    app.call(Method::PUT, "/health").await;
    assert_eq!(app.summary().await, [row("PUT", "/health", 405, 1)]);
}

#[tokio::test]
async fn methods_unknown_to_http_share_one_name_and_options_are_left_out() {
    let app = TestApp::new(shop());
    app.call(Method::from_bytes(b"BREW").unwrap(), "/any").await;
    app.call(Method::OPTIONS, "/any").await;
    assert_eq!(app.summary().await, [row("_OTHER", "/any", 200, 1)]);
}

#[tokio::test]
async fn an_extractors_rejection_counts_with_its_status() {
    let app = TestApp::new(shop());
    assert_eq!(app.get("/api/v1/orders/abc").await.0, 400);
    assert_eq!(app.summary().await, [row("GET", "/api/{version}/orders/{id}", 400, 1)]);
}

#[tokio::test]
async fn a_fallback_is_unmatched_also_in_a_nested_router() {
    let nested =
        Router::new().route("/in", get(async || "in")).fallback(async || (StatusCode::GONE, "nested"));
    let app = TestApp::new(Router::new().nest("/n", nested).fallback(async || "outer"));
    assert_eq!(app.get("/n/other").await.0, 410);
    assert_eq!(app.get("/other").await.0, 200);
    app.get("/n/in").await;
    assert_eq!(
        app.summary().await,
        [row("GET", "(unmatched)", 200, 1), row("GET", "(unmatched)", 410, 1), row("GET", "/n/in", 200, 1)]
    );
}

#[tokio::test]
async fn an_opaque_service_is_counted_by_where_it_stands() {
    let files = Router::new().route("/{*path}", get(async || "a file"));
    let app =
        TestApp::new(Router::new().nest_service("/assets", files).route_service("/svc", get(async || "svc")));
    assert_eq!(app.get("/assets/css/main.css").await.0, 200);
    assert_eq!(app.get("/svc").await.0, 200);
    assert_eq!(app.summary().await, [row("GET", "/assets/{*rest}", 200, 1), row("GET", "/svc", 200, 1)]);
}

#[tokio::test]
async fn unusual_routers_are_counted_by_where_things_stand() {
    let inner = || Router::new().route("/{*path}", get(async || "deep")).route("/", get(async || "root"));
    let odd = Router::new()
        .route("/a{{b}}/{id}", get(async || "braces"))
        .nest_service("/files{{1}}", inner())
        .nest("/x", Router::new().nest_service("/svc", inner()).route("/", get(async || "x")))
        .nest("/deep/{a}", Router::new().nest("/{b}", Router::new().nest("/{c}", inner())))
        .method_not_allowed_fallback(async || (StatusCode::METHOD_NOT_ALLOWED, "never"));
    let app = TestApp::new(odd);
    for path in ["/a{b}/7", "/files{1}", "/files{1}/", "/files{1}/a/b", "/x", "/x/svc/a", "/deep/1/2/3/4/5"] {
        let uri = path.replace('{', "%7B").replace('}', "%7D");
        let (raw, encoded) = (app.try_get(path).await, app.try_get(&uri).await);
        assert!(raw == Some(200) || encoded == Some(200), "{path}: {raw:?} {encoded:?}");
    }
    app.call(Method::PUT, "/x").await;
    let counted = app.summary().await;
    let unmatched: Vec<_> = counted.iter().filter(|row| row.1 == "(unmatched)" && row.2 == 200).collect();
    assert!(unmatched.is_empty(), "what answers has a route: {counted:?}");
    assert!(counted.contains(&row("GET", "/x/svc/{*rest}", 200, 2)), "{counted:?}");
    assert!(counted.contains(&row("GET", "/deep/{a}/{b}/{c}/{*path}", 200, 2)), "{counted:?}");
    assert!(counted.contains(&row("PUT", "/x", 405, 1)), "{counted:?}");
}

#[tokio::test]
async fn several_clients_in_one_process_count_what_they_are_given() {
    let (first, second) = (TestApp::new(shop()), TestApp::new(shop()));
    first.get("/health").await;
    first.get("/health").await;
    second.get("/any").await;
    assert_eq!(first.summary().await, [row("GET", "/health", 200, 2)]);
    assert_eq!(second.summary().await, [row("GET", "/any", 200, 1)]);
    // One application that two clients watch is counted by both, and both hear what it says of a request.
    let named = Router::new().route("/named", get(async || sendry_sdk::set_consumer("ann", None, None)));
    let client = || {
        let hub = sendry_sdk::testing::TestTransport::new();
        (sendry_sdk_axum::Sendry::builder().transport(hub.clone()).build().unwrap(), hub)
    };
    let ((inside, inner), (outside, outer)) = (client(), client());
    let app = sendry_sdk_axum::instrument(named.layer(sendry_sdk_axum::SendryLayer::new(&inside)), &outside);
    app.oneshot(Request::builder().uri("/named").body(Body::empty()).unwrap()).await.unwrap();
    inside.flush().await.unwrap();
    outside.flush().await.unwrap();
    assert_eq!((inner.requests(), outer.requests()), (1, 1));
    for hub in [inner, outer] {
        assert_eq!(hub.reports()[0].consumers[0].identifier, "ann");
    }
}

#[tokio::test]
async fn a_panic_counts_as_500_and_goes_on_as_before() {
    let app = TestApp::new(Router::new().route("/panics", get(async || -> () { panic!("on purpose") })));
    let request = Request::builder().uri("/panics").body(Body::empty()).unwrap();
    let service = app.app.clone();
    let panicked = tokio::spawn(async move { service.oneshot(request).await }).await;
    assert!(panicked.unwrap_err().is_panic());
    let counted = app.only().await;
    assert_eq!((counted.path.as_str(), counted.series.status), ("/panics", 500));
    assert_eq!((counted.series.outcomes.panic, counted.series.outcomes.aborted), (1, 0));
}

#[tokio::test]
async fn a_client_that_leaves_before_the_response_counts_as_499() {
    let app = TestApp::new(Router::new().route("/slow", get(async || std::future::pending::<()>().await)));
    let request = Request::builder().uri("/slow").body(Body::empty()).unwrap();
    let response = tokio::time::timeout(Duration::from_millis(10), app.send(request)).await;
    assert!(response.is_err());
    let counted = app.only().await;
    assert_eq!((counted.series.status, counted.series.outcomes.aborted), (499, 1));
}

#[tokio::test]
async fn a_known_latency_arrives_as_it_was() {
    let app = TestApp::with_clock(crate::harness::ManualClock::at(START), |clock| {
        Router::new().route("/slow", get(async move || clock.advance(Duration::from_millis(250))))
    });
    app.get("/slow").await;
    let series = app.only().await.series;
    assert_eq!(duration_of(&series), Duration::from_millis(250));
    assert_eq!(series.durations.max_us, 250_000);
    assert!(series.headers.is_none(), "the time to headers is the same");
}

#[tokio::test]
async fn a_request_belongs_to_the_minute_in_which_it_ended() {
    let app = TestApp::with_clock(crate::harness::ManualClock::at(START), |clock| {
        Router::new().route("/slow", get(async move || clock.advance(Duration::from_secs(61))))
    });
    app.get("/slow").await;
    assert_eq!(app.only().await.minute, (START + 61) / 60);
}

#[tokio::test]
async fn request_bodies_of_known_length_are_counted() {
    let app = TestApp::new(Router::new().route("/in", post(async |body: String| body.len().to_string())));
    let request = Request::builder().method("POST").uri("/in").body(Body::from("12345")).unwrap();
    app.send(request).await;
    let series = app.only().await.series;
    assert_eq!((series.request.sum, series.request.buckets.count()), (5, 1));
    assert_eq!((series.response.sum, series.response.buckets.count()), (1, 1));
}

#[tokio::test]
async fn a_second_layer_of_the_same_client_counts_nothing() {
    let hub = sendry_sdk::testing::TestTransport::new();
    let sendry = sendry_sdk_axum::Sendry::builder().transport(hub.clone()).build().unwrap();
    let inner =
        Router::new().route("/once", get(async || "once")).layer(sendry_sdk_axum::SendryLayer::new(&sendry));
    let app = sendry_sdk_axum::instrument(inner, &sendry);
    let response = app.oneshot(Request::builder().uri("/once").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.into_response().status(), 200);
    sendry.flush().await.unwrap();
    assert_eq!(hub.requests(), 1);
}

#[tokio::test]
async fn without_a_key_the_application_is_left_as_it_is() {
    let sendry = sendry_sdk_axum::Sendry::builder().write_key("").build().unwrap();
    let app = sendry_sdk_axum::instrument(shop(), &sendry);
    let response = app.oneshot(Request::builder().uri("/health").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(sendry.flush().await.is_ok() && sendry.shutdown().await.is_ok());
}
