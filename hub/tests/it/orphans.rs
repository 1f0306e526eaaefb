//! The promise of the guard, kept when a test is killed.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::guard::Guarded;

/// Set for the process that the test below kills.
const VICTIM: &str = "SENDRY_TEST_GUARD_VICTIM";

#[test]
fn a_test_that_is_killed_leaves_nothing_behind() {
    if std::env::var_os(VICTIM).is_some() {
        let mut script = Command::new("/bin/sh");
        // It says who it is only when it is guarded: a victim that is killed between the two promises nothing.
        let script =
            script.args(["-c", "read guarded; sleep 600 & echo $! $$ >&2; wait"]).stdin(Stdio::piped());
        let mut running = Guarded::spawn(script);
        running.child().stdin.as_mut().unwrap().write_all(b"yes\n").unwrap();
        let _ = std::io::stdin().read(&mut [0; 1]);
        return;
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "orphans::a_test_that_is_killed_leaves_nothing_behind", "--nocapture"]);
    again.env(VICTIM, "1").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut victim = again.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(victim.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let started: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(started.len(), 2, "{line:?}");
    victim.kill().unwrap();
    victim.wait().unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    for id in started {
        while is_running(id) {
            assert!(Instant::now() < until, "{id} is still there");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Whether there is a process of that number, and not just what is left of one until somebody asks how it ended.
fn is_running(id: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}
