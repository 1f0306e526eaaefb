//! The TypeScript side: types and lint, unit tests, and the build that the hub embeds.

use std::time::Duration;

use anyhow::Result;

use super::tally::Tally;
use crate::dashboard;

const LIMIT: Duration = Duration::from_secs(300);

pub(super) fn run() -> Result<Tally> {
    dashboard::build()?;
    let mut tally = Tally::of(true);
    tally.add(&Tally::of(dashboard::script("check", LIMIT, |_| ())?.success));
    let tests = dashboard::script("test", LIMIT, |npm| _ = npm.env("NO_COLOR", "1"))?;
    tally.add(&Tally::of_runner(&tests, "Tests"));
    Ok(tally)
}
