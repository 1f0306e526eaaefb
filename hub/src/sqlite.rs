//! SQLite as the hub's embedded stores use it: one writer, a few readers, a schema with a number.
//!
//! Called by the SQLite backends of queue and traffic. Memory is set here on purpose: a connection's page cache is
//! [`CACHE_KIB`] and not more, because the operating system caches the file anyway and a read from there costs a microsecond;
//! readers that are idle for a minute are closed. No memory map: a failing disk would then kill the process by a signal.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection, SqlitePool};

use crate::store::StoreError;

/// Page cache of a connection, where nothing else is said.
pub(crate) const CACHE_KIB: i64 = 2_048;

/// How large a write-ahead log may stay after it was written back.
const WAL_BYTES_KEPT: i64 = 8 * 1024 * 1024;

/// How long a connection waits for another process (the CLI beside a running hub).
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an idle reader is kept.
const READER_IDLE: Duration = Duration::from_secs(60);

/// How a file is laid out and opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    /// How many connections read at once.
    pub(crate) readers: u32,
    /// Bytes of a page; it is decided when the file is made.
    pub(crate) page_bytes: u32,
    /// Page cache of the writer.
    pub(crate) writer_cache_kib: i64,
}

/// A database file: its one writer and its readers.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    /// One connection; who holds it writes.
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

impl Database {
    /// Opens or creates the file, laid out for small rows: see [`Self::open_as`].
    pub(crate) async fn open(
        path: &Path,
        readers: u32,
        migrations: &[&'static str],
    ) -> Result<Self, StoreError> {
        let layout = Layout { readers, page_bytes: 4_096, writer_cache_kib: CACHE_KIB };
        Self::open_as(path, layout, migrations).await
    }

    /// Opens or creates the file and brings its schema to the newest of `migrations`, which only ever grow.
    pub(crate) async fn open_as(
        path: &Path,
        layout: Layout,
        migrations: &[&'static str],
    ) -> Result<Self, StoreError> {
        let writer = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        let options = options(path, layout.page_bytes);
        let writing = options.clone().pragma("cache_size", (-layout.writer_cache_kib).to_string());
        let writer =
            writer.test_before_acquire(false).before_acquire(|connection, _| Box::pin(is_usable(connection)));
        let writer = writer.connect_with(writing).await?;
        migrate(&writer, path, migrations).await?;
        let pool = SqlitePoolOptions::new().max_connections(layout.readers).min_connections(0);
        let pool = pool.idle_timeout(READER_IDLE).max_lifetime(None).test_before_acquire(false);
        let readers = pool.connect_lazy_with(options.pragma("query_only", "ON"));
        Ok(Self { writer, readers })
    }

    /// Waits for what is being done and closes; the write-ahead log is written back.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Whether a connection can begin a transaction; one that cannot is closed, and another is opened.
///
/// A full or failing disk makes SQLite end a transaction by itself. The client then takes itself for still being in one, for ever.
async fn is_usable(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if !connection.is_in_transaction() {
        return Ok(true);
    }
    // A transaction that was dropped is undone in the background: before the answer to this.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// The number of a file's schema, read without changing the file; none where there is no file.
pub(crate) async fn schema_of(path: &Path) -> Result<Option<i64>, sqlx::Error> {
    if !path.exists() {
        return Ok(None);
    }
    let mut connection =
        SqliteConnectOptions::new().filename(path).busy_timeout(BUSY_TIMEOUT).connect().await?;
    let schema = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut connection).await;
    let _ = connection.close().await;
    schema.map(Some)
}

/// `synchronous = FULL`: a commit is on the disk when it returns. What a queue acknowledges and what a report's sender is
/// told rest on it.
fn options(path: &Path, page_bytes: u32) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .page_size(page_bytes)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(false)
        .pragma("cache_size", (-CACHE_KIB).to_string())
        .pragma("journal_size_limit", WAL_BYTES_KEPT.to_string())
        .pragma("temp_store", "MEMORY")
}

/// Applies what is missing, each migration in a transaction of its own with its number.
async fn migrate(writer: &SqlitePool, path: &Path, migrations: &[&'static str]) -> Result<(), StoreError> {
    let known = migrations.len();
    loop {
        let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
        let (version,): (i64,) = sqlx::query_as("PRAGMA user_version").fetch_one(&mut *tx).await?;
        let version = usize::try_from(version).unwrap_or(0);
        if version > known {
            return Err(StoreError::SchemaTooNew(format!(
                "{} has schema version {version}, this hub knows up to {known}: run the version of the hub that wrote it, or a \
                 newer one",
                path.display()
            )));
        }
        let Some(migration) = migrations.get(version) else { return Ok(()) };
        sqlx::raw_sql(*migration).execute(&mut *tx).await?;
        let bump = format!("PRAGMA user_version = {}", version + 1);
        sqlx::raw_sql(AssertSqlSafe(bump)).execute(&mut *tx).await?;
        tx.commit().await?;
        tracing::info!(db.file = %path.display(), db.schema = version + 1, "The schema was brought up to date.");
    }
}

/// Hands pages that nothing uses back to the file system, at most `pages`; tells whether there may be more.
pub(crate) async fn reclaim(writer: &SqlitePool, keep: i64, pages: i64) -> Result<bool, sqlx::Error> {
    let (free,): (i64,) = sqlx::query_as("PRAGMA freelist_count").fetch_one(writer).await?;
    let excess = (free - keep).min(pages);
    if excess <= 0 {
        return Ok(false);
    }
    let vacuum = format!("PRAGMA incremental_vacuum({excess})");
    sqlx::raw_sql(AssertSqlSafe(vacuum)).execute(writer).await?;
    Ok(free - keep > excess)
}
