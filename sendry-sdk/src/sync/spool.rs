//! The spool: reports that the hub did not take, as files for the next process, however this one ends.
//!
//! A file is named `<unix-ms>-<requests>-<report-id>.json.gz` and holds the bytes to send. The folder belongs to one app and
//! environment and is readable by its owner only. Two processes that find the same file both send it; the hub counts it once.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::outbox::{Frozen, OUTBOX_BYTES_MAX, RETRY_WINDOW_NANOS};

const SUFFIX: &str = ".json.gz";

/// A spooled report and when it was frozen, in milliseconds of Unix time.
pub(super) struct Spooled {
    pub(super) frozen_at_ms: i64,
    pub(super) report: Frozen,
}

/// Leaves a report for the next process, and says where. It is there whole or not at all.
pub(super) fn leave(dir: &Path, frozen_at_ms: i64, report: &Frozen) -> io::Result<PathBuf> {
    create_private(dir)?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(&report.body)?;
    let path = dir.join(format!("{frozen_at_ms}-{}-{}{SUFFIX}", report.requests, report.report_id));
    file.persist(&path)?;
    Ok(path)
}

/// Reads what earlier processes left within the retry window before `now_ms`, oldest first; deletes what is older. The
/// second answer is how many requests were in what is too old.
pub(super) fn collect(dir: &Path, now_ms: i64) -> (Vec<Spooled>, u64) {
    // What others can write may not be ours.
    let is_ours = fs::symlink_metadata(dir).is_ok_and(|dir| dir.is_dir() && is_private(&dir));
    let Some(entries) = fs::read_dir(dir).ok().filter(|_| is_ours) else { return (Vec::new(), 0) };
    let mut names: Vec<_> = entries.flatten().filter_map(|entry| Name::parse(entry.path())).collect();
    names.sort_by_key(|name| name.frozen_at_ms);
    let (mut reports, mut expired, mut bytes) = (Vec::new(), 0, 0);
    for name in names {
        if now_ms.saturating_sub(name.frozen_at_ms) > (RETRY_WINDOW_NANOS / 1_000_000) as i64 {
            _ = fs::remove_file(&name.file);
            expired += name.requests;
        } else if let Ok(body) = fs::read(&name.file) {
            bytes += body.len();
            if bytes > OUTBOX_BYTES_MAX / 2 {
                break;
            }
            reports.push(name.into_spooled(body));
        }
    }
    (reports, expired)
}

struct Name {
    file: PathBuf,
    frozen_at_ms: i64,
    requests: u64,
    report_id: Uuid,
}

impl Name {
    fn parse(file: PathBuf) -> Option<Self> {
        let name = file.file_name()?.to_str()?.strip_suffix(SUFFIX)?;
        let mut parts = name.splitn(3, '-');
        let frozen_at_ms = parts.next()?.parse().ok()?;
        let requests = parts.next()?.parse().ok()?;
        let report_id = parts.next()?.parse().ok()?;
        Some(Self { frozen_at_ms, requests, report_id, file })
    }

    fn into_spooled(self, body: Vec<u8>) -> Spooled {
        let report = Frozen {
            report_id: self.report_id,
            body: body.into(),
            frozen_at: 0,
            requests: self.requests,
            losses: Vec::new(),
            spooled: Some(self.file),
        };
        Spooled { frozen_at_ms: self.frozen_at_ms, report }
    }
}

/// Makes a folder that only its owner can read, or says that it is open to others.
#[cfg(unix)]
pub(crate) fn create_private(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    if !is_private(&fs::symlink_metadata(dir)?) {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the spool directory is open to other users",
        ));
    }
    Ok(())
}

#[cfg(unix)]
fn is_private(dir: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    dir.permissions().mode() & 0o077 == 0
}

#[cfg(not(unix))]
fn is_private(_dir: &fs::Metadata) -> bool {
    true
}

/// Makes a folder.
#[cfg(not(unix))]
pub(crate) fn create_private(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)
}
