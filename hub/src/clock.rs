//! The hub's clock: passed to everything that asks what time it is, so that tests move time by hand.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// Milliseconds since the Unix epoch.
pub type UnixMillis = i64;
/// Seconds since the Unix epoch.
pub type UnixSecs = i64;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since the Unix epoch.
    fn now_ms(&self) -> UnixMillis;

    /// Seconds since the Unix epoch.
    fn now(&self) -> UnixSecs {
        self.now_ms().div_euclid(1000)
    }

    /// The time since some beginning, which nobody can set.
    fn uptime(&self) -> Duration;
}

/// A clock to be shared.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> UnixMillis {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn uptime(&self) -> Duration {
        static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);
        BEGINNING.elapsed()
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug, Default)]
pub struct ManualClock {
    now_ms: AtomicI64,
    uptime_secs: AtomicU64,
}

impl ManualClock {
    /// Returns a clock that shows `now` in Unix seconds.
    pub fn at(now: UnixSecs) -> Arc<Self> {
        Arc::new(Self { now_ms: AtomicI64::new(now * 1000), uptime_secs: AtomicU64::default() })
    }

    /// Lets `secs` pass, or sets the clock back.
    pub fn advance(&self, secs: i64) {
        self.set_by(secs);
        self.uptime_secs.fetch_add(u64::try_from(secs).unwrap_or(0), Ordering::SeqCst);
    }

    /// Sets the clock by `secs`, while no time passes.
    pub fn set_by(&self, secs: i64) {
        self.now_ms.fetch_add(secs * 1000, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> UnixMillis {
        self.now_ms.load(Ordering::SeqCst)
    }

    fn uptime(&self) -> Duration {
        Duration::from_secs(self.uptime_secs.load(Ordering::SeqCst))
    }
}
