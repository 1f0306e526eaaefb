//! What is logged of a request in actix-web, beyond the table that all integrations share.

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpResponse, web};
use sendry_sdk::protocol::RequestLog;
use sendry_sdk::request_log::RequestLogs;
use sendry_sdk::testing::TestTransport;
use sendry_sdk_actix::{Sendry, SendryMiddleware};

use crate::harness::call;

/// Sends requests and returns their logs.
async fn logged<const N: usize>(logs: RequestLogs, requests: [TestRequest; N]) -> Vec<RequestLog> {
    let (hub, spool) = (TestTransport::new(), tempfile::TempDir::new().unwrap());
    let builder = Sendry::builder().transport(hub.clone()).request_logs(logs);
    // Kept until the test's process ends: the client's threads outlive the test.
    let sendry = builder.spool_dir(spool.keep().join("spool")).build().unwrap();
    let echo = async |body: web::Bytes| HttpResponse::Ok().content_type("application/json").body(body);
    let app = App::new()
        .app_data(web::PayloadConfig::new(10_000_000))
        .route("/echo", web::post().to(echo))
        .wrap(SendryMiddleware::new(&sendry));
    let app = init_service(app).await;
    for request in requests {
        call(&app, request).await;
    }
    sendry.flush().await.unwrap();
    hub.request_logs()
}

fn post(body: Vec<u8>) -> TestRequest {
    let request = TestRequest::post().uri("/echo").insert_header(("content-type", "application/json"));
    request.insert_header(("content-length", body.len().to_string())).set_payload(body)
}

#[actix_web::test]
async fn header_bytes_that_are_no_text_are_shown_as_far_as_they_are() {
    let raw = HeaderValue::from_bytes(b"caf\xe9").unwrap();
    let request = post(b"[]".to_vec()).insert_header((HeaderName::from_static("x-raw"), raw));
    let logs = logged(RequestLogs::new(), [request]).await;
    assert!(logs[0].request_headers.contains(&("x-raw".to_owned(), "caf\u{fffd}".to_owned())));
}

#[actix_web::test]
async fn the_clients_address_is_that_of_the_connection_or_of_trusted_proxies() {
    let logs = RequestLogs::new().client_address().trusted_proxies(["10.0.0.0/8"]);
    let from = |peer: &str| {
        let request = post(b"[]".to_vec()).insert_header(("x-forwarded-for", "198.51.100.7"));
        request.peer_addr(peer.parse().unwrap())
    };
    let logs = logged(logs, [from("203.0.113.9:4711"), from("10.1.1.1:4711")]).await;
    let addresses: Vec<_> = logs.into_iter().filter_map(|log| log.client_address).collect();
    assert_eq!(addresses, ["203.0.113.9", "198.51.100.7"]);
}

#[actix_web::test]
async fn bodies_of_any_size_and_bytes_are_the_same_as_without_logs() {
    let (hub, spool) = (TestTransport::new(), tempfile::TempDir::new().unwrap());
    let logs = RequestLogs::new().request_bodies().response_bodies();
    let builder = Sendry::builder().transport(hub.clone()).request_logs(logs);
    let sendry = builder.spool_dir(spool.keep().join("spool")).build().unwrap();
    let echo = async |body: web::Bytes| HttpResponse::Ok().content_type("application/json").body(body);
    let app = App::new().app_data(web::PayloadConfig::new(10_000_000)).route("/echo", web::post().to(echo));
    let app = init_service(app.wrap(SendryMiddleware::new(&sendry))).await;
    for size in [0, 1, 49_999, 50_000, 50_001, 3_000_000] {
        let bytes: Vec<u8> = (0..size).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert!(call(&app, post(bytes.clone())).await == (200, bytes), "{size} bytes differ");
    }
    sendry.flush().await.unwrap();
    let missing = |log: RequestLog| log.response_body.missing.unwrap_or_default();
    let missing: Vec<_> = hub.request_logs().into_iter().map(missing).collect();
    assert_eq!(missing, ["", "not_json", "not_utf8", "not_utf8", "too_large", "too_large"]);
}
