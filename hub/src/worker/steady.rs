//! Whether the clock may decide what is old enough to be deleted.
//!
//! A machine whose clock says 2040 for a minute would delete everything. So the clock is compared with what it said when old things
//! were deleted last, and how long ago that is by the time that the process has been running. One that is far ahead of that is
//! believed only after it has run on steadily for hours: long enough for somebody to set it right, and for a hub that was off
//! for a week no harm.

use std::time::Duration;

use crate::clock::UnixSecs;

/// How far ahead of what was to be expected the clock may be: what is deleted too early is at most this much.
const AHEAD_MAX_SECS: i64 = 86_400;

/// How long a clock that jumped must run on before it is believed.
const STEADY_FOR: Duration = Duration::from_secs(6 * 3_600);

/// How exactly it must run on meanwhile.
const UNSTEADY_SECS: i64 = 600;

/// What the clock said at a moment of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reading {
    now: UnixSecs,
    uptime: Duration,
}

impl Reading {
    /// How much further the clock went since then than time did.
    fn gained(self, later: Self) -> i64 {
        let passed = later.uptime.saturating_sub(self.uptime).as_secs();
        later.now.saturating_sub(self.now).saturating_sub_unsigned(passed)
    }
}

/// Watches the clock of one process.
#[derive(Debug, Default)]
pub(super) struct SteadyClock {
    /// When it was believed last.
    believed: Option<Reading>,
    /// Since when it is ahead.
    ahead: Option<Reading>,
}

/// What to make of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Believed,
    /// It is ahead by so much, and believed after this time if it runs on.
    Ahead {
        secs: i64,
        believed_in: Duration,
    },
}

impl SteadyClock {
    /// Judges what the clock says `uptime` after some beginning that stays the same. `last_run` is what a clock said when old things
    /// were deleted last, by whichever process; without it nothing is known, and the clock is believed.
    pub(super) fn judge(&mut self, now: UnixSecs, uptime: Duration, last_run: Option<UnixSecs>) -> Verdict {
        let reading = Reading { now, uptime };
        let ahead_by = match (self.believed, last_run) {
            (Some(believed), _) => believed.gained(reading),
            (None, Some(last_run)) => now.saturating_sub(last_run),
            (None, None) => 0,
        };
        if ahead_by > AHEAD_MAX_SECS {
            let runs_on = |since: &Reading| since.gained(reading).abs() <= UNSTEADY_SECS;
            let since = self.ahead.filter(runs_on).unwrap_or(reading);
            self.ahead = Some(since);
            let lasted = uptime.saturating_sub(since.uptime);
            if lasted < STEADY_FOR {
                return Verdict::Ahead { secs: ahead_by, believed_in: STEADY_FOR - lasted };
            }
        }
        *self = Self { believed: Some(reading), ahead: None };
        Verdict::Believed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: UnixSecs = 1_800_000_000;
    const DAY: i64 = 86_400;
    const YEARS: i64 = 14 * 365 * DAY;

    /// A clock and the time since it was started, and who judges it each hour.
    struct Watched {
        steady: SteadyClock,
        now: UnixSecs,
        uptime: Duration,
    }

    impl Watched {
        fn start() -> Self {
            Self { steady: SteadyClock::default(), now: START, uptime: Duration::ZERO }
        }

        fn hour_passes(&mut self) -> Verdict {
            self.now += 3_600;
            self.uptime += Duration::from_secs(3_600);
            self.judge(Some(START))
        }

        fn judge(&mut self, last_run: Option<UnixSecs>) -> Verdict {
            self.steady.judge(self.now, self.uptime, last_run)
        }
    }

    #[test]
    fn a_clock_that_runs_as_time_does_is_believed_for_ever() {
        let mut watched = Watched::start();
        assert_eq!(watched.judge(Some(START)), Verdict::Believed);
        for hour in 0..2_000 {
            assert_eq!(watched.hour_passes(), Verdict::Believed, "{hour}");
        }
        watched.now -= YEARS;
        assert_eq!(watched.hour_passes(), Verdict::Believed, "one that is behind deletes nothing");
    }

    #[test]
    fn a_clock_that_jumps_ahead_is_believed_only_after_it_ran_on_for_hours() {
        let mut watched = Watched::start();
        watched.judge(Some(START));
        watched.now += YEARS;
        for hour in 0..6 {
            let ahead = Verdict::Ahead { secs: YEARS, believed_in: Duration::from_secs(3_600 * (6 - hour)) };
            assert_eq!(watched.hour_passes(), ahead, "{hour}");
        }
        assert_eq!(watched.hour_passes(), Verdict::Believed);
        assert_eq!(watched.hour_passes(), Verdict::Believed);
    }

    #[test]
    fn a_clock_that_was_wrong_for_a_while_is_believed_at_once_when_it_is_right_again() {
        let mut watched = Watched::start();
        watched.judge(Some(START));
        for _ in 0..5 {
            watched.now += YEARS;
            assert!(matches!(watched.hour_passes(), Verdict::Ahead { .. }));
            watched.now -= YEARS;
            assert_eq!(watched.hour_passes(), Verdict::Believed);
        }
    }

    #[test]
    fn a_clock_that_jumps_again_begins_anew() {
        let mut watched = Watched::start();
        watched.judge(Some(START));
        watched.now += YEARS;
        for _ in 0..20 {
            watched.now += 601;
            assert!(matches!(watched.hour_passes(), Verdict::Ahead { .. }));
        }
    }

    #[test]
    fn a_process_that_starts_compares_with_the_last_run() {
        let judged = |last_run| Watched::start().judge(last_run);
        assert_eq!(judged(None), Verdict::Believed, "nothing was ever deleted");
        assert_eq!(judged(Some(START - DAY)), Verdict::Believed);
        assert_eq!(judged(Some(START + YEARS)), Verdict::Believed, "the clock was set back");
        assert!(matches!(judged(Some(START - DAY - 1)), Verdict::Ahead { .. }));
        assert!(matches!(judged(Some(i64::MIN)), Verdict::Ahead { .. }));
    }
}
