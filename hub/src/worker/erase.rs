//! The job that erases what is stored of deleted apps: every minute it looks for some, under a lease, so that one of many workers does it.
//!
//! The metadata forgets an app at once and notes that it was there; the note goes last, so whoever was interrupted is followed by
//! somebody who finds it. What was under way when the app was deleted is a dead letter, but workers believe for a minute that
//! an app is there: so the first pass waits, and a last one follows when nothing of it can come any more.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use super::outage::sleep;
use crate::clock::SharedClock;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::metadata::{DeletedApp, Lease, Metadata};
use crate::store::traffic::{SETTLED_AFTER_SECS, TrafficEraser};

/// How long between two looks.
const EVERY: Duration = Duration::from_secs(60);

/// Longer than some looks, so that the worker which did it does it again.
const LEASE_MS: i64 = 180_000;

const LEASE: &str = "erase_apps";

/// When the first pass is: a minute for which workers believe that the app is there, and one for what they have in hand.
const FIRST_AFTER_SECS: i64 = 120;

/// What the job works with.
#[derive(Clone)]
pub struct EraseJob {
    pub process_id: Uuid,
    pub metadata: Metadata,
    pub eraser: Arc<dyn TrafficEraser>,
    pub clock: SharedClock,
}

impl EraseJob {
    /// Runs until `stop` says so. What fails is logged and tried again with the next look.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        // Of these the last pass alone is missing.
        let mut passed = HashSet::new();
        loop {
            if let Err(error) = self.run_once(&mut passed).await {
                tracing::warn!(%error, "What is stored of a deleted app could not be erased; it is tried again in a minute.");
            }
            if !sleep(EVERY, &mut stop).await {
                break;
            }
        }
        let _ = self.metadata.release_lease(LEASE, self.process_id).await;
    }

    async fn run_once(&self, passed: &mut HashSet<AppId>) -> Result<(), StoreError> {
        let deleted = self.metadata.deleted_apps().await?;
        let now = self.clock.now_ms();
        let lease = Lease { name: LEASE.to_owned(), holder: self.process_id, expires_at: now + LEASE_MS };
        // It is harmless when two do it.
        if deleted.is_empty() || !self.metadata.hold_lease(&lease, now).await? {
            return Ok(());
        }
        for DeletedApp { app_id, deleted_at } in deleted {
            let since = self.clock.now() - deleted_at;
            if since >= SETTLED_AFTER_SECS {
                self.eraser.erase_app(app_id).await?;
                self.metadata.forget_deleted_app(app_id).await?;
                passed.remove(&app_id);
                tracing::info!(app.id = %app_id, "Everything that was stored of a deleted app is erased.");
            } else if since >= FIRST_AFTER_SECS && !passed.contains(&app_id) {
                self.eraser.erase_app(app_id).await?;
                passed.insert(app_id);
            }
        }
        Ok(())
    }
}
