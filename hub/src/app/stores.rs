//! From URLs to connected stores. A URL's scheme names the backend; without a URL it is SQLite in the data directory.

use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::AppError;
use crate::clock::SharedClock;
use crate::config::{Config, ConfigError, StorageConfig};
use crate::queue::{self, Queue};
use crate::store::metadata::{self, Metadata};
use crate::store::traffic::{self, TrafficReader, TrafficWriter};

/// What is said about a scheme that this version cannot speak.
const SQLITE_ONLY: &str = "only sqlite:PATH, or nothing for SQLite in the data directory; metadata.url also postgres://…; the others come with later \
     versions";

/// The file that a hub holds locked while it works on a data directory.
const LOCK_FILE: &str = "hub.lock";

/// The connected stores of a hub.
pub struct Stores {
    pub queue: Queue,
    pub traffic_writer: Arc<dyn TrafficWriter>,
    pub traffic_reader: Arc<dyn TrafficReader>,
    pub metadata: Metadata,
    traffic: traffic::sqlite::SqliteTraffic,
    /// Locked until it is closed.
    _lock: File,
}

impl Stores {
    /// Opens the data directory and everything in it, for this process alone.
    pub async fn connect(config: &Config, clock: &SharedClock) -> Result<Self, AppError> {
        let storage = &config.storage;
        let metadata = MetadataBackend::of(storage)?;
        let queue = sqlite_path("queue.url", storage.queue_url.as_deref(), storage, "queue.db")?;
        let traffic = sqlite_path("traffic.url", storage.traffic_url.as_deref(), storage, "traffic.db")?;
        let lock = lock_data_dir(&storage.data_dir)?;
        let metadata = metadata.connect().await?;
        let queue = queue::sqlite::connect(&queue, clock.clone()).await?;
        let traffic = traffic::sqlite::connect(&traffic, clock.clone(), config.retention).await?;
        Ok(Self {
            queue,
            traffic_writer: Arc::new(traffic.clone()),
            traffic_reader: Arc::new(traffic.clone()),
            metadata,
            traffic,
            _lock: lock,
        })
    }

    /// Finishes what is in hand and closes everything, the queue first.
    pub async fn close(&self) {
        self.queue.health.close().await;
        self.traffic.close().await;
        self.metadata.close().await;
    }
}

/// Opens the metadata store alone, also beside a running hub: for the command line.
pub async fn connect_metadata(config: &Config) -> Result<Metadata, AppError> {
    let backend = MetadataBackend::of(&config.storage)?;
    if let MetadataBackend::Sqlite(_) = backend {
        create_data_dir(&config.storage.data_dir)?;
    }
    backend.connect().await
}

/// Opens the queue for its dead letters alone, also beside a running hub: for the command line.
pub async fn connect_dead_letters(config: &Config, clock: &SharedClock) -> Result<Queue, AppError> {
    let storage = &config.storage;
    let path = sqlite_path("queue.url", storage.queue_url.as_deref(), storage, "queue.db")?;
    create_data_dir(&storage.data_dir)?;
    Ok(queue::sqlite::connect(&path, clock.clone()).await?)
}

/// Where metadata is kept.
enum MetadataBackend {
    Sqlite(PathBuf),
    Postgres(String),
}

impl MetadataBackend {
    fn of(storage: &StorageConfig) -> Result<Self, ConfigError> {
        let url = storage.metadata_url.as_deref();
        match url.filter(|url| url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            Some(url) => Ok(Self::Postgres(url.to_owned())),
            None => Ok(Self::Sqlite(sqlite_path("metadata.url", url, storage, "metadata.db")?)),
        }
    }

    async fn connect(&self) -> Result<Metadata, AppError> {
        Ok(match self {
            Self::Sqlite(path) => Arc::new(metadata::sqlite::connect(path).await?),
            Self::Postgres(url) => Arc::new(metadata::postgres::connect(url).await?),
        })
    }
}

fn sqlite_path(
    key: &'static str,
    url: Option<&str>,
    storage: &StorageConfig,
    file: &str,
) -> Result<PathBuf, ConfigError> {
    let Some(url) = url else { return Ok(storage.data_dir.join(file)) };
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
    match path.filter(|path| !path.is_empty()) {
        Some(path) => Ok(PathBuf::from(path)),
        None => Err(ConfigError::Backend { key, url: without_password(url), allowed: SQLITE_ONLY }),
    }
}

/// The URL with what stands between scheme and `@` left out.
fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => format!("{}…{}", &url[..scheme + 3], &url[at..]),
        _ => url.to_owned(),
    }
}

/// Creates the directory for its owner alone, where it is missing.
fn create_data_dir(path: &Path) -> Result<(), ConfigError> {
    let created = DirBuilder::new().recursive(true).mode(0o700).create(path);
    created.map_err(|error| data_dir_error(path, &error))
}

/// Makes sure that the directory is there, can be written, and belongs to this process.
fn lock_data_dir(path: &Path) -> Result<File, AppError> {
    create_data_dir(path)?;
    let file = File::options().create(true).truncate(false).write(true).open(path.join(LOCK_FILE));
    let file = file.map_err(|error| data_dir_error(path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(AppError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(data_dir_error(path, &error).into()),
    }
}

fn data_dir_error(path: &Path, error: &std::io::Error) -> ConfigError {
    ConfigError::DataDir { path: path.to_owned(), problem: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_url_is_not_shown() {
        assert_eq!(without_password("amqp://ann:secret@host/x"), "amqp://…@host/x");
        assert_eq!(without_password("amqp://host/x"), "amqp://host/x");
    }
}
