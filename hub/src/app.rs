//! The composition root: the one place that names concrete backends and puts the roles together.
//!
//! [`Stores::connect`] turns configuration into connected stores, [`Hub::start`] puts the roles on top of them and listens,
//! [`Hub::shutdown`] ends in the order of the data path: no new requests, the worker's batch, then the stores.

mod backends;
mod copies;
mod doctor;
mod files;
mod roles;
mod stores;
mod workers;

pub use copies::{Copy, connect_copy};
pub use doctor::{Examination, Level, examine};
pub use files::EmbeddedFiles;
pub use roles::{Role, Roles};
pub use stores::{Stores, Traffic, connect_dead_letters, connect_metadata};

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::auth::{Auth, AuthSettings};
use crate::clock::SharedClock;
use crate::config::{Config, ConfigError, HttpConfig};
use crate::http::health::{self, Health};
use crate::http::{Routes, server};
use crate::ingest::{self, Ingest};
use crate::metrics::Metrics;
use crate::query::{self, ApiState, Query};
use crate::queue::{Queue, QueueError};
use crate::store::StoreError;
use crate::store::traffic::ConsumerKey;
use crate::system::Watch;
use crate::{dashboard, http};
use workers::{Background, Setting};

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
    stop_background: watch::Sender<bool>,
    server: JoinHandle<()>,
    background: Vec<JoinHandle<()>>,
    draining: Arc<AtomicBool>,
    http: HttpConfig,
}

/// Why a hub did not start.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The configuration is wrong: the process exits with 2.
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("a store could not be opened: {0}")]
    Store(#[from] StoreError),
    #[error("the identity provider cannot be called: {0}")]
    Provider(String),
    #[error("the queue could not be opened: {0}")]
    Queue(#[from] QueueError),
    #[error(
        "http.listen = {address} (SENDRY_LISTEN) cannot be listened on: {source}; choose another address or end who has it"
    )]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error(
        "another hub works on {path}; end it, or give this one another place: set SENDRY_DATA_DIR, or the URL that names the file"
    )]
    Locked { path: std::path::PathBuf },
}

impl Hub {
    /// Starts the roles on their stores.
    pub async fn start(config: Config, stores: Stores, clock: SharedClock) -> Result<Self, AppError> {
        let address = config.http.listen;
        let listener =
            TcpListener::bind(address).await.map_err(|source| AppError::Listen { address, source })?;
        let address = listener.local_addr().map_err(|source| AppError::Listen { address, source })?;
        let (stop_server, server_stops) = watch::channel(false);
        let (stop_background, background_stops) = watch::channel(false);
        let setting = Setting {
            process_id: Uuid::new_v4(),
            config: &config,
            stores: &stores,
            clock: &clock,
            stop: &background_stops,
        };
        let composed = compose(&setting).await?;
        let router = http::router(composed.routes, config.http.request_timeout);
        let router = http::base::mount(router, sub_path(&config));
        let drain = config.http.shutdown_timeout;
        let server = tokio::spawn(server::serve(listener, router, stopped(server_stops), drain));
        Ok(Self {
            address,
            setup_path: composed.setup_path,
            server,
            background: composed.background.tasks,
            draining: composed.draining,
            stores,
            stop_server,
            stop_background,
            http: config.http,
        })
    }

    /// Ends in order. `/readyz` turns first, and for `http.drain_delay_secs` everything is accepted still. What is not stored when
    /// the time is over stays in the queue.
    pub async fn shutdown(self) {
        self.draining.store(true, Ordering::Relaxed);
        tokio::time::sleep(self.http.drain_delay).await;
        self.stop_server.send_replace(true);
        let _ = self.server.await;
        self.stop_background.send_replace(true);
        for task in self.background {
            if tokio::time::timeout(self.http.shutdown_timeout, task).await.is_err() {
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

/// The parts of a hub, put together.
struct Composed {
    routes: Routes,
    background: Background,
    setup_path: Option<String>,
    draining: Arc<AtomicBool>,
}

/// Puts on top of the stores what the roles need, and nothing else.
async fn compose(setting: &Setting<'_>) -> Result<Composed, AppError> {
    let stores = setting.stores;
    let metrics = Arc::new(Metrics::default());
    let (mut background, mut setup_path) = (Background::default(), None);
    let (mut ingest, mut query, mut dashboard) = (Router::new(), Router::new(), Router::new());
    if let Some(queue) = stores.queue.as_ref().filter(|_| stores.roles.has(Role::Ingest)) {
        ingest = ingest_routes(setting, queue, &metrics);
    }
    if let Some(traffic) = &stores.traffic {
        let key = ConsumerKey::new(stores.metadata.secret(CONSUMER_SECRET).await?);
        if let Some(queue) = stores.queue.as_ref().filter(|_| stores.roles.has(Role::Worker)) {
            background.work(setting, (queue, traffic), key.clone(), &metrics);
        }
        if stores.roles.has(Role::Query) {
            let watch = watch(setting, traffic, &metrics);
            let (watching, stop) = (watch.clone(), setting.stop.clone());
            background.keep("watchdogs", setting.stop, move || watching.clone().run(stop.clone()));
            let auth = auth(setting)?;
            setup_path = auth.renew_setup_token().await?.map(|token| format!("/setup#token={token}"));
            query = query_routes(setting, QueryParts { traffic, key, watch, auth });
            dashboard = dashboard::router(sub_path(setting.config));
        }
    }
    background.beat(setting, &metrics);
    let draining = Arc::<AtomicBool>::default();
    let health = health::router(health(setting, &background, metrics, draining.clone()));
    Ok(Composed { routes: Routes { ingest, query, health, dashboard }, background, setup_path, draining })
}

fn ingest_routes(setting: &Setting<'_>, queue: &Queue, metrics: &Arc<Metrics>) -> Router {
    let (metadata, clock) = (setting.stores.metadata.clone(), setting.clock.clone());
    let producer = queue.producer.clone();
    ingest::router(Ingest::new(&setting.config.ingest, metadata, producer, clock, metrics.clone()))
}

/// What the query role is made of.
struct QueryParts<'a> {
    traffic: &'a Traffic,
    key: ConsumerKey,
    watch: Arc<Watch>,
    auth: Arc<Auth>,
}

fn query_routes(setting: &Setting<'_>, parts: QueryParts<'_>) -> Router {
    let query = Query {
        traffic: parts.traffic.reader.clone(),
        eraser: parts.traffic.eraser.clone(),
        metadata: setting.stores.metadata.clone(),
        consumer_key: parts.key,
        clock: setting.clock.clone(),
        retention: setting.config.retention,
        watch: parts.watch,
        exports: Arc::new(Semaphore::new(query::logs::export::EXPORTS_AT_ONCE)),
    };
    query::router(ApiState { query: Arc::new(query), auth: parts.auth })
}

/// The path under which people reach the hub; `/` without one.
fn sub_path(config: &Config) -> &str {
    config.http.public_url.as_ref().map_or("/", |url| url.path())
}

fn auth(setting: &Setting<'_>) -> Result<Arc<Auth>, AppError> {
    let settings = AuthSettings {
        sessions: setting.config.auth.clone(),
        public_url: setting.config.http.public_url.clone(),
        trusted_proxies: setting.config.http.trusted_proxies.clone(),
        auto_login: setting.config.dashboard.auto_login,
    };
    let auth = Auth::new(setting.stores.metadata.clone(), setting.clock.clone(), settings);
    auth.map_err(AppError::Provider)
}

fn watch(setting: &Setting<'_>, traffic: &Traffic, metrics: &Arc<Metrics>) -> Arc<Watch> {
    let (metadata, clock) = (setting.stores.metadata.clone(), setting.clock.clone());
    Watch::new(setting.process_id, metadata, traffic.reader.clone(), metrics.clone(), clock)
}

fn health(
    setting: &Setting<'_>,
    background: &Background,
    metrics: Arc<Metrics>,
    draining: Arc<AtomicBool>,
) -> Arc<Health> {
    let stores = setting.stores;
    Arc::new(Health {
        roles: stores.roles,
        queue: stores.queue.as_ref().map(|queue| queue.health.clone()),
        traffic: stores.traffic.as_ref().map(|traffic| traffic.reader.clone()),
        metadata: stores.metadata.clone(),
        metrics,
        workers: background.workers.clone(),
        tasks: background.jobs.clone(),
        clock: setting.clock.clone(),
        draining,
    })
}
