//! `cargo xtask bench`: every benchmark of the tree, one after the other, on an otherwise quiet machine.
//!
//! Benches measure ratios within one run; nothing here passes or fails by a time.

use std::time::Duration;

use anyhow::Result;

use crate::process::check;
use crate::workspace;

/// Release builds of the peers take a quarter of an hour on two cores.
const LIMIT: Duration = Duration::from_secs(3 * 3_600);

/// The bench that compares us with other middlewares, in a workspace of its own.
const OVERHEAD: &str = "examples/overhead";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only benches whose name contains this.
    filter: Option<String>,
}

/// Runs the benches.
pub(crate) fn run(options: &Options) -> Result<()> {
    let root = workspace::root();
    check(workspace::cargo(), LIMIT, |cargo| {
        cargo.args(["bench", "--workspace", "--benches", "--"]).args(&options.filter).current_dir(&root);
    })?;
    let overhead = root.join(OVERHEAD);
    if overhead.join("Cargo.toml").exists() {
        check(workspace::cargo(), LIMIT, |cargo| {
            cargo.args(["run", "--release", "--"]).args(&options.filter).current_dir(&overhead);
        })?;
    }
    Ok(())
}
