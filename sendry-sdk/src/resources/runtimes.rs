//! The tokio runtimes that requests are served on. Their health is reported; they are never used.
//!
//! axum's applications have one, actix-web's one for each worker.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::{Handle, RuntimeMetrics};

/// Runtimes that are remembered: no machine has use for more workers.
const RUNTIMES_MAX: usize = 256;

/// The runtimes noticed so far.
#[derive(Debug, Default)]
pub(crate) struct Runtimes {
    noticed: Mutex<Noticed>,
}

#[derive(Debug, Default)]
struct Noticed {
    /// That in which the client was built, which may only wait for those that serve.
    first: Option<Handle>,
    serving: Vec<Handle>,
}

/// What the runtimes tell together.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Totals {
    pub(super) workers: usize,
    /// How long the workers were busy so far. None where tokio does not count it.
    pub(super) busy: Option<Duration>,
    pub(super) queue_depth: u64,
    pub(super) blocking_threads: Option<u64>,
}

impl Runtimes {
    /// Remembers the runtime that this is called in, as that of the client's making.
    pub(crate) fn notice_first(&self) {
        let mut noticed = self.lock();
        if noticed.first.is_none() {
            noticed.first = Handle::try_current().ok();
        }
    }

    /// Remembers the runtime that this is called in, as one that serves requests.
    pub(crate) fn notice_serving(&self) {
        let Ok(handle) = Handle::try_current() else { return };
        let mut noticed = self.lock();
        let is_new = noticed.serving.iter().all(|known| known.id() != handle.id());
        if is_new && noticed.serving.len() < RUNTIMES_MAX {
            noticed.serving.push(handle);
        }
    }

    /// None where no runtime was noticed.
    pub(super) fn totals(&self) -> Option<Totals> {
        let noticed = self.lock();
        let runtimes =
            if noticed.serving.is_empty() { noticed.first.as_slice() } else { noticed.serving.as_slice() };
        let all = runtimes.iter().map(|runtime| Totals::of(&runtime.metrics()));
        all.reduce(Totals::add)
    }

    fn lock(&self) -> MutexGuard<'_, Noticed> {
        self.noticed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Totals {
    fn of(metrics: &RuntimeMetrics) -> Self {
        Self {
            workers: metrics.num_workers(),
            busy: busy(metrics),
            queue_depth: metrics.global_queue_depth() as u64,
            blocking_threads: blocking_threads(metrics),
        }
    }

    fn add(self, other: Self) -> Self {
        Self {
            workers: self.workers + other.workers,
            busy: self.busy.zip(other.busy).map(|(a, b)| a.saturating_add(b)),
            queue_depth: self.queue_depth.saturating_add(other.queue_depth),
            blocking_threads: self
                .blocking_threads
                .zip(other.blocking_threads)
                .map(|(a, b)| a.saturating_add(b)),
        }
    }
}

#[cfg(target_has_atomic = "64")]
fn busy(metrics: &RuntimeMetrics) -> Option<Duration> {
    Some((0..metrics.num_workers()).map(|worker| metrics.worker_total_busy_duration(worker)).sum())
}

/// Tokio counts no times there.
#[cfg(not(target_has_atomic = "64"))]
fn busy(_metrics: &RuntimeMetrics) -> Option<Duration> {
    None
}

/// Only an application that is built with `--cfg tokio_unstable` is told.
#[cfg(tokio_unstable)]
fn blocking_threads(metrics: &RuntimeMetrics) -> Option<u64> {
    Some(metrics.num_blocking_threads() as u64)
}

#[cfg(not(tokio_unstable))]
fn blocking_threads(_metrics: &RuntimeMetrics) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runtimes_that_serve_count_each_once_and_the_first_only_without_them() {
        let runtimes = Runtimes::default();
        assert_eq!(runtimes.totals(), None);
        runtimes.notice_serving();
        assert_eq!(runtimes.totals(), None, "there is no runtime here");
        let made = tokio::runtime::Builder::new_multi_thread().worker_threads(3).build().unwrap();
        made.block_on(async { runtimes.notice_first() });
        assert_eq!(runtimes.totals().unwrap().workers, 3);
        let serving: Vec<_> =
            (0..2).map(|_| tokio::runtime::Builder::new_current_thread().build().unwrap()).collect();
        for _ in 0..2 {
            serving.iter().for_each(|runtime| runtime.block_on(async { runtimes.notice_serving() }));
        }
        assert_eq!(runtimes.totals().unwrap().workers, 2);
    }
}
