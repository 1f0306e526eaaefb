//! Whether the clock may decide what is old enough to be deleted.
//!
//! A machine whose clock says 2040 for a minute would delete everything. So the clock is compared with what it said when old things
//! were deleted last, and how long ago that is by the time that the process has been running. One that is far ahead of both is
//! believed only after hours in which no worker's clock said otherwise: long enough for somebody to set it right, and for a hub
//! that was off for a week no harm. Since when it waits is noted outside of the process, so that restarts and sleep count.

use std::time::Duration;

use crate::clock::UnixSecs;

/// How far ahead of what was to be expected the clock may be: what is deleted too early is at most this much.
pub(super) const AHEAD_MAX_SECS: i64 = 86_400;

/// How long a clock that is ahead waits before it is believed.
const WAITS_SECS: i64 = 6 * 3_600;

/// How long a note of such a wait holds: what is older is of another jump.
const WAIT_HOLDS_SECS: i64 = 14 * 86_400;

/// How long one process must see it run on, so that no clock is believed which is wrong until the machine has asked for the time.
pub(super) const SEEN_FOR: Duration = Duration::from_secs(600);

/// How exactly it must run on meanwhile.
const UNSTEADY_SECS: i64 = 300;

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

/// What workers left each other.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    /// What a clock said when old things were deleted last. Without it nothing is known, and the clock is believed.
    pub(super) last_run: Option<UnixSecs>,
    /// What a clock that was ahead said when that was seen first.
    pub(super) ahead_since: Option<UnixSecs>,
}

/// Watches the clock of one process.
#[derive(Debug, Default)]
pub(super) struct SteadyClock {
    /// When it was believed last.
    believed: Option<Reading>,
    /// Since when this process sees that it is ahead.
    ahead: Option<Reading>,
}

/// What to make of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Believed,
    /// It is ahead by so much. It waits since then, by itself, and is believed after this time if nobody's says otherwise.
    Ahead {
        secs: i64,
        since: UnixSecs,
        believed_in: Duration,
    },
}

impl SteadyClock {
    /// Judges what the clock says `uptime` after some beginning that stays the same.
    pub(super) fn judge(&mut self, now: UnixSecs, uptime: Duration, known: Known) -> Verdict {
        let reading = Reading { now, uptime };
        let since_last_run = known.last_run.map_or(0, |last_run| now.saturating_sub(last_run));
        let gained = self.believed.map_or(since_last_run, |believed| believed.gained(reading));
        // Another worker that deleted lately vouches for this clock, where this process slept.
        let secs = gained.min(since_last_run);
        if secs > AHEAD_MAX_SECS {
            let runs_on = |since: &Reading| since.gained(reading).abs() <= UNSTEADY_SECS;
            let seen = *self.ahead.insert(self.ahead.filter(runs_on).unwrap_or(reading));
            let holds = |since: &UnixSecs| (0..=WAIT_HOLDS_SECS).contains(&now.saturating_sub(*since));
            let since = known.ahead_since.filter(holds).unwrap_or(now);
            let waits = Duration::from_secs((since + WAITS_SECS - now).max(0).unsigned_abs());
            let believed_in = waits.max(SEEN_FOR.saturating_sub(uptime.saturating_sub(seen.uptime)));
            if believed_in > Duration::ZERO {
                return Verdict::Ahead { secs, since, believed_in };
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
    const HOUR: i64 = 3_600;
    const DAY: i64 = 24 * HOUR;
    const YEARS: i64 = 14 * 365 * DAY;

    /// The clock of a worker and the time since it was started, and who judges it.
    struct Worker {
        steady: SteadyClock,
        now: UnixSecs,
        uptime: Duration,
    }

    impl Worker {
        fn start(now: UnixSecs) -> Self {
            Self { steady: SteadyClock::default(), now, uptime: Duration::ZERO }
        }

        fn pass(&mut self, secs: i64) {
            self.now += secs;
            self.uptime += Duration::from_secs(secs.unsigned_abs());
        }

        /// Judges, and leaves what the job leaves to others.
        fn judge(&mut self, known: &mut Known) -> Verdict {
            let verdict = self.steady.judge(self.now, self.uptime, *known);
            match verdict {
                Verdict::Believed => *known = Known { last_run: Some(self.now), ahead_since: None },
                Verdict::Ahead { since, .. } => known.ahead_since = Some(since),
            }
            verdict
        }

        fn is_believed(&mut self, known: &mut Known) -> bool {
            self.judge(known) == Verdict::Believed
        }
    }

    fn last_run(at: UnixSecs) -> Known {
        Known { last_run: Some(at), ahead_since: None }
    }

    #[test]
    fn a_clock_that_runs_as_time_does_is_believed_for_ever() {
        let (mut worker, mut known) = (Worker::start(START), last_run(START));
        for hour in 0..2_000 {
            assert!(worker.is_believed(&mut known), "{hour}");
            worker.pass(HOUR);
        }
        worker.now -= YEARS;
        assert!(worker.is_believed(&mut known), "one that is behind deletes nothing");
    }

    #[test]
    fn a_clock_that_jumps_ahead_is_believed_after_hours_and_at_once_when_it_is_right_again() {
        let (mut worker, mut known) = (Worker::start(START), last_run(START));
        for _ in 0..5 {
            assert!(worker.is_believed(&mut known));
            worker.now += YEARS;
            for hour in 0..6 {
                let Verdict::Ahead { secs, believed_in, .. } = worker.judge(&mut known) else {
                    panic!("{hour}")
                };
                assert_eq!((secs, believed_in), (YEARS, Duration::from_secs(3_600 * (6 - hour))));
                worker.pass(HOUR);
            }
            worker.now -= YEARS;
        }
        assert!(worker.is_believed(&mut known));
        worker.now += YEARS;
        for _ in 0..6 {
            assert!(!worker.is_believed(&mut known));
            worker.pass(HOUR);
        }
        assert!(worker.is_believed(&mut known));
        worker.pass(HOUR);
        assert!(worker.is_believed(&mut known));
        worker.now += YEARS;
        assert!(!worker.is_believed(&mut known), "it jumps again");
    }

    #[test]
    fn a_process_that_starts_compares_with_the_last_run() {
        let judged = |mut known: Known| Worker::start(START).is_believed(&mut known);
        assert!(judged(Known::default()), "nothing was ever deleted");
        assert!(judged(last_run(START - DAY)));
        assert!(judged(last_run(START + YEARS)), "the clock was set back");
        assert!(!judged(last_run(START - DAY - 1)));
        assert!(!judged(last_run(i64::MIN)));
    }

    /// Off for two days, and then never up for six hours: what was waited counts.
    #[test]
    fn a_hub_that_is_never_up_for_long_deletes_all_the_same() {
        let mut known = last_run(START - 2 * DAY);
        let mut now = START;
        let believed = (0..6).position(|_| {
            let mut worker = Worker::start(now);
            now += 4 * HOUR;
            let first = worker.is_believed(&mut known);
            worker.pass(600);
            first || worker.is_believed(&mut known)
        });
        assert_eq!(believed, Some(2));
    }

    /// Time stands still for the process while its machine sleeps.
    #[test]
    fn a_machine_that_sleeps_over_and_over_deletes_all_the_same() {
        let (mut worker, mut known) = (Worker::start(START), last_run(START));
        assert!(worker.is_believed(&mut known));
        worker.now += 3 * DAY;
        assert!(!worker.is_believed(&mut known));
        worker.pass(3 * HOUR);
        worker.now += 4 * HOUR;
        assert!(!worker.is_believed(&mut known), "it was not seen to run on");
        worker.pass(600);
        assert!(worker.is_believed(&mut known));
    }

    #[test]
    fn a_clock_that_is_wrong_until_the_machine_has_asked_for_the_time_is_never_believed() {
        let mut known = last_run(START);
        for restart in 0..50 {
            let mut worker = Worker::start(START + YEARS + restart * 7 * HOUR);
            assert!(!worker.is_believed(&mut known));
        }
    }

    #[test]
    fn no_clock_is_believed_that_other_workers_contradict() {
        let (mut right, mut wrong) = (Worker::start(START), Worker::start(START + YEARS));
        let mut known = last_run(START);
        for hour in 0..200 {
            assert!(right.is_believed(&mut known));
            assert!(!wrong.is_believed(&mut known), "{hour}");
            right.pass(HOUR);
            wrong.pass(HOUR);
        }
    }

    #[test]
    fn a_machine_that_slept_is_believed_where_another_worker_deleted_meanwhile() {
        let (mut awake, mut asleep) = (Worker::start(START), Worker::start(START));
        let mut known = last_run(START);
        assert!(asleep.is_believed(&mut known));
        awake.pass(3 * DAY);
        asleep.now += 3 * DAY;
        known.last_run = Some(awake.now);
        assert!(asleep.is_believed(&mut known));
    }
}
