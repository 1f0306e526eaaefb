//! Builds the dashboard. No build script of a crate calls npm: this is the only place.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process::{Captured, capture, check};
use crate::{tools, workspace};

const LIMIT: Duration = Duration::from_secs(600);

/// The lock that the installed packages came from, kept among them.
const INSTALLED: &str = "node_modules/.installed-lock.json";

/// Where the dashboard's sources are.
pub(crate) fn dir() -> PathBuf {
    workspace::root().join("hub/dashboard")
}

/// Installs the packages where the lock has changed, and builds `dist`.
pub(crate) fn build() -> Result<()> {
    install()?;
    check("npm", LIMIT, |npm| _ = in_dashboard(npm).args(["run", "build"]))
}

/// Runs one of the dashboard's scripts.
pub(crate) fn script(name: &str, limit: Duration, configure: impl FnOnce(&mut Command)) -> Result<Captured> {
    capture("npm", limit, |npm| configure(in_dashboard(npm).args(["run", name])))
}

/// Installs the dashboard's packages.
pub(crate) fn install() -> Result<()> {
    install_packages(&dir())
}

/// Installs the packages of a folder, where its lock has changed since the last time.
pub(crate) fn install_packages(dir: &Path) -> Result<()> {
    tools::require_node()?;
    let lock = read(&dir.join("package-lock.json"))?;
    let installed = dir.join(INSTALLED);
    if std::fs::read(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    check("npm", LIMIT, |npm| _ = npm.current_dir(dir).args(["ci", "--no-audit", "--no-fund"]))?;
    std::fs::write(&installed, lock).with_context(|| format!("{} cannot be written", installed.display()))
}

fn in_dashboard(npm: &mut Command) -> &mut Command {
    npm.current_dir(dir())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}
