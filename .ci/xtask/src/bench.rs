//! `cargo xtask bench`: every benchmark of the tree, one after the other, on an otherwise quiet machine.
//!
//! Benches measure ratios within one run; nothing here passes or fails by a time.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail, ensure};

use crate::dashboard;
use crate::process::check;
use crate::workspace::{self, say};

/// Release builds of the peers take a quarter of an hour on two cores.
const LIMIT: Duration = Duration::from_secs(3 * 3_600);

/// The bench that compares us with other middlewares: a workspace of its own, so that their dependencies stay out of ours.
const OVERHEAD: &str = "examples/overhead";

/// What [`OVERHEAD`] measures, and whether it counts allocations. Those are built apart, because counting them would flatter who
/// allocates less.
const PARTS: [(&str, bool); 9] = [
    ("time", false),
    ("instructions", false),
    ("threads", false),
    ("loopback", false),
    ("background", false),
    ("report", false),
    ("request-logs", false),
    ("allocations", true),
    ("memory", true),
];

/// The hub's own, and whether they start a ClickHouse. `hub` stands for all of them.
const HUB: [(&str, bool); 6] = [
    ("ingest", false),
    ("worker", true),
    ("questions", false),
    ("clickhouse", true),
    ("freshness", true),
    ("migrate", true),
];

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only these: time, instructions, threads, loopback, background, report, request-logs, allocations, memory; of the hub: ingest,
    /// worker, questions, clickhouse, freshness, migrate, or hub for all of them; dashboard.
    names: Vec<String>,
}

/// Runs the benches.
pub(crate) fn run(options: &Options) -> Result<()> {
    let known = |name: &str| {
        matches!(name, "hub" | "dashboard") || PARTS.iter().chain(&HUB).any(|(part, _)| *part == name)
    };
    if let Some(name) = options.names.iter().find(|name| !known(name)) {
        bail!("there is no bench {name}");
    }
    let is_chosen =
        |name: &str| options.names.is_empty() || options.names.iter().any(|chosen| chosen == name);
    let root = workspace::root();
    for (part, _) in PARTS.iter().filter(|(part, counts)| !counts && is_chosen(part)) {
        overhead(&root, &["run", "--release", "--", part])?;
    }
    for (part, _) in PARTS.iter().filter(|(part, counts)| *counts && is_chosen(part)) {
        overhead(&root, &["run", "--release", "--features", "allocations", "--", part])?;
    }
    for (name, needs_clickhouse) in HUB.iter().filter(|(name, _)| is_chosen("hub") || is_chosen(name)) {
        hub(&root, name, *needs_clickhouse)?;
    }
    if is_chosen("dashboard") {
        dashboard_in_a_browser()?;
    }
    Ok(())
}

/// The dashboard in Chromium, against a seeded hub.
fn dashboard_in_a_browser() -> Result<()> {
    say("\n=== dashboard ===");
    let run =
        crate::test::with_seeded_hub(|hub| dashboard::script("bench", LIMIT, |npm| hub.configure(npm)))?;
    ensure!(run.success, "the bench of the dashboard failed");
    Ok(())
}

fn overhead(root: &Path, arguments: &[&str]) -> Result<()> {
    say(format_args!("\n=== {} ===", arguments.last().copied().unwrap_or_default()));
    check(workspace::cargo(), LIMIT, |cargo| _ = cargo.args(arguments).current_dir(root.join(OVERHEAD)))
}

fn hub(root: &Path, name: &str, needs_clickhouse: bool) -> Result<()> {
    say(format_args!("\n=== {name} ==="));
    if needs_clickhouse {
        crate::test::clickhouse::python()?;
    }
    check(workspace::cargo(), LIMIT, |cargo| {
        cargo.args(["bench", "-p", "sendry-hub", "--bench", name]).current_dir(root);
    })
}
