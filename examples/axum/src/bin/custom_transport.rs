//! A transport of one's own: reports go to the log instead of a hub. The same seam takes a proxy, a queue or a file.
//!
//! `cargo run -p axum-examples --bin custom_transport`, then ask <http://127.0.0.1:3000/>; no hub and no key is needed.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use sendry_sdk::protocol::Accepted;
use sendry_sdk::transport::{Message, SendFuture, Transport};
use sendry_sdk_axum::Sendry;
use tokio::net::TcpListener;

struct ToTheLog;

impl Transport for ToTheLog {
    fn send(&self, message: Message) -> SendFuture<'_> {
        Box::pin(async move {
            tracing::info!(kind = ?message.kind, bytes = message.body.len(), "would be sent");
            // Accepted: the message is done. `TransportError` says whether it is to be sent again.
            Ok(Accepted::default())
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().init();
    let sendry = Sendry::builder().transport(Arc::new(ToTheLog)).build()?;
    let app = sendry_sdk_axum::instrument(Router::new().route("/", get(async || "hello\n")), &sendry);
    axum::serve(TcpListener::bind("127.0.0.1:3000").await?, app).await?;
    Ok(())
}
