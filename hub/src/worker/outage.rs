//! Waiting for a store that is down: probes, ever more rarely, at random moments.

use std::time::Duration;

use tokio::sync::watch;

use crate::queue::QueueError;
use crate::store::StoreError;

/// A store or the queue is down, and what it said.
#[derive(Debug)]
pub(super) struct Outage(pub(super) String);

impl From<StoreError> for Outage {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

impl From<QueueError> for Outage {
    fn from(error: QueueError) -> Self {
        Self(error.to_string())
    }
}

/// The longest wait before the first probe, and between later ones.
const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(30);

/// Exponential backoff with full jitter: workers that lost one store do not come back to it all at once.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    attempts: u32,
}

impl Backoff {
    /// How long to wait now: a random part of a limit that doubles.
    pub(super) fn next(&mut self) -> Duration {
        let limit = FIRST.saturating_mul(1 << self.attempts.min(16)).min(LONGEST);
        self.attempts += 1;
        limit.mul_f64(rand::random_range(0.0..=1.0))
    }
}

/// Waits for `duration`; false when `stop` came first.
pub(super) async fn sleep(duration: Duration, stop: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        () = tokio::time::sleep(duration) => true,
        () = stopped(stop) => false,
    }
}

/// Returns when `stop` says so, or nobody is left who could.
pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_half_a_minute_and_are_random() {
        let mut backoff = Backoff::default();
        for attempt in 0..40 {
            let limit = FIRST.saturating_mul(1 << attempt.min(16)).min(LONGEST);
            assert!(backoff.next() <= limit, "{attempt}");
        }
        let waits: std::collections::BTreeSet<_> = (0..20).map(|_| backoff.next()).collect();
        assert!(waits.len() > 15);
    }
}
