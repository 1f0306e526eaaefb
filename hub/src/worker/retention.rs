//! The job that deletes what is too old, traffic, who its consumers were and the audit log: at start and every hour, under a lease, so
//! that one of many workers does it. A clock that jumped ahead deletes nothing ([`super::steady`]).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use super::outage::sleep;
use super::steady::{AHEAD_MAX_SECS, Known, SEEN_FOR, SteadyClock, Verdict};
use crate::clock::{SharedClock, UnixSecs};
use crate::metrics::Metrics;
use crate::store::StoreError;
use crate::store::metadata::{Lease, Metadata};
use crate::store::traffic::{Retention, TrafficWriter};

/// How long between two runs. A run deletes an hour's rows: about a hundred thousand for fifty busy routes.
const EVERY: Duration = Duration::from_secs(3_600);

/// How long between two looks at a clock that is ahead: it may be right again soon, and two of them must see it run on.
const LOOK_AGAIN: Duration = SEEN_FOR.saturating_add(Duration::from_secs(1));

/// Longer than the time between two runs, so that the worker which did it does it again. When it is gone, another one does it
/// at the latest an hour after this.
const LEASE_MS: i64 = 4_200_000;

const LEASE: &str = "retention";

/// The note of what the clock said at the last run.
const NOTE: &str = "retention";

/// The note of what a clock that was ahead said when that was seen first.
const AHEAD_NOTE: &str = "retention_ahead_since";

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
            let is_believed = self.run_once().await.unwrap_or_else(|error| {
                tracing::warn!(%error, "Nothing old is deleted without the metadata; it is tried again in an hour.");
                true
            });
            if !sleep(if is_believed { EVERY } else { LOOK_AGAIN }, &mut stop).await {
                break;
            }
        }
        let _ = self.parts.metadata.release_lease(LEASE, self.parts.process_id).await;
    }

    /// Whether the clock is believed. If so and nobody else does it, what is old is deleted.
    async fn run_once(&self) -> Result<bool, StoreError> {
        let RetentionParts { process_id, metadata, clock, .. } = &self.parts;
        let last_run = metadata.note(NOTE).await?;
        let known = Known { last_run, ahead_since: metadata.note(AHEAD_NOTE).await? };
        let (now, now_ms) = (clock.now(), clock.now_ms());
        // Before the lease: who is not to be believed keeps nobody else from it.
        if !self.believes(now, known).await? {
            return Ok(false);
        }
        let lease = Lease { name: LEASE.to_owned(), holder: *process_id, expires_at: now_ms + LEASE_MS };
        if metadata.hold_lease(&lease, now_ms).await? {
            self.delete(now).await;
            // A clock that is a little behind those of others leaves their word.
            let is_behind = last_run.is_some_and(|last| (0..=AHEAD_MAX_SECS).contains(&(last - now)));
            if !is_behind {
                metadata.write_note(NOTE, now).await?;
            }
        }
        Ok(true)
    }

    /// Whether the clock may decide; if not, that is told. Others hear of it: who waits, and who contradicts.
    async fn believes(&self, now: UnixSecs, known: Known) -> Result<bool, StoreError> {
        let uptime = self.parts.clock.uptime();
        let verdict = self.steady.lock().unwrap_or_else(PoisonError::into_inner).judge(now, uptime, known);
        self.parts.metrics.set_clock_ahead(verdict != Verdict::Believed);
        let Verdict::Ahead { secs, since, believed_in } = verdict else {
            if known.ahead_since.is_some() {
                self.parts.metadata.delete_note(AHEAD_NOTE).await?;
            }
            return Ok(true);
        };
        tracing::warn!(
            ahead_secs = secs,
            believed_in_secs = believed_in.as_secs(),
            "The clock is far ahead of the last time that old data was deleted; nothing is deleted until it has run on for hours. \
             Set it right, unless no hub ran in between."
        );
        if known.ahead_since != Some(since) {
            self.parts.metadata.write_note(AHEAD_NOTE, since).await?;
        }
        Ok(false)
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
