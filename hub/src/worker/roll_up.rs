//! The job that brings coarser tiers up to date where a store makes them apart from the write: every minute, under a lease, so that one of
//! many workers does it. Answers do not wait for it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use super::outage::sleep;
use crate::clock::SharedClock;
use crate::store::metadata::{Lease, Metadata};
use crate::store::traffic::TrafficWriter;

/// How long between two runs: what ended in the meantime is some minutes of questions slower.
const EVERY: Duration = Duration::from_secs(60);

/// Longer than some runs, so that the worker which did it does it again.
const LEASE_MS: i64 = 180_000;

const LEASE: &str = "roll_up";

/// What the job works with.
#[derive(Clone)]
pub struct RollUpJob {
    pub process_id: Uuid,
    pub metadata: Metadata,
    pub writer: Arc<dyn TrafficWriter>,
    pub clock: SharedClock,
}

impl RollUpJob {
    /// Runs until `stop` says so. A run that fails is logged and tried again with the next.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while sleep(EVERY, &mut stop).await {
            self.run_once().await;
        }
        let _ = self.metadata.release_lease(LEASE, self.process_id).await;
    }

    async fn run_once(&self) {
        let now = self.clock.now_ms();
        let lease = Lease { name: LEASE.to_owned(), holder: self.process_id, expires_at: now + LEASE_MS };
        // It is harmless when two do it.
        if matches!(self.metadata.hold_lease(&lease, now).await, Ok(false)) {
            return;
        }
        if let Err(error) = self.writer.roll_up(self.clock.now()).await {
            tracing::warn!(%error, "Coarser tiers could not be brought up to date; it is tried again in a minute.");
        }
    }
}
