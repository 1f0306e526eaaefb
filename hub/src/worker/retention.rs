//! The job that deletes what is too old, traffic, who its consumers were and the audit log: at start and every hour, under a lease, so
//! that one of many workers does it. A clock that jumped ahead deletes nothing ([`super::steady`]).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use super::outage::sleep;
use super::steady::{SteadyClock, Verdict};
use crate::clock::{SharedClock, UnixSecs};
use crate::metrics::Metrics;
use crate::store::StoreError;
use crate::store::metadata::{Lease, Metadata};
use crate::store::traffic::{Retention, TrafficWriter};

/// How long between two runs. A run deletes an hour's rows: about a hundred thousand for fifty busy routes.
const EVERY: Duration = Duration::from_secs(3_600);

/// Longer than the time between two runs, so that the worker which did it does it again. When it is gone, another one does it
/// at the latest an hour after this.
const LEASE_MS: i64 = 4_200_000;

const LEASE: &str = "retention";

/// The note of what the clock said at the last run.
const NOTE: &str = "retention";

/// How much later than the metadata says a consumer may have called: workers write it once a day, and traffic goes by whole days.
const SEEN_WITHIN_SECS: i64 = 2 * 86_400;

/// Consumers in one statement: some milliseconds.
const CONSUMERS_AT_ONCE: u32 = 500;

/// What the job works with.
#[derive(Clone)]
pub struct RetentionParts {
    pub process_id: Uuid,
    pub metadata: Metadata,
    pub writer: Arc<dyn TrafficWriter>,
    pub clock: SharedClock,
    pub metrics: Arc<Metrics>,
    pub retention: Retention,
    /// How long the audit log is kept.
    pub audit_secs: i64,
}

/// The job; cloning shares what it knows of the clock.
#[derive(Clone)]
pub struct RetentionJob {
    parts: RetentionParts,
    steady: Arc<Mutex<SteadyClock>>,
}

impl RetentionJob {
    pub fn new(parts: RetentionParts) -> Self {
        Self { parts, steady: Arc::default() }
    }

    /// Runs until `stop` says so. A run that fails is logged and tried again with the next.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            self.run_once().await;
            if !sleep(EVERY, &mut stop).await {
                break;
            }
        }
        let _ = self.parts.metadata.release_lease(LEASE, self.parts.process_id).await;
    }

    async fn run_once(&self) {
        let RetentionParts { process_id, metadata, clock, .. } = &self.parts;
        let last_run = match metadata.note(NOTE).await {
            Ok(last_run) => last_run,
            Err(error) => {
                tracing::warn!(%error, "It is not known when old data was deleted last; it is asked again in an hour.");
                return;
            }
        };
        let now = clock.now();
        // Before the lease: who is not to be believed keeps nobody else from it.
        if !self.believes(now, last_run) {
            return;
        }
        let now_ms = clock.now_ms();
        let lease = Lease { name: LEASE.to_owned(), holder: *process_id, expires_at: now_ms + LEASE_MS };
        // Deleting twice is harmless, not deleting fills the disk: without an answer it is done.
        if matches!(metadata.hold_lease(&lease, now_ms).await, Ok(false)) {
            return;
        }
        self.delete(now).await;
        if let Err(error) = metadata.write_note(NOTE, now).await {
            tracing::warn!(%error, "That old data was deleted could not be noted.");
        }
    }

    /// Whether the clock may decide; if not, that is told.
    fn believes(&self, now: UnixSecs, last_run: Option<UnixSecs>) -> bool {
        let mut steady = self.steady.lock().unwrap_or_else(PoisonError::into_inner);
        let verdict = steady.judge(now, self.parts.clock.uptime(), last_run);
        self.parts.metrics.set_clock_ahead(verdict != Verdict::Believed);
        let Verdict::Ahead { secs, believed_in } = verdict else { return true };
        tracing::error!(
            ahead_secs = secs,
            believed_in_secs = believed_in.as_secs(),
            "The clock is far ahead of the last time that old data was deleted; nothing is deleted until it has run on for hours. \
             Set it right, unless no hub ran in between."
        );
        false
    }

    async fn delete(&self, now: UnixSecs) {
        let RetentionParts { writer, metadata, retention, audit_secs, .. } = &self.parts;
        if let Err(error) = writer.delete_expired(now, retention).await {
            tracing::warn!(%error, "Old traffic could not be deleted; it is tried again in an hour.");
        }
        if let Err(error) = self.forget_consumers(now).await {
            tracing::warn!(%error, "Old consumers could not be forgotten; it is tried again in an hour.");
        }
        if let Err(error) = metadata.delete_audit(now - audit_secs).await {
            tracing::warn!(%error, "The audit log could not be shortened; it is tried again in an hour.");
        }
    }

    /// Forgets who those consumers are of whom no traffic and no request log is kept any more.
    async fn forget_consumers(&self, now: UnixSecs) -> Result<(), StoreError> {
        let RetentionParts { metadata, retention, .. } = &self.parts;
        let kept_secs = retention.coarse_secs.max(retention.request_logs_secs);
        let before = now - kept_secs - SEEN_WITHIN_SECS;
        while metadata.expire_consumers(before, CONSUMERS_AT_ONCE).await? >= CONSUMERS_AT_ONCE.into() {}
        Ok(())
    }
}
