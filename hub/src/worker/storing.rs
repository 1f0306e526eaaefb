//! The back of a worker: registers what messages name, stores them and settles their deliveries, two batches at a time, so that
//! one is made ready while the store is busy with the other.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::{Mutex, mpsc};

use super::batch::{Batch, Outcome, Pending, Storable, panicked};
use super::decode::{self, Message, Refusal};
use super::intake::Decoded;
use super::outage::{Backoff, Outage};
use super::register::Registrar;
use super::run::WorkerParts;
use super::stats::WorkerStats;
use crate::queue::{DeadLetterReason, Delivery, QueueError};
use crate::store::StoreError;
use crate::store::traffic::{AcceptedReport, AcceptedRequestLogs, AcceptedStartup};

/// Batches that are stored at a time.
const BATCHES_AT_ONCE: usize = 2;

/// Deliveries that are settled at once: enough to spread the cost of a commit, and few beside what may wait to be written.
const SETTLED_AT_ONCE: usize = 256;

/// How often storing an envelope may fail for its own sake.
const ATTEMPTS_MAX: u32 = 3;

/// Stores and settles.
pub(super) struct Storing {
    parts: WorkerParts,
    stats: Arc<WorkerStats>,
    registrar: Mutex<Registrar>,
}

impl Storing {
    pub(super) fn new(parts: WorkerParts, stats: Arc<WorkerStats>) -> Self {
        let registrar = Registrar::new(parts.directory.clone(), parts.clock.clone());
        Self { parts, stats, registrar: Mutex::new(registrar) }
    }

    /// Stores batches until no more come, or something is down: then what is in hand is finished, as far as it can be, and nothing
    /// more is taken.
    pub(super) async fn run(
        &self,
        batches: mpsc::Receiver<Vec<Decoded>>,
        backoff: &mut Backoff,
    ) -> Result<(), Outage> {
        let mut batches = Some(batches);
        let mut in_hand = FuturesUnordered::new();
        let mut ended = Ok(());
        loop {
            let takes_more = batches.is_some() && in_hand.len() < BATCHES_AT_ONCE;
            let next = async { batches.as_mut()?.recv().await };
            tokio::select! {
                Some(stored) = in_hand.next() => match stored {
                    Ok(()) if ended.is_ok() => *backoff = Backoff::default(),
                    Ok(()) => {}
                    Err(outage) => (batches, ended) = (None, Err(outage)),
                },
                batch = next, if takes_more => match batch {
                    Some(batch) => in_hand.push(self.store(batch)),
                    None => batches = None,
                },
                else => return ended,
            }
        }
    }

    /// Stores a batch and settles its deliveries. After an outage all that is not settled goes back, by being dropped.
    async fn store(&self, decoded: Vec<Decoded>) -> Result<(), Outage> {
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
        &self,
        message: Message,
    ) -> Result<Result<Result<Message, Refusal>, StoreError>, StoreError> {
        let mut registrar = self.registrar.lock().await;
        match AssertUnwindSafe(registrar.admit(message)).catch_unwind().await {
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
                    // Dropped, they go back. Waiting for it would leave time to take them again.
                    drop(pending);
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

    /// Acknowledges many at once, so that the queue can do it in one commit. What cannot be settled comes again, so it is an
    /// outage: else it would come again at once.
    async fn settle_stored(&self, pending: Vec<Pending>) -> Result<(), Outage> {
        let mut pending = pending.into_iter().peekable();
        while pending.peek().is_some() {
            let settled = pending.by_ref().take(SETTLED_AT_ONCE).map(|Pending { delivery, refusal }| async {
                match refusal {
                    Some(refusal) => self.bury(delivery, refusal).await,
                    None => delivery.ack().await,
                }
            });
            let settled = futures_util::future::join_all(settled).await;
            settled.into_iter().collect::<Result<(), QueueError>>()?;
        }
        Ok(())
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
