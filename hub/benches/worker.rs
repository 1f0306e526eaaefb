//! How fast the worker drains the embedded queue into the embedded store: `cargo bench -p sendry-hub --bench worker`.
//!
//! Publishes reports of many instances, gzip as SDKs send them, then lets one worker drain them; prints reports and series per
//! second of wall time, publishing included and apart. Every series has about twenty buckets.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use flate2::Compression;
use flate2::write::GzEncoder;
use sendry_hub::clock::ManualClock;
use sendry_hub::queue::{self, AppId, ENVELOPE_VERSION, Encoding, Envelope, Kind, Queue, Topic};
use sendry_hub::store::StoreError;
use sendry_hub::store::traffic::{ConsumerKey, Retention, sqlite};
use sendry_hub::worker::{Directory, KnownConsumer, Worker, WorkerParts};
use sendry_sdk::protocol::{Durations, Histogram, Minute, Report, Route, RouteSeries};
use tokio::sync::watch;
use uuid::Uuid;

const NOW: i64 = 1_700_000_040;
const REPORTS: u64 = 500;
const PUBLISHERS: u64 = 64;
const SERIES: [u32; 3] = [50, 200, 2_000];

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    println!("{:>7} {:>14} {:>12} {:>12}", "series", "published/s", "stored/s", "series/s");
    for series in SERIES {
        let reports = if series > 1_000 { REPORTS / 5 } else { REPORTS };
        let (published, stored) = measure(series, reports).await?;
        let per_sec = |time: Duration| reports as f64 / time.as_secs_f64();
        let series_per_sec = per_sec(stored) * f64::from(series);
        println!("{series:>7} {:>14.0} {:>12.0} {series_per_sec:>12.0}", per_sec(published), per_sec(stored));
    }
    Ok(())
}

async fn measure(series: u32, reports: u64) -> Outcome<(Duration, Duration)> {
    let dir = tempfile::tempdir()?;
    let clock = ManualClock::at(NOW);
    let queue = queue::sqlite::connect(&dir.path().join("queue.db"), u64::MAX, clock.clone()).await?;
    let store = sqlite::connect(&dir.path().join("traffic.db"), clock.clone(), Retention::default()).await?;
    let bodies: Vec<_> = (0..reports).map(|number| body(number, series)).collect::<Outcome<_>>()?;

    let started = Instant::now();
    publish(&queue, bodies).await?;
    let published = started.elapsed();

    let parts = WorkerParts {
        queue: queue.clone(),
        writer: Arc::new(store.clone()),
        directory: Arc::new(Everybody),
        consumer_key: ConsumerKey::new(*b"bench"),
        clock,
    };
    let (stop, stopped) = watch::channel(false);
    let started = Instant::now();
    let running = tokio::spawn(Worker::new(Topic::Reports, parts).run(stopped));
    while queue.health.stats(Topic::Reports).await?.depth > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let stored = started.elapsed();
    stop.send(true)?;
    running.await?;
    queue.health.close().await;
    store.close().await;
    Ok((published, stored))
}

async fn publish(queue: &Queue, bodies: Vec<Vec<u8>>) -> Outcome<()> {
    let mut left = (0u64..).zip(bodies).peekable();
    while left.peek().is_some() {
        let group = left
            .by_ref()
            .take(PUBLISHERS as usize)
            .map(|(number, body)| queue.producer.publish(Topic::Reports, envelope(number, body)));
        for published in futures_util::future::join_all(group).await {
            published?;
        }
    }
    Ok(())
}

fn envelope(number: u64, body: Vec<u8>) -> Envelope {
    Envelope {
        version: ENVELOPE_VERSION,
        ingest_id: Uuid::from_u128(1),
        ingest_sequence: number,
        accepted_at: NOW * 1_000,
        app_id: Uuid::from_u128(2),
        kind: Kind::Report,
        encoding: Encoding::Gzip,
        body: body.into(),
    }
}

/// A report of one minute as an SDK sends it.
fn body(number: u64, series: u32) -> Outcome<Vec<u8>> {
    let routes =
        (0..series).map(|route| Route { method: "GET".into(), path: format!("/resource-{route}/{{id}}") });
    let minute = Minute {
        minute: NOW / 60,
        routes: (0..series).map(|route| one_series(number, route)).collect(),
        consumers: Vec::new(),
    };
    let report = Report {
        version: 1,
        report_id: Uuid::from_u64_pair(9, number),
        instance_id: Uuid::from_u64_pair(8, number % 20),
        sequence: number / 20,
        env: "prod".into(),
        routes: routes.collect(),
        minutes: vec![minute],
        ..Report::default()
    };
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&serde_json::to_vec(&report)?)?;
    Ok(encoder.finish()?)
}

fn one_series(number: u64, route: u32) -> RouteSeries {
    let mut durations = Histogram::new();
    for request in 0..30u64 {
        durations
            .record_nanos(1_000_000 + (number * 7 + u64::from(route) * 13 + request * 31) % 97 * 400_000);
    }
    let durations = Durations { sum_us: 600_000, max_us: 40_000, buckets: (&durations).into() };
    RouteSeries { route, status: 200, count: 30, durations, ..RouteSeries::default() }
}

/// Knows every app.
struct Everybody;

#[async_trait]
impl Directory for Everybody {
    async fn app_exists(&self, _app_id: AppId) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn register_environment(&self, _app_id: AppId, _env: &str) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn register_consumers(
        &self,
        _app_id: AppId,
        _consumers: &[KnownConsumer],
    ) -> Result<(), StoreError> {
        Ok(())
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
