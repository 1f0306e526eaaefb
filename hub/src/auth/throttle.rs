//! Slows down who guesses: after a few wrong passwords an account or an address waits, longer each time.
//!
//! Accounts and addresses are counted apart, so that neither one password tried on many users nor many passwords tried on one goes
//! unnoticed. Held in memory and bounded; a restart forgives. When there are too many, those go first that may try again soonest, so
//! that nobody makes it forget an account by guessing at others.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::UnixSecs;

/// Wrong attempts that cost nothing.
const FREE: u32 = 5;
/// The longest wait.
const WAIT_MAX_SECS: i64 = 900;
/// After this long without an attempt everything is forgiven.
const FORGET_SECS: i64 = 3_600;
/// Accounts, and addresses, that are remembered: about 2 MB of each at the most.
const KEYS_MAX: usize = 10_000;
/// How many go at once when there are too many: looking for them costs as much as some hundred attempts.
const EVICTED: usize = KEYS_MAX / 10;

/// Who guesses, and at what.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Guess<'a> {
    /// What is guessed at: an e-mail address, or a user's id.
    pub(crate) account: Option<&'a str>,
    /// From where.
    pub(crate) address: Option<&'a str>,
}

impl<'a> Guess<'a> {
    pub(crate) fn from(address: &'a str) -> Self {
        Self { account: None, address: Some(address) }
    }

    pub(crate) fn at(account: &'a str) -> Self {
        Self { account: Some(account), address: None }
    }
}

/// Wrong attempts, by account and by address.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    accounts: Mutex<Table>,
    addresses: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table(HashMap<String, Failures>);

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last_at: UnixSecs,
    /// When the one before that was, in case the last turns out to be none.
    before: UnixSecs,
}

impl Failures {
    fn wait_until(self) -> UnixSecs {
        let doublings = self.count.saturating_sub(FREE).min(16);
        let wait = if self.count < FREE { 0 } else { (1i64 << doublings).min(WAIT_MAX_SECS) };
        self.last_at + wait
    }
}

impl Throttle {
    /// How many seconds to wait before the next attempt; none when there is nothing to wait for.
    pub(crate) fn wait_secs(&self, guess: Guess<'_>, now: UnixSecs) -> Option<u64> {
        let until = |table: &Mutex<Table>, key: Option<&str>| Some(lock(table).0.get(key?)?.wait_until());
        let until = until(&self.accounts, guess.account).max(until(&self.addresses, guess.address))?;
        u64::try_from(until - now).ok().filter(|wait| *wait > 0)
    }

    /// A wrong attempt, or one that is not decided yet.
    pub(crate) fn record_failure(&self, guess: Guess<'_>, now: UnixSecs) {
        for (table, key) in [(&self.accounts, guess.account), (&self.addresses, guess.address)] {
            if let Some(key) = key {
                lock(table).record(key, now);
            }
        }
    }

    /// A right one: its account is forgiven.
    pub(crate) fn forgive(&self, account: &str) {
        lock(&self.accounts).0.remove(account);
    }

    /// A right one: its address is as it was before, because others may try from the same.
    pub(crate) fn take_back(&self, address: &str) {
        if let Some(failures) = lock(&self.addresses).0.get_mut(address) {
            failures.count = failures.count.saturating_sub(1);
            failures.last_at = failures.before;
        }
    }
}

fn lock(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Table {
    fn record(&mut self, key: &str, now: UnixSecs) {
        if self.0.len() >= KEYS_MAX && !self.0.contains_key(key) {
            self.make_room(now);
        }
        let none = Failures { count: 0, last_at: now, before: now };
        let failures = self.0.entry(key.to_owned()).or_insert(none);
        let forgiven = now - failures.last_at >= FORGET_SECS;
        let count = if forgiven { 1 } else { failures.count + 1 };
        *failures = Failures { count, last_at: now, before: failures.last_at };
    }

    fn make_room(&mut self, now: UnixSecs) {
        self.0.retain(|_, failures| now - failures.last_at < FORGET_SECS);
        if self.0.len() < KEYS_MAX {
            return;
        }
        let order = |failures: &Failures| (failures.wait_until(), failures.count);
        let mut all: Vec<_> = self.0.values().map(order).collect();
        let (_, last, _) = all.select_nth_unstable(EVICTED);
        let (last, mut left) = (*last, EVICTED);
        self.0.retain(|_, failures| {
            let goes = left > 0 && order(failures) <= last;
            left -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_five_wrong_attempts_each_costs_twice_the_wait_and_an_hour_forgives() {
        let throttle = Throttle::default();
        let ann = Guess::at("ann");
        for _ in 0..4 {
            throttle.record_failure(ann, 100);
        }
        assert_eq!(throttle.wait_secs(ann, 100), None);
        throttle.record_failure(ann, 100);
        assert_eq!(throttle.wait_secs(Guess { address: Some("10.0.0.1"), ..ann }, 100), Some(1));
        throttle.record_failure(ann, 101);
        assert_eq!(throttle.wait_secs(ann, 101), Some(2));
        assert_eq!(throttle.wait_secs(Guess::at("bob"), 101), None);
        for _ in 0..40 {
            throttle.record_failure(ann, 101);
        }
        assert_eq!(throttle.wait_secs(ann, 101), Some(900));
        throttle.record_failure(ann, 101 + 3_600);
        assert_eq!(throttle.wait_secs(ann, 101 + 3_600), None);
    }

    #[test]
    fn right_attempts_leave_an_address_as_it_was() {
        let throttle = Throttle::default();
        for _ in 0..20 {
            throttle.record_failure(Guess::from("10.0.0.1"), 100);
            throttle.take_back("10.0.0.1");
        }
        assert_eq!(throttle.wait_secs(Guess::from("10.0.0.1"), 100), None);
        let office = Guess::from("10.0.0.2");
        for _ in 0..14 {
            throttle.record_failure(office, 100);
        }
        assert_eq!(throttle.wait_secs(office, 100 + 512), None, "its wait is over");
        throttle.record_failure(office, 100 + 512);
        throttle.take_back("10.0.0.2");
        assert_eq!(throttle.wait_secs(office, 100 + 512), None, "a right one does not begin it anew");
    }

    #[test]
    fn an_account_and_an_address_of_one_name_are_two() {
        let throttle = Throttle::default();
        for _ in 0..9 {
            throttle.record_failure(Guess::at("10.0.0.1"), 100);
        }
        assert_eq!(throttle.wait_secs(Guess::from("10.0.0.1"), 100), None);
        throttle.forgive("10.0.0.1");
        assert_eq!(throttle.wait_secs(Guess::at("10.0.0.1"), 100), None);
    }

    #[test]
    fn a_flood_of_others_forgives_nobody_who_waits_and_takes_no_more_memory_than_the_limit() {
        let throttle = Throttle::default();
        for _ in 0..14 {
            throttle.record_failure(Guess::at("ann"), 100);
        }
        for other in 0..50_000 {
            throttle.record_failure(Guess::at(&other.to_string()), 101);
            assert!(lock(&throttle.accounts).0.len() <= KEYS_MAX);
        }
        assert_eq!(throttle.wait_secs(Guess::at("ann"), 101), Some(511));
        assert!(lock(&throttle.accounts).0.len() > KEYS_MAX / 2, "not all are forgotten at once");
        throttle.record_failure(Guess::at("much later"), 101 + 3_600);
        for other in 0..KEYS_MAX {
            throttle.record_failure(Guess::at(&format!("later {other}")), 101 + 3_600);
        }
        assert_eq!(throttle.wait_secs(Guess::at("ann"), 101 + 3_600), None);
    }
}
