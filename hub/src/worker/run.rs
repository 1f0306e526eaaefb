//! The loop: one side receives and decodes ([`intake`](super::intake)), the other stores and settles
//! ([`storing`](super::storing)), at the same time; when something is down, both end, and the worker pauses until it is there again.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::directory::Directory;
use super::intake::Intake;
use super::outage::{Backoff, Outage, sleep};
use super::stats::WorkerStats;
use super::storing::Storing;
use crate::clock::SharedClock;
use crate::queue::{Queue, Topic};
use crate::store::traffic::{ConsumerKey, TrafficWriter};

/// What a worker works with.
#[derive(Clone)]
pub struct WorkerParts {
    pub queue: Queue,
    pub writer: Arc<dyn TrafficWriter>,
    pub directory: Arc<dyn Directory>,
    pub consumer_key: ConsumerKey,
    pub clock: SharedClock,
}

/// Drains one topic.
pub struct Worker {
    topic: Topic,
    parts: WorkerParts,
    stats: Arc<WorkerStats>,
    intake: Intake,
    storing: Storing,
}

impl Worker {
    pub fn new(topic: Topic, parts: WorkerParts) -> Self {
        Self::with_stats(topic, parts, Arc::default())
    }

    /// A worker that goes on counting where another ended.
    pub fn with_stats(topic: Topic, parts: WorkerParts, stats: Arc<WorkerStats>) -> Self {
        let intake = Intake::new(parts.consumer_key.clone());
        let storing = Storing::new(parts.clone(), stats.clone());
        Self { topic, parts, stats, intake, storing }
    }

    /// What it did so far.
    pub fn stats(&self) -> Arc<WorkerStats> {
        self.stats.clone()
    }

    /// Works until `stop` says so; what is decoded is finished, the rest stays in the queue.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut backoff = Backoff::default();
        // A run before this one may have ended in a pause.
        self.stats.resume();
        loop {
            let Err(Outage(error)) = self.drain(&mut stop, &mut backoff).await else { return };
            self.stats.pause();
            tracing::warn!(error, topic = ?self.topic, "The worker pauses: what it needs is down.");
            if !self.wait_for_recovery(&mut stop, &mut backoff).await {
                return;
            }
            self.stats.resume();
            tracing::info!(topic = ?self.topic, "The worker goes on.");
        }
    }

    /// Receives and stores until something is down or `stop` says so. Neither side is cut off in the middle of something: each hears
    /// of the other's end by the channel between them.
    async fn drain(&mut self, stop: &mut watch::Receiver<bool>, backoff: &mut Backoff) -> Result<(), Outage> {
        let consumer = self.parts.queue.consumers.consume(self.topic).await?;
        let (batches, ready) = mpsc::channel(1);
        let (received, stored) =
            tokio::join!(self.intake.run(consumer, batches, stop), self.storing.run(ready, backoff));
        stored?;
        Ok(received?)
    }

    /// Probes until everything answers; false when `stop` came first.
    async fn wait_for_recovery(&self, stop: &mut watch::Receiver<bool>, backoff: &mut Backoff) -> bool {
        while sleep(backoff.next(), stop).await {
            if self.probe().await.is_ok() {
                return true;
            }
        }
        false
    }

    async fn probe(&self) -> Result<(), Outage> {
        self.parts.writer.check().await?;
        self.parts.directory.check().await?;
        // The other topic has a worker of its own.
        Ok(self.parts.queue.health.check(self.topic).await?)
    }
}
