//! Slows down who guesses: after a few wrong passwords an address or a peer waits, longer each time.
//!
//! Held in memory and bounded; a restart forgives. Keys are the e-mail address and the peer's address, so that neither one
//! password tried on many users nor many passwords tried on one goes unnoticed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::clock::UnixSecs;

/// Wrong attempts that cost nothing.
const FREE: u32 = 5;
/// The longest wait.
const WAIT_MAX_SECS: i64 = 900;
/// After this long without an attempt everything is forgiven.
const FORGET_SECS: i64 = 3_600;
/// Keys remembered.
const KEYS_MAX: usize = 10_000;

/// Wrong attempts by key.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    failures: Mutex<HashMap<String, Failures>>,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last_at: UnixSecs,
}

impl Failures {
    fn wait_until(self) -> UnixSecs {
        let doublings = self.count.saturating_sub(FREE).min(16);
        let wait = if self.count < FREE { 0 } else { (1i64 << doublings).min(WAIT_MAX_SECS) };
        self.last_at + wait
    }
}

impl Throttle {
    /// How many seconds to wait before any of the keys may try again; none when now.
    pub(crate) fn wait_secs(&self, keys: &[&str], now: UnixSecs) -> Option<u64> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let until = keys.iter().filter_map(|key| Some(failures.get(*key)?.wait_until())).max()?;
        u64::try_from(until - now).ok().filter(|wait| *wait > 0)
    }

    /// A wrong attempt, or one that is not decided yet.
    pub(crate) fn record_failure(&self, keys: &[&str], now: UnixSecs) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= KEYS_MAX {
            failures.retain(|_, failure| now - failure.last_at < FORGET_SECS);
        }
        if failures.len() >= KEYS_MAX {
            failures.clear();
        }
        for key in keys {
            let failure = failures.entry((*key).to_owned()).or_insert(Failures { count: 0, last_at: now });
            let forgiven = now - failure.last_at >= FORGET_SECS;
            *failure = Failures { count: if forgiven { 1 } else { failure.count + 1 }, last_at: now };
        }
    }

    /// A right one: its user is forgiven.
    pub(crate) fn forgive(&self, key: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    /// A right one: its peer is as it was before, because others may try from the same address.
    pub(crate) fn take_back(&self, key: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(failure) = failures.get_mut(key) {
            failure.count = failure.count.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_five_wrong_attempts_each_costs_twice_the_wait_and_an_hour_forgives() {
        let throttle = Throttle::default();
        for _ in 0..4 {
            throttle.record_failure(&["ann"], 100);
        }
        assert_eq!(throttle.wait_secs(&["ann"], 100), None);
        throttle.record_failure(&["ann"], 100);
        assert_eq!(throttle.wait_secs(&["ann", "bob"], 100), Some(1));
        throttle.record_failure(&["ann"], 101);
        assert_eq!(throttle.wait_secs(&["ann"], 101), Some(2));
        assert_eq!(throttle.wait_secs(&["bob"], 101), None);
        for _ in 0..40 {
            throttle.record_failure(&["ann"], 101);
        }
        assert_eq!(throttle.wait_secs(&["ann"], 101), Some(900));
        throttle.record_failure(&["ann"], 101 + 3_600);
        assert_eq!(throttle.wait_secs(&["ann"], 101 + 3_600), None);
    }

    #[test]
    fn right_attempts_leave_a_peer_as_it_was() {
        let throttle = Throttle::default();
        for _ in 0..20 {
            throttle.record_failure(&["10.0.0.1"], 100);
            throttle.take_back("10.0.0.1");
        }
        assert_eq!(throttle.wait_secs(&["10.0.0.1"], 100), None);
    }
}
