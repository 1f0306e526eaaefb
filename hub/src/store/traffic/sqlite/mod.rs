//! The embedded traffic store: a SQLite file of its own, written by one hub process.
//!
//! A batch of reports is one transaction: the ids of the reports, the three tiers and everything beside them are there
//! together or not at all, so a report is counted once whatever dies. `synchronous = FULL`, because the queue's acknowledgement
//! is: were this commit not on the disk first, a power cut would lose what the queue no longer holds. One writer reads,
//! merges and writes packed cells ([`cell`]); readers have a few connections of their own.

mod cell;
mod erase;
mod expire;
mod export;
mod ingest;
mod read;
mod varint;
mod write;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use tokio::sync::Mutex;

use self::write::IdCache;
use super::{Retention, Tier};
use crate::clock::{SharedClock, UnixSecs};
use crate::sqlite::{Database, Layout};
use crate::store::StoreError;

/// The schema, one file a version; the list only grows.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../../migrations/traffic/sqlite/0001_traffic.sql"),
    include_str!("../../../../migrations/traffic/sqlite/0002_request_logs.sql"),
    include_str!("../../../../migrations/traffic/sqlite/0003_versions_and_marks.sql"),
];

/// The number of the newest schema.
pub const SCHEMA: usize = MIGRATIONS.len();

const LAYOUT: Layout = Layout {
    // A page of the dashboard asks four questions at once.
    readers: 4,
    // A cell of half an hour or of all routes is 1 to 2 KB. At 4 KiB a page, what is above 1 KB spills to a page of its own,
    // and a question on a cold file reads twice as many pages; at 16 KiB each write would touch four times the bytes.
    page_bytes: 8_192,
    // A batch of a hundred routes touches about 300 pages in three tiers.
    writer_cache_kib: 4_096,
};

/// The store; cloning shares it.
#[derive(Clone)]
pub struct SqliteTraffic {
    database: Database,
    clock: SharedClock,
    retention: Retention,
    /// Held while writing: there is one writer, and what it knows is true only for its transaction.
    ids: Arc<Mutex<IdCache>>,
    /// The mark of this name, which this process alone writes.
    minutes_deleted_before: Arc<AtomicI64>,
}

/// The name of the mark before which minutes are deleted.
const MINUTES_DELETED_BEFORE: &str = "minutes_deleted_before";

/// Opens or creates the store in the file `path`. `retention` tells readers which minutes they cannot count on any more.
pub async fn connect(
    path: &Path,
    clock: SharedClock,
    retention: Retention,
) -> Result<SqliteTraffic, StoreError> {
    let database = Database::open_as(path, LAYOUT, MIGRATIONS).await?;
    let query = sqlx::query_scalar("SELECT value FROM marks WHERE name = ?").bind(MINUTES_DELETED_BEFORE);
    let mark: Option<UnixSecs> = query.fetch_optional(&database.writer).await?;
    let minutes_deleted_before = Arc::new(AtomicI64::new(mark.unwrap_or(UnixSecs::MIN)));
    Ok(SqliteTraffic { database, clock, retention, ids: Arc::default(), minutes_deleted_before })
}

impl SqliteTraffic {
    /// Waits for what is being done and closes the file.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

/// The number of a tier in the tables.
fn tier_id(tier: Tier) -> i64 {
    match tier {
        Tier::Minute => 0,
        Tier::HalfHour => 1,
        Tier::Day => 2,
    }
}

/// The class of an event group in the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum EventClass {
    Validation = 0,
    Server = 1,
    Loss = 2,
}

fn corrupt(what: &str) -> StoreError {
    StoreError::Unavailable(format!("the traffic file holds {what} that cannot be read"))
}
