//! A program that runs beside this one, its output in a file.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus};

use anyhow::{Context, Result};

/// A running service. Dropping it stops it.
pub(crate) struct Service {
    pub(crate) name: &'static str,
    guard: Child,
    hold: Option<ChildStdin>,
    log: PathBuf,
}

impl Service {
    /// Starts `program`, completed by `configure`, in a process group of its own.
    pub(crate) fn start(
        name: &'static str,
        program: &Path,
        log: &Path,
        configure: impl FnOnce(&mut Command),
    ) -> Result<Self> {
        let file = File::create(log).with_context(|| format!("{} cannot be written", log.display()))?;
        let mut command = super::guarded(program.as_os_str(), None)?;
        configure(command.stdout(file.try_clone()?).stderr(file));
        // The guard must not get the terminal's Ctrl-C: it waits for its program to stop.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut guard = command.spawn().with_context(|| format!("{name} cannot be started"))?;
        let hold = guard.stdin.take();
        Ok(Self { name, guard, hold, log: log.to_owned() })
    }

    /// The status of a service that has ended by itself.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.guard.try_wait()?)
    }

    /// Asks it to stop and waits until it has; the guard sees to it that this ends.
    pub(crate) fn stop(&mut self) {
        drop(self.hold.take());
        drop(self.guard.wait());
    }

    /// The last lines it wrote.
    pub(crate) fn last_words(&self) -> String {
        let log = std::fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop();
    }
}
