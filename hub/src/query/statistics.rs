//! What is computed from sums and histograms: percentiles, means, Apdex. Stores only add buckets; this is the one place where
//! they are read, so every backend gives the same answer.

use sendry_sdk::protocol::{Histogram, Scale};

use crate::store::traffic::Totals;

/// Requests that took at most this long satisfy (Apdex), where nobody set another threshold; those of up to four times as long
/// are tolerated.
pub const APDEX_THRESHOLD_MS: u32 = 500;

/// Percentiles of durations in milliseconds; none where there were no requests.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Percentiles {
    pub p50_ms: Option<f64>,
    pub p75_ms: Option<f64>,
    pub p95_ms: Option<f64>,
    pub p99_ms: Option<f64>,
}

impl Percentiles {
    /// Reads them off a histogram of `scale`. A bucket's midpoint may lie above everything recorded, so the longest duration,
    /// where it is known, bounds them; it was cut to whole microseconds, so the true one lies below the next.
    pub fn of(durations: &Histogram, scale: Scale, max_us: u64) -> Self {
        let bound = if max_us == 0 { f64::INFINITY } else { (max_us as f64 + 1.0) / 1_000.0 };
        let quantile = |q| durations.quantile(scale, q).map(|secs| round(f64::min(secs * 1_000.0, bound)));
        Self {
            p50_ms: quantile(0.50),
            p75_ms: quantile(0.75),
            p95_ms: quantile(0.95),
            p99_ms: quantile(0.99),
        }
    }
}

/// The mean of `count` durations in milliseconds.
pub fn mean_ms(sum_us: u64, count: u64) -> Option<f64> {
    (count > 0).then(|| round(sum_us as f64 / count as f64 / 1_000.0))
}

/// The longest duration in milliseconds.
pub fn max_ms(max_us: u64, count: u64) -> Option<f64> {
    (count > 0).then(|| max_us as f64 / 1_000.0)
}

/// Requests with 5xx that are expected: Apdex judges them by how long they took, as any other answer.
#[derive(Debug, Clone, Default)]
pub struct Pardoned {
    requests: u64,
    durations: Histogram,
}

impl Pardoned {
    pub fn add(&mut self, requests: u64, durations: &Histogram) {
        self.requests = self.requests.saturating_add(requests);
        self.durations.merge(durations);
    }
}

/// Requests as Apdex counts them. Sums of several endpoints may have a threshold each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Satisfaction {
    satisfied: u64,
    tolerated: u64,
    all: u64,
}

impl Satisfaction {
    /// Adds requests that satisfy up to a threshold. 5xx count as frustrated, whatever they lasted, but for those of them that
    /// are pardoned; requests aborted by the client are left out.
    pub fn add(&mut self, totals: &Totals, pardoned: &Pardoned, scale: Scale, threshold_ms: u32) {
        let (_, server_errors) = errors(&totals.by_status);
        let secs = f64::from(threshold_ms) / 1_000.0;
        for durations in [&totals.apdex_durations, &pardoned.durations] {
            let satisfied = durations.count_at_most(scale, secs);
            self.satisfied += satisfied;
            self.tolerated += durations.count_at_most(scale, 4.0 * secs) - satisfied;
            self.all += durations.count();
        }
        self.all += server_errors.saturating_sub(pardoned.requests);
    }

    /// (satisfied + tolerated / 2) / all; none where no request counts.
    pub fn apdex(self) -> Option<f64> {
        let score = self.satisfied as f64 + self.tolerated as f64 / 2.0;
        (self.all > 0).then(|| round(score / self.all as f64))
    }
}

/// The Apdex of requests that share a threshold.
pub fn apdex(totals: &Totals, pardoned: &Pardoned, scale: Scale, threshold_ms: u32) -> Option<f64> {
    let mut satisfaction = Satisfaction::default();
    satisfaction.add(totals, pardoned, scale, threshold_ms);
    satisfaction.apdex()
}

/// Client errors (4xx, 499 among them) and server errors (5xx) of counts by status.
pub fn errors(by_status: &[(u16, u64)]) -> (u64, u64) {
    let class = |hundred| {
        let of_class = by_status.iter().filter(|(status, _)| status / 100 == hundred);
        of_class.map(|(_, count)| count).sum()
    };
    (class(4), class(5))
}

/// Rounds to five significant digits: far finer than a bucket, and short in JSON.
pub fn round(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let factor = 10f64.powi(4 - value.abs().log10().floor() as i32);
    (value * factor).round() / factor
}

#[cfg(test)]
mod tests {
    use super::*;

    fn durations(millis: &[u64]) -> Histogram {
        let mut histogram = Histogram::new();
        millis.iter().for_each(|ms| histogram.record_nanos(ms * 1_000_000));
        histogram
    }

    #[test]
    fn percentiles_are_within_the_error_of_a_bucket_and_never_above_the_maximum() {
        let millis: Vec<u64> = (1..=1_000).collect();
        let found = Percentiles::of(&durations(&millis), Scale::DURATION, 1_000_000);
        for (found, truth) in
            [(found.p50_ms, 500.0), (found.p75_ms, 750.0), (found.p95_ms, 950.0), (found.p99_ms, 990.0)]
        {
            assert!((found.unwrap() / truth - 1.0f64).abs() < 0.022, "{found:?} {truth}");
        }
        let one = Percentiles::of(&durations(&[100]), Scale::DURATION, 100_000);
        assert!(one.p99_ms.unwrap() <= 100.0);
        assert_eq!(Percentiles::of(&Histogram::new(), Scale::DURATION, 0), Percentiles::default());
    }

    #[test]
    fn percentiles_of_a_few_microseconds_are_not_cut_to_whole_ones() {
        let mut histogram = Histogram::new();
        histogram.record_nanos(2_900);
        let found = Percentiles::of(&histogram, Scale::DURATION, 2);
        assert!((found.p50_ms.unwrap() / 0.002_9 - 1.0f64).abs() < 0.022, "{found:?}");
    }

    #[test]
    fn apdex_counts_server_errors_as_frustrated_and_leaves_aborts_out() {
        let mut totals = Totals { apdex_durations: durations(&[10, 400, 1_000, 5_000]), ..Totals::default() };
        totals.by_status = vec![(200, 4), (499, 7), (500, 1)];
        let none = Pardoned::default();
        assert_eq!(apdex(&totals, &none, Scale::DURATION, 500), Some(0.5));
        assert_eq!(apdex(&Totals::default(), &none, Scale::DURATION, 500), None);
    }

    #[test]
    fn apdex_judges_an_expected_server_error_by_its_duration() {
        let mut totals = Totals { apdex_durations: durations(&[10, 10]), ..Totals::default() };
        totals.by_status = vec![(200, 2), (500, 1), (503, 2)];
        let apdex = |pardoned: &Pardoned| apdex(&totals, pardoned, Scale::DURATION, 500);
        assert_eq!(apdex(&Pardoned::default()), Some(0.4));
        let mut pardoned = Pardoned::default();
        pardoned.add(1, &durations(&[100]));
        assert_eq!(apdex(&pardoned), Some(0.6));
        pardoned.add(1, &durations(&[5_000]));
        assert_eq!(apdex(&pardoned), Some(0.6));
    }

    #[test]
    fn apdex_of_several_endpoints_counts_each_with_its_own_threshold() {
        let one = Totals { apdex_durations: durations(&[100, 100]), ..Totals::default() };
        let (mut all, none) = (Satisfaction::default(), Pardoned::default());
        all.add(&one, &none, Scale::DURATION, 10);
        assert_eq!(all.apdex(), Some(0.0));
        all.add(&one, &none, Scale::DURATION, 50);
        assert_eq!(all.apdex(), Some(0.25));
        all.add(&one, &none, Scale::DURATION, 500);
        assert_eq!(all.apdex(), Some(0.5));
    }

    #[test]
    fn errors_are_told_apart_by_their_hundred() {
        assert_eq!(errors(&[(200, 5), (302, 1), (404, 2), (499, 1), (500, 3), (503, 1)]), (3, 4));
    }

    #[test]
    fn rounding_keeps_five_digits() {
        assert_eq!(round(123.456_789), 123.46);
        assert_eq!(round(0.000_123_456_7), 0.000_123_46);
        assert_eq!(round(0.0), 0.0);
    }
}
