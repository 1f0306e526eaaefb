//! Over a real connection: what hyper does to bodies and what the HTTP transport sends.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::{get, post};
use sendry_sdk_axum::{Sendry, instrument};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

type Received = Arc<Mutex<Vec<(String, HeaderMap, Bytes)>>>;

/// A hub that keeps the requests it gets.
async fn hub() -> (String, Received) {
    let received = Received::default();
    let take = async |State(received): State<Received>, uri: Uri, headers: HeaderMap, body: Bytes| {
        received.lock().unwrap().push((uri.path().to_owned(), headers, body));
        (StatusCode::ACCEPTED, r#"{"server_time": 1800000000.5, "sync_interval_secs": 30, "new_field": 1}"#)
    };
    let router = Router::new().route("/sub/ingest/v1/{kind}", post(take)).with_state(received.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/sub/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, received)
}

async fn exchange(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn an_application_behind_axum_serve_reports_to_a_hub_below_a_path() {
    const KEY: &str = "sdry_0123456789abcdefghijklmnopqrstuv";
    let (url, received) = hub().await;
    let sendry = Sendry::builder().write_key(KEY).hub_url(url).env("prod").build().unwrap();
    let app = instrument(Router::new().route("/hello/{name}", get(async || "hello")), &sendry);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });

    let answer = exchange(address, "GET /hello/you HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("hello"), "{answer}");
    let answer = exchange(address, "HEAD /hello/you HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(answer.contains("content-length: 5") && answer.ends_with("\r\n\r\n"), "{answer}");
    sendry.shutdown().await.unwrap();

    let received = received.lock().unwrap();
    let paths: Vec<_> = received.iter().map(|(path, ..)| path.as_str()).collect();
    assert_eq!(paths, ["/sub/ingest/v1/startup", "/sub/ingest/v1/report"]);
    for (_, headers, body) in received.iter() {
        assert_eq!(headers["authorization"], format!("Bearer {KEY}"));
        assert_eq!(
            (headers["content-type"].as_bytes(), headers["content-encoding"].as_bytes()),
            (&b"application/json"[..], &b"gzip"[..])
        );
        assert_eq!(body[..2], [0x1f, 0x8b]);
    }
}
