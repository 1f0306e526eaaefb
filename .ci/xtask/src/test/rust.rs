//! The Rust side: format, lints, documentation, tests.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::engines::Engines;
use super::tally::Tally;
use crate::process::{Captured, capture};
use crate::{tools, workspace};

/// A clean build of everything and all its tests take a quarter of an hour on two cores, and longer where they are shared.
const LIMIT: Duration = Duration::from_secs(3_600);

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

/// All tests but those in documentation, with nextest where it is installed, against real servers. Without a server its tests
/// are left out, which fails on a build server.
pub(super) fn tests() -> Result<Tally> {
    let engines = Engines::provide();
    let nextest = tools::find(&["cargo-nextest"]).is_some();
    let mut arguments = if nextest {
        vec!["nextest", "run", "--workspace", "--all-features", "--locked", "--no-fail-fast"]
    } else {
        vec!["test", "--workspace", "--all-features", "--locked", "--all-targets", "--no-fail-fast"]
    };
    let filter = engines.filter().filter(|_| nextest);
    if nextest {
        arguments.extend(["--status-level", "pass"]);
        arguments.extend(filter.iter().flat_map(|filter| ["-E", filter]));
    }
    let run = capture(workspace::cargo(), LIMIT, |cargo| {
        cargo.args(&arguments).env("CARGO_TERM_COLOR", "never").current_dir(workspace::root());
        cargo.envs(engines.variables());
    })?;
    let mut tally = Tally::of_runner(&run, if nextest { "Summary" } else { "test result" });
    if filter.is_some() {
        tally.forgive_skipped(&run);
        tally.failed += u64::from(workspace::is_ci());
    }
    engines.note(&run, &mut tally);
    Ok(tally)
}

pub(super) fn doctests() -> Result<Tally> {
    let run = cargo(&["test", "--workspace", "--all-features", "--locked", "--doc", "--no-fail-fast"])?;
    Ok(Tally::of_runner(&run, "test result"))
}

/// Builds all programs and answers with the directory that they are in.
///
/// The tests are built along, so that both share their features and nothing is compiled a second time.
pub(super) fn programs() -> Result<PathBuf> {
    let build = cargo(&["build", "--workspace", "--all-features", "--locked", "--bins", "--tests"])?;
    ensure!(build.success, "the programs do not build");
    Ok(workspace::target_dir()?.join("debug"))
}

fn cargo(arguments: &[&str]) -> Result<Captured> {
    capture(workspace::cargo(), LIMIT, |cargo| {
        cargo.args(arguments).env("CARGO_TERM_COLOR", "never").current_dir(workspace::root());
    })
}
