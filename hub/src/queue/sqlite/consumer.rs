//! Receiving and settling.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Row, SqlitePool};
use tokio::time::Instant;

use super::rows;
use super::topics::{TopicState, Topics};
use super::writer::{Op, Writer};
use crate::queue::{Consumer, Consumers, Delivery, QueueError, Settle, Settlement, Topic};
use crate::sqlite::Database;

/// Bytes of bodies in one answer, after which no further delivery is added: a batch of the largest reports must not fill
/// the memory.
const RECEIVE_BYTES_MAX: usize = 8 * 1024 * 1024;

pub(super) struct SqliteConsumers {
    readers: SqlitePool,
    writer: Writer,
    topics: Arc<Topics>,
}

impl SqliteConsumers {
    pub(super) fn new(database: &Database, writer: &Writer, topics: &Arc<Topics>) -> Self {
        Self { readers: database.readers.clone(), writer: writer.clone(), topics: topics.clone() }
    }
}

#[async_trait]
impl Consumers for SqliteConsumers {
    async fn consume(&self, topic: Topic) -> Result<Box<dyn Consumer>, QueueError> {
        self.topics.of(topic).consumer_came();
        Ok(Box::new(SqliteConsumer {
            topic,
            readers: self.readers.clone(),
            writer: self.writer.clone(),
            topics: self.topics.clone(),
        }))
    }
}

struct SqliteConsumer {
    topic: Topic,
    readers: SqlitePool,
    writer: Writer,
    topics: Arc<Topics>,
}

impl Drop for SqliteConsumer {
    fn drop(&mut self) {
        self.state().consumer_left();
    }
}

#[async_trait]
impl Consumer for SqliteConsumer {
    async fn receive(&mut self, max: usize, wait: Duration) -> Result<Vec<Delivery>, QueueError> {
        let deadline = Instant::now() + wait;
        loop {
            let deliveries = self.take(max).await?;
            if !deliveries.is_empty() {
                return Ok(deliveries);
            }
            if tokio::time::timeout_at(deadline, self.state().arrived()).await.is_err() {
                return self.take(max).await;
            }
        }
    }
}

impl SqliteConsumer {
    fn state(&self) -> &TopicState {
        self.topics.of(self.topic)
    }

    /// What is there now: first what came back, then what was never taken.
    ///
    /// Every id that is taken gets its [`Place`] before anything can fail or be cancelled, so that none is forgotten.
    async fn take(&self, max: usize) -> Result<Vec<Delivery>, QueueError> {
        let _reading = self.state().reading.lock().await;
        let mut taking = Taking { consumer: self, deliveries: Vec::new(), bytes: 0 };
        let returned = self.state().take_returned(max);
        let places: Vec<_> = returned.into_iter().map(|id| (id, Place::new(self, id))).collect();
        for (id, place) in places {
            taking.take_one(id, place).await?;
        }
        if taking.has_room(max) {
            taking.take_new(max).await?;
        }
        Ok(taking.deliveries)
    }
}

/// An answer in the making.
struct Taking<'a> {
    consumer: &'a SqliteConsumer,
    deliveries: Vec<Delivery>,
    bytes: usize,
}

impl Taking<'_> {
    fn has_room(&self, max: usize) -> bool {
        self.deliveries.len() < max && (self.bytes < RECEIVE_BYTES_MAX || self.deliveries.is_empty())
    }

    async fn take_one(&mut self, id: i64, place: Place) -> Result<(), QueueError> {
        if self.bytes >= RECEIVE_BYTES_MAX {
            return Ok(());
        }
        let sql = format!("SELECT id, attempts, {} FROM envelopes WHERE id = ?", rows::COLUMNS);
        let row = sqlx::query(AssertSqlSafe(sql)).bind(id).fetch_optional(&self.consumer.readers).await?;
        match row {
            Some(row) => self.add(place, &row)?,
            None => place.forget(),
        }
        Ok(())
    }

    async fn take_new(&mut self, max: usize) -> Result<(), QueueError> {
        let state = self.consumer.state();
        let sql = format!(
            "SELECT id, attempts, {} FROM envelopes WHERE topic = ? AND id > ? ORDER BY id LIMIT ?",
            rows::COLUMNS
        );
        let left = i64::try_from(max - self.deliveries.len()).unwrap_or(i64::MAX);
        let query = sqlx::query(AssertSqlSafe(sql)).bind(rows::topic_id(self.consumer.topic));
        let mut found = query.bind(state.cursor()).bind(left).fetch(&self.consumer.readers);
        while self.has_room(max) {
            let Some(row) = found.try_next().await? else { break };
            let id: i64 = row.try_get(0)?;
            state.advance(id);
            self.add(Place::new(self.consumer, id), &row)?;
        }
        Ok(())
    }

    fn add(&mut self, place: Place, row: &sqlx::sqlite::SqliteRow) -> Result<(), QueueError> {
        let attempts: i64 = row.try_get(1)?;
        let envelope = match rows::envelope(row, 2) {
            Ok(envelope) => envelope,
            Err(error) => {
                tracing::error!(%error, queue.row = place.id, "An envelope cannot be read; it stays until a version that can.");
                place.forget();
                return Ok(());
            }
        };
        self.bytes += envelope.body.len();
        let attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
        self.deliveries.push(Delivery::new(envelope, attempts, Box::new(place)));
        Ok(())
    }
}

/// The place of an envelope that is out. Dropped unsettled, it gives the envelope back.
struct Place {
    id: Option<i64>,
    topic: Topic,
    topics: Arc<Topics>,
    writer: Writer,
}

impl Place {
    fn new(consumer: &SqliteConsumer, id: i64) -> Self {
        let (topics, writer) = (consumer.topics.clone(), consumer.writer.clone());
        Self { id: Some(id), topic: consumer.topic, topics, writer }
    }

    /// The envelope is settled: it does not come back.
    fn forget(mut self) {
        self.id = None;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.topics.of(self.topic).give_back(id);
        }
    }
}

#[async_trait]
impl Settle for Place {
    async fn settle(self: Box<Self>, settlement: Settlement) -> Result<(), QueueError> {
        let Some(id) = self.id else { return Ok(()) };
        match settlement {
            Settlement::GiveBack => Ok(()),
            Settlement::Retry => self.writer.commit(Op::Retry(id)).await.map(|_| ()),
            Settlement::Ack => {
                self.writer.commit(Op::Remove(id)).await?;
                self.forget();
                Ok(())
            }
            Settlement::DeadLetter(reason, detail) => {
                self.writer.commit(Op::Bury { id, reason, detail }).await?;
                self.forget();
                Ok(())
            }
        }
    }

    fn abandon(self: Box<Self>) {}
}
