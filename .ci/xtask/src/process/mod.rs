//! Programs that never outlive this one.
//!
//! Each runs under a *guard*: this very program once more, which starts it in a process group of its own and stops the group
//! when its stdin ends. The other end of that pipe is held here, so however this program ends, kill -9 included, the kernel
//! closes it and the guard cleans up. Nothing is found by name.

mod capture;
mod guard;
mod service;

pub(crate) use capture::{Captured, capture, check};
pub(crate) use guard::guard;
pub(crate) use service::Service;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

/// What `cargo run` tells this program about itself. It would reach the cargo that we run, whose build scripts watch some of it
/// and would build again what is up to date.
const OF_CARGO_RUN: [&str; 3] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_NAME"];

/// A command that runs `program` under a guard; arguments, environment and directory are added to it as usual.
fn guarded(program: &OsStr, limit: Option<Duration>) -> Result<Command> {
    let mut command = Command::new(this_program()?);
    command.arg("guard");
    if let Some(limit) = limit {
        command.arg(format!("--limit-secs={}", limit.as_secs()));
    }
    for (name, _) in std::env::vars_os() {
        if OF_CARGO_RUN.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command.arg("--").arg(program).stdin(Stdio::piped());
    Ok(command)
}

/// This program's file. The checks may build this program anew while it runs, which leaves no file at its path; Linux finds the
/// old one all the same.
pub(crate) fn this_program() -> Result<PathBuf> {
    let itself = Path::new("/proc/self/exe");
    if itself.exists() {
        return Ok(itself.to_owned());
    }
    std::env::current_exe().context("this program does not know where it is")
}
