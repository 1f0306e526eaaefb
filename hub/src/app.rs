//! The composition root: the one place that names concrete backends and puts the roles together.
//!
//! [`Stores::connect`] turns configuration into connected stores, [`Hub::start`] puts the roles on top of them and listens,
//! [`Hub::shutdown`] ends in the order of the data path: no new requests, the worker's batch, then the stores.

mod stores;

pub use stores::{Stores, connect_dead_letters, connect_metadata};

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::auth::{Auth, AuthSettings};
use crate::clock::SharedClock;
use crate::config::{Config, ConfigError};
use crate::http::health::{self, Health};
use crate::http::{Routes, server};
use crate::ingest::{self, Ingest};
use crate::metrics::{Metrics, topic_name};
use crate::query::{self, ApiState, Query};
use crate::queue::{QueueError, Topic};
use crate::store::StoreError;
use crate::store::metadata::MetadataDirectory;
use crate::store::traffic::ConsumerKey;
use crate::worker::{Worker, WorkerParts, WorkerStats, keep_running, retention};
use crate::{dashboard, http};

/// The name under which the metadata store keeps the secret of consumers' hashes.
const CONSUMER_SECRET: &str = "consumer_hashes";

/// A running hub.
pub struct Hub {
    /// Where it listens.
    pub address: SocketAddr,
    /// The path of the link that makes the first user; none when there is one.
    pub setup_path: Option<String>,
    stores: Stores,
    stop_server: watch::Sender<bool>,
    stop_workers: watch::Sender<bool>,
    server: JoinHandle<()>,
    workers: Vec<JoinHandle<()>>,
    shutdown_timeout: Duration,
}

/// Why a hub did not start.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The configuration is wrong: the process exits with 2.
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("a store could not be opened: {0}")]
    Store(#[from] StoreError),
    #[error("the queue could not be opened: {0}")]
    Queue(#[from] QueueError),
    #[error(
        "http.listen = {address} (SENDRY_LISTEN) cannot be listened on: {source}; choose another address or end who has it"
    )]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error(
        "another hub works on storage.data_dir = {path}; end it, or set SENDRY_DATA_DIR to another directory"
    )]
    Locked { path: std::path::PathBuf },
}

impl Hub {
    /// Starts all roles on the stores.
    pub async fn start(config: Config, stores: Stores, clock: SharedClock) -> Result<Self, AppError> {
        let address = config.http.listen;
        let listener =
            TcpListener::bind(address).await.map_err(|source| AppError::Listen { address, source })?;
        let address = listener.local_addr().map_err(|source| AppError::Listen { address, source })?;
        let secret = stores.metadata.secret(CONSUMER_SECRET).await?;
        let consumer_key = ConsumerKey::new(secret);
        let auth = auth(&config, &stores, &clock);
        let setup_path = auth.renew_setup_token().await?.map(|token| format!("/setup?token={token}"));

        let (stop_server, server_stops) = watch::channel(false);
        let (stop_workers, workers_stop) = watch::channel(false);
        let (workers, stats) = spawn_workers(&config, &stores, &consumer_key, &clock, &workers_stop);
        let routes = routes(&config, &stores, auth, consumer_key, stats, &clock);
        let router = http::router(routes, config.http.request_timeout);
        let drain = config.http.shutdown_timeout;
        let server = tokio::spawn(server::serve(listener, router, stopped(server_stops), drain));
        let shutdown_timeout = config.http.shutdown_timeout;
        Ok(Self { address, setup_path, stores, stop_server, stop_workers, server, workers, shutdown_timeout })
    }

    /// Ends in order. What is not stored when the time is over stays in the queue.
    pub async fn shutdown(self) {
        self.stop_server.send_replace(true);
        let _ = self.server.await;
        self.stop_workers.send_replace(true);
        for worker in self.workers {
            if tokio::time::timeout(self.shutdown_timeout, worker).await.is_err() {
                tracing::warn!("A worker was cut off; what it had in hand stays in the queue.");
            }
        }
        self.stores.close().await;
    }
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is a reason to stop as well.
    let _ = stop.wait_for(|stop| *stop).await;
}

fn auth(config: &Config, stores: &Stores, clock: &SharedClock) -> Arc<Auth> {
    let settings = AuthSettings {
        sessions: config.auth.clone(),
        public_url: config.http.public_url.clone(),
        auto_login: config.dashboard.auto_login,
    };
    Auth::new(stores.metadata.clone(), clock.clone(), settings)
}

type WorkerStatistics = Vec<(Topic, Arc<WorkerStats>)>;

/// Starts one worker per topic and the job that deletes what is too old.
fn spawn_workers(
    config: &Config,
    stores: &Stores,
    consumer_key: &ConsumerKey,
    clock: &SharedClock,
    stop: &watch::Receiver<bool>,
) -> (Vec<JoinHandle<()>>, WorkerStatistics) {
    let parts = WorkerParts {
        queue: stores.queue.clone(),
        writer: stores.traffic_writer.clone(),
        directory: Arc::new(MetadataDirectory::new(stores.metadata.clone(), clock.clone())),
        consumer_key: consumer_key.clone(),
        clock: clock.clone(),
    };
    let mut statistics = Vec::new();
    let mut tasks = Vec::new();
    for topic in [Topic::Reports, Topic::RequestLogs] {
        let stats = Arc::<WorkerStats>::default();
        statistics.push((topic, stats.clone()));
        let (parts, stop) = (parts.clone(), stop.clone());
        tasks.push(tokio::spawn(async move {
            let start = || Worker::with_stats(topic, parts.clone(), stats.clone()).run(stop.clone());
            keep_running(topic_name(topic), &stats, stop.clone(), start).await;
        }));
    }
    let job = retention::run(stores.traffic_writer.clone(), clock.clone(), config.retention, stop.clone());
    tasks.push(tokio::spawn(job));
    (tasks, statistics)
}

fn routes(
    config: &Config,
    stores: &Stores,
    auth: Arc<Auth>,
    consumer_key: ConsumerKey,
    workers: WorkerStatistics,
    clock: &SharedClock,
) -> Routes {
    let metrics = Arc::new(Metrics::default());
    let metadata = stores.metadata.clone();
    let producer = stores.queue.producer.clone();
    let ingest = Ingest::new(&config.ingest, metadata.clone(), producer, clock.clone(), metrics.clone());
    let query = Query {
        traffic: stores.traffic_reader.clone(),
        metadata: metadata.clone(),
        consumer_key,
        clock: clock.clone(),
        retention: config.retention,
    };
    let health = Health {
        queue: stores.queue.health.clone(),
        traffic: stores.traffic_reader.clone(),
        metadata,
        metrics,
        workers,
        clock: clock.clone(),
    };
    Routes {
        ingest: ingest::router(ingest),
        query: query::router(ApiState { query: Arc::new(query), auth }),
        health: health::router(Arc::new(health)),
        dashboard: dashboard::router(),
    }
}
