//! The rhythm of all visitors together: random arrivals around a rate with a slow wave and short bursts.

use std::f64::consts::TAU;

use rand::Rng;
use tokio::sync::Mutex;
use tokio::time::{Duration, Instant, sleep_until};

/// A day of the demo lasts ten minutes.
const DAY_SECS: f64 = 600.0;
/// Every so often somebody posts a link to the shop.
const BURST_EVERY_SECS: f64 = 210.0;
const BURST_SECS: f64 = 14.0;

/// Hands out the moments at which requests may start.
pub(super) struct Pacer {
    rate: f64,
    started: Instant,
    next: Mutex<Instant>,
}

impl Pacer {
    pub(super) fn new(rate: f64) -> Self {
        let now = Instant::now();
        Self { rate, started: now, next: Mutex::new(now) }
    }

    /// Waits for the next moment. Those who wait are served in order.
    pub(super) async fn slot(&self) {
        let mut next = self.next.lock().await;
        sleep_until(*next).await;
        let now = Instant::now();
        let rate = self.rate * swing(now.duration_since(self.started).as_secs_f64());
        let gap = -rand::rng().random_range(f64::MIN_POSITIVE..1.0).ln() / rate;
        // Missed moments are caught up with for a fifth of a second, not for ever.
        let oldest = now.checked_sub(Duration::from_millis(200)).unwrap_or(now);
        *next = (*next).max(oldest) + Duration::from_secs_f64(gap);
    }
}

/// By how much the rate differs from its mean after `secs`.
fn swing(secs: f64) -> f64 {
    let wave = 1.0 + 0.35 * (TAU * secs / DAY_SECS).sin();
    let in_burst = secs % BURST_EVERY_SECS > BURST_EVERY_SECS - BURST_SECS;
    if in_burst { wave * 2.5 } else { wave }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_rate_is_kept() {
        let pacer = Pacer::new(100.0);
        let before = Instant::now();
        for _ in 0..2_000 {
            pacer.slot().await;
        }
        let secs = before.elapsed().as_secs_f64();
        assert!((16.0..22.0).contains(&secs), "2,000 requests at 100 a second took {secs} s");
    }
}
