//! `/healthz` (the process runs), `/readyz` (it can do its work) and `/metrics`, for every role.
//!
//! What a process needs follows from its roles. Ingest needs the queue alone: while the metadata is away it goes on accepting
//! for the keys it knows, and taking it out of a load balancer would lose exactly those; the same goes for a panic of its heartbeat. A process that was asked to end is not
//! ready, from that moment on and before anything is closed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{StatusCode, header};
use serde::Serialize;

use crate::app::{Role, Roles};
use crate::clock::SharedClock;
use crate::metrics::{Metrics, topic_name};
use crate::queue::{QueueHealth, Topic};
use crate::store::metadata::Metadata;
use crate::store::traffic::TrafficReader;
use crate::worker::{Liveness, WorkerStats};

/// How long a part may take to answer before it counts as down.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// OpenMetrics, which Prometheus asks for by itself.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is looked at.
pub struct Health {
    pub roles: Roles,
    pub queue: Option<Arc<dyn QueueHealth>>,
    pub traffic: Option<Arc<dyn TrafficReader>>,
    pub metadata: Metadata,
    pub metrics: Arc<Metrics>,
    pub workers: Vec<(Topic, Arc<WorkerStats>)>,
    /// Other tasks that must run, by name.
    pub tasks: Vec<(&'static str, Arc<Liveness>)>,
    pub clock: SharedClock,
    /// Whether the process was asked to end.
    pub draining: Arc<AtomicBool>,
}

/// How the process is, part by part.
#[derive(Debug, Serialize)]
struct Readiness {
    ready: bool,
    /// The roles of this process.
    roles: String,
    /// `ok`, or what is wrong; absent where the process has nothing to do with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    traffic: Option<String>,
    metadata: String,
    /// What runs in the background.
    tasks: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    draining: bool,
}

pub fn router(health: Arc<Health>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(health)
}

async fn ready(State(health): State<Arc<Health>>) -> Response {
    let (queue, traffic, metadata) =
        tokio::join!(queue(&health), traffic(&health), check(health.metadata.check()));
    let tasks = tasks(&health);
    let draining = health.draining.load(Ordering::Relaxed);
    let needs_all = health.roles.has(Role::Worker) || health.roles.has(Role::Query);
    let fine = |state: &Option<String>| state.as_deref().is_none_or(|state| state == "ok");
    let ready = !draining
        && [&queue, &traffic].into_iter().all(fine)
        && (!needs_all || (metadata == "ok" && tasks == "ok"));
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let roles = health.roles.names();
    (status, Json(Readiness { ready, roles, queue, traffic, metadata, tasks, draining })).into_response()
}

async fn queue(health: &Health) -> Option<String> {
    let queue = health.queue.as_ref()?;
    let topics = [Topic::Reports, Topic::RequestLogs].map(|topic| queue.check(topic));
    Some(check(async { futures_util::future::try_join_all(topics).await.map(drop) }).await)
}

async fn traffic(health: &Health) -> Option<String> {
    Some(check(health.traffic.as_ref()?.check()).await)
}

fn tasks(health: &Health) -> String {
    let workers = health.workers.iter().map(|(topic, stats)| (topic_name(*topic), &stats.liveness));
    let others = health.tasks.iter().map(|(name, liveness)| (*name, liveness.as_ref()));
    let down = workers.chain(others).filter(|(_, liveness)| liveness.down()).map(|(name, _)| name);
    let down: Vec<_> = down.collect();
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
    if let Some(queue) = &health.queue {
        for topic in [Topic::Reports, Topic::RequestLogs] {
            let stats = tokio::time::timeout(CHECK_TIMEOUT, queue.stats(topic)).await;
            health.metrics.set_queue(topic, stats.ok().and_then(Result::ok), health.clock.now_ms());
        }
    }
    for (topic, stats) in &health.workers {
        health.metrics.set_worker(*topic, stats);
    }
    for (name, liveness) in &health.tasks {
        health.metrics.set_task(name, liveness.panics());
    }
    if let Some(traffic) = &health.traffic {
        let gaps = tokio::time::timeout(CHECK_TIMEOUT, traffic.ingest_gaps()).await;
        health.metrics.set_ingest_gaps(gaps.ok().and_then(Result::ok).as_deref());
    }
    match health.metrics.encode() {
        Ok(page) => ([(header::CONTENT_TYPE, METRICS_TYPE)], page).into_response(),
        Err(error) => {
            tracing::error!(%error, "The metrics could not be written.");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
