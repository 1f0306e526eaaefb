//! Traffic added up by ClickHouse, and merged to totals here.

use std::collections::BTreeMap;

use clickhouse::Row;
use sendry_sdk::protocol::Histogram;
use serde::Deserialize;

use super::super::ClickHouseTraffic;
use super::super::rows::ZEROS;
use super::source::{Family, source};
use crate::store::StoreError;
use crate::store::traffic::plan::Segment;
use crate::store::traffic::{ConsumerHash, Filter, Scope, Totals};

/// Sums that could be larger than their type: what is too large is the largest.
pub(in super::super) fn saturating_sum(column: &str) -> String {
    format!("toUInt64(least(sum(toUInt128({column})), toUInt128(18446744073709551615)))")
}

/// The sums of one route, status and kind of headers, over everybody or one consumer.
#[derive(Row, Deserialize)]
pub(super) struct SumRow {
    pub(super) key_route: u64,
    pub(super) key_consumer: ConsumerHash,
    status: u16,
    headers_apart: bool,
    requests: u64,
    aborted: u64,
    body_errors: u64,
    panics: u64,
    duration_sum: u64,
    duration_max: u64,
    request_sum: u64,
    response_sum: u64,
    durations: Vec<(i16, u64)>,
    headers: Vec<(i16, u64)>,
    request_sizes: Vec<(i16, u64)>,
    response_sizes: Vec<(i16, u64)>,
}

/// What [`SumRow`] needs of each row, its histograms aside.
const COLUMNS: &str = "route, consumer, status, headers_apart, requests, aborted, body_errors, panics, duration_sum_us, \
                       duration_max_us, request_bytes, response_bytes";

/// What [`SumRow`] needs of the histograms besides the durations, of each row and added up.
const HISTOGRAMS: [&str; 2] = [
    "headers, request_sizes, response_sizes",
    "sumMap(headers), sumMap(request_sizes), sumMap(response_sizes)",
];

/// A histogram that nobody asks for.
pub(super) const NO_HISTOGRAM: &str = "CAST(map(), 'Map(Int16, UInt64)')";

/// What totals are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Per {
    Route,
    Consumer,
}

impl ClickHouseTraffic {
    /// Adds up what `conditions` choose of the segments.
    pub(super) async fn sums(
        &self,
        scope: &Scope,
        segments: &[Segment],
        conditions: &[String],
        (per, filter): (Per, &Filter),
    ) -> Result<Vec<SumRow>, StoreError> {
        let (columns, histograms) = if filter.durations_only {
            (format!("{COLUMNS}, durations"), [NO_HISTOGRAM; 3].join(", "))
        } else {
            (format!("{COLUMNS}, durations, {}", HISTOGRAMS[0]), HISTOGRAMS[1].to_owned())
        };
        let Some(source) = source(Family::Traffic, scope, segments, (&columns, conditions)) else {
            return Ok(Vec::new());
        };
        let keys = match per {
            Per::Route => "route AS key_route, toFixedString('', 16) AS key_consumer",
            Per::Consumer => "toUInt64(0) AS key_route, consumer AS key_consumer",
        };
        let sql = format!(
            "SELECT {keys}, status, headers_apart, sum(requests), sum(aborted), sum(body_errors), sum(panics), {} AS duration_sum, \
             max(duration_max_us), {} AS request_sum, {} AS response_sum, sumMap(durations), {histograms} \
             FROM {source} GROUP BY key_route, key_consumer, status, headers_apart",
            saturating_sum("duration_sum_us"),
            saturating_sum("request_bytes"),
            saturating_sum("response_bytes"),
        );
        self.link.ask(&sql).await
    }
}

/// The condition that a row is of those that `filter` looks at, its routes aside.
pub(super) fn conditions(filter: &Filter) -> Vec<String> {
    let mut conditions = vec![format!("by_consumer = {}", u8::from(filter.consumer.is_some()))];
    if let Some(consumer) = filter.consumer {
        conditions.push(of_consumer(consumer));
    }
    conditions.extend(of_status(filter));
    conditions
}

pub(super) fn of_consumer(consumer: ConsumerHash) -> String {
    format!("consumer = unhex('{}')", hex::encode(consumer))
}

/// The condition that a status is one of those looked at, where not all are.
pub(super) fn of_status(filter: &Filter) -> Option<String> {
    let bounds = filter.status.iter().map(|class| class.bounds());
    let spans: Vec<_> = bounds.map(|(low, high)| format!("status BETWEEN {low} AND {high}")).collect();
    if spans.is_empty() { None } else { Some(format!("({})", spans.join(" OR "))) }
}

/// Totals in the making.
#[derive(Default)]
pub(super) struct Sum {
    totals: Totals,
    by_status: BTreeMap<u16, u64>,
    /// Durations that do not count for Apdex as they lasted; the others are in `totals.apdex_durations`.
    other_durations: Histogram,
}

impl Sum {
    pub(super) fn add(&mut self, row: &SumRow, filter: &Filter) {
        let totals = &mut self.totals;
        totals.requests = totals.requests.saturating_add(row.requests);
        totals.aborted = totals.aborted.saturating_add(row.aborted);
        totals.body_errors = totals.body_errors.saturating_add(row.body_errors);
        totals.panics = totals.panics.saturating_add(row.panics);
        totals.duration_sum_us = totals.duration_sum_us.saturating_add(row.duration_sum);
        totals.duration_max_us = totals.duration_max_us.max(row.duration_max);
        totals.request_bytes = totals.request_bytes.saturating_add(row.request_sum);
        totals.response_bytes = totals.response_bytes.saturating_add(row.response_sum);
        let count = self.by_status.entry(row.status).or_default();
        *count = count.saturating_add(row.requests);
        let durations = if counts_for_apdex(row.status) {
            &mut totals.apdex_durations
        } else {
            &mut self.other_durations
        };
        add_buckets(durations, &row.durations);
        if !filter.durations_only {
            add_buckets(&mut totals.headers, if row.headers_apart { &row.headers } else { &row.durations });
        }
        add_buckets(&mut totals.request_sizes, &row.request_sizes);
        add_buckets(&mut totals.response_sizes, &row.response_sizes);
    }

    pub(super) fn finish(self) -> Totals {
        let mut totals = self.totals;
        totals.by_status = self.by_status.into_iter().collect();
        totals.durations = self.other_durations;
        totals.durations.merge(&totals.apdex_durations);
        totals
    }
}

/// 5xx count as frustrated however long they lasted, and an abort says nothing about the wait.
fn counts_for_apdex(status: u16) -> bool {
    status != 499 && !(500..600).contains(&status)
}

/// Adds a histogram as the tables hold it.
pub(super) fn add_buckets(histogram: &mut Histogram, buckets: &[(i16, u64)]) {
    for &(index, count) in buckets {
        if index == ZEROS { histogram.add_zero(count) } else { histogram.add(index, count) }
    }
}
