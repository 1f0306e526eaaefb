//! `/healthz` (the process runs), `/readyz` (it can do its work) and `/metrics`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{StatusCode, header};
use serde::Serialize;

use crate::clock::SharedClock;
use crate::metrics::{Metrics, topic_name};
use crate::queue::{QueueHealth, Topic};
use crate::store::metadata::Metadata;
use crate::store::traffic::TrafficReader;
use crate::worker::WorkerStats;

/// How long a part may take to answer before it counts as down.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// OpenMetrics, which Prometheus asks for by itself.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is looked at.
pub struct Health {
    pub queue: Arc<dyn QueueHealth>,
    pub traffic: Arc<dyn TrafficReader>,
    pub metadata: Metadata,
    pub metrics: Arc<Metrics>,
    pub workers: Vec<(Topic, Arc<WorkerStats>)>,
    pub clock: SharedClock,
}

/// How the hub is, part by part.
#[derive(Debug, Serialize)]
struct Readiness {
    ready: bool,
    /// `ok`, or what is wrong.
    queue: String,
    traffic: String,
    metadata: String,
    workers: String,
}

pub fn router(health: Arc<Health>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(health)
}

async fn ready(State(health): State<Arc<Health>>) -> Response {
    let (queue, traffic, metadata) = tokio::join!(
        check(health.queue.check()),
        check(health.traffic.check()),
        check(health.metadata.check())
    );
    let workers = workers(&health.workers);
    let ready = [&queue, &traffic, &metadata, &workers].iter().all(|state| *state == "ok");
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, queue, traffic, metadata, workers })).into_response()
}

fn workers(workers: &[(Topic, Arc<WorkerStats>)]) -> String {
    let down: Vec<_> =
        workers.iter().filter(|(_, stats)| stats.down()).map(|(topic, _)| topic_name(*topic)).collect();
    if down.is_empty() { "ok".to_owned() } else { format!("not running after a panic: {}", down.join(", ")) }
}

async fn check<E: std::fmt::Display>(check: impl Future<Output = Result<(), E>>) -> String {
    match tokio::time::timeout(CHECK_TIMEOUT, check).await {
        Ok(Ok(())) => "ok".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} seconds", CHECK_TIMEOUT.as_secs()),
    }
}

async fn metrics(State(health): State<Arc<Health>>) -> Response {
    for topic in [Topic::Reports, Topic::RequestLogs] {
        let stats = tokio::time::timeout(CHECK_TIMEOUT, health.queue.stats(topic)).await;
        health.metrics.set_queue(topic, stats.ok().and_then(Result::ok), health.clock.now_ms());
    }
    for (topic, stats) in &health.workers {
        health.metrics.set_worker(*topic, stats);
    }
    let gaps = tokio::time::timeout(CHECK_TIMEOUT, health.traffic.ingest_gaps()).await;
    health.metrics.set_ingest_gaps(gaps.ok().and_then(Result::ok).as_deref());
    match health.metrics.encode() {
        Ok(page) => ([(header::CONTENT_TYPE, METRICS_TYPE)], page).into_response(),
        Err(error) => {
            tracing::error!(%error, "The metrics could not be written.");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
