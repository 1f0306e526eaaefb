//! Backups of the embedded stores: taken beside a running hub, checked, and put back.
//!
//! A backup is a directory with one SQLite file a store and a manifest. The files are snapshots of three moments, and the order
//! makes them one: **queue, traffic, metadata**.
//!
//! - The worker stores an envelope and then takes it from the queue. With the queue first, what moves meanwhile is in both
//!   snapshots, and storing it again changes nothing. The other way round it would be in neither.
//! - The worker registers an environment or a consumer before it stores what names them. With the metadata last, everything that
//!   the traffic names is there.
//!
//! Servers have backups of their own, which are better than what the hub could do.

mod manifest;
mod restore;
mod take;

pub use manifest::{BackedUp, Manifest};
pub use restore::restore;
pub use take::take;

use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

/// The stores in the order in which they are backed up; see above.
const ORDER: [&str; 3] = ["queue", "traffic", "metadata"];

/// Why a backup was not taken or put back. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{path} is there already; name a directory that is not, or empty it")]
    NotEmpty { path: PathBuf },
    #[error("{path}: {problem}; check the path, the permissions and the room on its disk")]
    File { path: PathBuf, problem: String },
    #[error(
        "there is no {path}: no hub has run on this configuration yet; set storage.data_dir (SENDRY_DATA_DIR) to the directory of one"
    )]
    NothingThere { path: PathBuf },
    #[error("{path} is damaged: {problem}; take another backup")]
    Damaged { path: PathBuf, problem: String },
    #[error("{path} is no backup: {problem}; name the directory that `sendry-hub backup` made")]
    NoBackup { path: PathBuf, problem: String },
    #[error(
        "none of the stores is embedded: back up the servers with their own tools (pg_dump, BACKUP in ClickHouse); the queue holds \
         only what waits"
    )]
    NothingEmbedded,
    #[error(
        "the backup has no {store}, which this configuration keeps in {path}; configure it as it was, or take another backup"
    )]
    Missing { store: String, path: PathBuf },
}

impl BackupError {
    fn file(path: &Path, problem: impl std::fmt::Display) -> Self {
        Self::File { path: path.to_owned(), problem: problem.to_string() }
    }
}

/// Opens a file that must be there.
async fn open(path: &Path) -> Result<SqliteConnection, BackupError> {
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(std::time::Duration::from_secs(30));
    options.connect().await.map_err(|error| BackupError::file(path, error))
}

/// Reads all of a file and fails when something in it does not hold together. Returns the number of its schema.
async fn verify(path: &Path) -> Result<i64, BackupError> {
    let mut connection = open(path).await?;
    let damaged = |problem: String| BackupError::Damaged { path: path.to_owned(), problem };
    let found: Result<Vec<String>, _> =
        sqlx::query_scalar("PRAGMA integrity_check(5)").fetch_all(&mut connection).await;
    let found = found.map_err(|error| damaged(error.to_string()))?;
    if found != ["ok"] {
        return Err(damaged(found.join("; ")));
    }
    let schema = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut connection).await;
    let schema = schema.map_err(|error| damaged(error.to_string()))?;
    let _ = connection.close().await;
    Ok(schema)
}
