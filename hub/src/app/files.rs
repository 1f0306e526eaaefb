//! The files of embedded stores: their directory, and the locks that keep a second hub off them.
//!
//! SQLite lets any number of processes write one file. The hub does not: its worker and its running numbers expect to be alone
//! with their queue. So a serving hub holds a lock beside each of its files, wherever they are; the command line takes none.

use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::AppError;
use super::backends::Backends;
use super::roles::{Roles, Seam};
use crate::config::{Config, ConfigError};

/// The files of the stores that are embedded, by the name of the store.
#[derive(Debug, Clone)]
pub struct EmbeddedFiles {
    data_dir: PathBuf,
    paths: Vec<(&'static str, PathBuf)>,
}

impl EmbeddedFiles {
    /// All that a configuration names.
    pub fn of(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self::needed(&Backends::of(config)?, Roles::ALL, config))
    }

    /// Those that the roles work on.
    pub(super) fn needed(backends: &Backends, roles: Roles, config: &Config) -> Self {
        let seams = [(Seam::Queue, "queue"), (Seam::Traffic, "traffic"), (Seam::Metadata, "metadata")];
        let needed = seams.into_iter().filter(|(seam, _)| roles.need(*seam));
        let paths = needed.filter_map(|(seam, name)| Some((name, backends.file(seam)?.to_owned()))).collect();
        Self { data_dir: config.storage.data_dir.clone(), paths }
    }

    pub fn paths(&self) -> &[(&'static str, PathBuf)] {
        &self.paths
    }

    /// Makes sure that they belong to this process for as long as the answer is kept.
    pub fn lock(&self) -> Result<Vec<File>, AppError> {
        if !self.paths.is_empty() {
            create_data_dir(&self.data_dir)?;
        }
        self.paths.iter().map(|(_, path)| lock(path)).collect()
    }
}

/// Creates the directory for its owner alone, where it is missing.
pub(super) fn create_data_dir(path: &Path) -> Result<(), ConfigError> {
    let created = DirBuilder::new().recursive(true).mode(0o700).create(path);
    created.map_err(|error| data_dir_error(path, &error))
}

/// Takes the lock of one file.
pub(super) fn lock(database: &Path) -> Result<File, AppError> {
    let path = lock_path(database);
    let directory = path.parent().unwrap_or(Path::new(".")).to_owned();
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| data_dir_error(&directory, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(AppError::Locked { path: database.to_owned() }),
        Err(TryLockError::Error(error)) => Err(data_dir_error(&directory, &error).into()),
    }
}

/// Beside the file itself, also when the configured path is a link to it.
fn lock_path(database: &Path) -> PathBuf {
    let mut path = database.canonicalize().unwrap_or_else(|_| database.to_owned()).into_os_string();
    path.push(".lock");
    PathBuf::from(path)
}

fn data_dir_error(path: &Path, error: &std::io::Error) -> ConfigError {
    ConfigError::DataDir { path: path.to_owned(), problem: error.to_string() }
}
