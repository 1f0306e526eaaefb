//! Keeps a worker alive: a panic ends one run, not the worker.
//!
//! What the run had in hand goes back to the queue by being dropped; the next run starts after a backoff. Until then the
//! worker counts as down, which `/readyz` says.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::time::Instant;

use super::outage::{Backoff, sleep};
use super::stats::WorkerStats;

/// A run of this length was healthy: the next panic is waited out from the shortest pause on.
const HEALTHY_AFTER: Duration = Duration::from_secs(60);

/// Runs what `start` makes until it ends by itself or `stop` says so.
pub async fn keep_running<F: Future<Output = ()>>(
    name: &str,
    stats: &WorkerStats,
    mut stop: watch::Receiver<bool>,
    mut start: impl FnMut() -> F,
) {
    let mut backoff = Backoff::default();
    loop {
        let started = Instant::now();
        if AssertUnwindSafe(async { start().await }).catch_unwind().await.is_ok() {
            return;
        }
        stats.panicked();
        tracing::error!(worker = name, "A worker panicked; it starts again after a pause.");
        if started.elapsed() >= HEALTHY_AFTER {
            backoff = Backoff::default();
        }
        if !sleep(backoff.next(), &mut stop).await {
            return;
        }
        stats.restarted();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_counted_and_the_worker_runs_again() {
        let (_keep, stop) = watch::channel(false);
        let stats = WorkerStats::default();
        let mut runs = 0;
        keep_running("test", &stats, stop, || {
            runs += 1;
            let first = runs == 1;
            let stats = &stats;
            async move {
                assert!(!first, "the first run panics");
                assert!(!stats.down());
            }
        })
        .await;
        assert_eq!((runs, stats.panics(), stats.down()), (2, 1, false));
    }
}
