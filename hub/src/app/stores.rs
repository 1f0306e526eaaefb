//! From configuration to connected stores: those that the roles of this process need, and no others.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use super::AppError;
use super::backends::{self, Backends, MetadataBackend, QueueBackend, TrafficBackend};
use super::files::{self, EmbeddedFiles};
use super::roles::{Roles, Seam};
use crate::clock::SharedClock;
use crate::config::Config;
use crate::queue::{self, Queue, QueueError};
use crate::store::metadata::{self, Metadata};
use crate::store::traffic::{self, TrafficEraser, TrafficReader, TrafficWriter};

/// The connected stores of a hub.
pub struct Stores {
    /// What the process is to do with them.
    pub roles: Roles,
    /// For ingest and worker.
    pub queue: Option<Queue>,
    /// For worker and query.
    pub traffic: Option<Traffic>,
    pub metadata: Metadata,
    /// The files of those that are embedded, by the name of the store.
    pub files: Vec<(&'static str, PathBuf)>,
    /// Locked until they are closed.
    _locks: Vec<File>,
}

/// A connected traffic store.
#[derive(Clone)]
pub struct Traffic {
    pub writer: Arc<dyn TrafficWriter>,
    pub reader: Arc<dyn TrafficReader>,
    pub eraser: Arc<dyn TrafficEraser>,
}

impl Stores {
    /// Opens everything, for a process with all roles.
    pub async fn connect(config: &Config, clock: &SharedClock) -> Result<Self, AppError> {
        Self::connect_for(Roles::ALL, config, clock).await
    }

    /// Opens what the roles need; what is embedded for this process alone.
    pub async fn connect_for(roles: Roles, config: &Config, clock: &SharedClock) -> Result<Self, AppError> {
        let backends = Backends::of(config)?;
        backends.check(roles)?;
        let files = EmbeddedFiles::needed(&backends, roles, config);
        let locks = files.lock()?;
        let metadata = connect(&backends.metadata).await?;
        let queue = match roles.need(Seam::Queue) {
            true => Some(connect_queue(&backends.queue, clock).await?),
            false => None,
        };
        let traffic = match roles.need(Seam::Traffic) {
            true => Some(connect_traffic(&backends, config, clock).await?),
            false => None,
        };
        Ok(Self { roles, queue, traffic, metadata, files: files.paths().to_vec(), _locks: locks })
    }

    /// Finishes what is in hand and closes everything, the queue first.
    pub async fn close(&self) {
        if let Some(queue) = &self.queue {
            queue.health.close().await;
        }
        if let Some(traffic) = &self.traffic {
            traffic.writer.close().await;
        }
        self.metadata.close().await;
    }
}

async fn connect_queue(backend: &QueueBackend, clock: &SharedClock) -> Result<Queue, QueueError> {
    match backend {
        QueueBackend::Sqlite { path, bytes_max } => {
            queue::sqlite::connect(path, *bytes_max, clock.clone()).await
        }
        QueueBackend::RabbitMq(config) => queue::rabbitmq::connect(config, clock.clone()).await,
    }
}

async fn connect_traffic(
    backends: &Backends,
    config: &Config,
    clock: &SharedClock,
) -> Result<Traffic, AppError> {
    let retention = config.retention;
    Ok(match &backends.traffic {
        TrafficBackend::Sqlite(path) => {
            let sqlite = Arc::new(traffic::sqlite::connect(path, clock.clone(), retention).await?);
            Traffic { writer: sqlite.clone(), reader: sqlite.clone(), eraser: sqlite }
        }
        TrafficBackend::ClickHouse(target, cluster) => {
            let store =
                traffic::clickhouse::connect(target, cluster.clone(), clock.clone(), retention).await?;
            let store = Arc::new(store);
            Traffic { writer: store.clone(), reader: store.clone(), eraser: store }
        }
    })
}

pub(super) async fn connect(backend: &MetadataBackend) -> Result<Metadata, AppError> {
    Ok(match backend {
        MetadataBackend::Sqlite(path) => Arc::new(metadata::sqlite::connect(path).await?),
        MetadataBackend::Postgres(url) => Arc::new(metadata::postgres::connect(url).await?),
    })
}

/// Opens the metadata store alone, also beside a running hub: for the command line.
pub async fn connect_metadata(config: &Config) -> Result<Metadata, AppError> {
    let backend = backends::metadata(&config.storage)?;
    if let MetadataBackend::Sqlite(_) = backend {
        files::create_data_dir(&config.storage.data_dir)?;
    }
    connect(&backend).await
}

/// Opens the queue for its dead letters alone, also beside a running hub: for the command line.
pub async fn connect_dead_letters(config: &Config, clock: &SharedClock) -> Result<Queue, AppError> {
    let backend = backends::queue(config)?;
    if let QueueBackend::Sqlite { .. } = backend {
        files::create_data_dir(&config.storage.data_dir)?;
    }
    Ok(connect_queue(&backend, clock).await?)
}
