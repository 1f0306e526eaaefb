//! The job that deletes what is too old, traffic and who its consumers were: at start and every hour, under a lease, so that one of many workers does it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use super::outage::sleep;
use crate::clock::SharedClock;
use crate::store::StoreError;
use crate::store::metadata::{Lease, Metadata};
use crate::store::traffic::{Retention, TrafficWriter};

/// How long between two runs. A run deletes an hour's rows: about a hundred thousand for fifty busy routes.
const EVERY: Duration = Duration::from_secs(3_600);

/// Longer than the time between two runs, so that the worker which did it does it again. When it is gone, another one does it
/// at the latest an hour after this.
const LEASE_MS: i64 = 4_200_000;

const LEASE: &str = "retention";

/// How much later than the metadata says a consumer may have called: workers write it once a day, and traffic goes by whole days.
const SEEN_WITHIN_SECS: i64 = 2 * 86_400;

/// Consumers in one statement: some milliseconds.
const CONSUMERS_AT_ONCE: u32 = 500;

/// What the job works with.
#[derive(Clone)]
pub struct RetentionJob {
    pub process_id: Uuid,
    pub metadata: Metadata,
    pub writer: Arc<dyn TrafficWriter>,
    pub clock: SharedClock,
    pub retention: Retention,
}

impl RetentionJob {
    /// Runs until `stop` says so. A run that fails is logged and tried again with the next.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            self.run_once().await;
            if !sleep(EVERY, &mut stop).await {
                break;
            }
        }
        let _ = self.metadata.release_lease(LEASE, self.process_id).await;
    }

    async fn run_once(&self) {
        let now = self.clock.now_ms();
        let lease = Lease { name: LEASE.to_owned(), holder: self.process_id, expires_at: now + LEASE_MS };
        // Deleting twice is harmless, not deleting fills the disk: without an answer it is done.
        if matches!(self.metadata.hold_lease(&lease, now).await, Ok(false)) {
            return;
        }
        if let Err(error) = self.writer.delete_expired(self.clock.now(), &self.retention).await {
            tracing::warn!(%error, "Old traffic could not be deleted; it is tried again in an hour.");
        }
        if let Err(error) = self.forget_consumers().await {
            tracing::warn!(%error, "Old consumers could not be forgotten; it is tried again in an hour.");
        }
    }

    /// Forgets who those consumers are of whom no traffic and no request log is kept any more.
    async fn forget_consumers(&self) -> Result<(), StoreError> {
        let kept_secs = self.retention.coarse_secs.max(self.retention.request_logs_secs);
        let before = self.clock.now() - kept_secs - SEEN_WITHIN_SECS;
        while self.metadata.expire_consumers(before, CONSUMERS_AT_ONCE).await? >= CONSUMERS_AT_ONCE.into() {}
        Ok(())
    }
}
