//! The breaker by itself, with times that are made up.

use proptest::prelude::*;

use super::*;

const SECOND: i64 = 1_000;

fn fail(breaker: &Breaker, now: UnixMillis) -> BreakerState {
    let ticket = breaker.admit(now).0.expect("it lets messages pass");
    breaker.settle(ticket, false, now).1
}

fn opened(now: UnixMillis) -> Breaker {
    let breaker = Breaker::default();
    for _ in 0..ERRORS_MAX {
        fail(&breaker, now);
    }
    breaker
}

#[test]
fn the_fifth_error_within_ten_seconds_opens_it() {
    let breaker = Breaker::default();
    for at in 0..4 {
        assert_eq!(fail(&breaker, at * 2 * SECOND), BreakerState::Closed);
    }
    assert_eq!(fail(&breaker, 8 * SECOND), BreakerState::Open);
    assert_eq!(breaker.admit(8 * SECOND).0.unwrap_err(), OPEN_FOR);
}

#[test]
fn errors_that_are_further_apart_do_not() {
    let breaker = Breaker::default();
    for at in 0..50 {
        assert_eq!(fail(&breaker, at * 2_500), BreakerState::Closed);
    }
}

#[test]
fn after_half_a_minute_two_messages_try_and_their_success_closes_it() {
    let breaker = opened(0);
    assert!(breaker.admit(30 * SECOND - 1).0.is_err());
    let (first, change) = breaker.admit(30 * SECOND);
    assert_eq!(change, (BreakerState::Open, BreakerState::HalfOpen));
    let second = breaker.admit(30 * SECOND).0.unwrap();
    assert!(breaker.admit(30 * SECOND).0.is_err(), "a third must wait");
    assert_eq!(breaker.settle(first.unwrap(), true, 30 * SECOND).1, BreakerState::HalfOpen);
    assert_eq!(breaker.settle(second, true, 30 * SECOND).1, BreakerState::Closed);
    assert_eq!(fail(&breaker, 31 * SECOND), BreakerState::Closed, "it counts from nothing again");
}

#[test]
fn one_failed_trial_opens_it_again_for_as_long() {
    let breaker = opened(0);
    let trial = breaker.admit(30 * SECOND).0.unwrap();
    assert_eq!(breaker.settle(trial, false, 31 * SECOND).1, BreakerState::Open);
    assert!(breaker.admit(61 * SECOND - 1).0.is_err());
    assert!(breaker.admit(61 * SECOND).0.is_ok());
}

#[test]
fn an_answer_from_before_it_opened_changes_nothing() {
    let breaker = Breaker::default();
    let early = breaker.admit(0).0.unwrap();
    for _ in 0..ERRORS_MAX {
        fail(&breaker, 0);
    }
    let trial = breaker.admit(30 * SECOND).0.unwrap();
    assert_eq!(breaker.settle(early, false, 30 * SECOND).1, BreakerState::HalfOpen);
    breaker.settle(trial, true, 30 * SECOND);
    let second = breaker.admit(30 * SECOND).0.unwrap();
    assert_eq!(breaker.settle(second, true, 30 * SECOND).1, BreakerState::Closed);
}

#[test]
fn a_trial_that_nobody_waits_for_leaves_its_place() {
    let breaker = opened(0);
    let (first, _second) = (breaker.admit(30 * SECOND).0.unwrap(), breaker.admit(30 * SECOND).0.unwrap());
    breaker.forget(first);
    assert!(breaker.admit(30 * SECOND).0.is_ok());
}

#[test]
fn a_clock_that_is_set_back_does_not_keep_it_open() {
    let breaker = opened(1_000 * SECOND);
    assert!(breaker.admit(0).0.is_ok());
}

proptest! {
    /// Whatever happens: nothing passes while it is open, at most two try, and a queue that works again is found within
    /// half a minute and two messages.
    #[test]
    fn it_always_finds_back(steps in proptest::collection::vec((0i64..20_000, any::<bool>()), 0..200)) {
        let (breaker, mut now) = (Breaker::default(), 0);
        for (pause, works) in steps {
            now += pause;
            if let Ok(ticket) = breaker.admit(now).0 {
                prop_assert_ne!(breaker.state().name(), BreakerState::Open);
                breaker.settle(ticket, works, now);
            } else {
                prop_assert_ne!(breaker.state().name(), BreakerState::Closed);
            }
        }
        now += 30 * SECOND;
        for _ in 0..TRIALS {
            let ticket = breaker.admit(now).0.unwrap();
            breaker.settle(ticket, true, now);
        }
        prop_assert_eq!(breaker.state().name(), BreakerState::Closed);
    }
}
