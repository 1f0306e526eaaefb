//! The demo as a user starts it, for half a minute: it must show data soon and leave nothing running.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::{rust, tally::Tally};
use crate::process::{capture, this_program};

const LIMIT: Duration = Duration::from_secs(900);

/// From the URL to the first data on the chart.
const FIRST_DATA_SECS_MAX: f64 = 15.0;

pub(super) fn run() -> Result<Tally> {
    let dir = tempfile::tempdir()?;
    // These are built by now; the demo's own profile would take minutes more.
    let programs = rust::programs()?;
    let demo = capture(this_program()?, LIMIT, |demo| {
        demo.args(["demo", "--port=0", "--duration=25", "--programs"]).arg(programs);
        demo.arg("--data-dir").arg(dir.path().join("demo"));
    })?;
    ensure!(demo.success, "the demo failed");
    let url = between(&demo.output, "Sendry runs at http://", "/").context("the demo printed no URL")?;
    let secs = between(&demo.output, "on the chart, ", " s later").context("the demo never saw a request")?;
    ensure!(secs.parse::<f64>()? <= FIRST_DATA_SECS_MAX, "the first data took {secs} s");
    let hub: SocketAddr = url.parse()?;
    ensure!(TcpStream::connect(hub).is_err(), "the hub still runs after the demo");
    Ok(Tally::of(true))
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(wanted, _)| wanted)
}
