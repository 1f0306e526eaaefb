//! The loop: receive, decode, register, store, acknowledge.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::time::Instant;

use super::batch::{Batch, Outcome, Pending, Storable, panicked};
use super::decode::{self, Message, Refusal};
use super::directory::Directory;
use super::intake::{Decoded, decode_some};
use super::outage::{Backoff, sleep, stopped};
use super::register::Registrar;
use super::stats::WorkerStats;
use crate::clock::SharedClock;
use crate::queue::{Consumer, DeadLetterReason, Delivery, ENVELOPE_VERSION, Queue, QueueError, Topic};
use crate::store::StoreError;
use crate::store::traffic::{
    AcceptedReport, AcceptedRequestLogs, AcceptedStartup, ConsumerKey, TrafficWriter,
};

/// Deliveries taken at once: enough to fold the reports of many instances into one transaction.
const RECEIVE_MAX: usize = 64;

/// How long to wait for a delivery before looking around.
const RECEIVE_WAIT: Duration = Duration::from_secs(5);

/// How often storing an envelope may fail for its own sake.
const ATTEMPTS_MAX: u32 = 3;

/// How long envelopes of a newer version are kept before they are given back, for a newer worker to take.
const PARKED_FOR: Duration = Duration::from_secs(30);

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
    registrar: Registrar,
    /// Deliveries of a newer version, and since when.
    parked: Vec<(Instant, Delivery)>,
    warned_of_version: bool,
}

/// A store or the queue is down.
struct Outage(String);

impl Worker {
    pub fn new(topic: Topic, parts: WorkerParts) -> Self {
        Self::with_stats(topic, parts, Arc::default())
    }

    /// A worker that goes on counting where another ended.
    pub fn with_stats(topic: Topic, parts: WorkerParts, stats: Arc<WorkerStats>) -> Self {
        let registrar = Registrar::new(parts.directory.clone(), parts.clock.clone());
        Self { topic, parts, stats, registrar, parked: Vec::new(), warned_of_version: false }
    }

    /// What it did so far.
    pub fn stats(&self) -> Arc<WorkerStats> {
        self.stats.clone()
    }

    /// Works until `stop` says so; the batch in hand is finished, the rest stays in the queue.
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

    /// Receives and stores until something is down or `stop` says so.
    async fn drain(&mut self, stop: &mut watch::Receiver<bool>, backoff: &mut Backoff) -> Result<(), Outage> {
        let mut consumer = self.parts.queue.consumers.consume(self.topic).await?;
        loop {
            let received = tokio::select! {
                biased;
                () = stopped(stop) => return Ok(()),
                received = receive(consumer.as_mut()) => received?,
            };
            self.unpark();
            let mut deliveries = self.park_newer(received);
            while !deliveries.is_empty() {
                let decoded = decode_some(&mut deliveries, &self.parts.consumer_key).await;
                self.store(decoded).await?;
                *backoff = Backoff::default();
            }
            if self.parked.len() >= RECEIVE_MAX && !sleep(PARKED_FOR, stop).await {
                return Ok(());
            }
        }
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

    /// Gives back what was kept long enough.
    fn unpark(&mut self) {
        self.parked.retain(|(since, _)| since.elapsed() < PARKED_FOR);
    }

    /// Keeps envelopes of a newer version for a while, unsettled: given back at once they would come again at once.
    fn park_newer(&mut self, received: Vec<Delivery>) -> Vec<Delivery> {
        let (known, newer): (Vec<_>, Vec<_>) =
            received.into_iter().partition(|delivery| delivery.envelope.version <= ENVELOPE_VERSION);
        if let Some(delivery) = newer.first()
            && !std::mem::replace(&mut self.warned_of_version, true)
        {
            let version = delivery.envelope.version;
            tracing::error!(
                version,
                "The queue holds envelopes of a newer hub; they wait until a newer hub works."
            );
        }
        let now = Instant::now();
        self.parked.extend(newer.into_iter().map(|delivery| (now, delivery)));
        known
    }

    /// Stores a batch and settles its deliveries. After an outage all that is not settled goes back, by being dropped.
    async fn store(&mut self, decoded: Vec<Decoded>) -> Result<(), Outage> {
        let mut reports: Batch<AcceptedReport> = Batch::default();
        let mut startups: Batch<AcceptedStartup> = Batch::default();
        let mut logs: Batch<AcceptedRequestLogs> = Batch::default();
        let (mut refused, mut failed) = (Vec::new(), Vec::new());
        for (delivery, message) in decoded {
            let admitted = match message {
                Ok(message) => match self.admit(message).await? {
                    Ok(admitted) => admitted,
                    Err(panic) => {
                        failed.push((Pending { delivery, refusal: None }, panic));
                        continue;
                    }
                },
                Err(refusal) => Err(refusal),
            };
            let pending = |refusal| Pending { delivery, refusal };
            match admitted {
                Ok(Message::Startup(startup)) => startups.push(startup, pending(None)),
                Ok(Message::Report(report)) => reports.push(report.accepted, pending(report.refusal)),
                Ok(Message::RequestLogs(batch)) => logs.push(batch.accepted, pending(batch.refusal)),
                Err(refusal) => refused.push(pending(Some(refusal))),
            }
        }
        self.settle_refused(refused).await?;
        for (pending, panic) in failed {
            self.settle_failed(pending, &panic).await?;
        }
        self.store_batch(startups).await?;
        self.store_batch(reports).await?;
        self.store_batch(logs).await
    }

    /// Registers what the message names. A panic is this message's failure, and not the others'.
    async fn admit(
        &mut self,
        message: Message,
    ) -> Result<Result<Result<Message, Refusal>, StoreError>, StoreError> {
        match AssertUnwindSafe(self.registrar.admit(message)).catch_unwind().await {
            Ok(admitted) => admitted.map(Ok),
            Err(panic) => Ok(Err(panicked("registering", panic.as_ref()))),
        }
    }

    async fn store_batch<T: Storable>(&self, batch: Batch<T>) -> Result<(), Outage> {
        for outcome in batch.store(self.parts.writer.as_ref()).await {
            match outcome {
                Outcome::Stored(pending, written) => {
                    self.stats.add_written(written);
                    self.note_insert_lag(&pending);
                    self.settle_stored(pending).await?;
                }
                Outcome::Refused(pending, error) => self.settle_failed(pending, &error).await?,
                Outcome::Outage(pending, error) => {
                    futures_util::future::join_all(pending.into_iter().map(|one| one.delivery.give_back()))
                        .await;
                    return Err(error.into());
                }
            }
        }
        Ok(())
    }

    /// The oldest of a batch tells how far storing is behind.
    fn note_insert_lag(&self, stored: &[Pending]) {
        let oldest = stored.iter().map(|pending| pending.delivery.envelope.accepted_at).min();
        if let Some(oldest) = oldest {
            self.stats.note_insert_lag(self.parts.clock.now_ms() - oldest);
        }
    }

    /// Acknowledges all at once, so that the queue can do it in one commit. What cannot be settled comes again, so it is an
    /// outage: else it would come again at once.
    async fn settle_stored(&self, pending: Vec<Pending>) -> Result<(), Outage> {
        let settled = pending.into_iter().map(|Pending { delivery, refusal }| async {
            match refusal {
                Some(refusal) => self.bury(delivery, refusal).await,
                None => delivery.ack().await,
            }
        });
        let settled = futures_util::future::join_all(settled).await;
        Ok(settled.into_iter().collect::<Result<(), QueueError>>()?)
    }

    /// Dead letters are no gaps: that is noted first.
    async fn settle_refused(&self, refused: Vec<Pending>) -> Result<(), Outage> {
        let marks: Vec<_> = refused.iter().map(|pending| decode::mark(&pending.delivery.envelope)).collect();
        if !marks.is_empty() {
            self.parts.writer.note_settled(&marks).await?;
        }
        self.settle_stored(refused).await
    }

    /// The store refused this one for its own sake.
    async fn settle_failed(&self, pending: Pending, error: &StoreError) -> Result<(), Outage> {
        if pending.delivery.attempts + 1 < ATTEMPTS_MAX {
            return Ok(pending.delivery.retry().await?);
        }
        let refusal = Refusal { reason: DeadLetterReason::Failed, detail: error.to_string() };
        self.settle_refused(vec![Pending { refusal: Some(refusal), ..pending }]).await
    }

    async fn bury(&self, delivery: Delivery, refusal: Refusal) -> Result<(), QueueError> {
        let (app_id, reason) = (delivery.envelope.app_id, refusal.reason.as_str());
        tracing::warn!(app.id = %app_id, reason, detail = refusal.detail, "An envelope became a dead letter.");
        self.stats.add_dead_letter(refusal.reason);
        delivery.dead_letter(refusal.reason, refusal.detail).await
    }
}

async fn receive(consumer: &mut dyn Consumer) -> Result<Vec<Delivery>, QueueError> {
    consumer.receive(RECEIVE_MAX, RECEIVE_WAIT).await
}

impl From<StoreError> for Outage {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

impl From<QueueError> for Outage {
    fn from(error: QueueError) -> Self {
        Self(error.to_string())
    }
}
