//! The examples of deployments: Kubernetes manifests and the compose file against their schemas, units against systemd.
//!
//! Nothing is deployed: no image is built and no cluster is asked.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::tally::Tally;
use crate::process::capture;
use crate::{tools, workspace};

/// Packages that carry the schemas: Kubernetes' own, and the one of Compose files.
const SCHEMAS: &str = "kubernetes-validate==1.37.0";
const COMPOSE_SCHEMA: &str = "docker-compose==1.29.2";

const LIMIT: Duration = Duration::from_secs(300);

const SCRIPT: &str = include_str!("deployment.py");

pub(super) fn run() -> Result<Tally> {
    let examples = workspace::root().join("examples");
    let mut tally = match tools::python("deployment-schemas", &[&[SCHEMAS], &["--no-deps", COMPOSE_SCHEMA]]) {
        Ok(python) => Tally::of(
            capture(python, LIMIT, |python| _ = python.arg("-c").arg(SCRIPT).arg(&examples))?.success,
        ),
        Err(problem) => Tally::not_run(format!("schemas of deployments: {problem:#}")),
    };
    tally.add(&units(&examples.join("systemd"))?);
    Ok(tally)
}

/// The units, with a program that is there in the place of the hub's.
fn units(examples: &Path) -> Result<Tally> {
    let Some(analyze) = tools::find(&["systemd-analyze"]) else {
        return Ok(Tally::not_run("systemd units: systemd-analyze is missing".to_owned()));
    };
    let dir = tempfile::tempdir()?;
    let mut files = Vec::new();
    for (unit, installed) in
        [("sendry-hub.service", "sendry-hub.service"), ("sendry-hub@.service", "sendry-hub@ingest.service")]
    {
        let text = std::fs::read_to_string(examples.join(unit)).with_context(|| unit.to_owned())?;
        let file = dir.path().join(installed);
        std::fs::write(&file, text.replace("/usr/local/bin/sendry-hub", "/bin/true"))?;
        files.push(file);
    }
    let verified = capture(analyze, LIMIT, |analyze| _ = analyze.arg("verify").args(&files))?;
    // What it does not know it says, and succeeds.
    Ok(Tally::of(verified.success && verified.output.trim().is_empty()))
}
