//! `sendry-hub migrate-store`.

use clap::Args;

use super::{Context, Failure, print};
use crate::app::connect_copy;
use crate::migrate::{self, Copying};

#[derive(Debug, Args)]
pub(super) struct MigrateStore {
    /// The store to copy; that of the data directory when it is left out.
    #[arg(long, value_name = "sqlite:PATH")]
    from: Option<String>,
    /// Copies everything again, also what an earlier run finished.
    #[arg(long)]
    afresh: bool,
}

/// Differences that are printed one by one.
const SHOWN_MAX: usize = 50;

pub(super) async fn run(command: &MigrateStore, context: Context) -> Result<(), Failure> {
    let copy = connect_copy(&context.config, command.from.as_deref(), &context.clock).await?;
    let copying = Copying {
        source: &copy.source,
        target: &copy.target,
        now: context.now(),
        retention: context.config.retention,
        afresh: command.afresh,
    };
    let copied = migrate::copy(&copying, |line| print(line).is_ok()).await.map_err(Failure::failed)?;
    if !copied {
        return Err(Failure::Failed("standard output is gone; run it again to go on".to_owned()));
    }
    let differences = migrate::verify(&copying).await.map_err(Failure::failed)?;
    copy.source.close().await;
    for difference in differences.iter().take(SHOWN_MAX) {
        print(format_args!("different: {difference}"))?;
    }
    match differences.len() {
        0 => print("Verified: both stores give the same counts."),
        count => Err(Failure::Failed(format!(
            "{count} answers differ between the stores; if a hub works on ClickHouse already that may be what it stored, else run \
             `sendry-hub migrate-store --afresh`"
        ))),
    }
}
