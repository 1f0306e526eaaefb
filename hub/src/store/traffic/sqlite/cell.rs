//! A cell: what one bucket of time holds about one route, for every status, packed into a few hundred bytes.
//!
//! Written by read, merge, write ([`Cell`]); read without building it ([`read_cell`]): a chart needs the sums alone and skips
//! the histograms, of which the length is known. One row per bucket, not per status and not per histogram bucket, because a
//! row costs more to fetch than its bytes to decode.
//!
//! Layout, all numbers varints: count of statuses, then for each, rising: status, flags, requests, \[aborted, body errors,
//! panics,\] duration sum and max, request bytes, response bytes, length of the rest; the rest are the histograms of durations,
//! \[headers,\] request sizes and response sizes. A histogram: count of buckets, zeros, then index and count of each,
//! the first index zigzag, the others as distances.

use sendry_sdk::protocol::{Buckets, ConsumerSeries, Histogram, RouteSeries};

use super::varint::{put, take, unzigzag, zigzag};
use crate::store::traffic::copied::StatusFacts;

/// The outcomes are written out; without it all requests ended complete.
const OUTCOMES: u64 = 1;
/// The histogram of headers is written out; without it, it equals that of the durations.
const HEADERS: u64 = 2;

/// The cell of one bucket, in rising order of status.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Cell(Vec<Facts>);

/// What one status has.
#[derive(Debug, Clone, Default, PartialEq)]
struct Facts {
    status: u16,
    sums: Sums,
    durations: Buckets,
    /// None: equal to `durations`.
    headers: Option<Buckets>,
    request: Buckets,
    response: Buckets,
}

/// What adds up without a histogram.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) requests: u64,
    pub(super) aborted: u64,
    pub(super) body_errors: u64,
    pub(super) panics: u64,
    pub(super) duration_sum_us: u64,
    pub(super) duration_max_us: u64,
    pub(super) request_bytes: u64,
    pub(super) response_bytes: u64,
}

impl Sums {
    fn merge(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.aborted = self.aborted.saturating_add(other.aborted);
        self.body_errors = self.body_errors.saturating_add(other.body_errors);
        self.panics = self.panics.saturating_add(other.panics);
        self.duration_sum_us = self.duration_sum_us.saturating_add(other.duration_sum_us);
        self.duration_max_us = self.duration_max_us.max(other.duration_max_us);
        self.request_bytes = self.request_bytes.saturating_add(other.request_bytes);
        self.response_bytes = self.response_bytes.saturating_add(other.response_bytes);
    }

    fn all_complete(&self) -> bool {
        self.aborted == 0 && self.body_errors == 0 && self.panics == 0
    }
}

impl Cell {
    pub(super) fn add_route(&mut self, series: &RouteSeries) {
        let sums = Sums {
            requests: series.count,
            aborted: series.outcomes.aborted,
            body_errors: series.outcomes.body_error,
            panics: series.outcomes.panic,
            duration_sum_us: series.durations.sum_us,
            duration_max_us: series.durations.max_us,
            request_bytes: series.request.sum,
            response_bytes: series.response.sum,
        };
        self.of_status(series.status).merge_parts(
            &sums,
            &series.durations.buckets,
            series.headers.as_ref(),
            [&series.request.buckets, &series.response.buckets],
        );
    }

    pub(super) fn add_consumer(&mut self, series: &ConsumerSeries) {
        let sums = Sums {
            requests: series.count,
            duration_sum_us: series.durations.sum_us,
            duration_max_us: series.durations.max_us,
            request_bytes: series.request_bytes,
            response_bytes: series.response_bytes,
            ..Sums::default()
        };
        let none = Buckets::default();
        self.of_status(series.status).merge_parts(&sums, &series.durations.buckets, None, [&none, &none]);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if self.0.is_empty() {
            return self.0.clone_from(&other.0);
        }
        for facts in &other.0 {
            let sizes = [&facts.request, &facts.response];
            let mine = self.of_status(facts.status);
            mine.merge_parts(&facts.sums, &facts.durations, facts.headers.as_ref(), sizes);
        }
    }

    fn of_status(&mut self, status: u16) -> &mut Facts {
        let at = match self.0.binary_search_by_key(&status, |facts| facts.status) {
            Ok(at) => at,
            Err(at) => {
                self.0.insert(at, Facts { status, ..Facts::default() });
                at
            }
        };
        &mut self.0[at]
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        let mut histograms = Vec::with_capacity(256);
        put(&mut bytes, self.0.len() as u64);
        for facts in &self.0 {
            facts.encode(&mut bytes, &mut histograms);
        }
        bytes
    }

    /// What each status has.
    pub(super) fn into_facts(self) -> impl Iterator<Item = StatusFacts> {
        self.0.into_iter().map(|Facts { status, sums, durations, headers, request, response }| StatusFacts {
            status,
            requests: sums.requests,
            aborted: sums.aborted,
            body_errors: sums.body_errors,
            panics: sums.panics,
            duration_sum_us: sums.duration_sum_us,
            duration_max_us: sums.duration_max_us,
            request_bytes: sums.request_bytes,
            response_bytes: sums.response_bytes,
            durations,
            headers,
            request_sizes: request,
            response_sizes: response,
        })
    }

    /// None when `bytes` are not a cell.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut cell = Self::default();
        read_cell(bytes, |status, sums, mut histograms| {
            let durations = take_buckets(&mut histograms.bytes)?;
            let headers = if histograms.headers { Some(take_buckets(&mut histograms.bytes)?) } else { None };
            let request = take_buckets(&mut histograms.bytes)?;
            let response = take_buckets(&mut histograms.bytes)?;
            cell.0.push(Facts { status, sums, durations, headers, request, response });
            Some(())
        })?;
        Some(cell)
    }
}

impl Facts {
    fn merge_parts(
        &mut self,
        sums: &Sums,
        durations: &Buckets,
        headers: Option<&Buckets>,
        [request, response]: [&Buckets; 2],
    ) {
        // The headers are merged first: they may stand for the durations as these were before.
        if self.headers.is_some() || headers.is_some() {
            let mine = self.headers.get_or_insert_with(|| self.durations.clone());
            merge_buckets(mine, headers.unwrap_or(durations));
        }
        self.sums.merge(sums);
        merge_buckets(&mut self.durations, durations);
        merge_buckets(&mut self.request, request);
        merge_buckets(&mut self.response, response);
    }

    fn encode(&self, bytes: &mut Vec<u8>, histograms: &mut Vec<u8>) {
        histograms.clear();
        put_buckets(histograms, &self.durations);
        if let Some(headers) = &self.headers {
            put_buckets(histograms, headers);
        }
        put_buckets(histograms, &self.request);
        put_buckets(histograms, &self.response);

        let sums = &self.sums;
        let outcomes = if sums.all_complete() { 0 } else { OUTCOMES };
        put(bytes, u64::from(self.status));
        put(bytes, outcomes | if self.headers.is_some() { HEADERS } else { 0 });
        put(bytes, sums.requests);
        if outcomes != 0 {
            put(bytes, sums.aborted);
            put(bytes, sums.body_errors);
            put(bytes, sums.panics);
        }
        for number in [sums.duration_sum_us, sums.duration_max_us, sums.request_bytes, sums.response_bytes] {
            put(bytes, number);
        }
        put(bytes, histograms.len() as u64);
        bytes.extend_from_slice(histograms);
    }
}

/// The histograms of one status of a cell, not yet decoded.
pub(super) struct PackedHistograms<'a> {
    headers: bool,
    bytes: &'a [u8],
}

impl PackedHistograms<'_> {
    /// Adds them to `durations`, `headers` and the sizes.
    pub(super) fn add_to(
        mut self,
        durations: &mut Histogram,
        headers: &mut Histogram,
        [request, response]: [&mut Histogram; 2],
    ) -> Option<()> {
        self.add_times_to(durations, headers)?;
        add_histogram(&mut self.bytes, request)?;
        add_histogram(&mut self.bytes, response)
    }

    /// Adds the durations and the times to headers alone.
    pub(super) fn add_times_to(&mut self, durations: &mut Histogram, headers: &mut Histogram) -> Option<()> {
        let start = self.bytes;
        add_histogram(&mut self.bytes, durations)?;
        if self.headers {
            add_histogram(&mut self.bytes, headers)
        } else {
            add_histogram(&mut { start }, headers)
        }
    }

    /// Adds the durations alone.
    pub(super) fn add_durations_to(mut self, durations: &mut Histogram) -> Option<()> {
        add_histogram(&mut self.bytes, durations)
    }
}

/// Hands each status of a packed cell to `see`; none when the bytes are not a cell.
pub(super) fn read_cell<'a>(
    mut bytes: &'a [u8],
    mut see: impl FnMut(u16, Sums, PackedHistograms<'a>) -> Option<()>,
) -> Option<()> {
    let bytes = &mut bytes;
    for _ in 0..take(bytes)? {
        let status = u16::try_from(take(bytes)?).ok()?;
        let flags = take(bytes)?;
        let mut sums = Sums { requests: take(bytes)?, ..Sums::default() };
        if flags & OUTCOMES != 0 {
            sums.aborted = take(bytes)?;
            sums.body_errors = take(bytes)?;
            sums.panics = take(bytes)?;
        }
        sums.duration_sum_us = take(bytes)?;
        sums.duration_max_us = take(bytes)?;
        sums.request_bytes = take(bytes)?;
        sums.response_bytes = take(bytes)?;
        let length = usize::try_from(take(bytes)?).ok()?;
        let (histograms, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        see(status, sums, PackedHistograms { headers: flags & HEADERS != 0, bytes: histograms })?;
    }
    bytes.is_empty().then_some(())
}

fn put_buckets(bytes: &mut Vec<u8>, buckets: &Buckets) {
    put(bytes, buckets.counts.len() as u64);
    put(bytes, buckets.zero);
    let mut previous = None;
    for &(index, count) in &buckets.counts {
        match previous {
            None => put(bytes, zigzag(index)),
            Some(previous) => put(bytes, u64::from(index.abs_diff(previous))),
        }
        put(bytes, count);
        previous = Some(index);
    }
}

/// Hands the zeros and then each bucket of a packed histogram to `see`.
fn take_histogram(bytes: &mut &[u8], mut see: impl FnMut(Option<i16>, u64)) -> Option<()> {
    let buckets = take(bytes)?;
    see(None, take(bytes)?);
    let mut index = 0i16;
    for at in 0..buckets {
        let step = take(bytes)?;
        index =
            if at == 0 { unzigzag(step)? } else { index.checked_add_unsigned(u16::try_from(step).ok()?)? };
        see(Some(index), take(bytes)?);
    }
    Some(())
}

fn take_buckets(bytes: &mut &[u8]) -> Option<Buckets> {
    let mut buckets = Buckets::default();
    take_histogram(bytes, |index, count| match index {
        None => buckets.zero = count,
        Some(index) => buckets.counts.push((index, count)),
    })?;
    Some(buckets)
}

fn add_histogram(bytes: &mut &[u8], histogram: &mut Histogram) -> Option<()> {
    take_histogram(bytes, |index, count| match index {
        None => histogram.add_zero(count),
        Some(index) => histogram.add(index, count),
    })
}

/// Adds `other` to `mine`, both in rising order.
fn merge_buckets(mine: &mut Buckets, other: &Buckets) {
    mine.zero = mine.zero.saturating_add(other.zero);
    if mine.counts.is_empty() {
        return mine.counts.clone_from(&other.counts);
    }
    let mut merged = Vec::with_capacity(mine.counts.len().max(other.counts.len()) + 8);
    let (mut left, mut right) = (mine.counts.as_slice(), other.counts.as_slice());
    while let (Some(&(a, n)), Some(&(b, m))) = (left.first(), right.first()) {
        let next = a.min(b);
        let count = (if a == next { n } else { 0 }).saturating_add(if b == next { m } else { 0 });
        merged.push((next, count));
        left = &left[usize::from(a == next)..];
        right = &right[usize::from(b == next)..];
    }
    merged.extend_from_slice(left);
    merged.extend_from_slice(right);
    mine.counts = merged;
}

#[cfg(test)]
mod tests;
