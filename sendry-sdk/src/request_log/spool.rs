//! The files that batches wait in.
//!
//! A file is named `<unix-ms>-<lines>-<batch-id>.jsonl.gz`, and while a process owns it `.<instance-id>` follows. Whoever finds
//! one that nobody owns, or whose owner has not touched it for [`OWNER_SILENT_MAX`], takes it by renaming it, so that one process
//! sends it and no more. The folder is that of the reports: of one app and environment, and readable by its owner only.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use uuid::Uuid;

/// How long a batch may wait, as reports do.
pub(super) const WAIT_MS_MAX: i64 = 3_600_000;

/// A living process touches its files once a minute, and more than twice as often as this also when its hub asks for the longest
/// interval.
pub(super) const OWNER_SILENT_MAX: Duration = Duration::from_secs(600);

const SUFFIX: &str = ".jsonl.gz";

/// Bytes of a batch that was cut off and is put right, after unpacking.
const REPAIR_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// A batch that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) batch_id: Uuid,
    pub(crate) file: PathBuf,
    /// When it was begun, in milliseconds of Unix time.
    pub(crate) begun_at_ms: i64,
    pub(crate) lines: u64,
}

impl Batch {
    /// The file's name while `owner` owns it, or once nobody does.
    pub(super) fn name(begun_at_ms: i64, lines: u64, batch_id: Uuid, owner: Option<Uuid>) -> String {
        let owner = owner.map(|owner| format!(".{owner}")).unwrap_or_default();
        format!("{begun_at_ms}-{lines}-{batch_id}{SUFFIX}{owner}")
    }

    pub(crate) fn is_expired(&self, now_ms: i64) -> bool {
        now_ms.saturating_sub(self.begun_at_ms) > WAIT_MS_MAX
    }

    /// Tells other processes that the owner lives.
    pub(super) fn touch(&self) -> io::Result<()> {
        File::options().append(true).open(&self.file)?.set_modified(SystemTime::now())
    }

    /// Renames the file to what its owner and lines are now.
    pub(super) fn rename(&mut self, owner: Option<Uuid>) -> io::Result<()> {
        let name = Self::name(self.begun_at_ms, self.lines, self.batch_id, owner);
        let file = self.file.with_file_name(name);
        fs::rename(&self.file, &file)?;
        self.file = file;
        Ok(())
    }
}

/// What was found in the folder.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) batches: Vec<Batch>,
    /// Lines in batches that were too old, and are deleted.
    pub(super) expired: u64,
}

/// Takes over what processes left that are no more, the oldest first.
pub(super) fn adopt(dir: &Path, now_ms: i64, owner: Uuid) -> Found {
    let mut found = Found::default();
    let Ok(entries) = fs::read_dir(dir) else { return found };
    let mut left: Vec<Batch> =
        entries.flatten().filter_map(|entry| left_behind(entry.path(), owner)).collect();
    left.sort_by_key(|batch| batch.begun_at_ms);
    for mut batch in left {
        if batch.is_expired(now_ms) {
            _ = fs::remove_file(&batch.file);
            found.expired += batch.lines;
        } else if batch.rename(Some(owner)).is_ok() && repair(&mut batch, owner).is_ok() {
            found.batches.push(batch);
        }
    }
    found
}

/// A batch that nobody owns who lives.
fn left_behind(file: PathBuf, own: Uuid) -> Option<Batch> {
    let (name, owner) = file.file_name()?.to_str()?.split_once(SUFFIX)?;
    if !owner.is_empty() {
        let owner: Uuid = owner.strip_prefix('.')?.parse().ok()?;
        let touched = fs::metadata(&file).ok()?.modified().ok()?;
        let is_silent = touched.elapsed().is_ok_and(|silent| silent > OWNER_SILENT_MAX);
        if owner == own || !is_silent {
            return None;
        }
    }
    let mut parts = name.splitn(3, '-');
    let begun_at_ms = parts.next()?.parse().ok()?;
    let lines = parts.next()?.parse().ok()?;
    let batch_id = parts.next()?.parse().ok()?;
    Some(Batch { batch_id, file, begun_at_ms, lines })
}

/// A file whose owner died while writing it has no lines in its name and no end. What can be read of it is written anew.
fn repair(batch: &mut Batch, owner: Uuid) -> io::Result<()> {
    if batch.lines > 0 {
        return Ok(());
    }
    let lines = readable_lines(&batch.file)?;
    if lines.len() < 2 {
        fs::remove_file(&batch.file)?;
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it holds no entry"));
    }
    let mut whole = GzEncoder::new(Vec::new(), Compression::fast());
    lines.iter().try_for_each(|line| whole.write_all(line))?;
    fs::write(&batch.file, whole.finish()?)?;
    batch.lines = lines.len() as u64 - 1;
    batch.rename(Some(owner))
}

/// The complete lines of a file that may be cut off.
fn readable_lines(file: &Path) -> io::Result<Vec<Vec<u8>>> {
    let unpacked = MultiGzDecoder::new(BufReader::new(File::open(file)?));
    let mut reader = BufReader::new(io::Read::take(unpacked, REPAIR_BYTES_MAX));
    let (mut lines, mut line) = (Vec::new(), Vec::new());
    while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) && line.ends_with(b"\n") {
        lines.push(std::mem::take(&mut line));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    fn leave(dir: &Path, age_ms: i64, lines: u64, owner: Option<Uuid>) -> PathBuf {
        let file = dir.join(Batch::name(NOW - age_ms, lines, Uuid::new_v4(), owner));
        fs::write(&file, "gzip").unwrap();
        file
    }

    fn silence(file: &Path) {
        let long_ago = SystemTime::now() - OWNER_SILENT_MAX - Duration::from_secs(1);
        File::options().append(true).open(file).unwrap().set_modified(long_ago).unwrap();
    }

    #[test]
    fn what_nobody_owns_is_taken_oldest_first_and_by_one_only() {
        let dir = tempfile::TempDir::new().unwrap();
        leave(dir.path(), 10, 3, None);
        leave(dir.path(), 20, 7, None);
        let found = adopt(dir.path(), NOW, Uuid::new_v4());
        assert_eq!(found.batches.iter().map(|batch| batch.lines).collect::<Vec<_>>(), [7, 3]);
        assert!(found.batches.iter().all(|batch| batch.file.exists()));
        assert!(adopt(dir.path(), NOW, Uuid::new_v4()).batches.is_empty());
    }

    #[test]
    fn what_a_living_process_owns_is_left_alone_until_it_falls_silent() {
        let dir = tempfile::TempDir::new().unwrap();
        let file = leave(dir.path(), 10, 3, Some(Uuid::new_v4()));
        assert!(adopt(dir.path(), NOW, Uuid::new_v4()).batches.is_empty());
        silence(&file);
        assert_eq!(adopt(dir.path(), NOW, Uuid::new_v4()).batches.len(), 1);
    }

    #[test]
    fn what_waited_for_more_than_an_hour_is_deleted_and_counted() {
        let dir = tempfile::TempDir::new().unwrap();
        leave(dir.path(), WAIT_MS_MAX, 3, None);
        let old = leave(dir.path(), WAIT_MS_MAX + 1, 5, None);
        let found = adopt(dir.path(), NOW, Uuid::new_v4());
        assert_eq!((found.batches.len(), found.expired, old.exists()), (1, 5, false));
    }

    #[test]
    fn a_file_that_was_cut_off_is_read_as_far_as_it_goes() {
        let dir = tempfile::TempDir::new().unwrap();
        let file = leave(dir.path(), 10, 0, Some(Uuid::new_v4()));
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(b"{\"head\":1}\n{\"a\":1}\n{\"a\":2}\n").unwrap();
        gzip.flush().unwrap();
        let mut cut = gzip.get_ref().clone();
        cut.extend_from_slice(b"\x04half");
        fs::write(&file, cut).unwrap();
        silence(&file);
        let found = adopt(dir.path(), NOW, Uuid::new_v4());
        assert_eq!(found.batches[0].lines, 2);
        assert_eq!(readable_lines(&found.batches[0].file).unwrap().len(), 3);
    }

    #[test]
    fn foreign_files_are_left_alone() {
        let dir = tempfile::TempDir::new().unwrap();
        for name in ["1-2-x.jsonl.gz", "notes.txt", ".jsonl.gz", "1-2-3.json.gz"] {
            fs::write(dir.path().join(name), "x").unwrap();
        }
        assert!(adopt(dir.path(), NOW, Uuid::new_v4()).batches.is_empty());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4);
    }
}
