//! Retention under a clock that jumps: a machine that says 2040 for a while deletes nothing.

use std::sync::Arc;

use sendry_hub::metrics::Metrics;
use sendry_hub::store::metadata::{self, Metadata};
use sendry_hub::store::traffic::Retention;
use sendry_hub::worker::{RetentionJob, RetentionParts};
use tempfile::TempDir;
use uuid::Uuid;

use super::fixture::*;
use super::{Harness, Store};

const YEARS: i64 = 14 * 365 * DAY;

/// What a hub has that works on the store.
struct Worker<'a, H> {
    harness: &'a H,
    store: &'a Store,
    metadata: Metadata,
    metrics: Arc<Metrics>,
}

impl<H: Harness> Worker<'_, H> {
    /// The job of a process that starts.
    fn job(&self) -> RetentionJob {
        RetentionJob::new(RetentionParts {
            process_id: Uuid::new_v4(),
            metadata: self.metadata.clone(),
            writer: self.store.writer.clone(),
            clock: self.harness.shared_clock(),
            metrics: self.metrics.clone(),
            retention: Retention::default(),
            audit_secs: DAY,
        })
    }

    async fn requests(&self) -> u64 {
        requests(self.store, all_time()).await
    }

    fn is_held_back(&self) -> bool {
        self.metrics.encode().unwrap().lines().any(|line| line == "sendry_retention_clock_ahead 1")
    }
}

/// Told to end, it runs once.
async fn run_once(job: &RetentionJob) {
    let (_stop, stopped) = tokio::sync::watch::channel(true);
    job.clone().run(stopped).await;
}

pub async fn a_clock_that_jumps_ahead_deletes_nothing_until_it_runs_on<H: Harness>() {
    let (harness, written) = H::new().connect_owned().await;
    let route = ("GET", "/orders");
    store(&written, &[report(&[call(NOW, route, 200, &[5, 6]), call(NOW - 20 * DAY, route, 200, &[5])])])
        .await;
    let dir = TempDir::new().unwrap();
    let metadata = metadata::sqlite::connect(&dir.path().join("metadata.db")).await.unwrap();
    let worker =
        Worker { harness: &harness, store: &written, metadata: Arc::new(metadata), metrics: Arc::default() };
    let job = worker.job();
    run_once(&job).await;
    let clock = harness.clock();
    for restarted in [false, true] {
        clock.set_by(YEARS);
        let job = if restarted { worker.job() } else { job.clone() };
        run_once(&job).await;
        assert!(worker.is_held_back());
        clock.set_by(-YEARS);
        assert_eq!(worker.requests().await, 3, "restarted: {restarted}");
        run_once(&job).await;
        assert!(!worker.is_held_back());
    }
    assert_eq!(worker.metadata.note("retention").await.unwrap(), Some(NOW));
    assert_eq!(worker.requests().await, 3);
    // A hub that was off for fourteen years is not wrong: after some hours it deletes.
    clock.set_by(YEARS);
    run_once(&job).await;
    clock.advance(6 * HOUR);
    run_once(&job).await;
    assert!(!worker.is_held_back());
    clock.set_by(-YEARS - 6 * HOUR);
    assert_eq!(worker.requests().await, 0);
}
