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

mod method;
mod paths;
mod series;
mod shard;
#[cfg(test)]
mod tests;

pub(crate) use method::MethodId;
pub(crate) use paths::{PathId, Paths};
pub(crate) use series::{Observation, Outcome, Series};
pub(crate) use shard::SeriesKey;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use shard::Shard;

use crate::losses::Losses;
use crate::protocol::{LossReason, limits};

/// Twice as many shards as cores, so that two busy threads seldom share one; at most 64, because memory goes with them.
const SHARDS_MAX: usize = 64;

/// Adds up observations.
pub(crate) struct Aggregate {
    shards: Box<[Shard]>,
}

/// Series by minute, in rising order: what the shards held, added up.
pub(crate) type Taken = BTreeMap<i64, BTreeMap<SeriesKey, Series>>;

impl Aggregate {
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(4, usize::from);
        let shards = (cores * 2).next_power_of_two().clamp(4, SHARDS_MAX);
        Self { shards: (0..shards).map(|_| Shard::default()).collect() }
    }

    /// Counts one request. Never blocks on I/O, never panics.
    #[inline]
    pub(crate) fn record(&self, minute: i64, observation: &Observation, losses: &Losses) {
        let shard = &self.shards[thread_number() & (self.shards.len() - 1)];
        if !shard.record(minute, observation) {
            losses.record(LossReason::RoutesFolded, 1);
        }
    }

    /// Takes everything that was counted and adds the shards up. Each shard is held for the swap of a pointer only.
    pub(crate) fn take(&self) -> Taken {
        let mut taken = Taken::new();
        for table in self.shards.iter().flat_map(Shard::take) {
            let minute = taken.entry(table.minute).or_default();
            for (key, series) in table.into_series() {
                match minute.entry(key) {
                    std::collections::btree_map::Entry::Vacant(entry) => _ = entry.insert(series),
                    std::collections::btree_map::Entry::Occupied(mut entry) => entry.get_mut().merge(&series),
                }
            }
        }
        taken
    }

    /// Moves what was counted so far by `minutes`: the clock was corrected.
    pub(crate) fn shift(&self, minutes: i64) {
        self.shards.iter().for_each(|shard| shard.shift(minutes));
    }
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
