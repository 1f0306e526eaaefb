//! An embedded store full of traffic, filled through its own `write`.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use sendry_hub::clock::ManualClock;
use sendry_hub::store::traffic::sqlite::{SqliteTraffic, connect};
use sendry_hub::store::traffic::{Retention, TrafficWriter};

use crate::traffic::{DAY, ENDPOINTS, NOW, STATUSES, report};

/// Minutes in one report, and reports in one batch.
const MINUTES_PER_REPORT: i64 = 30;
const REPORTS_PER_BATCH: usize = 4;

type Outcome<T> = Result<T, Box<dyn Error>>;

pub async fn open(path: &Path) -> Outcome<SqliteTraffic> {
    Ok(connect(path, ManualClock::at(NOW), Retention::default()).await?)
}

/// Writes `days` days of minutes into a new file.
pub async fn fill(path: &Path, days: i64) -> Outcome<()> {
    let started = Instant::now();
    let store = open(path).await?;
    let first = (NOW - days * DAY) / 60;
    let starts: Vec<i64> = (first..NOW / 60).step_by(MINUTES_PER_REPORT as usize).collect();
    for (batch, starts) in starts.chunks(REPORTS_PER_BATCH).enumerate() {
        let reports: Vec<_> = starts.iter().map(|minute| report(*minute, MINUTES_PER_REPORT, 0)).collect();
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
