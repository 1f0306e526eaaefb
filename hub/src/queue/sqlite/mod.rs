//! The embedded queue: a SQLite file of its own, for one hub process.
//!
//! One writer ([`writer`]) commits publishes and settlements in groups, with `synchronous = FULL`: what `publish` returned for
//! survives a power cut. Who waits is woken in process ([`topics`]); which deliveries are out stands in memory alone, so they
//! come back after a restart. A drained queue hands its pages back to the file system while nobody writes.
//!
//! What the file may hold is bounded: beyond it publishing fails, and everything else goes on, so that the queue drains.
//!
//! It does not share deliveries between processes: the CLI beside a running hub may list, replay and drop dead letters,
//! only the hub consumes.

mod consumer;
mod dead_letters;
mod rows;
mod topics;
mod writer;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

use self::consumer::SqliteConsumers;
use self::dead_letters::SqliteDeadLetters;
use self::topics::Topics;
use self::writer::{Op, Writer};
use super::{Envelope, Producer, Queue, QueueError, QueueHealth, QueueStats, Topic};
use crate::clock::SharedClock;
use crate::sqlite::Database;
use crate::store::StoreError;

/// The schema, one file a version; the list only grows.
const MIGRATIONS: &[&str] = &[include_str!("../../../migrations/queue/sqlite/0001_envelopes.sql")];

/// The number of the newest schema.
pub const SCHEMA: usize = MIGRATIONS.len();

/// Readers: one for each topic's consumer and one for lists and figures.
const READERS: u32 = 3;

/// Opens or creates the queue in the file `path`, which takes up to `bytes_max`. Needs a tokio runtime, on which the writer runs until
/// [`QueueHealth::close`].
pub async fn connect(path: &Path, bytes_max: u64, clock: SharedClock) -> Result<Queue, QueueError> {
    let database = Database::open(path, READERS, MIGRATIONS).await?;
    let topics = Arc::new(Topics::default());
    let writer = Writer::start(database.writer.clone(), bytes_max, clock);
    Ok(Queue {
        producer: Arc::new(SqliteProducer { writer: writer.clone(), topics: topics.clone() }),
        consumers: Arc::new(SqliteConsumers::new(&database, &writer, &topics)),
        dead_letters: Arc::new(SqliteDeadLetters::new(&database, &writer, &topics)),
        health: Arc::new(SqliteHealth { database, writer, topics }),
    })
}

struct SqliteProducer {
    writer: Writer,
    topics: Arc<Topics>,
}

#[async_trait]
impl Producer for SqliteProducer {
    async fn publish(&self, topic: Topic, envelope: Envelope) -> Result<(), QueueError> {
        self.writer.commit(Op::Publish(topic, envelope)).await?;
        self.topics.of(topic).wake();
        Ok(())
    }
}

struct SqliteHealth {
    database: Database,
    writer: Writer,
    topics: Arc<Topics>,
}

#[async_trait]
impl QueueHealth for SqliteHealth {
    /// Both topics are in one file.
    async fn check(&self, _topic: Topic) -> Result<(), QueueError> {
        sqlx::query("SELECT 1 FROM envelopes LIMIT 1").fetch_optional(&self.database.readers).await?;
        self.writer.commit(Op::Probe).await.map(|_| ())
    }

    async fn stats(&self, topic: Topic) -> Result<QueueStats, QueueError> {
        let sql = "SELECT (SELECT count(*) FROM envelopes WHERE topic = ?1), \
                   (SELECT accepted_at FROM envelopes WHERE topic = ?1 ORDER BY id LIMIT 1), \
                   (SELECT count(*) FROM dead_letters WHERE topic = ?1)";
        let row: (i64, Option<i64>, i64) =
            sqlx::query_as(sql).bind(rows::topic_id(topic)).fetch_one(&self.database.readers).await?;
        Ok(QueueStats {
            depth: row.0.unsigned_abs(),
            oldest_accepted_at: row.1,
            consumers: self.topics.of(topic).consumers(),
            dead_letters: row.2.unsigned_abs(),
        })
    }

    async fn close(&self) {
        self.writer.stop().await;
        self.database.close().await;
    }
}

impl From<sqlx::Error> for QueueError {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<StoreError> for QueueError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::SchemaTooNew(message) => Self::Corrupt(message),
            other => Self::Unavailable(other.to_string()),
        }
    }
}
