//! Losses: everything that was not reported as it happened is counted here, sent with the next report and shown to the
//! operator. One counter for each reason, so recording a loss is one addition and cannot fail.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::protocol::{Loss, LossReason};

/// The reasons of this version, in the order of their counters.
const REASONS: [LossReason; 11] = [
    LossReason::RoutesFolded,
    LossReason::ConsumersFolded,
    LossReason::ValidationErrorsDropped,
    LossReason::ServerErrorsDropped,
    LossReason::TextCut,
    LossReason::ReportsExpired,
    LossReason::ReportsEvicted,
    LossReason::ReportsRefused,
    LossReason::ReportsNotSpooled,
    LossReason::RequestLogsDropped,
    LossReason::CallbackPanicked,
];

/// Counts losses until the next report takes them.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    counts: [AtomicU64; REASONS.len()],
}

impl Losses {
    pub(crate) fn record(&self, reason: LossReason, count: u64) {
        if let Some(at) = REASONS.iter().position(|known| *known == reason) {
            self.counts[at].fetch_add(count, Ordering::Relaxed);
        }
    }

    /// Puts back what an unsent report carried.
    pub(crate) fn restore(&self, losses: &[Loss]) {
        for loss in losses {
            self.record(loss.reason, loss.count);
        }
    }

    pub(crate) fn take(&self) -> Vec<Loss> {
        let taken = |(at, reason): (usize, &LossReason)| {
            let count = self.counts[at].swap(0, Ordering::Relaxed);
            (count > 0).then_some(Loss { reason: *reason, count, detail: None })
        };
        REASONS.iter().enumerate().filter_map(taken).collect()
    }
}
