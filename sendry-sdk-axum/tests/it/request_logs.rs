//! What is logged of a request in axum, and that the client and the handler notice none of it.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http_body_util::BodyExt;
use sendry_sdk::protocol::RequestLog;
use sendry_sdk::request_log::RequestLogs;
use sendry_sdk::testing::TestTransport;
use sendry_sdk_axum::{Sendry, instrument};
use tower::ServiceExt;

use crate::harness::TestApp;

const JSON: (header::HeaderName, &str) = (header::CONTENT_TYPE, "application/json");

fn logging(router: Router, logs: RequestLogs) -> TestApp {
    let (hub, spool) = (TestTransport::new(), tempfile::TempDir::new().unwrap());
    let builder = Sendry::builder().transport(hub.clone()).request_logs(logs);
    // Kept until the test's process ends: the client's threads outlive the test.
    let sendry = builder.spool_dir(spool.keep().join("spool")).build().unwrap();
    TestApp { app: instrument(router, &sendry), hub, sendry }
}

fn bodies() -> RequestLogs {
    RequestLogs::new().request_bodies().response_bodies()
}

async fn echo(body: Bytes) -> Response {
    ([JSON], body).into_response()
}

fn post_json(body: impl Into<Body>) -> Request<Body> {
    Request::builder().method(Method::POST).uri("/echo").header(JSON.0, JSON.1).body(body.into()).unwrap()
}

impl TestApp {
    async fn only_log(&self) -> RequestLog {
        self.sendry.flush().await.unwrap();
        let mut logs = self.hub.request_logs();
        assert_eq!(logs.len(), 1, "{logs:#?}");
        logs.remove(0)
    }

    async fn call_whole(&self, request: Request<Body>) -> Bytes {
        self.send(request).await.into_body().collect().await.unwrap().to_bytes()
    }
}

#[tokio::test]
async fn a_request_is_logged_with_template_url_headers_and_consumer() {
    let named = async || {
        sendry_sdk::set_consumer("acme", Some("Acme Ltd"), None);
        ([("x-answer", "42")], "an order")
    };
    let app = logging(Router::new().route("/orders/{id}", get(named)), RequestLogs::new());
    let request = Request::get("/orders/17?expand=lines&api_key=abc").header("authorization", "Bearer abc");
    app.call_whole(request.body(Body::empty()).unwrap()).await;
    let log = app.only_log().await;
    assert_eq!((log.method.as_str(), log.path.as_str(), log.status), ("GET", "/orders/{id}", 200));
    assert_eq!(log.url, "/orders/17?expand=lines&api_key=******");
    assert_eq!(log.request_headers, [("authorization".to_owned(), "******".to_owned())]);
    assert!(log.response_headers.contains(&("x-answer".to_owned(), "42".to_owned())));
    assert_eq!(log.consumer.unwrap().identifier, "acme");
    assert_eq!((log.response_body.bytes, log.response_body.missing.as_deref()), (Some(8), Some("off")));
    assert_eq!(log.client_address, None);
}

#[tokio::test]
async fn bodies_are_logged_masked_and_reach_both_sides_bit_for_bit() {
    let app = logging(Router::new().route("/echo", post(echo)), bodies());
    let sent = r#"{ "name":"Kim",  "password":"hunter2", "n":1e2 }"#;
    assert_eq!(app.call_whole(post_json(sent)).await, sent);
    let log = app.only_log().await;
    let masked = sent.replace("hunter2", "******");
    assert_eq!(log.request_body.text.as_deref(), Some(masked.as_str()));
    assert_eq!(log.response_body.text.as_deref(), Some(masked.as_str()));
    assert_eq!((log.request_body.bytes, log.response_body.bytes), (Some(48), Some(48)));
}

#[tokio::test]
async fn bodies_of_any_size_and_bytes_are_the_same_as_without_logs() {
    let sizes = [0, 1, 49_999, 50_000, 50_001, 3_000_000];
    let route = || Router::new().route("/echo", post(echo)).layer(axum::extract::DefaultBodyLimit::disable());
    let app = logging(route(), bodies());
    for (at, size) in sizes.into_iter().enumerate() {
        let bytes: Bytes = (0..size).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let streamed = bytes.chunks(7_777).map(Bytes::copy_from_slice).map(Ok::<_, std::io::Error>);
        let stream = Body::new(http_body_util::StreamBody::new(Iter(
            streamed.map(|chunk| chunk.map(http_body::Frame::data)).collect::<Vec<_>>().into_iter(),
        )));
        let body = if at % 2 == 0 { Body::from(bytes.clone()) } else { stream };
        assert!(app.call_whole(post_json(body)).await == bytes, "{size} bytes differ");
    }
    app.sendry.flush().await.unwrap();
    let missing: Vec<_> =
        app.hub.request_logs().into_iter().map(|log| log.response_body.missing.unwrap_or_default()).collect();
    assert_eq!(missing, ["", "not_json", "not_utf8", "not_utf8", "too_large", "too_large"]);
}

/// A stream of what an iterator gives.
struct Iter<I>(I);

impl<I: Iterator + Unpin> futures_core::Stream for Iter<I> {
    type Item = I::Item;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<I::Item>> {
        std::task::Poll::Ready(self.0.next())
    }
}

#[tokio::test]
async fn a_body_that_the_handler_does_not_read_is_not_read_for_the_log() {
    let app = logging(Router::new().route("/echo", post(async || "no")), bodies());
    app.call_whole(post_json("[1]")).await;
    assert_eq!(app.only_log().await.request_body.missing.as_deref(), Some("not_read"));
}

#[tokio::test]
async fn compressed_and_foreign_bodies_are_left_out() {
    let gzip = async || ([JSON, (header::CONTENT_ENCODING, "gzip")], "\u{1f}gzip").into_response();
    let png = async || ([(header::CONTENT_TYPE, "image/png")], "png").into_response();
    let app = logging(Router::new().route("/gzip", get(gzip)).route("/png", get(png)), bodies());
    app.get("/gzip").await;
    app.get("/png").await;
    app.sendry.flush().await.unwrap();
    let missing: Vec<_> =
        app.hub.request_logs().into_iter().map(|log| log.response_body.missing.unwrap_or_default()).collect();
    assert_eq!(missing, ["encoded", "content_type"]);
}

#[tokio::test]
async fn heads_unmatched_requests_and_panics_are_logged_too() {
    async fn broken() -> &'static str {
        panic!("on purpose")
    }
    let router = Router::new().route("/json", get(async || ([JSON], "[1]"))).route("/panic", get(broken));
    let app = logging(router, bodies());
    app.call(Method::HEAD, "/json").await;
    app.get("/nowhere").await;
    let panicked = tokio::spawn(app.app.clone().oneshot(Request::get("/panic").body(Body::empty()).unwrap()));
    assert!(panicked.await.unwrap_err().is_panic());
    app.sendry.flush().await.unwrap();
    let logs = app.hub.request_logs();
    let rows: Vec<_> =
        logs.iter().map(|log| (log.path.as_str(), log.status, log.response_body.bytes)).collect();
    assert_eq!(rows, [("/json", 200, Some(0)), ("(unmatched)", 404, Some(0)), ("/panic", 500, None)]);
}

#[tokio::test]
async fn the_clients_address_is_that_of_the_connection_or_of_trusted_proxies() {
    let logs = RequestLogs::new().client_address().trusted_proxies(["10.0.0.0/8"]);
    let app = logging(Router::new().route("/a", get(async || "a")), logs);
    for peer in ["203.0.113.9:4711", "10.1.1.1:4711"] {
        let mut request =
            Request::get("/a").header("x-forwarded-for", "198.51.100.7").body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
        app.call_whole(request).await;
    }
    app.sendry.flush().await.unwrap();
    let addresses: Vec<_> = app.hub.request_logs().into_iter().filter_map(|log| log.client_address).collect();
    assert_eq!(addresses, ["203.0.113.9", "198.51.100.7"]);
}

#[tokio::test]
async fn durations_and_counts_are_the_same_with_and_without_logs() {
    let router = || Router::new().route("/echo", post(echo));
    let (logged, bare) = (logging(router(), bodies()), TestApp::new(router()));
    for app in [&logged, &bare] {
        app.call_whole(post_json("[1]")).await;
        let unread = app.send(post_json("[1,2]")).await;
        assert_eq!(unread.status(), StatusCode::OK);
        drop(unread);
    }
    assert_eq!(logged.summary().await, bare.summary().await);
    let series = |counted: Vec<sendry_sdk::testing::Counted>| {
        let series = &counted[0].series;
        (series.request.clone(), series.response.clone(), series.outcomes, series.durations.buckets.count())
    };
    assert_eq!(series(logged.counted().await), series(bare.counted().await));
    let missing: Vec<_> = logged
        .hub
        .request_logs()
        .into_iter()
        .map(|log| log.response_body.missing.unwrap_or_default())
        .collect();
    assert_eq!(missing, ["", "not_read"]);
}
