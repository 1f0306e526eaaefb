//! A shard: the minutes that one thread counts into, behind a lock of its own.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::consumers::ConsumerTable;
use super::{MethodId, Observation, PathId, Series};
use crate::protocol::limits;

/// Aligned so that two shards never share a cache line, nor the pair of lines that is fetched at once.
#[repr(align(128))]
#[derive(Default)]
pub(crate) struct Shard {
    minutes: Mutex<Vec<MinuteTable>>,
}

/// Which series an observation belongs to, within a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SeriesKey {
    pub(crate) path: PathId,
    pub(crate) method: MethodId,
    pub(crate) status: u16,
}

/// The series of one minute, by the number of their path; a path has a handful of methods and statuses.
pub(crate) struct MinuteTable {
    pub(crate) minute: i64,
    paths: Vec<Vec<(MethodId, u16, Series)>>,
    series: usize,
    pub(super) consumers: ConsumerTable,
}

/// What could not be kept apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Folded {
    pub(crate) route: bool,
    pub(crate) consumer: bool,
    /// Requests of a minute that nobody took for so long that it was dropped.
    pub(crate) expired: u64,
}

/// Minutes that a shard keeps for a report to take. The sync thread takes them within five; when it is gone or hangs in a
/// transport, memory must not grow.
const MINUTES_MAX: usize = 10;

impl Shard {
    /// Counts one request, and tells what of it had to be folded.
    #[inline]
    pub(crate) fn record(&self, minute: i64, observation: &Observation, consumer: Option<&str>) -> Folded {
        let mut minutes = self.lock();
        // Nearly always the last: time goes on.
        let known = minutes.iter().rposition(|table| table.minute == minute);
        let (at, expired) = known.map_or_else(|| add_minute(&mut minutes, minute), |at| (at, 0));
        let table = &mut minutes[at];
        let route = !table.record(observation);
        let consumer = consumer.is_some_and(|consumer| !table.record_consumer(observation, route, consumer));
        Folded { route, consumer, expired }
    }

    pub(crate) fn take(&self) -> Vec<MinuteTable> {
        std::mem::take(&mut *self.lock())
    }

    pub(crate) fn shift(&self, minutes: i64) {
        self.lock().iter_mut().for_each(|table| table.minute += minutes);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<MinuteTable>> {
        self.minutes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins a minute; the oldest goes when there are too many, and its requests are told.
#[cold]
fn add_minute(minutes: &mut Vec<MinuteTable>, minute: i64) -> (usize, u64) {
    let mut expired = 0;
    if minutes.len() >= MINUTES_MAX {
        expired = minutes.remove(0).take_series().map(|(_, series)| series.count).sum();
    }
    minutes.push(MinuteTable::new(minute));
    (minutes.len() - 1, expired)
}

impl MinuteTable {
    fn new(minute: i64) -> Self {
        Self { minute, paths: Vec::new(), series: 0, consumers: ConsumerTable::default() }
    }

    fn record_consumer(&mut self, observation: &Observation, route_folded: bool, consumer: &str) -> bool {
        let path = if route_folded { PathId::FOLDED } else { observation.path };
        self.consumers.record(SeriesKey { path, ..observation.key() }, consumer, observation)
    }

    /// Counts one request; false when its route had to be folded.
    #[inline]
    fn record(&mut self, observation: &Observation) -> bool {
        let key = observation.key();
        if let Some(series) = self.find(key) {
            series.record(observation);
            return true;
        }
        self.record_new(key, observation)
    }

    #[inline]
    fn find(&mut self, key: SeriesKey) -> Option<&mut Series> {
        let path = self.paths.get_mut(key.path.0 as usize)?;
        path.iter_mut()
            .find(|(method, status, _)| *method == key.method && *status == key.status)
            .map(|(_, _, series)| series)
    }

    #[cold]
    fn record_new(&mut self, key: SeriesKey, observation: &Observation) -> bool {
        let fits = self.series < limits::ROUTE_SERIES_PER_MINUTE_MAX;
        // Folded series keep method and status, so their number is bounded by the statuses there are.
        let path = if fits { key.path } else { PathId::FOLDED };
        let folded = SeriesKey { path, ..key };
        if let Some(series) = self.find(folded) {
            series.record(observation);
            return fits;
        }
        let at = path.0 as usize;
        if self.paths.len() <= at {
            self.paths.resize_with(at + 1, Vec::new);
        }
        let mut series = Series::default();
        series.record(observation);
        self.paths[at].push((key.method, key.status, series));
        self.series += 1;
        fits
    }

    pub(crate) fn take_series(&mut self) -> impl Iterator<Item = (SeriesKey, Series)> + use<> {
        std::mem::take(&mut self.paths).into_iter().enumerate().flat_map(|(path, series)| {
            let path = PathId(path as u32);
            series
                .into_iter()
                .map(move |(method, status, series)| (SeriesKey { path, method, status }, series))
        })
    }
}
