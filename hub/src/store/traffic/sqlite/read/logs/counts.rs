//! Counts of what a search finds: by step, and by route, status and consumer.
//!
//! Without a text SQLite counts slim rows; with one every log that may hold it is looked at.

use std::collections::{BTreeMap, HashMap};

use sqlx::Row;

use super::scan::{Match, Scan, hash};
use crate::store::StoreError;
use crate::store::traffic::{CountedLogs, LogGroup, LogPosition, LogStep, RouteKey, Steps};

pub(super) async fn steps(mut scan: Scan<'_>, steps: &Steps) -> Result<CountedLogs<LogStep>, StoreError> {
    let mut sums: BTreeMap<(i64, u16), u64> = BTreeMap::new();
    let stopped_at_us = if scan.has_text() {
        let see = |one: &Match| {
            if let Some(start) = steps.start_of(one.time_us.div_euclid(1_000_000)) {
                *sums.entry((start, one.status)).or_default() += 1;
            }
        };
        each_match(&mut scan, see).await?
    } else {
        let stopped_at_us = limit(&mut scan).await?;
        count_steps(&scan, steps, &mut sums).await?;
        stopped_at_us
    };
    let counts = sums.into_iter().map(|((start, status), count)| LogStep { start, status, count });
    Ok(CountedLogs { counts: counts.collect(), stopped_at_us })
}

type GroupKey = (i64, u16, Option<[u8; 16]>);

pub(super) async fn groups(mut scan: Scan<'_>) -> Result<CountedLogs<LogGroup>, StoreError> {
    let mut sums: HashMap<GroupKey, u64> = HashMap::new();
    let stopped_at_us = if scan.has_text() {
        let see = |one: &Match| *sums.entry((one.route, one.status, one.consumer)).or_default() += 1;
        each_match(&mut scan, see).await?
    } else {
        let stopped_at_us = limit(&mut scan).await?;
        count_groups(&scan, &mut sums).await?;
        stopped_at_us
    };
    let names: HashMap<i64, RouteKey> = scan.routes.iter().map(|route| (route.id, route.key())).collect();
    let group = |((route, status, consumer), count)| {
        let route = names.get(&route)?.clone();
        Some(LogGroup { route, status, consumer, count })
    };
    let mut counts: Vec<LogGroup> = sums.into_iter().filter_map(group).collect();
    counts.sort_unstable();
    Ok(CountedLogs { counts, stopped_at_us })
}

/// Shows every log that fits, as far back as enough is looked at; where that stopped.
async fn each_match(scan: &mut Scan<'_>, mut see: impl FnMut(&Match)) -> Result<Option<i64>, StoreError> {
    while let Some(chunk) = scan.next_chunk().await? {
        scan.matches(&chunk, usize::MAX).await?.iter().for_each(&mut see);
        if scan.is_spent() {
            return Ok(Some(chunk.oldest.time_us));
        }
    }
    Ok(None)
}

/// Leaves out what is older than as many logs as are looked at; where that is.
async fn limit(scan: &mut Scan<'_>) -> Result<Option<i64>, StoreError> {
    let sql = format!(
        "SELECT l.time_us FROM {} WHERE {} ORDER BY l.time_us DESC, l.id DESC LIMIT 1 OFFSET ?13",
        scan.table(),
        scan.within()
    );
    let query = scan.bind(sql, scan.from, scan.to).bind(i64::try_from(scan.logs_max()).unwrap_or(i64::MAX));
    let Some(row) = query.fetch_optional(scan.readers).await? else { return Ok(None) };
    let time_us: i64 = row.try_get::<i64, _>(0)? + 1;
    scan.from = LogPosition { time_us, ..scan.from };
    Ok(Some(time_us))
}

async fn count_steps(
    scan: &Scan<'_>,
    steps: &Steps,
    sums: &mut BTreeMap<(i64, u16), u64>,
) -> Result<(), StoreError> {
    let (first, last) = (scan.from.time_us, scan.to.time_us);
    let micros = |bound: i64| bound.saturating_mul(1_000_000).clamp(first, last);
    let parts = steps.bounds.windows(2).map(|step| {
        let (from, to) = (micros(step[0]), micros(step[1]));
        format!("[{},{from},{to}]", step[0])
    });
    let parts = format!("[{}]", parts.collect::<Vec<_>>().join(","));
    let source = scan.source("l.time_us >= step.value ->> 1 AND l.time_us < step.value ->> 2");
    let sql = format!(
        "SELECT step.value ->> 0, l.status, count(*) FROM json_each(?13) step CROSS JOIN {} \
         WHERE {source} AND {} GROUP BY step.key, l.status",
        scan.table(),
        scan.checks()
    );
    for row in scan.bind(sql, scan.from, scan.to).bind(parts).fetch_all(scan.readers).await? {
        let count = row.try_get::<i64, _>(2)?.unsigned_abs();
        *sums.entry((row.try_get(0)?, row.try_get(1)?)).or_default() += count;
    }
    Ok(())
}

async fn count_groups(scan: &Scan<'_>, sums: &mut HashMap<GroupKey, u64>) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT l.route_id, l.status, c.hash, l.count FROM (SELECT l.route_id, l.status, l.consumer_id, count(*) AS count \
         FROM {} WHERE {} AND {} GROUP BY l.route_id, l.status, l.consumer_id) l \
         LEFT JOIN consumers c ON c.id = l.consumer_id AND l.consumer_id != 0",
        scan.table(),
        scan.within(),
        scan.checks()
    );
    for row in scan.bind(sql, scan.from, scan.to).fetch_all(scan.readers).await? {
        let key = (row.try_get(0)?, row.try_get(1)?, hash(row.try_get(2)?)?);
        *sums.entry(key).or_default() += row.try_get::<i64, _>(3)?.unsigned_abs();
    }
    Ok(())
}
