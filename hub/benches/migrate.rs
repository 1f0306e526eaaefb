//! How long `migrate-store` takes: `cargo xtask bench migrate`.
//!
//! Fills an embedded store with 32 days of minutes of 50 endpoints × 3 statuses, as the bench `questions` does, and copies it into a
//! ClickHouse of its own (see `docs/testing.md`), with the comparison of both stores after it. `--days N` fills less; `--keep DIR`
//! keeps the file and uses one that is there.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints its figures")]

#[path = "../tests/it/clickhouse.rs"]
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
mod engine;
#[path = "support/filled.rs"]
mod filled;
#[path = "../tests/it/guard.rs"]
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
mod guard;
#[path = "support/traffic.rs"]
#[allow(dead_code, reason = "shared with other benches")]
mod traffic;

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use engine::{Database, Server};
use sendry_hub::clock::ManualClock;
use sendry_hub::migrate::{self, Copying};
use sendry_hub::store::traffic::Retention;
use sendry_hub::store::traffic::clickhouse::connect;
use traffic::NOW;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let value =
        |name: &str| arguments.iter().position(|given| given == name).and_then(|at| arguments.get(at + 1));
    let days = value("--days").map_or(Ok(32), |days| days.parse())?;
    let scratch = tempfile::tempdir()?;
    let path = value("--keep").map_or(scratch.path().to_path_buf(), PathBuf::from).join("traffic.db");
    if !path.exists() {
        filled::fill(&path, days).await?;
    }
    let server = Server::start();
    let database = Database::on(&server.url());
    let target = connect(&database.target(), None, ManualClock::at(NOW), Retention::default()).await?;
    let source = filled::open(&path).await?;
    let copying = Copying {
        source: &source,
        target: &target,
        now: NOW,
        retention: Retention::default(),
        afresh: false,
    };
    let started = Instant::now();
    migrate::copy(&copying, |line| {
        eprintln!("{line}");
        true
    })
    .await?;
    let copied = started.elapsed();
    let started = Instant::now();
    let differences = migrate::verify(&copying).await?;
    assert!(differences.is_empty(), "{differences:?}");
    let rows = database.number("SELECT count() FROM traffic_minutes WHERE NOT by_consumer").await;
    println!(
        "copied {rows} rows of minutes, with half hours and days, in {copied:.0?}: {:.0} rows/s; compared in {:.0?}, no difference; \
         {} MB in SQLite, {} MB in ClickHouse",
        rows as f64 / copied.as_secs_f64(),
        started.elapsed(),
        std::fs::metadata(&path)?.len() / 1_000_000,
        database
            .number(
                "SELECT sum(bytes_on_disk) FROM system.parts WHERE database = currentDatabase() AND active"
            )
            .await
            / 1_000_000
    );
    Ok(())
}
