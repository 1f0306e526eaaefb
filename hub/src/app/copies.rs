//! The two traffic stores of a copy from one into the other.

use std::fs::File;

use super::AppError;
use super::backends::{self, TrafficBackend};
use super::files;
use crate::clock::SharedClock;
use crate::config::Config;
use crate::store::StoreError;
use crate::store::traffic::clickhouse::{self, ClickHouseTraffic};
use crate::store::traffic::sqlite::{self, SqliteTraffic};

/// The stores of a copy.
pub struct Copy {
    pub source: SqliteTraffic,
    pub target: ClickHouseTraffic,
    /// Keeps hubs off the source.
    _lock: File,
}

/// Opens the SQLite file with the URL `from`, that of the data directory without one, and the configured ClickHouse.
pub async fn connect_copy(
    config: &Config,
    from: Option<&str>,
    clock: &SharedClock,
) -> Result<Copy, AppError> {
    let default = config.storage.data_dir.join("traffic.db");
    let path = backends::sqlite_path("--from", from, "sqlite:PATH", default)?;
    let TrafficBackend::ClickHouse(server, cluster) = backends::traffic(&config.storage)? else {
        let sentence = format!(
            "traffic.url (SENDRY_TRAFFIC_URL) is SQLite, and this copies out of it into ClickHouse; set it to {}",
            clickhouse::URL_FORM
        );
        return Err(StoreError::Misconfigured(sentence).into());
    };
    if !path.is_file() {
        let sentence =
            format!("there is no traffic store at {}; name the file with --from sqlite:PATH", path.display());
        return Err(StoreError::Misconfigured(sentence).into());
    }
    let lock = files::lock(&path)?;
    let source = sqlite::connect(&path, clock.clone(), config.retention).await?;
    let target = clickhouse::connect(&server, cluster, clock.clone(), config.retention).await?;
    Ok(Copy { source, target, _lock: lock })
}
