//! Files that are generated and committed: what is committed must be what is generated.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::tally::Tally;
use crate::dashboard;
use crate::workspace::{self, say};

const LIMIT: Duration = Duration::from_secs(120);

/// The dashboard's types of the API. `docs/openapi.json`, which they come from, is compared by a test of the hub.
pub(super) fn run() -> Result<Tally> {
    dashboard::install()?;
    let types = workspace::root().join("hub/dashboard/app/api/schema.d.ts");
    let committed = read(&types)?;
    ensure!(dashboard::script("api", LIMIT, |_| ())?.success, "the API's types cannot be generated");
    let is_same = read(&types)? == committed;
    if !is_same {
        std::fs::write(&types, committed)?;
        say(
            "hub/dashboard/app/api/schema.d.ts is not what docs/openapi.json says; run npm run api in hub/dashboard",
        );
    }
    Ok(Tally::of(is_same))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}
