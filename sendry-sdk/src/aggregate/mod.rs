//! The aggregate: what the requests of the current minutes add up to, until the next report takes it.
//!
//! Called on every request's thread, so: no allocation once a series exists, no shared write. A thread counts into a shard
//! of its own (while there are no more threads than shards) behind a lock that nobody else wants but for the moment in which
//! a report takes the shard's contents by swapping a pointer.
//!
//! Memory: a series takes about 1 KiB, and a shard keeps at most [`limits::ROUTE_SERIES_PER_MINUTE_MAX`] of them a minute.
//! Error: none in counts and sums; histograms as `protocol::Histogram` says.
//!
//! It does not know of requests, bodies or frameworks (`track`), nor of reports and the wire (`sync`).

mod consumers;
mod method;
mod paths;
mod series;
mod shard;
#[cfg(test)]
mod tests;

pub(crate) use consumers::ConsumerRow;
pub(crate) use method::MethodId;
pub(crate) use paths::{PathId, Paths};
pub(crate) use series::{Observation, Outcome, Series};
pub(crate) use shard::SeriesKey;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};

use shard::Shard;

use crate::losses::Losses;
use crate::protocol::{FOLDED_CONSUMER, LossReason, limits};

/// Twice as many shards as cores, so that two busy threads seldom share one; at most 64, because memory goes with them.
const SHARDS_MAX: usize = 64;

/// Adds up observations.
pub(crate) struct Aggregate {
    shards: Box<[Shard]>,
}

/// What the shards held, added up, by minute in rising order.
pub(crate) type Taken = BTreeMap<i64, TakenMinute>;

/// One minute.
#[derive(Debug, Default)]
pub(crate) struct TakenMinute {
    pub(crate) series: BTreeMap<SeriesKey, Series>,
    pub(crate) consumers: BTreeMap<(Box<str>, SeriesKey), ConsumerRow>,
}

impl Aggregate {
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(4, usize::from);
        let shards = (cores * 2).next_power_of_two().clamp(4, SHARDS_MAX);
        Self { shards: (0..shards).map(|_| Shard::default()).collect() }
    }

    /// Counts one request. Never blocks on I/O, never panics.
    #[inline]
    pub(crate) fn record(
        &self,
        minute: i64,
        observation: &Observation,
        consumer: Option<&str>,
        losses: &Losses,
    ) {
        let shard = &self.shards[thread_number() & (self.shards.len() - 1)];
        let folded = shard.record(minute, observation, consumer);
        if folded.route {
            losses.record(LossReason::RoutesFolded, 1);
        }
        if folded.consumer {
            losses.record(LossReason::ConsumersFolded, 1);
        }
        if folded.expired > 0 {
            losses.record(LossReason::ReportsExpired, folded.expired);
        }
    }

    /// Takes everything that was counted and adds the shards up. Each shard is held for the swap of a pointer only.
    pub(crate) fn take(&self) -> Taken {
        let mut taken = Taken::new();
        for mut table in self.shards.iter().flat_map(Shard::take) {
            let minute = taken.entry(table.minute).or_default();
            for (key, series) in table.take_series() {
                match minute.series.entry(key) {
                    Entry::Vacant(entry) => _ = entry.insert(series),
                    Entry::Occupied(mut entry) => entry.get_mut().merge(&series),
                }
            }
            for (key, row) in table.consumers.into_rows() {
                minute.consumers.entry(key).or_default().merge(&row);
            }
        }
        taken
    }

    /// Moves what was counted so far by `minutes`: the clock was corrected.
    pub(crate) fn shift(&self, minutes: i64) {
        self.shards.iter().for_each(|shard| shard.shift(minutes));
    }
}

/// Folds the consumers of one minute beyond the limit, rows with the most requests kept apart. Returns how many requests
/// were folded.
pub(crate) fn fold_excess_consumers(minute: &mut BTreeMap<(Box<str>, SeriesKey), ConsumerRow>) -> u64 {
    if minute.len() <= limits::CONSUMER_ROWS_PER_MINUTE_MAX {
        return 0;
    }
    let mut rows: Vec<_> = std::mem::take(minute).into_iter().collect();
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.1.count));
    let folded = rows.split_off(limits::CONSUMER_ROWS_PER_MINUTE_MAX * 9 / 10);
    minute.extend(rows);
    let mut count = 0;
    for ((consumer, key), row) in folded {
        count += if *consumer == *FOLDED_CONSUMER { 0 } else { row.count };
        minute.entry((FOLDED_CONSUMER.into(), key)).or_default().merge(&row);
    }
    count
}

/// Folds the series of one minute beyond the limit, those with the most requests kept apart. Returns how many requests were
/// folded.
pub(crate) fn fold_excess(minute: &mut BTreeMap<SeriesKey, Series>) -> u64 {
    if minute.len() <= limits::ROUTE_SERIES_PER_MINUTE_MAX {
        return 0;
    }
    let mut by_count: Vec<_> = minute.iter().map(|(key, series)| (series.count, *key)).collect();
    by_count.sort_unstable_by(|a, b| b.cmp(a));
    // Folded series keep method and status, of which there are few; room is left for them.
    let kept = limits::ROUTE_SERIES_PER_MINUTE_MAX * 9 / 10;
    let mut folded = 0;
    for (count, key) in by_count.split_off(kept) {
        let Some(series) = minute.remove(&key) else { continue };
        folded += if key.path == PathId::FOLDED { 0 } else { count };
        minute.entry(SeriesKey { path: PathId::FOLDED, ..key }).or_default().merge(&series);
    }
    folded
}

/// A small number for this thread, given out in turn.
#[inline]
fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    const UNSET: usize = usize::MAX;
    thread_local! {
        static NUMBER: Cell<usize> = const { Cell::new(UNSET) };
    }
    let number = NUMBER.get();
    if number != UNSET {
        return number;
    }
    let number = NEXT.fetch_add(1, Ordering::Relaxed) & (usize::MAX >> 1);
    NUMBER.set(number);
    number
}
