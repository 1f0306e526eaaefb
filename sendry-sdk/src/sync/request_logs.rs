//! Sending request logs: after the reports, and never in their way. A hub that takes no request logs still gets reports, and one
//! that takes no reports gets no request logs either.

use std::time::Duration;

use super::deliver::deliver;
use super::syncer::{Syncer, nanos};
use super::transport::{Message, MessageKind, TransportError};
use super::{FlushError, rhythm};
use crate::protocol::Accepted;
use crate::request_log::{Batch, Writer, discard};

/// Batches sent in a row before the thread pauses; each is up to 1 MB.
const BURST_MAX: usize = 10;
const BURST_PAUSE: Duration = Duration::from_secs(1);

/// How often the folder is looked through for what dead processes left.
const ADOPT_EVERY: Duration = Duration::from_secs(300);

/// How long the writer is waited for, five seconds: a long queue keeps it busy for less, a disk that hangs for ever.
const WRITER_TRIES: u32 = 500;
const WRITER_TRY_PAUSE: Duration = Duration::from_millis(10);

/// What the sync thread remembers of request logs.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    /// Whether there may be batches to send.
    waiting: bool,
    next_attempt_at: u64,
    failures: u32,
    complained: bool,
    /// Until when the hub wants none, in seconds of Unix time.
    paused_until: Option<i64>,
    adopt_at: u64,
}

impl Uploads {
    /// The writer says that a batch is ready.
    pub(super) fn notice(&mut self) {
        self.waiting = true;
    }

    pub(super) fn obey(&mut self, accepted: &Accepted) {
        self.paused_until = accepted.request_logs_paused_until;
    }
}

impl Syncer {
    /// Makes ready what was logged so far.
    pub(super) fn ready_request_logs(&mut self) {
        let now = self.now();
        let adopts = now >= self.uploads.adopt_at;
        if adopts {
            self.uploads.adopt_at = now.saturating_add(nanos(ADOPT_EVERY));
        }
        let client = self.client;
        let ready = |writer: &mut Writer| {
            if adopts {
                writer.adopt(client);
            }
            writer.make_ready(client);
            writer.oldest().is_some()
        };
        // A writer that is busy is asked again at the next report.
        if let Some(waiting) = client.request_logs.as_ref().and_then(|logger| logger.try_write(client, ready))
        {
            self.uploads.waiting = waiting;
        }
    }

    /// When request logs are to be sent next, if there are any and nothing stands before them.
    pub(super) fn request_logs_due_at(&self) -> Option<u64> {
        let free = self.uploads.waiting && self.has_nothing_to_report();
        free.then(|| self.uploads.next_attempt_at.max(self.now().saturating_add(nanos(self.pause()))))
    }

    /// How long the hub wants none.
    fn pause(&self) -> Duration {
        let now_ms = self.client.timeline.now_ms();
        let until_ms = self.uploads.paused_until.unwrap_or_default().saturating_mul(1_000);
        Duration::from_millis(u64::try_from(until_ms.saturating_sub(now_ms)).unwrap_or(0))
    }

    /// Sends what is due.
    pub(super) async fn send_due_request_logs(&mut self) {
        if self.request_logs_due_at().is_some_and(|due| due <= self.now()) {
            // Said and scheduled where it happens.
            _ = self.send_request_logs(BURST_MAX).await;
        }
    }

    /// Makes ready and sends everything, unless the hub wants none.
    pub(super) async fn flush_request_logs(&mut self) -> Result<(), FlushError> {
        let client = self.client;
        if client.request_logs.is_none() || !self.pause().is_zero() {
            return Ok(());
        }
        _ = self.with_writer(|writer| writer.make_ready(client)).await;
        self.send_request_logs(usize::MAX).await.map_err(|error| FlushError::Kept(error.to_string()))
    }

    /// Leaves what the hub did not take to the next process.
    pub(super) async fn leave_request_logs(&mut self) {
        let client = self.client;
        _ = self.with_writer(|writer| writer.leave(client)).await;
    }

    async fn send_request_logs(&mut self, max: usize) -> Result<(), TransportError> {
        for _ in 0..max {
            let Some(oldest) = self.with_writer(|writer| writer.oldest().cloned()).await else {
                return Err(self.back_off_request_logs(busy()));
            };
            let Some(batch) = oldest else {
                self.uploads.waiting = false;
                return Ok(());
            };
            self.send_batch(&batch).await?;
        }
        self.uploads.next_attempt_at = self.now().saturating_add(nanos(BURST_PAUSE));
        Ok(())
    }

    async fn send_batch(&mut self, batch: &Batch) -> Result<(), TransportError> {
        let Ok(body) = std::fs::read(&batch.file) else {
            // Somebody cleaned up.
            self.settle(batch, false).await;
            return Ok(());
        };
        let sent_at = self.now();
        let message = Message { kind: MessageKind::RequestLogs, body: body.into() };
        match deliver(&*self.transport, message, &self.client.losses).await {
            Ok(accepted) => {
                self.obey(&accepted, sent_at);
                self.uploads.failures = 0;
                self.uploads.complained = false;
                self.settle(batch, true).await;
                Ok(())
            }
            Err(TransportError::Refused(detail)) => {
                self.settle(batch, false).await;
                tracing::warn!(%detail, batch.id = %batch.batch_id, batch.lines, "the Sendry hub refused request logs for good; they are dropped and counted as lost");
                Ok(())
            }
            Err(error) => Err(self.back_off_request_logs(error)),
        }
    }

    /// Forgets a batch that the hub has, or never will.
    async fn settle(&mut self, batch: &Batch, arrived: bool) {
        let settled = self.with_writer(|writer| writer.settle(batch.batch_id)).await.flatten();
        if !arrived && let Some(batch) = settled {
            discard(self.client, &batch);
        }
    }

    /// Waits longer after each failure, and complains once.
    fn back_off_request_logs(&mut self, error: TransportError) -> TransportError {
        self.uploads.failures = self.uploads.failures.saturating_add(1);
        let delay = match &error {
            TransportError::Unauthorized(_) => rhythm::unauthorized_delay(),
            TransportError::Unavailable { retry_after, .. } => {
                rhythm::retry_delay(self.uploads.failures, *retry_after)
            }
            TransportError::Refused(_) => Duration::ZERO,
        };
        self.uploads.next_attempt_at = self.now().saturating_add(nanos(delay));
        if !std::mem::replace(&mut self.uploads.complained, true) {
            tracing::warn!(%error, "the Sendry hub does not take request logs; up to 50 MB of them are kept for an hour");
        }
        error
    }

    /// Writes what waits and asks the writer, as soon as it is free. None when it stays busy.
    async fn with_writer<T>(&self, mut ask: impl FnMut(&mut Writer) -> T) -> Option<T> {
        let logger = self.client.request_logs.as_ref()?;
        for _ in 0..WRITER_TRIES {
            if let Some(answer) = logger.try_write(self.client, &mut ask) {
                return Some(answer);
            }
            tokio::time::sleep(WRITER_TRY_PAUSE).await;
        }
        None
    }
}

fn busy() -> TransportError {
    let detail = "the request log is being written, and the disk is slow".to_owned();
    TransportError::Unavailable { detail, retry_after: None }
}
