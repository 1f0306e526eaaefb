#![forbid(unsafe_code)]
//! The project's tooling, run as `cargo xtask …`. It needs cargo, Node and npm, and nothing that cargo cannot build quickly.

mod bench;
mod dashboard;
mod demo;
mod http;
mod hub;
mod process;
mod screenshots;
mod seed;
mod test;
mod tools;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "The project's tooling")]
enum Task {
    /// Runs the hub, an example app and its traffic, and prints the URL of the dashboard.
    Demo(demo::Options),
    /// Builds the dashboard into hub/dashboard/dist.
    Dashboard,
    /// Writes a picture of every page of the dashboard, in both themes.
    Screenshots,
    /// Runs every check and test; with names, only these.
    Test(test::Options),
    /// Runs the benchmarks and prints what they measured.
    Bench(bench::Options),
    /// Fills a running hub with an hour of realistic traffic, through its ingest.
    Seed(seed::Options),
    /// Runs a ClickHouse on its standard port, for tests that are run by hand.
    Clickhouse,
    /// Runs a program and stops it, with all it started, when stdin ends.
    #[command(hide = true)]
    Guard {
        /// Stops it also after so many seconds.
        #[arg(long)]
        limit_secs: Option<u64>,
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let done = match Task::parse() {
        Task::Demo(options) => demo::run(&options),
        Task::Dashboard => dashboard::build(),
        Task::Screenshots => screenshots::run(),
        Task::Test(options) => return test::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Seed(options) => seed::run(&options),
        Task::Clickhouse => test::clickhouse::serve(),
        Task::Guard { limit_secs, command } => return process::guard(&command, limit_secs),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            workspace::say(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
