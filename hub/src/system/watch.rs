//! Looks again and again, remembers since when something is wrong, and tells once when it turns.
//!
//! INVARIANT: each turn is logged by one process: the one that holds the lease. The others evaluate the same, so that whoever
//! takes the lease over knows what was told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use uuid::Uuid;

use super::WATCH_EVERY;
use super::view::{SystemView, look};
use super::watchdogs::{Finding, Watchdog};
use crate::clock::{SharedClock, UnixMillis};
use crate::metrics::Metrics;
use crate::store::metadata::{Lease, Metadata};
use crate::store::traffic::{IngestGap, TrafficReader};

/// The lease of who logs.
const LEASE: &str = "watchdogs";
/// Long enough for three looks that fail.
const LEASE_MS: i64 = 60_000;

/// How often the traffic store is asked for gaps while there are none: an idle hub leaves it alone.
const GAPS_EVERY_MS: i64 = 60_000;

/// What is known of one watchdog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turned {
    pub finding: Finding,
    /// Since when what is wrong is wrong; none while nothing is.
    pub wrong_since: Option<UnixMillis>,
    /// Whether it was told that it is wrong.
    pub told: bool,
}

/// The watchdogs with their memory.
pub struct Watch {
    pub process_id: Uuid,
    pub metadata: Metadata,
    pub traffic: Arc<dyn TrafficReader>,
    pub metrics: Arc<Metrics>,
    pub clock: SharedClock,
    states: Mutex<HashMap<Watchdog, Turned>>,
    /// When the traffic store said last that there is no gap.
    no_gaps_at: Mutex<Option<UnixMillis>>,
}

impl Watch {
    pub fn new(
        process_id: Uuid,
        metadata: Metadata,
        traffic: Arc<dyn TrafficReader>,
        metrics: Arc<Metrics>,
        clock: SharedClock,
    ) -> Arc<Self> {
        let (states, no_gaps_at) = (Mutex::default(), Mutex::default());
        Arc::new(Self { process_id, metadata, traffic, metrics, clock, states, no_gaps_at })
    }

    /// Looks until `stop` says so.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        loop {
            self.look_once().await;
            if tokio::time::timeout(WATCH_EVERY, stop.wait_for(|stop| *stop)).await.is_ok() {
                break;
            }
        }
        let _ = self.metadata.release_lease(LEASE, self.process_id).await;
    }

    /// Looks, and tells what turned. Without the metadata nothing can be seen; `/readyz` says that.
    pub async fn look_once(&self) {
        let now = self.clock.now_ms();
        let gaps = self.gaps(now).await;
        let Ok(view) = look(&self.metadata, gaps, now).await else { return };
        let lease = Lease { name: LEASE.to_owned(), holder: self.process_id, expires_at: now + LEASE_MS };
        let tells = self.metadata.hold_lease(&lease, now).await.unwrap_or(false);
        for (watchdog, turn) in self.judge(&view) {
            if tells {
                tell(watchdog, &turn);
            }
        }
    }

    /// What the traffic store says of gaps, or said lately when there were none.
    async fn gaps(&self, now: UnixMillis) -> Option<Vec<IngestGap>> {
        let known = *self.no_gaps_at.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_some_and(|at| (0..GAPS_EVERY_MS).contains(&(now - at))) {
            return Some(Vec::new());
        }
        let gaps = self.traffic.ingest_gaps().await.ok();
        let none_at = gaps.as_ref().is_some_and(Vec::is_empty).then_some(now);
        *self.no_gaps_at.lock().unwrap_or_else(PoisonError::into_inner) = none_at;
        gaps
    }

    /// Compares a view with the limits, and returns what turned by it.
    pub fn judge(&self, view: &SystemView) -> Vec<(Watchdog, Turned)> {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        let mut turns = Vec::new();
        for watchdog in Watchdog::ALL {
            let before = states.get(&watchdog).cloned();
            let after = next(watchdog, before.as_ref(), watchdog.examine(view), view.now);
            self.metrics.set_watchdog(watchdog.name(), after.told);
            if after.told != before.is_some_and(|before| before.told) {
                turns.push((watchdog, after.clone()));
            }
            states.insert(watchdog, after);
        }
        turns
    }

    /// What is known of each.
    pub fn states(&self) -> Vec<(Watchdog, Turned)> {
        let states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        Watchdog::ALL.into_iter().filter_map(|dog| Some((dog, states.get(&dog)?.clone()))).collect()
    }
}

/// What is wrong for long enough is told; who knows nothing changes nothing.
fn next(watchdog: Watchdog, before: Option<&Turned>, finding: Finding, now: UnixMillis) -> Turned {
    let told_before = before.is_some_and(|before| before.told);
    let since_before = before.and_then(|before| before.wrong_since);
    match finding {
        Finding::Fine => Turned { finding, wrong_since: None, told: false },
        Finding::Unknown => Turned { finding, wrong_since: since_before, told: told_before },
        Finding::Wrong(_) => {
            let since = since_before.unwrap_or(now);
            let told = told_before || now - since >= watchdog.patience_ms();
            Turned { finding, wrong_since: Some(since), told }
        }
    }
}

/// One line when it turns, one when it recovers.
fn tell(watchdog: Watchdog, turn: &Turned) {
    let name = watchdog.name();
    match &turn.finding {
        Finding::Wrong(detail) => {
            tracing::error!(watchdog = name, detail, advice = watchdog.advice(), "A watchdog turned.");
        }
        _ => tracing::info!(watchdog = name, "A watchdog is quiet again."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong() -> Finding {
        Finding::Wrong("so".to_owned())
    }

    #[test]
    fn what_is_wrong_for_a_moment_is_not_told_and_what_stays_is_told_once() {
        let patience = Watchdog::NoWorker.patience_ms();
        let first = next(Watchdog::NoWorker, None, wrong(), 1_000);
        assert!(!first.told);
        let over = next(Watchdog::NoWorker, Some(&first), Finding::Fine, 2_000);
        assert_eq!((over.told, over.wrong_since), (false, None));
        let almost = next(Watchdog::NoWorker, Some(&first), wrong(), 999 + patience);
        assert!(!almost.told);
        let long = next(Watchdog::NoWorker, Some(&almost), wrong(), 1_000 + patience);
        assert_eq!((long.told, long.wrong_since), (true, Some(1_000)));
    }

    #[test]
    fn who_knows_nothing_neither_raises_nor_lifts_an_alarm() {
        let calm = next(Watchdog::QueueAge, None, Finding::Unknown, 1);
        assert!(!calm.told);
        let alarm = next(Watchdog::QueueAge, None, wrong(), 1);
        assert!(alarm.told);
        assert!(next(Watchdog::QueueAge, Some(&alarm), Finding::Unknown, 2).told);
    }
}
