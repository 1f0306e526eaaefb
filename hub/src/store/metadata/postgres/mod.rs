//! The backend for more than one machine: PostgreSQL 12 or newer, named by `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
//!
//! Any number of hubs share one database. Statements are short, and what must be decided by one is decided under a row's lock.
//! A statement ends after [`STATEMENT_TIMEOUT`], and connections that broke are replaced by themselves, so an outage is an
//! error for as long as it lasts and not longer.
//!
//! What a text cannot hold here, NUL, is stored as U+FFFD: a name with one must not stop the report that it came with.

mod apps;
mod audit;
mod connect;
mod consumers;
mod credentials;
mod invitations;
mod leases;
mod migrate;
mod notes;
mod preferences;
mod processes;
mod sessions;
mod tokens;
mod users;

pub use connect::{Inspection, connect, inspect};

use std::borrow::Cow;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::PgPool;
use uuid::Uuid;

use super::MetadataStore;
use crate::store::{StoreError, TableSize};

/// How long one call may take, waiting for a connection included. Beyond it the server or the way to it counts as down.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(5);

/// With indexes and what is stored apart. `apps` tells which schema is ours.
const TABLE_SIZES: &str = "SELECT relname::text, pg_total_relation_size(oid)::bigint FROM pg_class
    WHERE relkind = 'r' AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'apps'::regclass)";

/// The metadata store in a PostgreSQL database.
#[derive(Debug, Clone)]
pub struct PostgresMetadata {
    pool: PgPool,
}

#[async_trait]
impl MetadataStore for PostgresMetadata {
    async fn check(&self) -> Result<(), StoreError> {
        bounded(async {
            sqlx::query("SELECT 1 FROM apps LIMIT 1").fetch_optional(&self.pool).await?;
            Ok(())
        })
        .await
    }

    async fn table_sizes(&self) -> Result<Vec<TableSize>, StoreError> {
        bounded(async {
            let rows: Vec<(String, i64)> = sqlx::query_as(TABLE_SIZES).fetch_all(&self.pool).await?;
            let size =
                |(table, bytes): (String, i64)| TableSize { table, bytes: bytes.unsigned_abs(), rows: None };
            Ok(rows.into_iter().map(size).collect())
        })
        .await
    }

    async fn close(&self) {
        let _ = tokio::time::timeout(STATEMENT_TIMEOUT, self.pool.close()).await;
    }
}

/// Gives up on a server that neither answers nor refuses.
async fn bounded<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    match tokio::time::timeout(STATEMENT_TIMEOUT, work).await {
        Ok(done) => done,
        Err(_) => {
            let secs = STATEMENT_TIMEOUT.as_secs();
            Err(StoreError::Unavailable(format!("PostgreSQL did not answer within {secs} seconds")))
        }
    }
}

/// A text as the database can hold it.
fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
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
