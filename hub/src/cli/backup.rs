//! `sendry-hub backup` and `restore`.

use std::path::PathBuf;

use clap::Args;

use super::{Context, Failure, print, print_json};
use crate::app::EmbeddedFiles;
use crate::backup::{self, Manifest};

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The directory to make.
    directory: PathBuf,
    /// Prints what was backed up as a JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The directory that `backup` made.
    directory: PathBuf,
    /// Prints what was restored as a JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) async fn take(command: &Backup, context: Context) -> Result<(), Failure> {
    let files = EmbeddedFiles::of(&context.config)?;
    let manifest = backup::take(files.paths(), &command.directory, context.now()).await;
    let manifest = manifest.map_err(Failure::failed)?;
    show(&manifest, command.json, "Backed up")
}

/// Takes the locks of a serving hub first, so that none is running or starts meanwhile.
pub(super) async fn restore(command: &Restore, context: Context) -> Result<(), Failure> {
    let files = EmbeddedFiles::of(&context.config)?;
    let _locks = files.lock()?;
    let manifest = backup::restore(files.paths(), &command.directory).await.map_err(Failure::failed)?;
    show(&manifest, command.json, "Restored")
}

fn show(manifest: &Manifest, json: bool, done: &str) -> Result<(), Failure> {
    if json {
        return print_json(manifest);
    }
    for store in &manifest.stores {
        print(format_args!("{done} {}: {} bytes, checked.", store.store, store.bytes))?;
    }
    Ok(())
}
