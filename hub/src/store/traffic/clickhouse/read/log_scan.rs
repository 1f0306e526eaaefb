//! The statements of a search through request logs, and the walk through its time in chunks.

use std::ops::ControlFlow;

use clickhouse::Row;
use serde::Deserialize;
use uuid::Uuid;

use super::super::link::quote;
use super::super::{ClickHouseTraffic, of_scope};
use super::totals::{of_consumer, of_status};
use crate::store::StoreError;
use crate::store::traffic::{
    ConsumerHash, LogBudget, LogPosition, LogSearch, Scope, holds_text, json_needle,
};

/// Logs of a chunk: the first chunk of an unfiltered search holds the page.
const CHUNK: u64 = 32_768;

/// Logs of a chunk when a text is looked for, so that the bytes read are known before they are far too many.
const TEXT_CHUNK: u64 = 4_096;

/// A search under way.
pub(super) struct Scan<'a> {
    store: &'a ClickHouseTraffic,
    search: &'a LogSearch,
    /// What the index finds: the scope, and a trace or a consumer.
    place: String,
    checks: String,
    /// What is not looked at yet: from the first, included, to the second, excluded.
    from: LogPosition,
    to: LogPosition,
    /// What was looked at.
    pub(super) spent: LogBudget,
    is_done: bool,
}

/// A part of the time, all of whose logs are looked at together.
pub(super) struct Chunk {
    pub(super) oldest: LogPosition,
    newer: LogPosition,
}

/// A log that fits.
#[derive(Row, Deserialize)]
pub(super) struct Match {
    pub(super) time_us: i64,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) status: u16,
    pub(super) consumer: ConsumerHash,
    pub(super) log: String,
}

#[derive(Row, Deserialize)]
struct ChunkRow {
    oldest: (i64, [u8; 16]),
    logs: u64,
    bytes: u64,
}

#[derive(Row, Deserialize)]
struct RouteRow {
    method: String,
    path: String,
}

impl<'a> Scan<'a> {
    /// What `search` looks at, beginning after `after`.
    pub(super) async fn new(
        store: &'a ClickHouseTraffic,
        scope: &Scope,
        search: &'a LogSearch,
        after: Option<LogPosition>,
    ) -> Result<Self, StoreError> {
        let at = |time_us: i64| LogPosition { time_us, id: Uuid::nil() };
        let from = at(search.from.saturating_mul(1_000_000).max(store.logs_from_us()));
        let to = at(search.to.saturating_mul(1_000_000));
        let to = after.map_or(to, |after| after.min(to));
        let mut place = of_scope(scope);
        if let Some(trace_id) = &search.trace_id {
            place.push_str(&format!(" AND trace_id = {}", quote(trace_id)));
        }
        if let Some(consumer) = search.filter.consumer {
            place.push_str(&format!(" AND {}", of_consumer(consumer)));
        }
        let spent = LogBudget { logs: 0, text_bytes: 0 };
        let mut scan = Self { store, search, place, checks: String::new(), from, to, spent, is_done: false };
        scan.checks = scan.made_checks().await?;
        Ok(scan)
    }

    /// What is checked of the slim columns.
    async fn made_checks(&self) -> Result<String, StoreError> {
        let mut checks = vec!["1".to_owned()];
        checks.extend(of_status(&self.search.filter));
        checks.extend(self.search.duration_us_min.map(|min| format!("duration_us >= {min}")));
        checks.extend(self.search.duration_us_max.map(|max| format!("duration_us <= {max}")));
        let filter = &self.search.filter;
        if filter.method.is_some() || filter.path.is_some() {
            let sql = format!("SELECT DISTINCT method, path FROM request_logs WHERE {}", self.within());
            let routes = self.store.link.ask::<RouteRow>(&sql).await?.into_iter();
            let routes = routes.filter(|route| filter.covers_route(&route.method, &route.path));
            let listed = routes.map(|route| format!("({}, {})", quote(&route.method), quote(&route.path)));
            let listed: Vec<_> = listed.collect();
            checks.push(match listed.is_empty() {
                true => "0".to_owned(),
                false => format!("(method, path) IN ({})", listed.join(",")),
            });
        }
        Ok(checks.join(" AND "))
    }

    pub(super) fn checks(&self) -> &str {
        &self.checks
    }

    /// Whether there is more to look at, and enough was.
    pub(super) fn is_spent(&self) -> bool {
        let budget = self.search.budget;
        !self.is_done && (self.spent.logs >= budget.logs || self.spent.text_bytes >= budget.text_bytes)
    }

    /// The rows that are not looked at yet.
    pub(super) fn within(&self) -> String {
        self.between(self.from, self.to)
    }

    fn between(&self, from: LogPosition, to: LogPosition) -> String {
        let literal =
            |at: LogPosition| format!("({}, toFixedString(unhex('{}'), 16))", at.time_us, at.id.simple());
        format!(
            "{} AND time_us >= {} AND time_us <= {} AND (time_us, id) >= {} AND (time_us, id) < {}",
            self.place,
            from.time_us,
            to.time_us,
            literal(from),
            literal(to)
        )
    }

    /// The newest part that is not looked at yet; none when everything was.
    pub(super) async fn next_chunk(&mut self) -> Result<Option<Chunk>, StoreError> {
        let size = if self.search.text.is_some() { TEXT_CHUNK } else { CHUNK };
        self.chunk_of(size.min(self.search.budget.logs).max(1)).await
    }

    async fn chunk_of(&mut self, size: u64) -> Result<Option<Chunk>, StoreError> {
        if self.is_done {
            return Ok(None);
        }
        let bytes = if self.search.text.is_some() {
            format!("if({}, bytes, 0)", self.checks)
        } else {
            "0".to_owned()
        };
        let sql = format!(
            "SELECT min((time_us, id)), count(), toUInt64(sum(b)) FROM (SELECT time_us, id, toUInt64({bytes}) AS b FROM request_logs \
             WHERE {} ORDER BY time_us DESC, id DESC LIMIT 1 BY time_us, id LIMIT {size})",
            self.within()
        );
        let row = self.store.link.ask::<ChunkRow>(&sql).await?.into_iter().next().filter(|row| row.logs > 0);
        let Some(row) = row else { return Ok(None) };
        let oldest = LogPosition { time_us: row.oldest.0, id: Uuid::from_bytes(row.oldest.1) };
        self.spent.logs += row.logs;
        self.spent.text_bytes += row.bytes;
        let chunk = Chunk { oldest, newer: self.to };
        (self.to, self.is_done) = (oldest, row.logs < size);
        Ok(Some(chunk))
    }

    /// Leaves out what is older than as many logs as are looked at; where that is.
    pub(super) async fn limit(&mut self) -> Result<Option<i64>, StoreError> {
        let to = self.to;
        let one_more = self.search.budget.logs.saturating_add(1);
        let chunk = self.chunk_of(one_more).await?;
        self.to = to;
        match chunk.filter(|_| !self.is_done) {
            Some(chunk) => {
                self.from = LogPosition { time_us: chunk.oldest.time_us + 1, id: Uuid::nil() };
                Ok(Some(self.from.time_us))
            }
            None => Ok(None),
        }
    }

    /// Hands the logs of `chunk` that fit to `see`, the newest first, until it breaks off, which it does after `limit`. ClickHouse looks for the text in the bytes
    /// of a log; whether it stands in a value and not in a name is looked at here, one log after the other.
    pub(super) async fn matches(
        &self,
        chunk: &Chunk,
        limit: usize,
        mut see: impl FnMut(Match) -> ControlFlow<()> + Send,
    ) -> Result<(), StoreError> {
        let text = self.search.text.as_deref();
        // What ClickHouse finds may not hold the text after all: then it is not known how many to ask for.
        let (holds, at_most) = match text {
            Some(text) => {
                let needle = quote(&json_needle(text));
                (format!(" AND positionCaseInsensitive(log, {needle}) > 0"), String::new())
            }
            None => (String::new(), format!(" LIMIT {limit}")),
        };
        let sql = format!(
            "SELECT time_us, method, path, status, consumer, log FROM request_logs WHERE {} AND {}{holds} \
             ORDER BY time_us DESC, id DESC LIMIT 1 BY time_us, id{at_most}",
            self.between(chunk.oldest, chunk.newer),
            self.checks
        );
        let check = |one: Match| match text {
            Some(text) if !holds_text(&one.log, text) => ControlFlow::Continue(()),
            _ => see(one),
        };
        self.store.link.each(&sql, check).await
    }
}
