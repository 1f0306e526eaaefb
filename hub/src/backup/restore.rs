//! Puts a backup back, where nothing is.

use std::fs;
use std::path::{Path, PathBuf};

use super::manifest::{Manifest, fingerprint};
use super::take::sync;
use super::{BackupError, verify};

/// Copies the stores of `backup` to their places. Everything is checked before anything is written, and no file that is there is
/// replaced. The caller holds the locks of the files.
pub async fn restore(files: &[(&'static str, PathBuf)], backup: &Path) -> Result<Manifest, BackupError> {
    let manifest = Manifest::read(backup)?;
    if files.is_empty() {
        return Err(BackupError::NothingEmbedded);
    }
    let mut copies = Vec::new();
    for (store, place) in files {
        let there = ["", "-wal", "-shm"].map(|end| with(place, end)).into_iter().find(|path| path.exists());
        if let Some(path) = there {
            return Err(BackupError::NotEmpty { path });
        }
        let stored = manifest.stores.iter().find(|stored| stored.store == *store);
        let missing = || BackupError::Missing { store: (*store).to_owned(), path: place.clone() };
        let stored = stored.ok_or_else(missing)?;
        let copy = backup.join(&stored.file);
        check(&copy, &stored.sha256).await?;
        copies.push((copy, place));
    }
    for (copy, place) in copies {
        put(&copy, place)?;
    }
    Ok(manifest)
}

async fn check(copy: &Path, sha256: &str) -> Result<(), BackupError> {
    let (_, found) = fingerprint(copy)?;
    if found != sha256 {
        let problem = "it is not what the manifest says".to_owned();
        return Err(BackupError::Damaged { path: copy.to_owned(), problem });
    }
    verify(copy).await.map(drop)
}

/// The file appears under its name when it is whole.
fn put(copy: &Path, place: &Path) -> Result<(), BackupError> {
    let partial = with(place, ".partial");
    let written = fs::copy(copy, &partial).map_err(|error| BackupError::file(&partial, error));
    let moved = written.and_then(|_| sync(&partial)).and_then(|()| {
        fs::rename(&partial, place).map_err(|error| BackupError::file(place, error))?;
        place.parent().filter(|parent| !parent.as_os_str().is_empty()).map_or(Ok(()), sync)
    });
    if moved.is_err() {
        let _ = fs::remove_file(&partial);
    }
    moved
}

fn with(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}
