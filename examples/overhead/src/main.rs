//! What Sendry adds to a request, beside what other middlewares add, in one run on one machine.
//!
//! Absolute times move from machine to machine; ratios, allocations and instructions do not. `docs/benchmarks.md` holds the
//! dated result and how to repeat it.

mod background;
mod cpu;
mod instructions;
mod loopback;
mod parts;
mod request_logs;
mod requests;
mod threads;
mod variants;

use clap::{Parser, Subcommand};
use variants::{Named, OnAxum};

#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Added nanoseconds a request, single-threaded, all variants interleaved.
    Time,
    /// Added instructions a request, where valgrind is installed.
    Instructions,
    /// Added allocations a request (build with `--features allocations`).
    #[cfg(feature = "allocations")]
    Allocations,
    /// Memory of a minute full of series (build with `--features allocations`).
    #[cfg(feature = "allocations")]
    Memory,
    /// Added time of two threads on one app, over that of one.
    Threads,
    /// Server CPU a request over loopback with axum, against a bare server beside it.
    Loopback {
        /// Whether this process is bound to a core already.
        #[arg(long, hide = true)]
        bound: bool,
    },
    /// Serves one variant; used by `loopback`.
    Serve { variant: OnAxum },
    /// CPU of the client's own thread a request, and how long a report holds up requests.
    Background,
    /// A report of 2,000 series: CPU and bytes; and the histogram's index.
    Report,
    /// What request logs cost a request, and what a line costs the writer.
    RequestLogs,
    /// Sends requests and nothing else, to be run under callgrind: `sendry`, `actix-sendry`, …
    Run { variant: Named, requests: u64 },
}

fn main() {
    match Args::parse().what {
        What::Time => requests::time(),
        What::Instructions => instructions::run(),
        #[cfg(feature = "allocations")]
        What::Allocations => requests::allocations(),
        #[cfg(feature = "allocations")]
        What::Memory => parts::memory(),
        What::Threads => threads::run(),
        What::Loopback { bound: false } => loopback::run_bound(),
        What::Loopback { bound: true } => loopback::run(),
        What::Serve { variant } => loopback::serve(variant),
        What::Background => background::run(),
        What::Report => parts::report(),
        What::RequestLogs => request_logs::run(),
        What::Run { variant, requests } => requests::run(variant, requests),
    }
}
