//! Time: a monotonic clock for durations, the machine's clock for the date, and the hub's word on both.
//!
//! A request's duration comes from the monotonic clock alone. The minute it is counted in comes from a timeline: the
//! monotonic clock plus an offset, taken from the machine's clock at the start and corrected by the hub at every answer. So
//! a clock that is set, or jumps, neither bends a duration nor scatters minutes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A source of time. Applications use the machine's; tests pass one that is moved by hand.
pub trait Clock: Send + Sync + 'static {
    /// Nanoseconds since a fixed moment; never goes back.
    fn monotonic_nanos(&self) -> u64;
    /// Nanoseconds of Unix time, as the machine believes.
    fn unix_nanos(&self) -> i64;
    /// Nanoseconds since a fixed moment, the time that the machine slept included. None where the machine does not tell.
    fn boot_nanos(&self) -> Option<u64> {
        None
    }
}

/// What a monotonic clock shows when the process starts: two hours, so that moments before it can be told, such as when an
/// earlier process froze a report.
pub(crate) const MONOTONIC_START_NANOS: u64 = 2 * 3_600 * 1_000_000_000;

/// The machine's clocks.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    base: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { base: Instant::now() }
    }
}

impl Clock for SystemClock {
    #[inline]
    fn monotonic_nanos(&self) -> u64 {
        let elapsed = self.base.elapsed();
        // In 64 bits: enough for 584 years, and cheaper than `as_nanos`.
        MONOTONIC_START_NANOS + elapsed.as_secs() * 1_000_000_000 + u64::from(elapsed.subsec_nanos())
    }

    fn unix_nanos(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
    }

    /// Linux counts the seconds since its start, and those it slept with them.
    fn boot_nanos(&self) -> Option<u64> {
        let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
        let secs: f64 = uptime.split_ascii_whitespace().next()?.parse().ok()?;
        Some((secs * 1e9) as u64)
    }
}

/// The system clock without a virtual call on the hot path, or one that was passed in.
#[derive(Clone)]
pub(crate) enum Source {
    System(SystemClock),
    Shared(Arc<dyn Clock>),
}

impl Source {
    #[inline]
    pub(crate) fn monotonic_nanos(&self) -> u64 {
        match self {
            Self::System(clock) => clock.monotonic_nanos(),
            Self::Shared(clock) => clock.monotonic_nanos(),
        }
    }

    pub(crate) fn unix_nanos(&self) -> i64 {
        match self {
            Self::System(clock) => clock.unix_nanos(),
            Self::Shared(clock) => clock.unix_nanos(),
        }
    }

    fn boot_nanos(&self) -> Option<u64> {
        match self {
            Self::System(clock) => clock.boot_nanos(),
            Self::Shared(clock) => clock.boot_nanos(),
        }
    }
}

/// Corrections below this are noise of the network and left alone.
const CORRECTION_NANOS_MIN: i64 = 1_000_000_000;

/// A machine's clock that moved by less was adjusted, not set.
const JUMP_NANOS_MIN: i64 = 2 * CORRECTION_NANOS_MIN;

/// A monotonic clock that knows the date: see the head of this module.
pub(crate) struct Timeline {
    source: Source,
    /// Unix time minus monotonic time.
    offset: AtomicI64,
    /// The same difference by the machine's clock, when the offset was set last.
    machine_offset: AtomicI64,
    /// How long the machine slept until then, plus a number that stays the same.
    slept: AtomicI64,
}

impl Timeline {
    pub(crate) fn new(source: Source) -> Self {
        let (offset, slept) = (machine_offset(&source), slept(&source).unwrap_or_default());
        Self { source, offset: offset.into(), machine_offset: offset.into(), slept: slept.into() }
    }

    #[inline]
    pub(crate) fn monotonic_nanos(&self) -> u64 {
        self.source.monotonic_nanos()
    }

    /// Unix time of a monotonic moment, in nanoseconds.
    #[inline]
    pub(crate) fn unix_nanos_at(&self, monotonic: u64) -> i64 {
        (monotonic as i64).wrapping_add(self.offset.load(Ordering::Relaxed))
    }

    /// The minute of a monotonic moment: Unix time divided by 60.
    #[inline]
    pub(crate) fn minute_at(&self, monotonic: u64) -> i64 {
        const NANOS_PER_MINUTE: u64 = 60_000_000_000;
        // Unsigned, because dividing by a constant is cheaper so, and nothing was measured before 1970.
        (self.unix_nanos_at(monotonic).max(0) as u64 / NANOS_PER_MINUTE) as i64
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.unix_nanos_at(self.monotonic_nanos()) / 1_000_000
    }

    /// How far this timeline is ahead of the machine's clock, in milliseconds.
    pub(crate) fn ahead_of_machine_ms(&self) -> i64 {
        self.offset.load(Ordering::Relaxed).wrapping_sub(machine_offset(&self.source)) / 1_000_000
    }

    /// Whether the machine's clock was set, or the machine slept, since the offset was set last.
    pub(crate) fn machine_jumped(&self) -> bool {
        let moved = machine_offset(&self.source).wrapping_sub(self.machine_offset.load(Ordering::Relaxed));
        moved.saturating_abs() > JUMP_NANOS_MIN
    }

    /// Moves the timeline by as long as the machine slept since the offset was set last, where it can tell. Returns how long that
    /// was. It asks the system, so ask it only when the machine's clock jumped.
    pub(crate) fn wake(&self) -> Option<u64> {
        let slept = slept(&self.source)?;
        let by = slept.wrapping_sub(self.slept.load(Ordering::Relaxed));
        if by <= JUMP_NANOS_MIN {
            return None;
        }
        self.slept.store(slept, Ordering::Relaxed);
        self.offset.fetch_add(by, Ordering::Relaxed);
        self.machine_offset.fetch_add(by, Ordering::Relaxed);
        u64::try_from(by).ok()
    }

    /// Whether [`Self::correct`] would change anything.
    pub(crate) fn differs(&self, hub_unix_nanos: i64, at: u64) -> bool {
        let change = hub_unix_nanos.wrapping_sub(at as i64).wrapping_sub(self.offset.load(Ordering::Relaxed));
        change.saturating_abs() >= CORRECTION_NANOS_MIN
    }

    /// Takes over the hub's time, known to be `hub_unix_nanos` at the monotonic moment `at`. Returns by how many minutes
    /// what was counted before has to move.
    pub(crate) fn correct(&self, hub_unix_nanos: i64, at: u64) -> i64 {
        self.machine_offset.store(machine_offset(&self.source), Ordering::Relaxed);
        if let Some(slept) = slept(&self.source) {
            self.slept.store(slept, Ordering::Relaxed);
        }
        let offset = hub_unix_nanos.wrapping_sub(at as i64);
        let change = offset.wrapping_sub(self.offset.load(Ordering::Relaxed));
        if change.saturating_abs() < CORRECTION_NANOS_MIN {
            return 0;
        }
        self.offset.store(offset, Ordering::Relaxed);
        (change as f64 / 60e9).round() as i64
    }
}

fn machine_offset(source: &Source) -> i64 {
    source.unix_nanos().wrapping_sub(source.monotonic_nanos() as i64)
}

/// How long the machine slept, plus a number that stays the same.
fn slept(source: &Source) -> Option<i64> {
    let boot = i64::try_from(source.boot_nanos()?).ok()?;
    Some(boot.wrapping_sub(source.monotonic_nanos() as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_machine_that_is_awake_tells_that_it_does_not_sleep() {
        let timeline = Timeline::new(Source::System(SystemClock::default()));
        let before = timeline.now_ms();
        assert!(SystemClock::default().boot_nanos().is_some_and(|nanos| nanos > 0));
        assert_eq!((timeline.wake(), timeline.machine_jumped()), (None, false));
        assert!(timeline.now_ms() >= before);
    }
}
