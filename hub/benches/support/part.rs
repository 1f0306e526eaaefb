//! A part of a bench in a process of its own, kept on one core: what is measured and what loads it must not share one.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

/// Ticks of CPU time a second, as Linux tells them.
const TICKS_PER_SEC: f64 = 100.0;

/// Dropping it kills it.
pub struct Part {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Part {
    /// Runs this very program with other arguments. Without `taskset` it runs on any core.
    pub fn start(core: &str, arguments: &[&str]) -> Self {
        let program = std::env::current_exe().expect("this program has a path");
        let mut command = Command::new("taskset");
        command.args(["-c", core]).arg(program).args(arguments).stdout(Stdio::piped());
        let mut child = command.spawn().expect("taskset (util-linux) is there");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        Self { child, lines }
    }

    /// The next line that it prints.
    pub fn line(&mut self) -> String {
        self.lines.next().expect("it says something").expect("it is text")
    }

    /// CPU time it took so far.
    pub fn cpu(&self) -> Duration {
        cpu_of(self.child.id())
    }

    /// Its largest memory so far, in kB.
    pub fn peak_kb(&self) -> u64 {
        status_kb(self.child.id(), "VmHWM:")
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// CPU time that a process took so far, in user and kernel mode.
pub fn cpu_of(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    let ticks: f64 = ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    Duration::from_secs_f64(ticks / TICKS_PER_SEC)
}

/// A line of the process's memory, in kB.
pub fn status_kb(process: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}
