//! The hour of one instance, minute by minute.

use std::f64::consts::TAU;

use sendry_sdk::protocol::{Buckets, Durations, Histogram, Minute, Resources, RouteSeries, Sizes};

use super::callers;
use super::random::Random;
use super::routes::{CALLED, Profile};

/// Minutes from the start of the hour in which nothing reported.
const SILENT: std::ops::Range<i64> = 17..20;
/// Minutes of a deployment that made payments fail.
const BAD_DEPLOYMENT: std::ops::Range<i64> = 35..40;
/// Minutes of a rush.
const RUSH: std::ops::Range<i64> = 47..52;

pub(super) struct Hour {
    random: Random,
    start: i64,
    next: i64,
}

impl Hour {
    /// The hour that begins with the minute `start`, as `instance` saw it.
    pub(super) fn new(instance: u64, start: i64) -> Self {
        Self { random: Random::new(instance), start, next: 0 }
    }

    /// The next `count` minutes, those without traffic left out.
    pub(super) fn next_minutes(&mut self, count: i64) -> Vec<Minute> {
        let minutes = self.next..self.next + count;
        self.next = minutes.end;
        minutes.filter(|at| !SILENT.contains(at)).map(|at| self.minute(at)).collect()
    }

    fn minute(&mut self, at: i64) -> Minute {
        let wave = 1.0 + 0.25 * (TAU * at as f64 / 55.0).sin() + if RUSH.contains(&at) { 0.9 } else { 0.0 };
        let routes =
            CALLED.iter().enumerate().flat_map(|(route, profile)| self.route(route, profile, wave, at));
        let routes: Vec<_> = routes.collect();
        let consumers = callers::calls(&mut self.random, &routes);
        Minute { minute: self.start + at, routes, consumers }
    }

    /// What the process used in a minute: CPU follows the requests, memory grows slowly.
    pub(super) fn resources(&mut self, minute: &Minute) -> Resources {
        let requests: u64 = minute.routes.iter().map(|series| series.count).sum();
        let cpu = (0.03 + requests as f64 / 2_600.0) * (0.9 + 0.2 * self.random.unit());
        let grown = (minute.minute - self.start) as f64 * 450e3;
        Resources {
            minute: minute.minute,
            cpu: Some(cpu),
            rss_bytes: Some((96e6 + grown + self.random.unit() * 6e6) as u64),
            runtime_busy: Some((cpu / 2.0).min(1.0)),
            runtime_queue_depth: Some((self.random.unit() * 4.0) as u64),
            runtime_blocking_threads: Some(2),
        }
    }

    /// The series of one route: most requests get one status, few another.
    fn route(&mut self, route: usize, profile: &Profile, wave: f64, at: i64) -> Vec<RouteSeries> {
        let (usual, rare, rare_share) = profile.statuses;
        let fails = profile.path == "/v1/payments" && BAD_DEPLOYMENT.contains(&at);
        let rare_share = if fails { 45.0 } else { rare_share };
        let mut counts = [(usual, 0), (rare, 0)];
        for _ in 0..(profile.per_minute * wave * (0.85 + 0.3 * self.random.unit())).round() as u64 {
            counts[usize::from(self.random.unit() * 100.0 <= rare_share)].1 += 1;
        }
        let called = counts.into_iter().filter(|(_, count)| *count > 0);
        called.map(|(status, count)| self.series(route, profile, status, count)).collect()
    }

    fn series(&mut self, route: usize, profile: &Profile, status: u16, count: u64) -> RouteSeries {
        let slower = if status >= 500 { 4.0 } else { 1.0 };
        let (mut durations, mut sizes) = (Histogram::new(), Histogram::new());
        let (mut sum_us, mut max_us, mut bytes) = (0, 0, 0);
        for _ in 0..count {
            let us = (self.random.log_normal(profile.median_ms * slower, profile.spread) * 1e3) as u64;
            durations.record_nanos(us * 1_000);
            (sum_us, max_us) = (sum_us + us, max_us.max(us));
            let size =
                if status < 400 { self.random.log_normal(profile.response_bytes, 0.3) as u64 } else { 180 };
            sizes.record_bytes(size);
            bytes += size;
        }
        RouteSeries {
            route: u32::try_from(route).unwrap_or_default(),
            status,
            count,
            durations: Durations { sum_us, max_us, buckets: Buckets::from(&durations) },
            response: Sizes { sum: bytes, buckets: Buckets::from(&sizes) },
            ..RouteSeries::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_instance_always_sees_the_same_hour() {
        assert_eq!(Hour::new(1, 100).next_minutes(5), Hour::new(1, 100).next_minutes(5));
        assert_ne!(Hour::new(1, 100).next_minutes(5), Hour::new(2, 100).next_minutes(5));
    }

    #[test]
    fn silent_minutes_are_left_out() {
        let minutes = Hour::new(0, 1_000).next_minutes(60);
        assert_eq!(minutes.len(), 57);
        assert!(minutes.iter().all(|minute| !SILENT.contains(&(minute.minute - 1_000))));
    }

    #[test]
    fn every_request_has_a_duration_and_a_size() {
        let minutes = Hour::new(0, 0).next_minutes(3);
        for series in minutes.iter().flat_map(|minute| &minute.routes) {
            assert_eq!(series.durations.buckets.count(), series.count);
            assert_eq!(series.response.buckets.count(), series.count);
        }
    }
}
