//! How long questions take on a full embedded store: `cargo bench -p sendry-hub --bench questions`.
//!
//! Fills a store through its own `write` with 32 days of minutes of 50 endpoints × 3 statuses, at least 15 buckets a row,
//! reopens it, and asks for the endpoint table, the traffic chart and the latency chart over 1 hour, 24 hours, 7 days and
//! 32 days. *Cold* is on a store just opened whose file was dropped from the page cache, *warm* is once more after it; both are
//! the 95th percentile of 20. The budget is 200 ms each. `--days N` fills less; `--keep DIR` keeps the file and uses one that is there.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints its figures")]

#[path = "support/filled.rs"]
mod filled;
#[path = "support/traffic.rs"]
mod traffic;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use filled::{fill, open};
use sendry_hub::store::traffic::sqlite::SqliteTraffic;
use traffic::{DAY, ENDPOINTS, Question, STATUSES, p95};

const BUDGET: Duration = Duration::from_millis(200);
const ROUNDS: usize = 20;

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

/// Drops the file from the page cache, as far as `dd` may; without it, *cold* is only the first on a new connection.
fn forget_pages(path: &Path) -> Outcome<()> {
    let file = format!("if={}", path.display());
    let output = std::process::Command::new("dd").args([&file, "iflag=nocache", "count=0"]).output()?;
    if output.status.success() { Ok(()) } else { Err("dd cannot drop the file from the page cache".into()) }
}
