//! What the HTTP transport makes of what may answer at a hub's address.

use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse, Redirect};
use axum::routing::post;
use http::{StatusCode, header};
use sendry_sdk::transport::{HttpTransport, Message, MessageKind, Transport, TransportError};

async fn send_to(url: &str) -> Result<sendry_sdk::protocol::Accepted, TransportError> {
    let transport = HttpTransport::new(url, "sdry_0123456789abcdefghijklmnopqrstuv").unwrap();
    transport.send(Message::new(MessageKind::Report, "gzip")).await
}

/// Sends to a server that answers so.
async fn send_to_one_that_answers<R: IntoResponse + Clone + Send + Sync + 'static>(
    answer: R,
) -> Result<sendry_sdk::protocol::Accepted, TransportError> {
    let router = Router::new().route("/ingest/v1/report", post(async move || answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    send_to(&url).await
}

#[tokio::test]
async fn a_202_is_taken_with_what_the_hub_wishes() {
    let answer = r#"{"server_time": 1800000000.25, "sync_interval_secs": 60, "unknown": []}"#;
    let accepted = send_to_one_that_answers((StatusCode::ACCEPTED, answer)).await.unwrap();
    assert_eq!((accepted.server_time, accepted.sync_interval_secs), (1_800_000_000.25, Some(60)));
}

#[tokio::test]
async fn an_address_where_nothing_listens_or_no_hub_answers_keeps_the_report() {
    let unreachable = send_to("http://127.0.0.1:9").await;
    assert!(matches!(unreachable, Err(TransportError::Unavailable { .. })), "{unreachable:?}");
    let html = send_to_one_that_answers((StatusCode::OK, "<html>welcome</html>")).await;
    assert!(matches!(html, Err(TransportError::Unavailable { .. })), "{html:?}");
    let html = send_to_one_that_answers((StatusCode::ACCEPTED, "<html>welcome</html>")).await;
    assert!(html.unwrap_err().to_string().contains("SENDRY_HUB_URL"));
    let moved = send_to_one_that_answers(Redirect::permanent("http://127.0.0.1:9/")).await;
    assert!(matches!(moved, Err(TransportError::Unavailable { .. })), "a key is never sent elsewhere");
    let endless = send_to_one_that_answers((StatusCode::ACCEPTED, "x".repeat(1 << 20))).await;
    assert!(endless.unwrap_err().to_string().contains("too long"));
}

#[tokio::test]
async fn the_hubs_refusals_are_told_apart() {
    let problem = r#"{"type":"t","title":"Unauthorized","status":401,"detail":"no such write key"}"#;
    let error = send_to_one_that_answers((StatusCode::UNAUTHORIZED, problem)).await.unwrap_err();
    assert!(
        matches!(&error, TransportError::Unauthorized(detail) if detail.contains("no such write key")),
        "{error:?}"
    );
    for status in [400, 413, 415, 422] {
        let error =
            send_to_one_that_answers((StatusCode::from_u16(status).unwrap(), problem)).await.unwrap_err();
        assert!(matches!(error, TransportError::Refused(_)), "{status}");
    }
    let busy = (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "17")], "");
    match send_to_one_that_answers(busy).await {
        Err(TransportError::Unavailable { retry_after, .. }) => {
            assert_eq!(retry_after, Some(Duration::from_secs(17)))
        }
        other => panic!("{other:?}"),
    }
}
