//! The guard's side: start, wait for the program or for the end of stdin, stop the whole group.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::workspace::say;

/// How often the guard looks whether its program has ended.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How long a program may take to stop before it is killed: a hub drains for up to ten seconds.
const STOPS_WITHIN: Duration = Duration::from_secs(15);

/// Runs `command` until it ends, stdin ends, or the limit is reached; answers with its exit code.
pub(crate) fn guard(command: &[OsString], limit_secs: Option<u64>) -> ExitCode {
    let [program, arguments @ ..] = command else { return ExitCode::from(2) };
    let started = Command::new(program).args(arguments).stdin(Stdio::null()).process_group(0).spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            say(format_args!("{} cannot be started: {error}", program.display()));
            return ExitCode::from(127);
        }
    };
    let deadline = limit_secs.map(|secs| Instant::now() + Duration::from_secs(secs));
    let status = wait(&mut child, &end_of_stdin(), deadline);
    // What the program itself started and left behind; most often nothing is there any more.
    let _ = killpg(group(&child), Signal::SIGKILL);
    status.map_or(ExitCode::FAILURE, code)
}

fn end_of_stdin() -> Receiver<()> {
    let (ended, end) = channel();
    std::thread::spawn(move || {
        let mut ignored = [0; 64];
        while matches!(std::io::stdin().read(&mut ignored), Ok(1..)) {}
        let _ = ended.send(());
    });
    end
}

fn wait(child: &mut Child, end: &Receiver<()>, deadline: Option<Instant>) -> Option<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait().ok()? {
            return Some(status);
        }
        let late = deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if late {
            say("the time limit is reached: stopping");
        }
        if late || end.recv_timeout(LOOK_EVERY).is_ok() {
            return stop(child);
        }
    }
}

fn stop(child: &mut Child) -> Option<ExitStatus> {
    let _ = killpg(group(child), Signal::SIGTERM);
    let patience = Instant::now() + STOPS_WITHIN;
    while Instant::now() < patience {
        if let Some(status) = child.try_wait().ok()? {
            return Some(status);
        }
        std::thread::sleep(LOOK_EVERY);
    }
    let _ = killpg(group(child), Signal::SIGKILL);
    child.wait().ok()
}

fn group(child: &Child) -> Pid {
    Pid::from_raw(child.id().cast_signed())
}

/// The exit code as a shell tells it: 128 and the signal for a program that was killed.
fn code(status: ExitStatus) -> ExitCode {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
