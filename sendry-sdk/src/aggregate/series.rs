//! A series: what one route answered with one status in one minute.

use super::{MethodId, PathId, SeriesKey};
use crate::protocol::{Buckets, Durations, Histogram, Outcomes, RouteSeries, Scale, Sizes};

/// One request that ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Observation {
    pub(crate) path: PathId,
    pub(crate) method: MethodId,
    pub(crate) status: u16,
    pub(crate) outcome: Outcome,
    /// From arrival to the end of the body, in nanoseconds; none for upgrades and event streams.
    pub(crate) duration: Option<u64>,
    /// From arrival to the response's head, in nanoseconds; none without a response.
    pub(crate) headers: Option<u64>,
    pub(crate) request_bytes: Option<u64>,
    pub(crate) response_bytes: Option<u64>,
}

impl Observation {
    /// Whether it is the server's fault: a 5xx, or a panic, also one in the body of a response that began well.
    #[inline]
    pub(crate) fn is_fault(&self) -> bool {
        self.status >= 500 || self.outcome == Outcome::Panic
    }

    #[inline]
    pub(crate) fn key(&self) -> SeriesKey {
        SeriesKey { path: self.path, method: self.method, status: self.status }
    }
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Complete,
    Aborted,
    BodyError,
    Panic,
}

/// Counts, sums and histograms. Sums saturate: nothing here panics.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Series {
    pub(crate) count: u64,
    outcomes: Outcomes,
    duration_sum: u64,
    duration_max: u64,
    durations: Histogram,
    headers: Histogram,
    request_sum: u64,
    request: Histogram,
    response_sum: u64,
    response: Histogram,
}

impl Series {
    #[inline]
    pub(crate) fn record(&mut self, observation: &Observation) {
        self.count += 1;
        match observation.outcome {
            Outcome::Complete => {}
            Outcome::Aborted => self.outcomes.aborted += 1,
            Outcome::BodyError => self.outcomes.body_error += 1,
            Outcome::Panic => self.outcomes.panic += 1,
        }
        if let Some(nanos) = observation.duration {
            self.duration_sum = self.duration_sum.saturating_add(nanos);
            self.duration_max = self.duration_max.max(nanos);
        }
        match (observation.duration, observation.headers) {
            // Most requests end with their head, and share the bucket.
            (Some(duration), Some(headers)) if duration == headers && duration > 0 => {
                let index = Scale::DURATION.index_of_nanos(duration);
                self.durations.add(index, 1);
                self.headers.add(index, 1);
            }
            (duration, headers) => {
                duration.into_iter().for_each(|nanos| self.durations.record_nanos(nanos));
                headers.into_iter().for_each(|nanos| self.headers.record_nanos(nanos));
            }
        }
        if let Some(bytes) = observation.request_bytes {
            self.request_sum = self.request_sum.saturating_add(bytes);
            self.request.record_bytes(bytes);
        }
        if let Some(bytes) = observation.response_bytes {
            self.response_sum = self.response_sum.saturating_add(bytes);
            self.response.record_bytes(bytes);
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.outcomes.aborted += other.outcomes.aborted;
        self.outcomes.body_error += other.outcomes.body_error;
        self.outcomes.panic += other.outcomes.panic;
        self.duration_sum = self.duration_sum.saturating_add(other.duration_sum);
        self.duration_max = self.duration_max.max(other.duration_max);
        self.durations.merge(&other.durations);
        self.headers.merge(&other.headers);
        self.request_sum = self.request_sum.saturating_add(other.request_sum);
        self.request.merge(&other.request);
        self.response_sum = self.response_sum.saturating_add(other.response_sum);
        self.response.merge(&other.response);
    }

    /// The series as it travels; `route` is its index in the report.
    pub(crate) fn to_wire(&self, route: u32, status: u16) -> RouteSeries {
        let durations = Buckets::from(&self.durations);
        let headers = Buckets::from(&self.headers);
        RouteSeries {
            route,
            status,
            count: self.count,
            outcomes: self.outcomes,
            headers: (headers != durations).then_some(headers),
            durations: Durations {
                sum_us: self.duration_sum / 1_000,
                max_us: self.duration_max / 1_000,
                buckets: durations,
            },
            request: Sizes { sum: self.request_sum, buckets: Buckets::from(&self.request) },
            response: Sizes { sum: self.response_sum, buckets: Buckets::from(&self.response) },
        }
    }
}
