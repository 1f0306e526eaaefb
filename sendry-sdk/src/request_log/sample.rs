//! Sampling: which requests are logged where not all are. Metrics are never sampled.
//!
//! Decided on the request's thread when the request has ended, so that what is not kept costs no place in the queue. A table of
//! fixed size counts the first requests of each route and minute; routes beyond its size share a counter with another.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::capture::Ended;
use crate::aggregate::MethodId;

/// Counters of first requests: those of 800 routes with ten methods each before two share one; 64 KiB.
const COUNTERS: usize = 8_192;

/// The rules. A request is kept when one of them keeps it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rules {
    /// The share that is kept of what no other rule keeps, from 0 to 1.
    pub(super) rate: f64,
    /// What takes this long or longer is kept.
    pub(super) slow: Option<Duration>,
    /// So many of each route and minute are kept.
    pub(super) first_per_minute: u32,
}

pub(super) struct Sampler {
    rules: Rules,
    /// The minute in the upper half, the count in the lower.
    firsts: Box<[AtomicU64]>,
}

impl Sampler {
    pub(super) fn new(rules: Rules) -> Self {
        let counters = if rules.rate < 1.0 && rules.first_per_minute > 0 { COUNTERS } else { 0 };
        Self { rules, firsts: (0..counters).map(|_| AtomicU64::new(0)).collect() }
    }

    /// Whether a request is logged. Every server error is.
    pub(super) fn keeps(&self, ended: &Ended) -> bool {
        self.rules.rate >= 1.0
            || ended.status >= 500
            || self.rules.slow.is_some_and(|slow| u128::from(ended.duration_us) >= slow.as_micros())
            || self.is_first(ended)
            || fastrand::f64() < self.rules.rate
    }

    fn is_first(&self, ended: &Ended) -> bool {
        let route = ended.path.0 as usize * MethodId::COUNT + ended.method.index();
        let Some(counter) = self.firsts.get(route % COUNTERS) else { return false };
        let minute = (ended.time_us + ended.duration_us as i64) / 60_000_000;
        let minute = u64::from(minute as u32) << 32;
        let count = |counted: u64| {
            let so_far = if counted & !u64::from(u32::MAX) == minute { counted as u32 } else { 0 };
            (so_far < self.rules.first_per_minute).then(|| minute | u64::from(so_far + 1))
        };
        counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, count).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::aggregate::PathId;

    const NONE: Rules = Rules { rate: 0.0, slow: None, first_per_minute: 0 };

    fn ended(path: u32, status: u16, millis: u64, minute: i64) -> Ended {
        Ended {
            time_us: minute * 60_000_000,
            duration_us: millis * 1_000,
            method: MethodId::of(&Method::GET),
            path: PathId(path),
            status,
            request_bytes: None,
            response_bytes: None,
            consumer: None,
            fault: None,
            #[cfg(feature = "tracing")]
            told: None,
        }
    }

    #[test]
    fn every_server_error_is_kept() {
        let sampler = Sampler::new(NONE);
        assert!((500..=599).all(|status| sampler.keeps(&ended(2, status, 0, 0))));
        assert!(!(100..=499).any(|status| sampler.keeps(&ended(2, status, 0, 0))));
    }

    #[test]
    fn the_slow_tail_is_kept() {
        let sampler = Sampler::new(Rules { slow: Some(Duration::from_millis(250)), ..NONE });
        assert!(sampler.keeps(&ended(2, 200, 250, 0)));
        assert!(!sampler.keeps(&ended(2, 200, 249, 0)));
    }

    #[test]
    fn the_first_of_each_route_and_minute_are_kept() {
        let sampler = Sampler::new(Rules { first_per_minute: 3, ..NONE });
        let kept = |path, minute| (0..10).filter(|_| sampler.keeps(&ended(path, 200, 0, minute))).count();
        assert_eq!([kept(2, 7), kept(3, 7), kept(2, 7), kept(2, 8)], [3, 3, 0, 3]);
    }

    #[test]
    fn methods_of_one_path_are_routes_of_their_own() {
        let sampler = Sampler::new(Rules { first_per_minute: 1, ..NONE });
        let post = Ended { method: MethodId::of(&Method::POST), ..ended(2, 200, 0, 0) };
        assert!(sampler.keeps(&ended(2, 200, 0, 0)) && sampler.keeps(&post) && !sampler.keeps(&post));
    }

    #[test]
    fn the_rest_is_kept_by_rate() {
        let sampler = Sampler::new(Rules { rate: 0.25, ..NONE });
        let kept = (0..20_000).filter(|_| sampler.keeps(&ended(2, 200, 0, 0))).count();
        assert!((4_500..=5_500).contains(&kept), "{kept}");
        assert!(Sampler::new(Rules { rate: 1.0, ..NONE }).keeps(&ended(2, 200, 0, 0)));
    }
}
