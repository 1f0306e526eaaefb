//! Programs that do not outlive the test that started them, however it ends: a watcher beside each kills it when a pipe to the
//! test closes, and the kernel closes that pipe also for a test that is killed with -9.

use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};

/// Waits for the end of its input, then kills the group whose number it is given.
const WATCH: &str = "cat >/dev/null; kill -s KILL -- \"-$0\"";

/// A program in a process group of its own. Dropping it kills the group.
pub(crate) struct Guarded {
    child: Child,
    watcher: Child,
    hold: Option<ChildStdin>,
}

impl Guarded {
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let child = command.process_group(0).spawn().unwrap();
        let mut watch = Command::new("/bin/sh");
        watch.args(["-c", WATCH, &child.id().to_string()]).process_group(0);
        let mut watcher =
            watch.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let hold = watcher.stdin.take();
        Self { child, watcher, hold }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Sends a signal to the program alone.
    pub(crate) fn signal(&self, name: &str) {
        self.send(name, &self.child.id().to_string());
    }

    /// Kills it and all that it started, as a power cut would.
    pub(crate) fn kill(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.send("KILL", &format!("-{}", self.child.id()));
        }
        let _ = self.child.wait();
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    fn send(&self, signal: &str, to: &str) {
        assert!(Command::new("kill").args([&format!("-{signal}"), "--", to]).status().unwrap().success());
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.kill();
        // What is left of the group, before the watcher's number for it can belong to somebody else.
        drop(self.hold.take());
        let _ = self.watcher.wait();
    }
}
