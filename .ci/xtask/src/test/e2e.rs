//! The dashboard in a real browser, against a real hub that was filled with an hour of traffic.

use std::time::Duration;

use anyhow::Result;

use super::{rust, tally::Tally};
use crate::hub::Hub;
use crate::{dashboard, http, seed};

const LIMIT: Duration = Duration::from_secs(600);

/// Starts a seeded hub, runs the dashboard's `npm run e2e` against it, and stops it.
pub(super) fn run() -> Result<Tally> {
    dashboard::build()?;
    let program = rust::programs()?.join("sendry-hub");
    let dir = tempfile::tempdir()?;
    let hub = Hub { program, data_dir: dir.path().to_owned() };
    // The one app has traffic in two environments, the other has never reported.
    let (shop, _silent) = (hub.create_app("shop")?, hub.create_app("silent")?);
    let address = http::listen_address(0)?;
    let mut service = hub.serve(address)?;
    seed::fill(address, &shop.write_key, "prod")?;
    seed::fill(address, &shop.write_key, "staging")?;
    let run = dashboard::script("e2e", LIMIT, |npm| {
        npm.env("SENDRY_E2E_URL", format!("http://{address}")).env("NO_COLOR", "1");
    })?;
    service.stop();
    Ok(Tally::of_runner(&run, "Tests"))
}
