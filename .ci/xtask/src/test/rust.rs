//! The Rust side: format, lints, documentation, tests.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::tally::Tally;
use crate::process::{Captured, capture};
use crate::{tools, workspace};

/// A clean build of everything takes a few minutes on two cores.
const LIMIT: Duration = Duration::from_secs(1_500);

pub(super) fn fmt() -> Result<Tally> {
    Ok(Tally::of(cargo(&["fmt", "--all", "--check"])?.success))
}

pub(super) fn clippy() -> Result<Tally> {
    let lint =
        ["clippy", "--workspace", "--all-targets", "--all-features", "--locked", "--", "-D", "warnings"];
    Ok(Tally::of(cargo(&lint)?.success))
}

/// The SDK's documentation as users read it, and everything's as we do, private items included.
pub(super) fn docs() -> Result<Tally> {
    let mut tally = Tally::of(doc(
        &["-p", "sendry-sdk", "-p", "sendry-sdk-axum", "-p", "sendry-sdk-actix"],
        "-D warnings",
    )?);
    let private = ["--workspace", "--document-private-items"];
    tally.add(&Tally::of(doc(&private, "-D warnings -A rustdoc::private_intra_doc_links")?));
    Ok(tally)
}

fn doc(what: &[&str], flags: &str) -> Result<bool> {
    let docs = capture(workspace::cargo(), LIMIT, |cargo| {
        cargo.args(["doc", "--no-deps", "--all-features", "--locked"]).args(what);
        cargo.env("RUSTDOCFLAGS", flags).env("CARGO_TERM_COLOR", "never").current_dir(workspace::root());
    })?;
    Ok(docs.success)
}

/// All tests but those in documentation, with nextest where it is installed.
pub(super) fn tests() -> Result<Tally> {
    if tools::find(&["cargo-nextest"]).is_some() {
        let run = cargo(&["nextest", "run", "--workspace", "--all-features", "--locked", "--no-fail-fast"])?;
        return Ok(Tally::of_runner(&run, "Summary"));
    }
    let run =
        cargo(&["test", "--workspace", "--all-features", "--locked", "--all-targets", "--no-fail-fast"])?;
    Ok(Tally::of_runner(&run, "test result"))
}

pub(super) fn doctests() -> Result<Tally> {
    let run = cargo(&["test", "--workspace", "--all-features", "--locked", "--doc", "--no-fail-fast"])?;
    Ok(Tally::of_runner(&run, "test result"))
}

/// Builds what the tests run, the programs among it, and answers with the directory those are in.
///
/// The same command builds them for [`tests`], so that nothing is compiled a second time with other features.
pub(super) fn programs() -> Result<PathBuf> {
    let build = cargo(&["test", "--workspace", "--all-features", "--locked", "--no-run"])?;
    ensure!(build.success, "the tests do not build");
    Ok(workspace::target_dir()?.join("debug"))
}

fn cargo(arguments: &[&str]) -> Result<Captured> {
    capture(workspace::cargo(), LIMIT, |cargo| {
        cargo.args(arguments).env("CARGO_TERM_COLOR", "never").current_dir(workspace::root());
    })
}
