//! The outbox: frozen reports that the hub has not taken yet, oldest first, within the retry window.

use std::collections::VecDeque;
use std::path::PathBuf;

use bytes::Bytes;
use uuid::Uuid;

use crate::losses::Losses;
use crate::protocol::{Loss, LossReason};

/// How long a report may wait: the hub accepts minutes that are up to 65 minutes old.
pub(super) const RETRY_WINDOW_NANOS: u64 = 3_600 * 1_000_000_000;

/// How much may wait: an hour of the largest reports of a busy service, small beside its own memory.
pub(super) const OUTBOX_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A report as it will be sent, again and again the same bytes.
#[derive(Debug, Clone)]
pub(super) struct Frozen {
    pub(super) report_id: Uuid,
    /// Gzipped JSON.
    pub(super) body: Bytes,
    /// The monotonic moment of its making.
    pub(super) frozen_at: u64,
    /// How many requests it counts, and what it says is lost: both are lost with it.
    pub(super) requests: u64,
    pub(super) losses: Vec<Loss>,
    /// Where it is on the disk, since an earlier process left it or the hub did not take it.
    pub(super) spooled: Option<PathBuf>,
}

/// Reports in the order of their making.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    reports: VecDeque<Frozen>,
    bytes: usize,
}

impl Outbox {
    /// Puts a report in; the oldest are dropped and counted when the outbox is full.
    pub(super) fn put(&mut self, report: Frozen, losses: &Losses) {
        self.bytes += report.body.len();
        self.reports.push_back(report);
        while self.bytes > OUTBOX_BYTES_MAX && self.reports.len() > 1 {
            if let Some(oldest) = self.take_oldest() {
                lose(&oldest, LossReason::ReportsEvicted, losses);
            }
        }
    }

    /// Drops and counts what outlived the retry window at `now`.
    pub(super) fn expire(&mut self, now: u64, losses: &Losses) {
        let expired = |report: &Frozen| now.saturating_sub(report.frozen_at) > RETRY_WINDOW_NANOS;
        while self.reports.front().is_some_and(expired) {
            if let Some(oldest) = self.take_oldest() {
                lose(&oldest, LossReason::ReportsExpired, losses);
            }
        }
    }

    pub(super) fn oldest(&self) -> Option<Frozen> {
        self.reports.front().cloned()
    }

    pub(super) fn take_oldest(&mut self) -> Option<Frozen> {
        let report = self.reports.pop_front()?;
        self.bytes -= report.body.len();
        if let Some(file) = &report.spooled {
            // When it stays, the next process sends it once more, which counts nothing twice.
            _ = std::fs::remove_file(file);
        }
        Some(report)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.reports.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Frozen> {
        self.reports.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Frozen> {
        self.reports.iter_mut()
    }

    /// Lets everything age by a time that the monotonic clock knows nothing of.
    pub(super) fn age(&mut self, by_nanos: u64) {
        self.reports
            .iter_mut()
            .for_each(|report| report.frozen_at = report.frozen_at.saturating_sub(by_nanos));
    }
}

/// Counts a report that will never arrive, and what it would have said.
pub(super) fn lose(report: &Frozen, reason: LossReason, losses: &Losses) {
    losses.record(reason, report.requests.max(1));
    losses.restore(&report.losses);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(frozen_at: u64, bytes: usize) -> Frozen {
        let body = vec![0; bytes].into();
        let losses = vec![Loss { reason: LossReason::TextCut, count: 2, detail: None }];
        Frozen { report_id: Uuid::new_v4(), body, frozen_at, requests: 10, losses, spooled: None }
    }

    fn count(losses: &Losses, reason: LossReason) -> u64 {
        losses.take().iter().filter(|loss| loss.reason == reason).map(|loss| loss.count).sum()
    }

    #[test]
    fn what_outlives_the_window_is_dropped_and_counted_with_its_losses() {
        let (mut outbox, losses) = (Outbox::default(), Losses::default());
        outbox.put(report(0, 1), &losses);
        outbox.put(report(5, 1), &losses);
        outbox.expire(RETRY_WINDOW_NANOS, &losses);
        assert_eq!(outbox.iter().count(), 2, "an hour is within the window");
        outbox.expire(RETRY_WINDOW_NANOS + 1, &losses);
        assert_eq!(outbox.iter().count(), 1);
        let taken = losses.take();
        assert!(taken.iter().any(|loss| loss.reason == LossReason::ReportsExpired && loss.count == 10));
        assert!(taken.iter().any(|loss| loss.reason == LossReason::TextCut && loss.count == 2));
    }

    #[test]
    fn a_full_outbox_drops_the_oldest_and_counts_it() {
        let (mut outbox, losses) = (Outbox::default(), Losses::default());
        (0..5).for_each(|at| outbox.put(report(at, OUTBOX_BYTES_MAX / 4), &losses));
        assert_eq!(outbox.iter().map(|report| report.frozen_at).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!(count(&losses, LossReason::ReportsEvicted), 10);
    }
}
