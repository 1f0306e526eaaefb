//! A program that is waited for, its output shown as it comes and kept.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::workspace::say;

/// What a program wrote and whether it succeeded.
pub(crate) struct Captured {
    pub(crate) success: bool,
    /// Both streams, line by line.
    pub(crate) output: String,
}

/// Runs `program`, completed by `configure`, for at most `limit`, and shows what it writes.
pub(crate) fn capture(
    program: impl AsRef<Path>,
    limit: Duration,
    configure: impl FnOnce(&mut Command),
) -> Result<Captured> {
    let program = program.as_ref();
    let mut command = super::guarded(program.as_os_str(), Some(limit))?;
    configure(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().with_context(|| format!("{} cannot be started", program.display()))?;
    let hold = child.stdin.take();
    let output = Arc::new(Mutex::new(String::new()));
    let readers = [child.stdout.take().map(boxed), child.stderr.take().map(boxed)];
    let readers = readers.into_iter().flatten().map(|stream| {
        let output = output.clone();
        std::thread::spawn(move || show(stream, &output))
    });
    for reader in readers.collect::<Vec<_>>() {
        drop(reader.join());
    }
    let status = child.wait()?;
    drop(hold);
    let output = std::mem::take(&mut *output.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Captured { success: status.success(), output })
}

/// Runs a program that must succeed.
pub(crate) fn check(
    program: impl AsRef<Path>,
    limit: Duration,
    configure: impl FnOnce(&mut Command),
) -> Result<()> {
    let program = program.as_ref();
    let done = capture(program, limit, configure)?;
    ensure!(done.success, "{} failed; its output stands above", program.display());
    Ok(())
}

fn boxed(stream: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(stream)
}

fn show(stream: Box<dyn Read + Send>, output: &Mutex<String>) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while matches!(stream.read_until(b'\n', &mut line), Ok(1..)) {
        let text = String::from_utf8_lossy(&line);
        say(text.trim_end());
        output.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
        line.clear();
    }
}
