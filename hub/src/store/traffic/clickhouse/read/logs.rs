//! Request logs: a bounded walk through slim columns in the order of time. Texts are read of what fits everything else, and a text is
//! looked for by ClickHouse first and, where it may stand, by [`holds_text`](crate::store::traffic::holds_text).

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use async_trait::async_trait;
use clickhouse::Row;
use sendry_sdk::protocol::RequestLog;
use serde::Deserialize;
use uuid::Uuid;

use super::super::rows::EVERYBODY;
use super::super::{ClickHouseTraffic, of_scope};
use super::log_scan::{Chunk, Match, Scan};
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::traffic::{
    ConsumerHash, CountedLogs, FoundLogs, LogGroup, LogPage, LogSearch, LogStep, RequestLogReader, RouteKey,
    Scope, Steps, StoredLog, TrafficEraser,
};

#[derive(Row, Deserialize)]
struct WholeRow {
    env: String,
    consumer: ConsumerHash,
    log: String,
}

#[derive(Row, Deserialize)]
struct StepRow {
    start: i64,
    status: u16,
    count: u64,
}

#[derive(Row, Deserialize)]
struct GroupRow {
    method: String,
    path: String,
    status: u16,
    consumer: ConsumerHash,
    count: u64,
}

#[async_trait]
impl RequestLogReader for ClickHouseTraffic {
    async fn request_logs(
        &self,
        scope: &Scope,
        search: &LogSearch,
        page: &LogPage,
    ) -> Result<FoundLogs, StoreError> {
        let mut scan = Scan::new(self, scope, search, page.after).await?;
        let mut found = FoundLogs::default();
        while let Some(chunk) = scan.next_chunk().await? {
            take_page(&scan, &chunk, (scope, page.limit + 1), &mut found.logs).await?;
            found.searched = scan.spent.logs;
            if found.logs.len() > page.limit {
                found.logs.truncate(page.limit);
                found.next = found.logs.last().map(StoredLog::position);
                break;
            }
            if scan.is_spent() {
                (found.next, found.stopped) = (Some(chunk.oldest), true);
                break;
            }
        }
        Ok(found)
    }

    async fn request_log(&self, app_id: AppId, id: Uuid) -> Result<Option<StoredLog>, StoreError> {
        let sql = format!(
            "SELECT env, consumer, log FROM request_logs WHERE app_id = '{app_id}' AND id = unhex('{}') AND time_us >= {} LIMIT 1",
            id.simple(),
            self.logs_from_us(),
        );
        let row = self.link.ask::<WholeRow>(&sql).await?.into_iter().next();
        row.map(|row| stored(row.env, row.consumer, &row.log)).transpose()
    }

    async fn request_log_steps(
        &self,
        scope: &Scope,
        search: &LogSearch,
        steps: &Steps,
    ) -> Result<CountedLogs<LogStep>, StoreError> {
        let mut scan = Scan::new(self, scope, search, None).await?;
        let mut sums: BTreeMap<(i64, u16), u64> = BTreeMap::new();
        let stopped_at_us = if search.text.is_some() {
            let see = |one: &Match| {
                if let Some(start) = steps.start_of(one.time_us.div_euclid(1_000_000)) {
                    *sums.entry((start, one.status)).or_default() += 1;
                }
            };
            each_match(&mut scan, see).await?
        } else {
            let stopped_at_us = scan.limit().await?;
            for row in self.link.ask::<StepRow>(&steps_sql(&scan, steps)).await? {
                *sums.entry((row.start, row.status)).or_default() += row.count;
            }
            stopped_at_us
        };
        let counts = sums.into_iter().map(|((start, status), count)| LogStep { start, status, count });
        Ok(CountedLogs { counts: counts.collect(), stopped_at_us })
    }

    async fn request_log_groups(
        &self,
        scope: &Scope,
        search: &LogSearch,
    ) -> Result<CountedLogs<LogGroup>, StoreError> {
        let mut scan = Scan::new(self, scope, search, None).await?;
        let mut sums: BTreeMap<(String, String, u16, ConsumerHash), u64> = BTreeMap::new();
        let stopped_at_us = if search.text.is_some() {
            let see = |one: &Match| {
                *sums.entry((one.method.clone(), one.path.clone(), one.status, one.consumer)).or_default() +=
                    1;
            };
            each_match(&mut scan, see).await?
        } else {
            let stopped_at_us = scan.limit().await?;
            let sql = format!(
                "SELECT method, path, status, consumer, uniqExact(time_us, id) FROM request_logs WHERE {} AND {} \
                 GROUP BY method, path, status, consumer",
                scan.within(),
                scan.checks(),
            );
            for row in self.link.ask::<GroupRow>(&sql).await? {
                sums.insert((row.method, row.path, row.status, row.consumer), row.count);
            }
            stopped_at_us
        };
        let group = |((method, path, status, consumer), count)| LogGroup {
            route: RouteKey { method, path },
            status,
            consumer: somebody(consumer),
            count,
        };
        let mut counts: Vec<LogGroup> = sums.into_iter().map(group).collect();
        counts.sort_unstable();
        Ok(CountedLogs { counts, stopped_at_us })
    }
}

#[async_trait]
impl TrafficEraser for ClickHouseTraffic {
    /// Waits until every replica has rewritten the parts: what is erased is not on the disk any more.
    async fn erase_request_logs(&self, app_id: AppId, consumer: ConsumerHash) -> Result<u64, StoreError> {
        let theirs = format!("app_id = '{app_id}' AND consumer = unhex('{}')", hex::encode(consumer));
        let sql = format!("SELECT uniqExact(env, time_us, id) FROM request_logs WHERE {theirs}");
        let count = self.link.ask::<u64>(&sql).await?.first().copied().unwrap_or(0);
        if count > 0 {
            let sql = format!("ALTER TABLE request_logs DELETE WHERE {theirs} SETTINGS mutations_sync = 2");
            self.link.run(&sql).await?;
        }
        Ok(count)
    }

    async fn erase_environment(&self, scope: &Scope) -> Result<(), StoreError> {
        self.erase(&of_scope(scope)).await
    }

    async fn erase_app(&self, app_id: AppId) -> Result<(), StoreError> {
        self.erase(&format!("app_id = '{app_id}'")).await
    }
}

impl ClickHouseTraffic {
    /// Logs before this are deleted, or will be.
    pub(super) fn logs_from_us(&self) -> i64 {
        (self.clock.now() - self.retention.request_logs_secs) * 1_000_000
    }
}

/// Adds the logs of `chunk` that fit, until there are `limit`. No more than these are in memory.
async fn take_page(
    scan: &Scan<'_>,
    chunk: &Chunk,
    (scope, limit): (&Scope, usize),
    logs: &mut Vec<StoredLog>,
) -> Result<(), StoreError> {
    let mut unreadable = Ok(());
    let take = |one: Match| {
        match stored(scope.env.clone(), one.consumer, &one.log) {
            Ok(log) => logs.push(log),
            Err(error) => unreadable = Err(error),
        }
        let is_done = logs.len() >= limit || unreadable.is_err();
        if is_done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    scan.matches(chunk, limit, take).await?;
    unreadable
}

fn steps_sql(scan: &Scan<'_>, steps: &Steps) -> String {
    let bounds: Vec<_> = steps.bounds.iter().map(i64::to_string).collect();
    let window = steps.window();
    format!(
        "SELECT toInt64(roundDown(intDiv(time_us, 1000000), [{}])) AS start, status, uniqExact(time_us, id) FROM request_logs \
         WHERE {} AND {} AND time_us >= {} AND time_us < {} GROUP BY start, status",
        bounds.join(","),
        scan.within(),
        scan.checks(),
        window.from.saturating_mul(1_000_000),
        window.to.saturating_mul(1_000_000),
    )
}

/// Shows every log that fits, as far back as enough is looked at; where that stopped.
async fn each_match(
    scan: &mut Scan<'_>,
    mut see: impl FnMut(&Match) + Send,
) -> Result<Option<i64>, StoreError> {
    while let Some(chunk) = scan.next_chunk().await? {
        let see = |one: Match| {
            see(&one);
            ControlFlow::Continue(())
        };
        scan.matches(&chunk, usize::MAX, see).await?;
        if scan.is_spent() {
            return Ok(Some(chunk.oldest.time_us));
        }
    }
    Ok(None)
}

fn stored(env: String, consumer: ConsumerHash, json: &str) -> Result<StoredLog, StoreError> {
    let log: RequestLog = serde_json::from_str(json).map_err(|_| {
        StoreError::Unavailable("ClickHouse holds a request log that cannot be read".to_owned())
    })?;
    Ok(StoredLog { env, consumer: somebody(consumer), log })
}

/// The consumer of a row, where it is somebody.
fn somebody(consumer: ConsumerHash) -> Option<ConsumerHash> {
    Some(consumer).filter(|consumer| *consumer != EVERYBODY)
}
