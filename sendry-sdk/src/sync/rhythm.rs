//! When to report and when to try again. Every wait is spread at random, so that the instances of a fleet neither report nor
//! return from an outage in step.

use std::time::Duration;

const FIRST_HOUR: Duration = Duration::from_secs(3_600);
/// During the first hour: whoever just deployed is watching.
const INTERVAL_FIRST_HOUR: Duration = Duration::from_secs(10);
const INTERVAL: Duration = Duration::from_secs(60);
const RETRY_MAX: Duration = Duration::from_secs(60);
/// A refused key seldom becomes valid by itself; it does when somebody mends it.
const UNAUTHORIZED_RETRY: (u64, u64) = (60, 600);
const RETRY_AFTER_MAX: Duration = Duration::from_secs(300);

/// The time between two reports, a tenth more or less.
pub(super) fn report_interval(age: Duration, asked_by_hub: Option<Duration>) -> Duration {
    let own = if age < FIRST_HOUR { INTERVAL_FIRST_HOUR } else { INTERVAL };
    spread(asked_by_hub.unwrap_or(own), 0.9, 1.1)
}

/// The time until the next attempt after `failures` in a row.
pub(super) fn retry_delay(failures: u32, retry_after: Option<Duration>) -> Duration {
    let backoff = Duration::from_secs(1 << failures.clamp(1, 6)).min(RETRY_MAX);
    match retry_after {
        Some(asked) => spread(asked.min(RETRY_AFTER_MAX), 1.0, 1.3),
        None => spread(backoff, 0.5, 1.0),
    }
}

pub(super) fn unauthorized_delay() -> Duration {
    Duration::from_secs(fastrand::u64(UNAUTHORIZED_RETRY.0..=UNAUTHORIZED_RETRY.1))
}

fn spread(duration: Duration, low: f64, high: f64) -> Duration {
    duration.mul_f64(low + (high - low) * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEC: Duration = Duration::from_secs(1);

    #[test]
    fn reports_go_every_ten_seconds_for_an_hour_and_every_minute_after() {
        for _ in 0..100 {
            assert!((9 * SEC..=11 * SEC).contains(&report_interval(3_599 * SEC, None)));
            assert!((54 * SEC..=66 * SEC).contains(&report_interval(3_600 * SEC, None)));
            assert!((27 * SEC..=33 * SEC).contains(&report_interval(SEC, Some(30 * SEC))));
        }
    }

    #[test]
    fn retries_back_off_to_a_minute_and_obey_the_hub() {
        for failures in 1..100 {
            assert!((SEC..=60 * SEC).contains(&retry_delay(failures, None)));
            assert!((20 * SEC..=26 * SEC).contains(&retry_delay(failures, Some(20 * SEC))));
            assert!(retry_delay(failures, Some(86_400 * SEC)) <= 390 * SEC);
        }
        assert!((60 * SEC..=600 * SEC).contains(&unauthorized_delay()));
    }
}
