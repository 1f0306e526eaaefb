//! `cargo xtask screenshots`: a picture of every page of the dashboard, in both themes, of a hub with an hour of traffic.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::workspace::{say, target_dir};
use crate::{dashboard, hub, test};

const LIMIT: Duration = Duration::from_secs(600);

/// Writes `target/screenshots`, which no one commits.
pub(crate) fn run() -> Result<()> {
    let folder = target_dir()?.join("screenshots");
    hub::fresh_dir(&folder)?;
    let run = test::with_seeded_hub(|hub| {
        dashboard::script("pictures", LIMIT, |npm| {
            hub.configure(npm);
            npm.env("SENDRY_PICTURES", &folder);
        })
    })?;
    ensure!(run.success, "the pictures could not be taken:\n{}", run.output);
    let made = folder.read_dir().with_context(|| format!("{} cannot be read", folder.display()))?.count();
    say(format_args!("{made} pictures are in {}", folder.display()));
    Ok(())
}
