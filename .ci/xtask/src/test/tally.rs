//! How many tests passed and failed, read from what the runners print.

use std::fmt;

use crate::process::Captured;
use crate::workspace::is_ci;

/// Counts of tests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: u64,
    pub(super) failed: u64,
    /// What could not run on this machine, one line each.
    pub(super) missing: Vec<String>,
    /// What else the result tells, one line each.
    pub(super) notes: Vec<String>,
}

impl Tally {
    /// A check that is one test.
    pub(super) fn of(success: bool) -> Self {
        Self { passed: u64::from(success), failed: u64::from(!success), ..Self::default() }
    }

    /// What cannot run because something is missing here: never counted as passed, and a failure on a build server.
    pub(super) fn not_run(missing: String) -> Self {
        Self { failed: u64::from(is_ci()), missing: vec![missing], ..Self::default() }
    }

    pub(super) fn failure() -> Self {
        Self::of(false)
    }

    /// Adds up the lines of a runner's output that begin with `marker`: numbers before *passed*, *failed*, *skipped* and so on.
    ///
    /// A skipped test counts as failed: it says that something is tested which is not. So does a runner that fails without
    /// a failed test, and one that ran no test.
    pub(super) fn of_runner(run: &Captured, marker: &str) -> Self {
        let mut tally = Self::default();
        for line in run.output.lines().map(str::trim).filter(|line| line.starts_with(marker)) {
            tally.passed += number_before(line, &["passed"]);
            tally.failed += number_before(line, &["failed", "timed", "skipped", "ignored", "todo"]);
        }
        let broke_off = !run.success && tally.failed == 0;
        tally.failed += u64::from(broke_off || tally.run() == 0);
        tally
    }

    /// Takes back what [`Self::of_runner`] counted as failed because it was left out on purpose.
    pub(super) fn forgive_skipped(&mut self, run: &Captured) {
        let lines = run.output.lines().map(str::trim).filter(|line| line.starts_with("Summary"));
        let skipped: u64 = lines.map(|line| number_before(line, &["skipped"])).sum();
        self.failed = self.failed.saturating_sub(skipped);
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.missing.extend_from_slice(&other.missing);
        self.notes.extend_from_slice(&other.notes);
    }

    /// How many tests ran.
    pub(super) fn run(&self) -> u64 {
        self.passed + self.failed
    }
}

/// The sum of the numbers that stand before one of `words`.
fn number_before(line: &str, words: &[&str]) -> u64 {
    let tokens: Vec<_> =
        line.split(|c: char| !c.is_alphanumeric()).filter(|token| !token.is_empty()).collect();
    let pairs = tokens.windows(2).filter(|pair| words.contains(&pair[1]));
    pairs.filter_map(|pair| pair[0].parse::<u64>().ok()).sum()
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} passed, {} failed", self.passed, self.failed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(output: &str, marker: &str, success: bool) -> (u64, u64) {
        let tally = Tally::of_runner(&Captured { success, output: output.to_owned() }, marker);
        (tally.passed, tally.failed)
    }

    #[test]
    fn the_runners_summaries_are_understood() {
        let nextest =
            "     Summary [   0.118s] 16 tests run: 14 passed (1 slow), 1 failed, 1 timed out, 0 skipped\n";
        assert_eq!(tally(nextest, "Summary", false), (14, 2));
        let cargo =
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s\n";
        assert_eq!(tally(&cargo.repeat(2), "test result", true), (6, 0));
        let vitest = " Test Files  3 passed (3)\n      Tests  1 failed | 11 passed (12)\n";
        assert_eq!(tally(vitest, "Tests", false), (11, 1));
    }

    #[test]
    fn skipping_is_failing() {
        assert_eq!(tally("Summary [ 1s] 3 tests run: 3 passed, 2 skipped", "Summary", true), (3, 2));
    }

    #[test]
    fn a_runner_that_breaks_off_or_runs_nothing_fails() {
        assert_eq!(tally("error: could not compile", "Summary", false), (0, 1));
        assert_eq!(tally("Summary [ 1s] 3 tests run: 3 passed, 0 skipped", "Summary", false), (3, 1));
        assert_eq!(tally("", "Summary", true), (0, 1));
    }
}
