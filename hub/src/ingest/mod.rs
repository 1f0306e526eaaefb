//! The ingest role: takes messages of SDKs and puts them on the queue.
//!
//! In the order of a request: whose key is it ([`keys`]), is there room ([`rate`]), the body with its bounds ([`body`]), its
//! head and that the rest is well-formed ([`head`]), may the environment be used ([`environments`]), publish
//! ([`publish`]) unless the queue keeps failing ([`breaker`]), 202. The bytes go on as they came; the worker decodes them.
//!
//! INVARIANT: 202 means durable: it is sent after the queue's `publish` returned and never before.
//! INVARIANT: ingest writes no traffic and holds nothing that must survive: its caches may be lost at any time.

mod accept;
mod body;
mod breaker;
mod environments;
mod head;
mod keys;
mod publish;
mod rate;
mod refusal;

pub use breaker::BreakerState;
pub use head::unpack_text;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;

use crate::clock::SharedClock;
use crate::config::IngestConfig;
use crate::metrics::Metrics;
use crate::queue::{Kind, Producer};
use crate::store::metadata::Metadata;

/// Everything that accepting needs.
pub struct Ingest {
    clock: SharedClock,
    metrics: Arc<Metrics>,
    keys: keys::Keys,
    rate: rate::RateLimit,
    environments: environments::Environments,
    inspector: head::Inspector,
    publisher: Arc<publish::Publisher>,
    sync_interval_secs: Option<u64>,
}

impl Ingest {
    pub fn new(
        config: &IngestConfig,
        metadata: Metadata,
        producer: Arc<dyn Producer>,
        clock: SharedClock,
        metrics: Arc<Metrics>,
    ) -> Arc<Self> {
        let producer = breaker::GuardedProducer::new(producer, clock.clone(), metrics.clone());
        Arc::new(Self {
            keys: keys::Keys::new(metadata.clone(), clock.clone()),
            rate: rate::RateLimit::new(config.messages_per_second_max),
            environments: environments::Environments::new(metadata, clock.clone()),
            inspector: head::Inspector::default(),
            publisher: Arc::new(publish::Publisher::new(Arc::new(producer))),
            sync_interval_secs: config.sync_interval_secs,
            clock,
            metrics,
        })
    }
}

/// The routes of the native protocol.
pub fn router(ingest: Arc<Ingest>) -> Router {
    let route = |kind: Kind| {
        post(move |state: axum::extract::State<Arc<Ingest>>, request: axum::extract::Request| {
            accept::accept(state.0, kind, request)
        })
    };
    Router::new()
        .route("/ingest/v1/startup", route(Kind::Startup))
        .route("/ingest/v1/report", route(Kind::Report))
        .route("/ingest/v1/request-logs", route(Kind::RequestLogs))
        // The body is bounded while it is read, with an answer that says so.
        .layer(DefaultBodyLimit::disable())
        .with_state(ingest)
}
