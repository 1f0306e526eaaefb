//! The embedded backend: a SQLite file of its own, in WAL mode.
//!
//! The command line opens the same file beside a running hub, so every transaction is short, writers take the lock at their
//! beginning (`BEGIN IMMEDIATE`), and who finds it taken waits up to [`BUSY_TIMEOUT`].

mod apps;
mod consumers;
mod credentials;
mod migrations;
mod sessions;
mod tokens;
mod users;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use uuid::Uuid;

use super::MetadataStore;
use crate::store::StoreError;

/// How long to wait for another process's transaction; ours last milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Enough for a log-in beside lookups. Each connection is a thread.
const CONNECTIONS_MAX: u32 = 3;

/// The metadata store in a SQLite file.
#[derive(Debug, Clone)]
pub struct SqliteMetadata {
    pool: SqlitePool,
}

/// Opens the file, creates it where it is missing and brings its schema up to date.
pub async fn connect(path: &Path) -> Result<SqliteMetadata, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("cache_size", "-512");
    let pool = SqlitePoolOptions::new()
        .max_connections(CONNECTIONS_MAX)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await
        .map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
    migrations::run(&pool).await?;
    Ok(SqliteMetadata { pool })
}

#[async_trait]
impl MetadataStore for SqliteMetadata {
    async fn check(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1 FROM apps LIMIT 1").execute(&self.pool).await.map_err(store_error)?;
        Ok(())
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}

/// Tells what SQLite refused from what it could not do now.
fn store_error(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::Database(database) if database.kind() != sqlx::error::ErrorKind::Other => {
            StoreError::Refused(error.to_string())
        }
        sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } => StoreError::Refused(error.to_string()),
        _ => StoreError::Unavailable(error.to_string()),
    }
}

/// Reads an id as it was written.
fn parse_id(text: &str) -> Result<Uuid, StoreError> {
    Uuid::parse_str(text)
        .map_err(|error| StoreError::Refused(format!("{text:?} is stored as an id: {error}")))
}

/// Reads a word of a closed list as it was written.
fn parse_word<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
    parse(text).ok_or_else(|| StoreError::Refused(format!("{text:?} is stored where it means nothing")))
}
