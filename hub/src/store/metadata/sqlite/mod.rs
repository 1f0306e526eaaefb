//! The embedded backend: a SQLite file of its own, opened as [`crate::sqlite`] does.
//!
//! The command line opens the same file beside a running hub, so every transaction is short, and those of several statements
//! take the lock at their beginning (`BEGIN IMMEDIATE`): who finds it taken waits.

mod apps;
mod audit;
mod consumers;
mod credentials;
mod invitations;
mod leases;
mod notes;
mod preferences;
mod processes;
mod sessions;
mod tokens;
mod users;

use std::path::Path;

use async_trait::async_trait;
use uuid::Uuid;

use super::MetadataStore;
use crate::sqlite::Database;
use crate::store::StoreError;

/// The schema, one file a version; the list only grows.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../../migrations/metadata/sqlite/0001_start.sql"),
    include_str!("../../../../migrations/metadata/sqlite/0002_processes_and_leases.sql"),
    include_str!("../../../../migrations/metadata/sqlite/0003_access.sql"),
    include_str!("../../../../migrations/metadata/sqlite/0004_settings.sql"),
    include_str!("../../../../migrations/metadata/sqlite/0005_makers_and_expiry.sql"),
    include_str!("../../../../migrations/metadata/sqlite/0006_deleted_apps_and_notes.sql"),
];

/// The number of the newest schema.
pub const SCHEMA: usize = MIGRATIONS.len();

/// Enough for lookups beside a log-in. Each connection is a thread.
const READERS: u32 = 2;

/// The metadata store in a SQLite file.
#[derive(Debug, Clone)]
pub struct SqliteMetadata {
    database: Database,
}

/// Opens the file, creates it where it is missing and brings its schema up to date.
pub async fn connect(path: &Path) -> Result<SqliteMetadata, StoreError> {
    Ok(SqliteMetadata { database: Database::open(path, READERS, MIGRATIONS).await? })
}

#[async_trait]
impl MetadataStore for SqliteMetadata {
    async fn check(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1 FROM apps LIMIT 1").fetch_optional(&self.database.readers).await?;
        Ok(())
    }

    async fn close(&self) {
        self.database.close().await;
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
