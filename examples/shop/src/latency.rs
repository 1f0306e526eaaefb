//! Waiting that looks like work: log-normal as services are, or two humps where a cache answers most of the time.

use std::time::{Duration, Instant};

use rand::Rng;
use tracing::Instrument;

/// No single wait lasts longer.
const LONGEST: Duration = Duration::from_secs(8);

/// Timers tick once in a millisecond.
const TICK: Duration = Duration::from_millis(1);

/// Waits as a query would: half the time below `median_ms`; `spread` is the standard deviation of the logarithm.
///
/// The last part of a millisecond is worked off, as it would be in rendering an answer; with timers alone, every latency would
/// be a whole number of them.
pub async fn around(median_ms: f64, spread: f64) {
    work(log_normal(median_ms, spread)).instrument(tracing::info_span!("query", db.system = "memory")).await;
}

async fn work(wait: Duration) {
    let until = Instant::now() + wait;
    if let Some(most) = wait.checked_sub(2 * TICK) {
        tokio::time::sleep(most).await;
    }
    let work_until = until.min(Instant::now() + 2 * TICK);
    while Instant::now() < work_until {
        std::hint::spin_loop();
    }
}

/// Waits as a cached read would: `hit_ms` in most cases, `miss_ms` in the others.
pub async fn cached(hit_ratio: f64, hit_ms: f64, miss_ms: f64) {
    let hit = rand::rng().random_bool(hit_ratio);
    tracing::debug!(hit, "asked the cache");
    if hit { around(hit_ms, 0.25).await } else { around(miss_ms, 0.4).await }
}

fn log_normal(median_ms: f64, spread: f64) -> Duration {
    let mut random = rand::rng();
    // Box–Muller: two uniform numbers make one normal one.
    let (u, v) =
        (random.random_range(f64::MIN_POSITIVE..1.0), random.random_range(0.0..std::f64::consts::TAU));
    let normal = (-2.0 * u.ln()).sqrt() * v.cos();
    Duration::from_secs_f64(median_ms / 1e3 * (spread * normal).exp()).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_waits_are_below_the_median() {
        let below = (0..4_000).filter(|_| log_normal(20.0, 0.6) < Duration::from_millis(20)).count();
        assert!((1_800..2_200).contains(&below), "{below}");
    }
}
