//! Whatever happens to who started it, what a guard runs ends.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::kill;
use nix::unistd::Pid;

fn guard(arguments: &[&str], script: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("guard").args(arguments).args(["--", "sh", "-c", script]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

/// The process id that the script printed.
fn printed_pid(guard: &mut Child) -> Pid {
    let mut line = String::new();
    BufReader::new(guard.stdout.take().unwrap()).read_line(&mut line).unwrap();
    Pid::from_raw(line.trim().parse().unwrap())
}

fn ends(pid: Pid) -> bool {
    let deadline = Instant::now() + Duration::from_secs(5);
    while Instant::now() < deadline {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // One that ended counts also before its parent has asked how.
        if kill(pid, None).is_err() || stat.contains(") Z ") {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[test]
fn the_exit_code_is_handed_on() {
    let mut guard = guard(&[], "exit 7");
    let hold = guard.stdin.take();
    assert_eq!(guard.wait().unwrap().code(), Some(7));
    drop(hold);
}

#[test]
fn the_program_is_asked_to_stop_when_stdin_ends() {
    let mut guard = guard(&[], "trap 'exit 3' TERM; echo $$; while :; do sleep 0.05; done");
    let pid = printed_pid(&mut guard);
    drop(guard.stdin.take());
    assert_eq!(guard.wait().map(|status: ExitStatus| status.code()).unwrap(), Some(3));
    assert!(ends(pid));
}

#[test]
fn what_the_program_left_behind_is_stopped() {
    let mut guard = guard(&[], "sleep 600 & echo $!");
    let pid = printed_pid(&mut guard);
    guard.wait().unwrap();
    assert!(ends(pid));
}

#[test]
fn the_time_limit_ends_a_program_that_hangs() {
    let mut guard = guard(&["--limit-secs=1"], "echo $$; exec sleep 600");
    let hold = guard.stdin.take();
    let pid = printed_pid(&mut guard);
    assert!(!guard.wait().unwrap().success());
    assert!(ends(pid));
    drop(hold);
}
