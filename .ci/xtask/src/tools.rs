//! The programs that must be on the machine, and what to do when they are not.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::process::{capture, check};
use crate::workspace;

/// The oldest Node that the dashboard's build runs on.
const NODE_MIN: (u32, u32) = (20, 19);

/// Fails with what to install when Node or npm is missing or too old.
pub(crate) fn require_node() -> Result<()> {
    let (major, minor) = NODE_MIN;
    let hint = format!("install Node {major}.{minor} or newer, which brings npm, and try again");
    let version = said("node", "--version").with_context(|| format!("the dashboard needs Node: {hint}"))?;
    ensure!(parse_version(&version) >= Some(NODE_MIN), "Node {} is too old: {hint}", version.trim());
    said("npm", "--version").with_context(|| format!("the dashboard needs npm: {hint}"))?;
    Ok(())
}

fn said(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().trim_start_matches('v').split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// The first of `names` that is on the PATH.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let places = || std::env::split_paths(&path);
    names
        .iter()
        .flat_map(|name| places().map(move |place| place.join(name)))
        .find(|program| program.is_file())
}

/// Whether Debian packages can be installed from here.
pub(crate) fn can_install() -> bool {
    nix::unistd::geteuid().is_root() && find(&["apt-get"]).is_some()
}

/// Installs Debian packages, refreshing the lists of packages when they are too old for it.
pub(crate) fn install(packages: &[&str]) -> Result<bool> {
    let limit = Duration::from_secs(600);
    let install = || {
        capture("apt-get", limit, |apt| {
            apt.args(["install", "-y", "--no-install-recommends"]).args(packages);
            apt.env("DEBIAN_FRONTEND", "noninteractive");
        })
    };
    if install()?.success {
        return Ok(true);
    }
    capture("apt-get", limit, |apt| _ = apt.arg("update"))?;
    Ok(install()?.success)
}

/// A Python of its own with packages, in a directory of this name below `target/` that is kept for the next run. Each list of
/// arguments is one call of pip.
pub(crate) fn python(name: &str, installs: &[&[&str]]) -> Result<PathBuf> {
    let limit = Duration::from_secs(300);
    let home = workspace::target_dir()?.join(name);
    let python = home.join("bin/python");
    if home.join("complete").is_file() {
        return Ok(python);
    }
    let system = find(&["python3"]).context("python3 is missing")?;
    check(system, limit, |system| _ = system.args(["-m", "venv"]).arg(&home))?;
    for install in installs {
        check(&python, limit, |pip| {
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(*install);
        })?;
    }
    std::fs::write(home.join("complete"), "")?;
    Ok(python)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(parse_version("v20.19.4\n"), Some((20, 19)));
        assert!(parse_version("v9.11.2") < Some(NODE_MIN));
        assert_eq!(parse_version("none"), None);
    }
}
