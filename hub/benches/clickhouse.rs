//! How long questions take on a full ClickHouse: `cargo xtask bench clickhouse`.
//!
//! Fills a database through the store's own `write`: thirteen months of one app with 50 endpoints × 3 statuses, at least 15 buckets a
//! row, of which the last 32 days are 10 million rows of minutes from one instance and then two. Asks for the endpoint table, the traffic
//! and the latency chart over 1 hour to 13 months. *Cold* is the first after a restart of the server (the operating system may still hold
//! its files), *warm* is after it: the 95th percentile of 20 each. The budget is 200 ms, for 13 months 300 ms. `--days N` fills fewer
//! days of minutes, `--cold N` restarts less often, `--keep DIR` keeps the data and uses what is there, `--range NAME` asks for one range,
//! `--fill` for none. The server is the engine behind the tests' gateway: see `docs/testing.md`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints its figures")]

#[path = "../tests/it/guard.rs"]
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
mod guard;

#[path = "../tests/it/clickhouse.rs"]
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
mod engine;
#[path = "support/traffic.rs"]
mod traffic;

use std::error::Error;
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::{Database, Server};
use sendry_hub::clock::ManualClock;
use sendry_hub::store::traffic::clickhouse::{ClickHouseTraffic, connect};
use sendry_hub::store::traffic::{Retention, TrafficWriter};
use traffic::{DAY, ENDPOINTS, NOW, Question, STATUSES, p95, report};

const BUDGET: Duration = Duration::from_millis(200);
const BUDGET_OF_MONTHS: Duration = Duration::from_millis(300);
const ROUNDS: usize = 20;
const MONTHS: i64 = 395 * DAY;
/// Minutes in one report, and reports in one batch.
const MINUTES_PER_REPORT: i64 = 30;
const REPORTS_PER_BATCH: usize = 8;
/// How long ago the second instance started.
const SECOND_INSTANCE: i64 = 15 * DAY;
/// Days that are filled before the tiers are brought up to date, as an hourly job would.
const DAYS_BETWEEN_JOBS: i64 = 8;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: i64| {
        let given = arguments.iter().position(|given| given == name).and_then(|at| arguments.get(at + 1));
        given.map_or(Ok(default), |number| number.parse())
    };
    let text = |name: &str| {
        let given = arguments.iter().position(|given| given == name);
        given.and_then(|at| arguments.get(at + 1)).cloned()
    };
    let (days, cold_rounds) = (number("--days", 32)?, number("--cold", ROUNDS as i64)?);
    let kept = text("--keep").map(PathBuf::from);
    let is_filled = kept.as_ref().is_some_and(|dir| dir.join("filled").exists());
    let mut server = kept.clone().map_or_else(Server::start, Server::start_in);
    // Dropping it would drop what is kept; a server of its own takes its data with it.
    let database = ManuallyDrop::new(Database::named(&server.url(), "sendry_bench".to_owned()));
    if !is_filled {
        fill(&database, days).await?;
    }
    if let Some(dir) = &kept {
        std::fs::write(dir.join("filled"), "")?;
    }
    if arguments.iter().any(|given| given == "--fill") {
        return Ok(());
    }
    println!("the gateway's own floor: SELECT 1 in {:.1?}", floor(&database).await);
    println!("{:<18} {:>6} {:>10} {:>10} {:>8}", "question", "range", "cold p95", "warm p95", "budget");
    let mut missed = false;
    for (range, span, step) in [
        ("1 h", 3_600, 60),
        ("24 h", DAY, 300),
        ("7 d", 7 * DAY, 1_800),
        ("32 d", 32 * DAY, 7_200),
        ("13 mo", MONTHS, DAY as usize),
    ] {
        if text("--range").is_some_and(|only| only != range) {
            continue;
        }
        let budget = if span == MONTHS { BUDGET_OF_MONTHS } else { BUDGET };
        for question in [Question::Endpoints, Question::Traffic, Question::Latency] {
            let (mut cold, mut warm) = (Vec::new(), Vec::new());
            for _ in 0..cold_rounds {
                server.restart();
                cold.push(time(&open(&database).await?, question, span, step).await?);
            }
            let store = open(&database).await?;
            for _ in 0..ROUNDS {
                warm.push(time(&store, question, span, step).await?);
            }
            let (cold, warm) = (p95(cold), p95(warm));
            let met = cold < budget && warm < budget;
            missed |= !met;
            let verdict = if met { "met" } else { "MISSED" };
            println!("{:<18} {range:>6} {cold:>10.1?} {warm:>10.1?} {verdict:>8}", question.name());
        }
    }
    if missed { Err("a budget was missed".into()) } else { Ok(()) }
}

async fn open(database: &Database) -> Outcome<ClickHouseTraffic> {
    Ok(connect(&database.target(), None, ManualClock::at(NOW), Retention::default()).await?)
}

async fn time(store: &ClickHouseTraffic, question: Question, span: i64, step: usize) -> Outcome<Duration> {
    let started = Instant::now();
    let answered = question.ask(store, span, step).await?;
    assert!(answered > 0, "there is no data");
    Ok(started.elapsed())
}

async fn fill(database: &Database, days: i64) -> Outcome<()> {
    let clock = ManualClock::at(NOW - MONTHS);
    let store = connect(&database.target(), None, clock.clone(), Retention::default()).await?;
    let months = fill_months(&store, &clock, days).await?;
    println!("filled {months} rows before the last {days} days, four minutes a day");
    let started = Instant::now();
    let mut rows = 0;
    for day in (0..days).rev() {
        let end = NOW - day * DAY;
        clock.advance(end - clock_now(&clock));
        let starts = ((end - DAY) / 60..end / 60).step_by(MINUTES_PER_REPORT as usize);
        let instances = if day * DAY < SECOND_INSTANCE { 2 } else { 1 };
        let reports: Vec<_> = starts.flat_map(|start| (0..instances).map(move |one| (start, one))).collect();
        for batch in reports.chunks(REPORTS_PER_BATCH) {
            let mut batch: Vec<_> =
                batch.iter().map(|(start, instance)| report(*start, MINUTES_PER_REPORT, *instance)).collect();
            batch.iter_mut().for_each(|report| report.accepted_at = end * 1_000);
            store.write(&batch).await?;
            rows += batch
                .iter()
                .flat_map(|report| &report.report.minutes)
                .map(|minute| minute.routes.len())
                .sum::<usize>();
        }
        if day % DAYS_BETWEEN_JOBS == 0 {
            store.delete_expired(end, &Retention::default()).await?;
            eprintln!("filled {} of {days} days in {:.0?}", days - day, started.elapsed());
        }
    }
    let per_sec = rows as f64 / started.elapsed().as_secs_f64();
    let stored = database.number("SELECT count() FROM traffic_minutes").await;
    println!(
        "filled {rows} rows of minutes ({ENDPOINTS} endpoints x {} statuses) in {:.0?}, roll-ups among it: {per_sec:.0} rows/s",
        STATUSES.len(),
        started.elapsed()
    );
    println!("stored {stored} rows of minutes; the whole takes {} MB", megabytes(database).await);
    Ok(())
}

/// The months before the minutes that are kept: some minutes of each day, which the tiers keep.
async fn fill_months(store: &ClickHouseTraffic, clock: &Arc<ManualClock>, days: i64) -> Outcome<usize> {
    let mut rows = 0;
    for day in (days..MONTHS / DAY).rev() {
        let end = NOW - day * DAY;
        clock.advance(end - clock_now(clock));
        let mut batch: Vec<_> =
            (0..4).map(|quarter| report((end - quarter * 6 * 3_600) / 60 - 1, 1, 0)).collect();
        batch.iter_mut().for_each(|report| report.accepted_at = end * 1_000);
        store.write(&batch).await?;
        rows += batch.len() * (ENDPOINTS as usize) * STATUSES.len();
        if day % (DAYS_BETWEEN_JOBS * 3) == 0 {
            store.delete_expired(end, &Retention::default()).await?;
        }
    }
    Ok(rows)
}

/// The median of how long the server takes for nothing.
async fn floor(database: &Database) -> Duration {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        database.number("SELECT 1").await;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    times[ROUNDS / 2]
}

fn clock_now(clock: &Arc<ManualClock>) -> i64 {
    use sendry_hub::clock::Clock;
    clock.now()
}

async fn megabytes(database: &Database) -> u64 {
    let sql = "SELECT sum(bytes_on_disk) FROM system.parts WHERE database = currentDatabase() AND active";
    database.number(sql).await / 1_000_000
}
