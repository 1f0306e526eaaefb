//! The limit of messages per app: a bucket of tokens that holds two seconds' worth.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::refusal::Refusal;
use crate::queue::AppId;

/// Seconds of traffic that may come at once: instances that restart together report together.
const BURST_SECS: f64 = 2.0;

/// Buckets kept; full ones are forgotten beyond it.
const APPS_MAX: usize = 10_000;

/// Counts messages per app.
pub(super) struct RateLimit {
    per_second: Option<f64>,
    buckets: Mutex<HashMap<AppId, Bucket>>,
}

struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

impl RateLimit {
    pub(super) fn new(per_second: Option<u32>) -> Self {
        Self { per_second: per_second.map(f64::from), buckets: Mutex::default() }
    }

    /// Takes a token of the app's bucket or refuses.
    pub(super) fn take(&self, app_id: AppId) -> Result<(), Refusal> {
        let Some(per_second) = self.per_second else { return Ok(()) };
        let (now, full) = (Instant::now(), per_second * BURST_SECS);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= APPS_MAX {
            buckets.retain(|_, bucket| (now - bucket.filled_at).as_secs_f64() < BURST_SECS);
        }
        let bucket = buckets.entry(app_id).or_insert(Bucket { tokens: full, filled_at: now });
        let earned = (now - bucket.filled_at).as_secs_f64() * per_second;
        *bucket = Bucket { tokens: (bucket.tokens + earned).min(full), filled_at: now };
        if bucket.tokens < 1.0 {
            return Err(Refusal::RateLimited { per_second });
        }
        bucket.tokens -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_two_seconds_passes_and_no_more() {
        let limit = RateLimit::new(Some(5));
        let app = AppId::from_u128(1);
        let passed = (0..20).filter(|_| limit.take(app).is_ok()).count();
        assert!((10..=11).contains(&passed), "{passed}");
        assert!(limit.take(AppId::from_u128(2)).is_ok());
        let unlimited = RateLimit::new(None);
        assert!((0..10_000).all(|_| unlimited.take(app).is_ok()));
    }
}
