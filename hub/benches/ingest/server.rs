//! What is loaded: the hub's own ingest, composed as `serve` does it, or a bare handler.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use bytes::Bytes;
use http::StatusCode;
use sendry_hub::app::{Hub, Role, Roles, Stores};
use sendry_hub::clock::{SharedClock, SystemClock};
use sendry_hub::config::{self, Sources};
use sendry_hub::query::keys::make_app;
use sendry_hub::queue::{Envelope, Producer, QueueError, Topic};

/// A queue that takes everything and keeps nothing: what is left is what ingest itself costs.
struct Nothing;

#[async_trait]
impl Producer for Nothing {
    async fn publish(&self, _topic: Topic, _envelope: Envelope) -> Result<(), QueueError> {
        Ok(())
    }
}

/// Serves the ingest role on this queue (`none`, or the URL of one) and prints where, and a write key.
pub async fn hub(queue: &str, prefix: &str, dir: &Path) {
    let mut variables = vec![
        ("SENDRY_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("SENDRY_DATA_DIR".to_owned(), dir.display().to_string()),
        ("SENDRY_QUEUE__PREFIX".to_owned(), prefix.to_owned()),
        ("SENDRY_INGEST__MESSAGES_PER_SECOND_MAX".to_owned(), "1000000".to_owned()),
    ];
    if queue.starts_with("amqp:") {
        variables.push(("SENDRY_QUEUE_URL".to_owned(), queue.to_owned()));
    }
    let config = config::load(&Sources { file: None, variables }).expect("it is a configuration").config;
    let clock: SharedClock = Arc::new(SystemClock);
    // All stores are opened, the embedded ones among them, and then one role is put on them.
    let mut stores = Stores::connect(&config, &clock).await.expect("the stores open");
    stores.roles = Roles::of(&[Role::Ingest]);
    if queue == "none"
        && let Some(queue) = &mut stores.queue
    {
        queue.producer = Arc::new(Nothing);
    }
    let app = make_app(&stores.metadata, "bench", clock.now()).await.expect("an app");
    let hub = Hub::start(config, stores, clock).await.expect("the hub starts");
    println!("{} {}", hub.address, app.write_key);
    std::future::pending::<()>().await;
}

/// Serves handlers that read the body and answer 202; the second also unpacks it, which every check of a packed body begins with.
pub async fn bare(unpacks: bool) {
    let handler = move |body: Bytes| async move {
        if unpacks {
            let mut unpacked = Vec::with_capacity(body.len() * 8);
            let mut reader = flate2::bufread::MultiGzDecoder::new(body.as_ref());
            std::io::Read::read_to_end(&mut reader, &mut unpacked).expect("it is gzip");
            std::hint::black_box(&unpacked);
        }
        std::hint::black_box(body);
        StatusCode::ACCEPTED
    };
    let router = Router::new().route("/ingest/v1/report", post(handler)).layer(DefaultBodyLimit::disable());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{} none", listener.local_addr().expect("it is bound"));
    axum::serve(listener, router).await.expect("it serves");
}
