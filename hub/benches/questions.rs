//! How long questions take on a full embedded store: `cargo bench -p sendry-hub --bench questions`.
//!
//! Fills a store through its own `write` with 32 days of minutes of 50 endpoints × 3 statuses, at least 15 buckets a row,
//! reopens it, and asks for the endpoint table, the traffic chart and the latency chart over 1 hour, 24 hours, 7 days and
//! 32 days. *Cold* is on a store just opened whose file was dropped from the page cache, *warm* is once more after it; both are
//! the 95th percentile of 20. The budget is 200 ms each. `--days N` fills less; `--keep DIR` keeps the file and uses one that is there.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints its figures")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sendry_hub::clock::{ManualClock, UnixSecs};
use sendry_hub::store::traffic::sqlite::{SqliteTraffic, connect};
use sendry_hub::store::traffic::{
    AcceptedReport, Filter, IngestMark, Retention, Scope, Steps, TrafficReader, TrafficWriter, Window,
};
use sendry_sdk::protocol::{Durations, Histogram, Minute, Report, Route, RouteSeries, Sizes};
use uuid::Uuid;

const DAY: i64 = 86_400;
/// Not on the boundary of anything but a minute: edges cost most.
const NOW: UnixSecs = 20_000 * DAY + 12 * 3_600 + 17 * 60;
const ENDPOINTS: u32 = 50;
const STATUSES: [u16; 3] = [200, 404, 500];
const REQUESTS_PER_ROW: u64 = 40;
const BUDGET: Duration = Duration::from_millis(200);
const ROUNDS: usize = 20;
/// Minutes in one report, and reports in one batch.
const MINUTES_PER_REPORT: i64 = 30;
const REPORTS_PER_BATCH: usize = 4;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let value =
        |name: &str| arguments.iter().position(|given| given == name).and_then(|at| arguments.get(at + 1));
    let days = value("--days").map_or(Ok(32), |days| days.parse())?;
    let scratch = tempfile::tempdir()?;
    let dir = value("--keep").map_or(scratch.path().to_path_buf(), PathBuf::from);
    let path = dir.join("traffic.db");
    if !path.exists() {
        fill(&path, days).await?;
    }
    let megabytes = std::fs::metadata(&path)?.len() / 1_000_000;
    println!("file: {megabytes} MB for {days} days of {ENDPOINTS} endpoints x {} statuses", STATUSES.len());
    println!("{:<18} {:>6} {:>10} {:>10} {:>8}", "question", "range", "cold p95", "warm p95", "budget");
    let mut missed = false;
    for (range, span, step) in
        [("1 h", 3_600, 60), ("24 h", DAY, 300), ("7 d", 7 * DAY, 1_800), ("32 d", 32 * DAY, 7_200)]
    {
        for question in [Question::Endpoints, Question::Traffic, Question::Latency] {
            let (cold, warm) = measure(&path, question, span, step).await?;
            let met = cold < BUDGET && warm < BUDGET;
            missed |= !met;
            let verdict = if met { "met" } else { "MISSED" };
            println!("{:<18} {range:>6} {cold:>10.1?} {warm:>10.1?} {verdict:>8}", question.name());
        }
    }
    if missed { Err("a budget was missed".into()) } else { Ok(()) }
}

#[derive(Clone, Copy)]
enum Question {
    Endpoints,
    Traffic,
    Latency,
}

impl Question {
    fn name(self) -> &'static str {
        match self {
            Self::Endpoints => "endpoint table",
            Self::Traffic => "traffic chart",
            Self::Latency => "latency chart",
        }
    }

    async fn ask(self, store: &SqliteTraffic, span: i64, step: usize) -> Outcome<usize> {
        let (scope, everything) = (scope(), Filter::default());
        let window = Window { from: NOW - span, to: NOW };
        // Steps lie on their own multiples, the window does not: as query asks.
        let width = step as i64;
        let inner = (window.from - window.from.rem_euclid(width) + width..window.to).step_by(step);
        let steps = Steps { bounds: [window.from].into_iter().chain(inner).chain([window.to]).collect() };
        Ok(match self {
            Self::Endpoints => {
                let endpoints = store.endpoints(&scope, window, &everything).await?;
                let scale = everything.duration_scale();
                endpoints.iter().filter_map(|row| row.totals.durations.quantile(scale, 0.99)).count()
            }
            Self::Traffic => store.traffic(&scope, &steps, &everything).await?.len(),
            Self::Latency => store.latency(&scope, &steps, &everything).await?.len(),
        })
    }
}

async fn open(path: &Path) -> Outcome<SqliteTraffic> {
    Ok(connect(path, ManualClock::at(NOW), Retention::default()).await?)
}

/// The 95th percentile of [`ROUNDS`] cold and of as many warm answers.
async fn measure(path: &Path, question: Question, span: i64, step: usize) -> Outcome<(Duration, Duration)> {
    let (mut cold, mut warm) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        forget_pages(path)?;
        let store = open(path).await?;
        cold.push(time(&store, question, span, step).await?);
        warm.push(time(&store, question, span, step).await?);
        store.close().await;
    }
    Ok((p95(cold), p95(warm)))
}

async fn time(store: &SqliteTraffic, question: Question, span: i64, step: usize) -> Outcome<Duration> {
    let started = Instant::now();
    let answered = question.ask(store, span, step).await?;
    assert!(answered > 0, "there is no data");
    Ok(started.elapsed())
}

fn p95(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 95 / 100 - 1]
}

/// Drops the file from the page cache, as far as `dd` may; without it, *cold* is only the first on a new connection.
fn forget_pages(path: &Path) -> Outcome<()> {
    let file = format!("if={}", path.display());
    let output = std::process::Command::new("dd").args([&file, "iflag=nocache", "count=0"]).output()?;
    if output.status.success() { Ok(()) } else { Err("dd cannot drop the file from the page cache".into()) }
}

fn scope() -> Scope {
    Scope { app_id: Uuid::from_u128(1), env: "prod".to_owned() }
}

async fn fill(path: &Path, days: i64) -> Outcome<()> {
    let started = Instant::now();
    let store = open(path).await?;
    let first = (NOW - days * DAY) / 60;
    let starts: Vec<i64> = (first..NOW / 60).step_by(MINUTES_PER_REPORT as usize).collect();
    for (batch, starts) in starts.chunks(REPORTS_PER_BATCH).enumerate() {
        let reports: Vec<_> = starts.iter().map(|minute| report(*minute)).collect();
        store.write(&reports).await?;
        if batch % 100 == 0 {
            eprintln!("filled {} of {days} days in {:.0?}", (starts[0] - first) / 1_440, started.elapsed());
        }
    }
    store.close().await;
    let rows = days * 1_440 * i64::from(ENDPOINTS) * STATUSES.len() as i64;
    let per_sec = rows as f64 / started.elapsed().as_secs_f64();
    println!("filled {rows} rows in {:.0?}: {per_sec:.0} rows/s", started.elapsed());
    Ok(())
}

fn report(first_minute: i64) -> AcceptedReport {
    let routes = (0..ENDPOINTS)
        .map(|route| Route { method: "GET".into(), path: format!("/api/v1/resource-{route}/{{id}}") });
    let minutes = (first_minute..(first_minute + MINUTES_PER_REPORT).min(NOW / 60)).map(|minute| Minute {
        minute,
        routes: (0..ENDPOINTS)
            .flat_map(|route| STATUSES.map(|status| series(minute.unsigned_abs(), route, status)))
            .collect(),
        consumers: Vec::new(),
    });
    let report_id = Uuid::from_u64_pair(7, first_minute.unsigned_abs());
    let report = Report {
        version: 1,
        report_id,
        instance_id: Uuid::from_u128(2),
        env: scope().env,
        routes: routes.collect(),
        minutes: minutes.collect(),
        ..Report::default()
    };
    AcceptedReport {
        app_id: scope().app_id,
        accepted_at: NOW * 1_000,
        ingest: IngestMark { ingest_id: Uuid::from_u128(3), sequence: 0, accepted_at: NOW * 1_000 },
        report,
        consumer_hashes: Vec::new(),
        hub_losses: Vec::new(),
    }
}

/// Log-uniform latencies over two decades: forty requests fall into about twenty-five buckets.
fn series(minute: u64, route: u32, status: u16) -> RouteSeries {
    let mut state = minute.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (u64::from(route) << 32) ^ u64::from(status);
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let (mut durations, mut sizes, mut sum, mut max) = (Histogram::new(), Histogram::new(), 0, 0);
    for _ in 0..REQUESTS_PER_ROW {
        let nanos = (1e6 * (1.0 + f64::from(route) / 10.0) * 100f64.powf(random())) as u64;
        durations.record_nanos(nanos);
        sizes.record_bytes((200.0 * 20f64.powf(random())) as u64);
        sum += nanos / 1_000;
        max = max.max(nanos / 1_000);
    }
    assert!(durations.iter().count() >= 15, "too few buckets");
    RouteSeries {
        route,
        status,
        count: REQUESTS_PER_ROW,
        durations: Durations { sum_us: sum, max_us: max, buckets: (&durations).into() },
        response: Sizes { sum: 1_000 * REQUESTS_PER_ROW, buckets: (&sizes).into() },
        ..RouteSeries::default()
    }
}
