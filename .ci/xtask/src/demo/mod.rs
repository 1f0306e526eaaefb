//! `cargo xtask demo`: the whole way on one machine, from an axum handler to a chart.
//!
//! Builds the dashboard, the hub and the example shop; starts them on loopback with data of their own; sends load; prints
//! one URL; and keeps running until it is stopped or something of it ends.

mod stack;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::process::check;
use crate::workspace::{self, say};
use crate::{dashboard, tools};
use stack::Stack;

/// How often the demo looks at its children and at the first data.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// A first build compiles a few hundred crates.
const BUILD_LIMIT: Duration = Duration::from_secs(3_600);

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The port of the hub; a free one is taken when it is in use.
    #[arg(long, default_value_t = 8600)]
    port: u16,
    /// Requests a second, before waves and bursts.
    #[arg(long, default_value_t = 40.0)]
    rate: f64,
    /// Sends no load.
    #[arg(long)]
    no_load: bool,
    /// Goes on with the data of the last demo.
    #[arg(long)]
    keep: bool,
    /// Ends after so many seconds.
    #[arg(long)]
    duration: Option<u64>,
    /// Where the hub and the shop were built already.
    #[arg(long, hide = true)]
    programs: Option<PathBuf>,
    /// Where the data goes.
    #[arg(long, hide = true)]
    data_dir: Option<PathBuf>,
}

/// Runs the demo until it is stopped.
pub(crate) fn run(options: &Options) -> Result<()> {
    tools::require_node()?;
    dashboard::build()?;
    let programs = match &options.programs {
        Some(programs) => std::path::absolute(programs)?,
        None => build_programs()?,
    };
    // From here on Ctrl-C ends the demo in order; before, it simply ended what was being built.
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    let mut stack = Stack::start(&programs, options)?;
    say(format_args!("\nSendry runs at {}  (Ctrl-C stops it)\n", stack.url()));
    let started = Instant::now();
    let mut seen = options.no_load;
    while signals.pending().next().is_none() {
        stack.must_run()?;
        if !seen && stack.has_data() {
            seen = true;
            say(format_args!(
                "The first requests are on the chart, {:.1} s later.",
                started.elapsed().as_secs_f64()
            ));
        }
        if options.duration.is_some_and(|secs| started.elapsed() >= Duration::from_secs(secs)) {
            break;
        }
        std::thread::sleep(LOOK_EVERY);
    }
    say("Stopping.");
    stack.stop();
    Ok(())
}

/// Builds the hub and the shop; answers with the directory they are in.
fn build_programs() -> Result<PathBuf> {
    say("Building the hub and the shop; the first time takes a few minutes.");
    check(workspace::cargo(), BUILD_LIMIT, |cargo| {
        cargo.args(["build", "--locked", "--profile", "demo", "-p", "sendry-hub", "-p", "shop"]);
        cargo.current_dir(workspace::root());
    })?;
    Ok(workspace::target_dir()?.join("demo"))
}
