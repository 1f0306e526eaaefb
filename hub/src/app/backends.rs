//! From configured URLs to the names of backends: a URL's scheme says which; without a URL it is SQLite in the data directory.

use std::path::{Path, PathBuf};

use super::roles::{Roles, Seam};
use crate::config::{Config, ConfigError, StorageConfig};
use crate::queue::rabbitmq::RabbitConfig;
use crate::store::traffic::clickhouse;

/// Where envelopes wait.
#[derive(Debug)]
pub(super) enum QueueBackend {
    Sqlite { path: PathBuf, bytes_max: u64 },
    RabbitMq(RabbitConfig),
}

/// Where metadata is kept.
#[derive(Debug)]
pub(super) enum MetadataBackend {
    Sqlite(PathBuf),
    Postgres(String),
}

/// Where traffic is kept.
#[derive(Debug)]
pub(super) enum TrafficBackend {
    Sqlite(PathBuf),
    /// The server, and the cluster whose replicas keep it together.
    ClickHouse(clickhouse::Target, Option<String>),
}

/// Where each kind of data is kept.
#[derive(Debug)]
pub(super) struct Backends {
    pub(super) queue: QueueBackend,
    pub(super) traffic: TrafficBackend,
    pub(super) metadata: MetadataBackend,
}

impl Backends {
    pub(super) fn of(config: &Config) -> Result<Self, ConfigError> {
        let storage = &config.storage;
        Ok(Self { queue: queue(config)?, traffic: traffic(storage)?, metadata: metadata(storage)? })
    }

    /// The file of a store that is embedded.
    pub(super) fn file(&self, seam: Seam) -> Option<&Path> {
        match seam {
            Seam::Queue => match &self.queue {
                QueueBackend::Sqlite { path, .. } => Some(path),
                QueueBackend::RabbitMq(_) => None,
            },
            Seam::Traffic => match &self.traffic {
                TrafficBackend::Sqlite(path) => Some(path),
                TrafficBackend::ClickHouse(..) => None,
            },
            Seam::Metadata => match &self.metadata {
                MetadataBackend::Sqlite(path) => Some(path),
                MetadataBackend::Postgres(_) => None,
            },
        }
    }

    /// Refuses roles that would share a SQLite file with processes that have the other roles.
    pub(super) fn check(&self, roles: Roles) -> Result<(), ConfigError> {
        let seams = [
            (Seam::Queue, "queue.url (SENDRY_QUEUE_URL)"),
            (Seam::Traffic, "traffic.url (SENDRY_TRAFFIC_URL)"),
            (Seam::Metadata, "metadata.url (SENDRY_METADATA_URL)"),
        ];
        let in_the_way = seams.iter().filter(|(seam, _)| roles.share(*seam) && self.file(*seam).is_some());
        let in_the_way: Vec<_> = in_the_way.map(|(_, setting)| *setting).collect();
        if in_the_way.is_empty() {
            return Ok(());
        }
        let problem = format!(
            "roles can be split over processes only when none of the stores they share is SQLite; set {} to a server, or leave \
             --role out",
            in_the_way.join(" and ")
        );
        Err(ConfigError::Roles { roles: roles.names(), problem })
    }
}

pub(super) fn queue(config: &Config) -> Result<QueueBackend, ConfigError> {
    let (storage, queue) = (&config.storage, &config.queue);
    let url = storage.queue_url.as_deref();
    if let Some(url) = url.filter(|url| url.starts_with("amqp://") || url.starts_with("amqps://")) {
        return Ok(QueueBackend::RabbitMq(RabbitConfig {
            url: url.to_owned(),
            prefix: queue.prefix.clone(),
            queue_type: queue.rabbitmq_queue_type,
            authorities: storage.authorities.clone(),
        }));
    }
    let allowed = "sqlite:PATH or amqp://USER:PASSWORD@HOST:5672/VHOST";
    let path = sqlite_path("queue.url", url, allowed, storage.data_dir.join("queue.db"))?;
    Ok(QueueBackend::Sqlite { path, bytes_max: queue.bytes_max })
}

pub(super) fn traffic(storage: &StorageConfig) -> Result<TrafficBackend, ConfigError> {
    let (key, url) = ("traffic.url", storage.traffic_url.as_deref());
    if let Some(url) = url.filter(|url| url.starts_with("clickhouse")) {
        let allowed = clickhouse::URL_FORM;
        let target = clickhouse::Target::parse(url).ok_or_else(|| ConfigError::Backend {
            key,
            url: without_password(url),
            allowed,
        })?;
        let target = target.trusting(storage.authorities.clone());
        return Ok(TrafficBackend::ClickHouse(target, storage.clickhouse_cluster.clone()));
    }
    let allowed = "sqlite:PATH or clickhouse://USER:PASSWORD@HOST:8123/DATABASE";
    let path = sqlite_path(key, url, allowed, storage.data_dir.join("traffic.db"))?;
    Ok(TrafficBackend::Sqlite(path))
}

pub(super) fn metadata(storage: &StorageConfig) -> Result<MetadataBackend, ConfigError> {
    let url = storage.metadata_url.as_deref();
    if let Some(url) = url.filter(|url| url.starts_with("postgres://") || url.starts_with("postgresql://")) {
        return Ok(MetadataBackend::Postgres(with_ca_file(url, storage)));
    }
    let allowed = "sqlite:PATH or postgres://USER:PASSWORD@HOST:5432/DATABASE";
    let path = sqlite_path("metadata.url", url, allowed, storage.data_dir.join("metadata.db"))?;
    Ok(MetadataBackend::Sqlite(path))
}

pub(super) fn sqlite_path(
    key: &'static str,
    url: Option<&str>,
    allowed: &'static str,
    default: PathBuf,
) -> Result<PathBuf, ConfigError> {
    let Some(url) = url else { return Ok(default) };
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
    match path.filter(|path| !path.is_empty()) {
        Some(path) => Ok(PathBuf::from(path)),
        None => Err(ConfigError::Backend { key, url: without_password(url), allowed }),
    }
}

/// The URL with the file of authorities that are trusted, unless it names one itself.
fn with_ca_file(url: &str, storage: &StorageConfig) -> String {
    let parsed = reqwest::Url::parse(url).ok();
    let (Some(mut parsed), Some(file)) = (parsed, &storage.ca_file) else { return url.to_owned() };
    if !parsed
        .query_pairs()
        .any(|(name, _)| matches!(name.as_ref(), "sslrootcert" | "ssl-root-cert" | "ssl-ca"))
    {
        parsed.query_pairs_mut().append_pair("sslrootcert", &file.to_string_lossy());
    }
    parsed.into()
}

/// The URL with what stands between scheme and `@` left out.
fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => format!("{}…{}", &url[..scheme + 3], &url[at..]),
        _ => url.to_owned(),
    }
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
