//! The job that deletes what is too old: at start and every hour, under a lease, so that one of many workers does it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use super::outage::sleep;
use crate::clock::SharedClock;
use crate::store::metadata::{Lease, Metadata};
use crate::store::traffic::{Retention, TrafficWriter};

/// How long between two runs. A run deletes an hour's rows: about a hundred thousand for fifty busy routes.
const EVERY: Duration = Duration::from_secs(3_600);

/// Longer than the time between two runs, so that the worker which did it does it again. When it is gone, another one does it
/// at the latest an hour after this.
const LEASE_MS: i64 = 4_200_000;

const LEASE: &str = "retention";

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
    }
}
