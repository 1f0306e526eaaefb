//! What really happened.

use std::collections::BTreeMap;

/// Every request that was sent.
#[derive(Default)]
pub struct Truth {
    /// By path template.
    pub routes: BTreeMap<String, RouteTruth>,
    /// Requests by minute and status.
    pub minutes: BTreeMap<(i64, u16), u64>,
}

#[derive(Default)]
pub struct RouteTruth {
    /// In nanoseconds.
    pub durations: Vec<u64>,
    pub statuses: BTreeMap<u16, u64>,
}

impl Truth {
    pub fn record(&mut self, path: &str, status: u16, nanos: u64, minute: i64) {
        if !self.routes.contains_key(path) {
            self.routes.insert(path.to_owned(), RouteTruth::default());
        }
        if let Some(route) = self.routes.get_mut(path) {
            route.durations.push(nanos);
            *route.statuses.entry(status).or_default() += 1;
        }
        *self.minutes.entry((minute, status)).or_default() += 1;
    }

    pub fn sort(&mut self) {
        self.routes.values_mut().for_each(|route| route.durations.sort_unstable());
    }
}

impl RouteTruth {
    pub fn count(&self, which: impl Fn(u16) -> bool) -> u64 {
        self.statuses.iter().filter(|(status, _)| which(**status)).map(|(_, count)| count).sum()
    }

    /// The value of rank ⌈q·n⌉, in milliseconds.
    pub fn quantile_ms(&self, q: f64) -> f64 {
        let rank = (q * self.durations.len() as f64).ceil() as usize;
        self.durations[rank.max(1) - 1] as f64 / 1e6
    }
}
