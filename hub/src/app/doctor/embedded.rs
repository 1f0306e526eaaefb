//! The data directory and the files in it.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::super::backends::Backends;
use super::super::files::EmbeddedFiles;
use super::super::roles::Roles;
use super::{Examination, schema};
use crate::config::Config;
use crate::system::disk_state;
use crate::{queue, sqlite, store};

/// Room below which a disk is nearly full, and below which the hub will fail soon.
const FREE_FEW: u64 = 2 * 1024 * 1024 * 1024;
const FREE_NONE: u64 = 100 * 1024 * 1024;

pub(super) async fn examine(backends: &Backends, config: &Config) -> Vec<Examination> {
    let files = EmbeddedFiles::needed(backends, Roles::ALL, config);
    if files.paths().is_empty() {
        return vec![Examination::ok("data directory", "nothing is embedded, so none is needed")];
    }
    let mut found = vec![directory(&config.storage.data_dir)];
    found.extend(files.paths().first().map(|(_, path)| disk(path)));
    for (name, path) in files.paths() {
        found.push(file(name, path).await);
    }
    found
}

fn directory(path: &Path) -> Examination {
    const NAME: &str = "data directory";
    let shown = path.display();
    let Ok(directory) = std::fs::metadata(path) else {
        return match path.ancestors().find(|above| above.exists()) {
            Some(above) if rustix::fs::access(above, rustix::fs::Access::WRITE_OK).is_err() => {
                let detail =
                    format!("{shown} is not there, and this user may not make it in {}", above.display());
                Examination::fail(
                    NAME,
                    detail,
                    "make it, for the hub's user alone, or set storage.data_dir (SENDRY_DATA_DIR)",
                )
            }
            _ => Examination::ok(NAME, format!("{shown} is not there yet; the first start makes it")),
        };
    };
    if !directory.is_dir() {
        let advice = "set storage.data_dir (SENDRY_DATA_DIR) to a directory";
        return Examination::fail(NAME, format!("{shown} is a file"), advice);
    }
    if rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_err() {
        let detail = format!("{shown} cannot be written; it belongs to the user {}", directory.uid());
        return Examination::fail(
            NAME,
            detail,
            "run this as the hub's user, or give the directory to that user",
        );
    }
    let mode = directory.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let detail = format!(
            "{shown} can be read by others (mode {mode:o}); it holds hashes of secrets and request logs"
        );
        return Examination::warn(NAME, detail, format!("chmod 700 {shown}"));
    }
    Examination::ok(NAME, format!("{shown} belongs to the hub alone"))
}

fn disk(file: &Path) -> Examination {
    let Some(disk) = disk_state(file) else {
        return Examination::ok("disk", "not there yet");
    };
    room(disk.free_bytes, disk.total_bytes)
}

fn room(free_bytes: u64, total_bytes: u64) -> Examination {
    const NAME: &str = "disk";
    let mib = free_bytes / (1024 * 1024);
    let detail = format!("{mib} MiB of {} MiB are free", total_bytes / (1024 * 1024));
    let advice = "free room, move storage.data_dir to a larger disk, or shorten retention";
    match free_bytes {
        free if free < FREE_NONE => Examination::fail(NAME, detail, advice),
        free if free < FREE_FEW => Examination::warn(NAME, detail, advice),
        _ => Examination::ok(NAME, detail),
    }
}

async fn file(store: &'static str, path: &Path) -> Examination {
    let known = match store {
        "queue" => queue::sqlite::SCHEMA,
        "traffic" => store::traffic::sqlite::SCHEMA,
        _ => store::metadata::sqlite::SCHEMA,
    };
    match sqlite::schema_of(path).await {
        Ok(found) => schema(store, found.and_then(|found| usize::try_from(found).ok()).unwrap_or(0), known),
        Err(error) => Examination::fail(
            store,
            format!("{} cannot be read: {error}", path.display()),
            "check its permissions; if it is damaged, put a backup back with `sendry-hub restore`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn a_disk_is_nearly_full_before_it_is_full() {
        let level = |free| room(free, FREE_FEW * 10).level;
        assert_eq!((level(FREE_FEW), level(FREE_FEW - 1)), (Level::Ok, Level::Warn));
        assert_eq!((level(FREE_NONE), level(FREE_NONE - 1)), (Level::Warn, Level::Fail));
        let full = room(0, FREE_FEW);
        assert_eq!(full.detail, "0 MiB of 2048 MiB are free");
        assert!(full.advice.unwrap().contains("storage.data_dir"));
    }
}
