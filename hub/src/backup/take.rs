//! Takes a backup, beside a running hub or without one.

use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use sqlx::Connection;

use super::manifest::{BackedUp, Manifest, fingerprint};
use super::{BackupError, ORDER, open, verify};
use crate::clock::UnixSecs;

/// Copies the files, by the name of their store, into the new directory `backup`. It appears under its name when it is whole.
pub async fn take(
    files: &[(&'static str, PathBuf)],
    backup: &Path,
    now: UnixSecs,
) -> Result<Manifest, BackupError> {
    if files.is_empty() {
        return Err(BackupError::NothingEmbedded);
    }
    if fs::read_dir(backup).map_or(backup.exists(), |mut entries| entries.next().is_some()) {
        return Err(BackupError::NotEmpty { path: backup.to_owned() });
    }
    if let Some((_, path)) = files.iter().find(|(_, path)| !path.exists()) {
        return Err(BackupError::NothingThere { path: path.clone() });
    }
    let partial = partial(backup)?;
    let taken = copy_all(files, &partial, now).await;
    let moved = taken.and_then(|manifest| {
        let _ = fs::remove_dir(backup);
        fs::rename(&partial, backup).map_err(|error| BackupError::file(backup, error))?;
        Ok(manifest)
    });
    if moved.is_err() {
        let _ = fs::remove_dir_all(&partial);
    }
    moved
}

/// A new directory beside the one that is wanted, on the same disk.
fn partial(backup: &Path) -> Result<PathBuf, BackupError> {
    let mut name = backup.as_os_str().to_owned();
    name.push(format!(".{}.partial", std::process::id()));
    let path = PathBuf::from(name);
    let made = DirBuilder::new().mode(0o700).create(&path);
    made.map_err(|error| BackupError::file(&path, error))?;
    Ok(path)
}

async fn copy_all(
    files: &[(&'static str, PathBuf)],
    target: &Path,
    now: UnixSecs,
) -> Result<Manifest, BackupError> {
    let mut stores = Vec::new();
    for store in ORDER {
        if let Some((_, file)) = files.iter().find(|(name, _)| *name == store) {
            stores.push(copy(store, file, target).await?);
        }
    }
    let manifest = Manifest::new(now, stores);
    manifest.write(target)?;
    sync(target)?;
    Ok(manifest)
}

/// A snapshot within one read transaction, which no writer waits for; without the free pages.
async fn copy(store: &str, file: &Path, target: &Path) -> Result<BackedUp, BackupError> {
    let name = format!("{store}.db");
    let copy = target.join(&name);
    let mut connection = open(file).await?;
    let copied = sqlx::query("VACUUM INTO ?").bind(copy.display().to_string()).execute(&mut connection).await;
    copied.map_err(|error| BackupError::file(file, error))?;
    let _ = connection.close().await;
    sync(&copy)?;
    let schema = verify(&copy).await?;
    let (bytes, sha256) = fingerprint(&copy)?;
    Ok(BackedUp { store: store.to_owned(), file: name, bytes, sha256, schema })
}

/// Waits until a file or directory is on the disk.
pub(super) fn sync(path: &Path) -> Result<(), BackupError> {
    let synced = File::open(path).and_then(|file| file.sync_all());
    synced.map_err(|error| BackupError::file(path, error))
}
