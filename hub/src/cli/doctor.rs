//! `sendry-hub doctor`: one line for each thing, and an exit code for scripts.

use clap::Args;
use serde_json::json;

use super::{Context, Failure, print, print_json};
use crate::app::{Examination, Level, examine};

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Prints one JSON object a line.
    #[arg(long)]
    json: bool,
}

/// Fails when something fails; warnings are no failure.
pub(super) async fn run(doctor: &Doctor, context: Context) -> Result<(), Failure> {
    let found = examine(&context.config, &context.clock).await?;
    for one in &found {
        if doctor.json { print_json(&as_json(one))? } else { print(as_line(one))? }
    }
    let failed = found.iter().filter(|one| one.level == Level::Fail).count();
    match failed {
        0 => Ok(()),
        _ => Err(Failure::Failed(format!("{failed} of {} things are not as they must be", found.len()))),
    }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Ok => "OK",
        Level::Warn => "WARN",
        Level::Fail => "FAIL",
    }
}

fn as_line(one: &Examination) -> String {
    let line = format!("{:4}  {}: {}", word(one.level), one.name, one.detail);
    one.advice.as_ref().map_or(line.clone(), |advice| format!("{line}\n      → {advice}"))
}

fn as_json(one: &Examination) -> serde_json::Value {
    json!({"name": one.name, "level": word(one.level), "detail": one.detail, "advice": one.advice})
}
