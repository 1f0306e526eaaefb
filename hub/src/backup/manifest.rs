//! What a backup holds: `manifest.json`, written last. A directory without one is no backup.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::BackupError;

const FILE: &str = "manifest.json";

/// The version of the manifest's form.
const FORMAT: u32 = 1;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// Unix seconds.
    pub taken_at: i64,
    /// The version of the hub that took it.
    pub version: String,
    /// In the order in which they were taken.
    pub stores: Vec<BackedUp>,
}

/// One store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackedUp {
    /// `queue`, `traffic` or `metadata`.
    pub store: String,
    /// Its file, within the backup.
    pub file: String,
    pub bytes: u64,
    /// In hexadecimal.
    pub sha256: String,
    /// The number of its schema.
    pub schema: i64,
}

impl Manifest {
    pub(super) fn new(taken_at: i64, stores: Vec<BackedUp>) -> Self {
        Self { format: FORMAT, taken_at, version: env!("CARGO_PKG_VERSION").to_owned(), stores }
    }

    pub(super) fn write(&self, backup: &Path) -> Result<(), BackupError> {
        let path = backup.join(FILE);
        let text = serde_json::to_vec_pretty(self).map_err(|error| BackupError::file(&path, error))?;
        let write = || {
            let mut file = File::create(&path)?;
            file.write_all(&text)?;
            file.sync_all()
        };
        write().map_err(|error: std::io::Error| BackupError::file(&path, error))
    }

    pub(super) fn read(backup: &Path) -> Result<Self, BackupError> {
        let wrong = |problem: String| BackupError::NoBackup { path: backup.to_owned(), problem };
        let text = std::fs::read(backup.join(FILE)).map_err(|error| wrong(format!("{FILE}: {error}")))?;
        let manifest: Self =
            serde_json::from_slice(&text).map_err(|error| wrong(format!("{FILE}: {error}")))?;
        if manifest.format > FORMAT {
            return Err(wrong(format!("it is of format {}, this hub knows up to {FORMAT}", manifest.format)));
        }
        let outside = |file: &str| Path::new(file).components().count() != 1 || file.starts_with('.');
        match manifest.stores.iter().find(|store| outside(&store.file)) {
            Some(store) => Err(wrong(format!("{:?} is not within it", store.file))),
            None => Ok(manifest),
        }
    }
}

/// A file's length and the hash of its contents.
pub(super) fn fingerprint(path: &Path) -> Result<(u64, String), BackupError> {
    let read = || {
        let mut file = File::open(path)?;
        let (mut hash, mut length, mut piece) = (Sha256::new(), 0, vec![0; 256 * 1024]);
        loop {
            let read = file.read(&mut piece)?;
            if read == 0 {
                return Ok((length, hex::encode(hash.finalize())));
            }
            hash.update(&piece[..read]);
            length += read as u64;
        }
    };
    read().map_err(|error: std::io::Error| BackupError::file(path, error))
}
