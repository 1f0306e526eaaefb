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
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

/// A command that runs `program` under a guard; arguments, environment and directory are added to it as usual.
fn guarded(program: &OsStr, limit: Option<Duration>) -> Result<Command> {
    let mut command =
        Command::new(std::env::current_exe().context("this program does not know where it is")?);
    command.arg("guard");
    if let Some(limit) = limit {
        command.arg(format!("--limit-secs={}", limit.as_secs()));
    }
    command.arg("--").arg(program).stdin(Stdio::piped());
    Ok(command)
}
