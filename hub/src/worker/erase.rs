//! The job that erases what is stored of deleted apps: every minute it looks for some, under a lease, so that one of many workers does it.
//!
//! The metadata forgets an app at once and notes that it was there; the note goes last, so whoever was interrupted is followed by
//! somebody who finds it. What was under way when the app was deleted is a dead letter, but workers believe for a minute that
//! an app is there: so the first pass waits, and a last one follows when nothing of it can come any more. Whoever deleted the app
//! had a clock of its own, so what counts is that time or the time this process waited, whichever is over first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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

/// When the first pass is, and the last one after it at the earliest: a minute for which workers believe that the app is there, and
/// one for what they have in hand.
const FIRST_AFTER: Duration = Duration::from_secs(120);

/// When nothing can come any more.
const SETTLED_AFTER: Duration = Duration::from_secs(SETTLED_AFTER_SECS.unsigned_abs());

/// What this process knows of a deleted app, by the time that it has been running.
#[derive(Clone, Copy)]
struct Seen {
    first: Duration,
    erased: Option<Duration>,
}

/// What the job works with.
#[derive(Clone)]
pub struct EraseParts {
    pub process_id: Uuid,
    pub metadata: Metadata,
    pub eraser: Arc<dyn TrafficEraser>,
    pub clock: SharedClock,
}

/// The job; cloning shares what it knows of deleted apps.
#[derive(Clone)]
pub struct EraseJob {
    parts: EraseParts,
    seen: Arc<Mutex<HashMap<AppId, Seen>>>,
}

impl EraseJob {
    pub fn new(parts: EraseParts) -> Self {
        Self { parts, seen: Arc::default() }
    }

    /// Runs until `stop` says so. What fails is logged and tried again with the next look.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            if let Err(error) = self.run_once().await {
                tracing::warn!(%error, "What is stored of a deleted app could not be erased; it is tried again in a minute.");
            }
            if !sleep(EVERY, &mut stop).await {
                break;
            }
        }
        let _ = self.parts.metadata.release_lease(LEASE, self.parts.process_id).await;
    }

    async fn run_once(&self) -> Result<(), StoreError> {
        let EraseParts { process_id, metadata, eraser, clock } = &self.parts;
        let deleted = metadata.deleted_apps().await?;
        let (now, uptime) = (clock.now_ms(), clock.uptime());
        let lease = Lease { name: LEASE.to_owned(), holder: *process_id, expires_at: now + LEASE_MS };
        // It is harmless when two do it.
        if deleted.is_empty() || !metadata.hold_lease(&lease, now).await? {
            return Ok(());
        }
        for DeletedApp { app_id, deleted_at } in deleted {
            let told = Duration::from_secs(u64::try_from(clock.now() - deleted_at).unwrap_or(0));
            let known = *self.seen().entry(app_id).or_insert(Seen { first: uptime, erased: None });
            let waited = told.max(uptime - known.first);
            if waited >= SETTLED_AFTER && known.erased.is_some_and(|at| uptime - at >= FIRST_AFTER) {
                eraser.erase_app(app_id).await?;
                metadata.forget_deleted_app(app_id).await?;
                self.seen().remove(&app_id);
                tracing::info!(app.id = %app_id, "Everything that the traffic store held of a deleted app is erased.");
            } else if waited >= FIRST_AFTER && known.erased.is_none() {
                eraser.erase_app(app_id).await?;
                self.seen().insert(app_id, Seen { erased: Some(uptime), ..known });
            }
        }
        Ok(())
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<AppId, Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
