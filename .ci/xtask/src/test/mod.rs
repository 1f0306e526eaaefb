//! `cargo xtask test`: every check of the tree, and the count of what ran.
//!
//! INVARIANT: nothing that did not run counts as passed. What is missing on this machine is named in one line and fails
//! where a build server runs this (`CI` is set).
//!
//! To add a check: a line in [`CHECKS`]. To add a real service that a check runs against: an entry in
//! [`services`]; one that Rust tests run against: [`engines`].

mod dashboard;
mod demo;
mod deny;
mod deployment;
mod derived;
mod e2e;
mod engines;
mod examples;
mod packages;
mod rust;
mod services;
mod tally;
mod tidy;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

use crate::workspace::say;
pub(crate) use e2e::with_seeded_hub;
pub(crate) use engines::clickhouse;
use services::Service;
use tally::Tally;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Runs only these: tidy, fmt, deny, dashboard, clippy, docs, tests, doctests, derived, packages, deployment, examples, e2e,
    /// demo.
    names: Vec<String>,
}

/// One step of the whole.
struct Check {
    name: &'static str,
    run: fn() -> Result<Tally>,
    /// The real service it runs against.
    needs: Option<&'static Service>,
}

const fn check(name: &'static str, run: fn() -> Result<Tally>) -> Check {
    Check { name, run, needs: None }
}

/// Cheap ones first; the dashboard before what embeds it.
const CHECKS: [Check; 14] = [
    check("tidy", tidy::run),
    check("fmt", rust::fmt),
    check("deny", deny::run),
    check("dashboard", dashboard::run),
    check("clippy", rust::clippy),
    check("docs", rust::docs),
    check("tests", rust::tests),
    check("doctests", rust::doctests),
    check("derived", derived::run),
    check("packages", packages::run),
    check("deployment", deployment::run),
    check("examples", examples::run),
    Check { name: "e2e", run: e2e::run, needs: Some(&services::CHROMIUM) },
    check("demo", demo::run),
];

/// Runs the checks. The last line says how many passed.
pub(crate) fn run(options: &Options) -> ExitCode {
    if let Some(name) = options.names.iter().find(|name| CHECKS.iter().all(|check| check.name != **name)) {
        say(format_args!(
            "there is no check {name}; there are {}",
            CHECKS.map(|check| check.name).join(", ")
        ));
        return ExitCode::from(2);
    }
    let chosen =
        |check: &&Check| options.names.is_empty() || options.names.iter().any(|name| name == check.name);
    let mut total = Tally::default();
    let mut lines = Vec::new();
    for check in CHECKS.iter().filter(chosen) {
        let started = Instant::now();
        say(format_args!("\n=== {} ===", check.name));
        let tally = run_one(check);
        lines.push(format!("{:10} {tally:34} {:6.1} s", check.name, started.elapsed().as_secs_f64()));
        lines.extend(
            check.needs.map(|service| format!("{:10} {} ran {} tests", "", service.name, tally.run())),
        );
        lines.extend(tally.notes.iter().map(|note| format!("{:10} {note}", "")));
        total.add(&tally);
    }
    say(format_args!("\n{}\n", lines.join("\n")));
    total.missing.iter().for_each(|missing| say(format_args!("not run: {missing}")));
    say(&total);
    if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A check that breaks off is a failure, and so is a missing service on a build server.
fn run_one(check: &Check) -> Tally {
    let ready = check.needs.map_or(Ok(()), services::provide);
    if let Err(missing) = ready {
        say(format_args!("{missing:#}"));
        return Tally::not_run(missing.to_string());
    }
    (check.run)().unwrap_or_else(|error| {
        say(format_args!("{} failed: {error:#}", check.name));
        Tally::failure()
    })
}
