//! What a worker did since it started, for `/metrics`.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use super::supervise::Liveness;
use crate::queue::DeadLetterReason;
use crate::store::traffic::Written;

/// Counters of one worker; shared with whoever shows them.
#[derive(Debug, Default)]
pub struct WorkerStats {
    stored: AtomicU64,
    duplicates: AtomicU64,
    dead_letters: [AtomicU64; DeadLetterReason::ALL.len()],
    outages: AtomicU64,
    paused: AtomicBool,
    insert_lag_ms: AtomicI64,
    pub liveness: Liveness,
}

impl WorkerStats {
    /// Messages stored.
    pub fn stored(&self) -> u64 {
        self.stored.load(Ordering::Relaxed)
    }

    /// Messages that were stored before.
    pub fn duplicates(&self) -> u64 {
        self.duplicates.load(Ordering::Relaxed)
    }

    /// Messages that went to the dead letters for `reason`.
    pub fn dead_letters(&self, reason: DeadLetterReason) -> u64 {
        self.dead_letters[place(reason)].load(Ordering::Relaxed)
    }

    /// How often a store was down.
    pub fn outages(&self) -> u64 {
        self.outages.load(Ordering::Relaxed)
    }

    /// Whether it waits for a store to come back.
    pub fn paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }

    /// From the acceptance of what was stored last to its storing; none before the first.
    pub fn insert_lag_ms(&self) -> Option<i64> {
        Some(self.insert_lag_ms.load(Ordering::Relaxed)).filter(|_| self.stored() > 0)
    }

    pub(super) fn note_insert_lag(&self, lag_ms: i64) {
        self.insert_lag_ms.store(lag_ms.max(0), Ordering::Relaxed);
    }

    pub(super) fn add_written(&self, written: Written) {
        self.stored.fetch_add(written.stored as u64, Ordering::Relaxed);
        self.duplicates.fetch_add(written.duplicates as u64, Ordering::Relaxed);
    }

    pub(super) fn add_dead_letter(&self, reason: DeadLetterReason) {
        self.dead_letters[place(reason)].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn pause(&self) {
        self.outages.fetch_add(1, Ordering::Relaxed);
        self.paused.store(true, Ordering::Relaxed);
    }

    pub(super) fn resume(&self) {
        self.paused.store(false, Ordering::Relaxed);
    }
}

fn place(reason: DeadLetterReason) -> usize {
    DeadLetterReason::ALL.iter().position(|known| *known == reason).unwrap_or(0)
}
