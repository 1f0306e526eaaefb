//! Keeps a task alive: a panic ends one run, not the task.
//!
//! What a worker's run had in hand goes back to the queue by being dropped; the next run starts after a backoff. From the panic
//! until a run has lasted [`SETTLED_AFTER`] the task counts as down, which `/readyz` says: a task that panics again and again is
//! down all the time, and does not flap.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::time::Instant;

use super::outage::{Backoff, sleep};

/// A run of this length was healthy: the next panic is waited out from the shortest pause on.
const HEALTHY_AFTER: Duration = Duration::from_secs(60);

/// A run of this length is believed to go on.
const SETTLED_AFTER: Duration = Duration::from_secs(5);

/// Whether a task runs, and how often it did not.
#[derive(Debug, Default)]
pub struct Liveness {
    panics: AtomicU64,
    down: AtomicBool,
}

impl Liveness {
    /// How often it panicked.
    pub fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }

    /// Whether it panicked lately and has not run for long enough since.
    pub fn down(&self) -> bool {
        self.down.load(Ordering::Relaxed)
    }

    fn panicked(&self) {
        self.panics.fetch_add(1, Ordering::Relaxed);
        self.down.store(true, Ordering::Relaxed);
    }
}

/// Runs what `start` makes until it ends by itself or `stop` says so.
pub async fn keep_running<F: Future<Output = ()>>(
    name: &str,
    liveness: &Liveness,
    mut stop: watch::Receiver<bool>,
    mut start: impl FnMut() -> F,
) {
    let mut backoff = Backoff::default();
    loop {
        let started = Instant::now();
        let run = AssertUnwindSafe(async { start().await }).catch_unwind();
        if settle(run, liveness).await.is_ok() {
            liveness.down.store(false, Ordering::Relaxed);
            return;
        }
        liveness.panicked();
        tracing::error!(task = name, "A task panicked; it starts again after a pause.");
        if started.elapsed() >= HEALTHY_AFTER {
            backoff = Backoff::default();
        }
        if !sleep(backoff.next(), &mut stop).await {
            return;
        }
    }
}

/// Waits for the run, and calls the task up again once it has lasted.
async fn settle<T>(run: impl Future<Output = T>, liveness: &Liveness) -> T {
    tokio::pin!(run);
    tokio::select! {
        ended = &mut run => return ended,
        () = tokio::time::sleep(SETTLED_AFTER) => liveness.down.store(false, Ordering::Relaxed),
    }
    run.await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panicked_is_down_until_it_has_run_for_a_while() {
        let (_keep, stop) = watch::channel(false);
        let liveness = Liveness::default();
        let mut runs = 0;
        keep_running("test", &liveness, stop, || {
            runs += 1;
            let (run, liveness) = (runs, &liveness);
            async move {
                assert!(run > 2, "the first two runs panic");
                assert!(liveness.down(), "it has only just started");
                tokio::time::sleep(SETTLED_AFTER + Duration::from_millis(1)).await;
                assert!(!liveness.down());
            }
        })
        .await;
        assert_eq!((runs, liveness.panics(), liveness.down()), (3, 2, false));
    }
}
