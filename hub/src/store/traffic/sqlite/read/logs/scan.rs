//! The statements of a search, and the walk through its time in chunks.

use futures_util::TryStreamExt;
use sendry_sdk::protocol::RequestLog;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Row, Sqlite, SqlitePool};
use uuid::Uuid;

use super::super::super::corrupt;
use super::super::scan::{RouteRow, json, statuses_json};
use crate::store::StoreError;
use crate::store::traffic::{ConsumerHash, LogBudget, LogPosition, LogSearch, holds_text, json_needle};

/// Logs of a chunk: the first chunk of an unfiltered search holds the page.
const CHUNK: i64 = 8_192;

/// Logs of a chunk when a text is looked for, so that the bytes read are known before they are far too many.
const TEXT_CHUNK: i64 = 1_024;

/// The bound values: see [`Scan::bind`].
type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// What is checked of a slim row.
const CHECKS: &str = "(?8 IS NULL OR l.route_id IN (SELECT value FROM json_each(?8))) \
     AND (?9 IS NULL OR l.status IN (SELECT value FROM json_each(?9))) AND l.duration_us >= ?10 AND l.duration_us <= ?11";

/// A search under way.
pub(super) struct Scan<'a> {
    pub(super) readers: &'a SqlitePool,
    pub(super) routes: Vec<RouteRow>,
    search: &'a LogSearch,
    scope: i64,
    consumer: Option<i64>,
    /// What is not looked at yet: from the first, included, to the second, excluded.
    pub(super) from: LogPosition,
    pub(super) to: LogPosition,
    /// What was looked at.
    pub(super) spent: LogBudget,
    is_done: bool,
}

/// A part of the time, all of whose logs are looked at together.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) oldest: LogPosition,
    newer: LogPosition,
}

/// A log that fits.
pub(super) struct Match {
    pub(super) time_us: i64,
    pub(super) route: i64,
    pub(super) status: u16,
    pub(super) consumer: Option<ConsumerHash>,
    pub(super) log: String,
}

impl<'a> Scan<'a> {
    pub(super) fn new(
        readers: &'a SqlitePool,
        search: &'a LogSearch,
        (scope, consumer, routes): (i64, Option<i64>, Vec<RouteRow>),
        after: Option<LogPosition>,
    ) -> Self {
        let at = |secs: i64| LogPosition { time_us: secs.saturating_mul(1_000_000), id: Uuid::nil() };
        let to = at(search.to);
        let to = after.map_or(to, |after| after.min(to));
        let (from, spent) = (at(search.from), LogBudget { logs: 0, text_bytes: 0 });
        Self { readers, routes, search, scope, consumer, from, to, spent, is_done: false }
    }

    /// How many logs are looked at, at the most.
    pub(super) fn logs_max(&self) -> u64 {
        self.search.budget.logs
    }

    /// Whether there is more to look at, and enough was.
    pub(super) fn is_spent(&self) -> bool {
        let budget = self.search.budget;
        !self.is_done && (self.spent.logs >= budget.logs || self.spent.text_bytes >= budget.text_bytes)
    }

    pub(super) fn has_text(&self) -> bool {
        self.search.text.is_some()
    }

    /// The table, to be read by the index that finds the fewest rows. SQLite would walk through the time instead: it does not know how
    /// seldom a trace or a consumer is.
    pub(super) fn table(&self) -> &'static str {
        match (&self.search.trace_id, self.consumer) {
            (Some(_), _) => "request_logs l INDEXED BY request_logs_by_trace",
            (None, Some(_)) => "request_logs l INDEXED BY request_logs_by_consumer",
            (None, None) => "request_logs l",
        }
    }

    /// The rows that an index finds, of the time that `time` says.
    pub(super) fn source(&self, time: &str) -> String {
        let trace = if self.search.trace_id.is_some() { "l.trace_id = ?6" } else { "?6 IS NULL" };
        let consumer = match self.consumer {
            Some(_) => "l.consumer_id = ?7 AND l.consumer_id != 0",
            None => "?7 IS NULL",
        };
        format!("l.scope_id = ?1 AND {time} AND {trace} AND {consumer}")
    }

    /// The rows of `[from, to)`, as [`Self::bind`] is given them.
    pub(super) fn within(&self) -> String {
        self.source("(l.time_us, l.id) >= (?2, ?3) AND (l.time_us, l.id) < (?4, ?5)")
    }

    /// What is checked of the rows.
    pub(super) fn checks(&self) -> &'static str {
        CHECKS
    }

    /// The statement with the values that all of them have; `?12` is the pattern of the text, and more may follow.
    pub(super) fn bind(&self, sql: String, from: LogPosition, to: LogPosition) -> Query<'static> {
        let is_filtered = self.search.filter.method.is_some() || self.search.filter.path.is_some();
        let routes: Vec<i64> = self.routes.iter().map(|route| route.id).collect();
        let micros = |bound: Option<u64>, none: i64| {
            bound.map_or(none, |micros| i64::try_from(micros).unwrap_or(i64::MAX))
        };
        let query = sqlx::query(AssertSqlSafe(sql)).bind(self.scope);
        let query = query.bind(from.time_us).bind(from.id.as_bytes().to_vec());
        let query = query.bind(to.time_us).bind(to.id.as_bytes().to_vec());
        let query = query.bind(self.search.trace_id.clone()).bind(self.consumer);
        let query = query.bind(is_filtered.then(|| json(&routes))).bind(statuses_json(&self.search.filter));
        let query = query.bind(micros(self.search.duration_us_min, 0));
        let query = query.bind(micros(self.search.duration_us_max, i64::MAX));
        query.bind(self.search.text.as_deref().map(pattern))
    }

    /// The newest part that is not looked at yet; none when everything was.
    pub(super) async fn next_chunk(&mut self) -> Result<Option<Chunk>, StoreError> {
        if self.is_done {
            return Ok(None);
        }
        let size = if self.has_text() { TEXT_CHUNK } else { CHUNK };
        let size = size.min(i64::try_from(self.logs_max()).unwrap_or(i64::MAX).max(1));
        let sql = format!(
            "SELECT time_us, id, count(*) OVER (), sum(bytes) OVER () FROM (SELECT l.time_us, l.id, \
             iif(?12 IS NOT NULL AND {CHECKS}, l.bytes, 0) AS bytes FROM {} WHERE {} \
             ORDER BY l.time_us DESC, l.id DESC LIMIT ?13) ORDER BY time_us, id LIMIT 1",
            self.table(),
            self.within()
        );
        let row = self.bind(sql, self.from, self.to).bind(size).fetch_optional(self.readers).await?;
        let Some(row) = row else { return Ok(None) };
        let oldest = LogPosition { time_us: row.try_get(0)?, id: uuid(&row, 1)? };
        let logs = row.try_get::<i64, _>(2)?;
        self.spent.logs += logs.unsigned_abs();
        self.spent.text_bytes += row.try_get::<i64, _>(3)?.unsigned_abs();
        let chunk = Chunk { oldest, newer: self.to };
        (self.to, self.is_done) = (oldest, logs < size);
        Ok(Some(chunk))
    }

    /// The logs of `chunk` that fit, the newest first, `limit` at the most.
    pub(super) async fn matches(&self, chunk: &Chunk, limit: usize) -> Result<Vec<Match>, StoreError> {
        let sql = format!(
            "SELECT l.time_us, l.route_id, l.status, c.hash, t.log FROM {} CROSS JOIN request_log_texts t \
             ON t.number = l.number LEFT JOIN consumers c ON c.id = l.consumer_id AND l.consumer_id != 0 WHERE {} AND {CHECKS} \
             AND (?12 IS NULL OR t.log LIKE ?12 ESCAPE '\\') ORDER BY l.time_us DESC, l.id DESC",
            self.table(),
            self.within()
        );
        let mut rows = self.bind(sql, chunk.oldest, chunk.newer).fetch(self.readers);
        let mut matches = Vec::new();
        while matches.len() < limit
            && let Some(row) = rows.try_next().await?
        {
            let log: String = row.try_get(4)?;
            if self.search.text.as_deref().is_none_or(|text| holds_text(&log, text)) {
                matches.push(Match {
                    time_us: row.try_get(0)?,
                    route: row.try_get(1)?,
                    status: row.try_get(2)?,
                    consumer: hash(row.try_get(3)?)?,
                    log,
                });
            }
        }
        Ok(matches)
    }
}

/// What SQLite looks for in the JSON of a log: it finds every log that holds the text, and perhaps others.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in json_needle(text).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

pub(super) fn parse(json: &str) -> Result<RequestLog, StoreError> {
    serde_json::from_str(json).map_err(|_| corrupt("a request log"))
}

pub(super) fn hash(bytes: Option<Vec<u8>>) -> Result<Option<ConsumerHash>, StoreError> {
    let hash = |bytes| ConsumerHash::try_from(bytes).map_err(|_| corrupt("a consumer"));
    bytes.map(|bytes: Vec<u8>| hash(bytes)).transpose()
}

fn uuid(row: &SqliteRow, at: usize) -> Result<Uuid, StoreError> {
    Uuid::from_slice(row.try_get(at)?).map_err(|_| corrupt("an id"))
}
