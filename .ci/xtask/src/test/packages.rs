//! The SDK's crates as they would be published: that they pack, what is in them, and what they say of themselves.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::tally::Tally;
use crate::process::capture;
use crate::workspace::{self, say};

const CRATES: [&str; 3] = ["sendry-sdk", "sendry-sdk-axum", "sendry-sdk-actix"];

/// What every package must hold beside its sources.
const FILES: [&str; 4] = ["Cargo.toml", "README.md", "LICENSE-APACHE", "LICENSE-MIT"];

/// The registry of crates takes no more.
const KEYWORDS_MAX: usize = 5;

const LIMIT: Duration = Duration::from_secs(300);

pub(super) fn run() -> Result<Tally> {
    let mut tally = Tally::of(pack()?);
    let packages = metadata()?;
    for name in CRATES {
        let package = packages.iter().find(|package| package["name"] == name).context(name)?;
        let mut problems = says_too_little(package);
        problems.extend(lacks(name)?);
        problems.iter().for_each(|problem| say(format_args!("{name}: {problem}")));
        tally.add(&Tally::of(problems.is_empty()));
    }
    Ok(tally)
}

/// Packs them together, because each needs the one before; nothing is compiled again.
fn pack() -> Result<bool> {
    let packed = capture(workspace::cargo(), LIMIT, |cargo| {
        cargo.args(["package", "--locked", "--no-verify", "--allow-dirty"]).current_dir(workspace::root());
        cargo.args(CRATES.iter().flat_map(|name| ["--package", name])).env("CARGO_TERM_COLOR", "never");
    })?;
    Ok(packed.success)
}

fn metadata() -> Result<Vec<Value>> {
    let mut cargo = Command::new(workspace::cargo());
    cargo
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(workspace::root());
    let output = cargo.output().context("cargo metadata cannot be run")?;
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata said no JSON")?;
    Ok(metadata["packages"].as_array().cloned().unwrap_or_default())
}

fn says_too_little(package: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    for field in ["description", "license", "readme", "repository", "rust_version"] {
        if package[field].as_str().is_none_or(str::is_empty) {
            problems.push(format!("says no {field}"));
        }
    }
    let count = |field: &str| package[field].as_array().map_or(0, Vec::len);
    if !(1..=KEYWORDS_MAX).contains(&count("keywords")) || count("categories") == 0 {
        problems.push(format!("needs 1 to {KEYWORDS_MAX} keywords, and categories"));
    }
    if package["metadata"]["docs"]["rs"]["all-features"] != true {
        problems.push("does not document all features on docs.rs".to_owned());
    }
    problems
}

fn lacks(name: &str) -> Result<Vec<String>> {
    let mut cargo = Command::new(workspace::cargo());
    cargo
        .args(["package", "--list", "--allow-dirty", "--offline", "--package", name])
        .current_dir(workspace::root());
    let output = cargo.output().context("cargo package cannot be run")?;
    let list = String::from_utf8_lossy(&output.stdout).into_owned();
    let is_there = |file: &&str| list.lines().any(|line| line == *file);
    Ok(FILES
        .into_iter()
        .filter(|file| !is_there(file))
        .map(|file| format!("has no {file} in its package"))
        .collect())
}
