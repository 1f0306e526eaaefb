//! The dashboard in a real browser, against a real hub that was filled with an hour of traffic.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::{rust, tally::Tally};
use crate::hub::{Hub, LogIn};
use crate::{dashboard, http, seed};

const LIMIT: Duration = Duration::from_secs(1_800);

/// Whom the dashboard's tests log in as; the hub lives as long as they do and listens on this machine alone.
const ADMIN: (&str, &str) = ("ada@example.com", "a password for tests");

/// A hub that runs, with traffic to look at.
pub(crate) struct SeededHub {
    address: SocketAddr,
}

impl SeededHub {
    /// Tells one of the dashboard's scripts where the hub is and how to log in.
    pub(crate) fn configure(&self, npm: &mut Command) {
        npm.env("SENDRY_E2E_URL", format!("http://{}", self.address))
            .env("SENDRY_E2E_EMAIL", ADMIN.0)
            .env("SENDRY_E2E_PASSWORD", ADMIN.1)
            .env("NO_COLOR", "1");
    }
}

/// Builds the dashboard, starts a seeded hub with it, does the work, and stops the hub.
pub(crate) fn with_seeded_hub<T>(work: impl FnOnce(&SeededHub) -> Result<T>) -> Result<T> {
    dashboard::build()?;
    let program = rust::programs()?.join("sendry-hub");
    let dir = tempfile::tempdir()?;
    let hub = Hub { program, data_dir: dir.path().to_owned() };
    // The one app has traffic in two environments, the other has never reported.
    let (shop, _silent) = (hub.create_app("shop")?, hub.create_app("silent")?);
    hub.create_admin(ADMIN.0, ADMIN.1)?;
    let address = http::listen_address(0)?;
    let mut service = hub.serve(address, LogIn::Asked)?;
    seed::fill(address, &shop.write_key, "prod")?;
    seed::fill(address, &shop.write_key, "staging")?;
    let done = work(&SeededHub { address });
    service.stop();
    done
}

/// Runs the dashboard's `npm run e2e`.
pub(super) fn run() -> Result<Tally> {
    let run = with_seeded_hub(|hub| dashboard::script("e2e", LIMIT, |npm| hub.configure(npm)))?;
    Ok(Tally::of_runner(&run, "Tests"))
}
