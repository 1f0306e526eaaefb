//! The writer: turns entries into lines, and lines into gzip files of batches.
//!
//! It stands behind a lock that two threads take: its own, many times a second while there is traffic, and the sync thread, when
//! it is about to send. So it never runs twice at a time, and requests never wait for it.
//!
//! INVARIANT: an entry that comes in ends in a file, is excluded, or is counted as lost. An error of the disk ends here.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::mem;
use std::path::PathBuf;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use hashbrown::HashMap;
use uuid::Uuid;

use super::capture::Capture;
use super::exclude::Exclusions;
use super::line::{self, LineWriter};
use super::queue::Queue;
use super::spool::{self, Batch};
use crate::aggregate::PathId;
use crate::client::Client;
use crate::protocol::{LossReason, RequestLogBatchHead, VERSION};
use crate::sync::create_private;

/// Bytes of a file at which it is closed.
pub(super) const FILE_BYTES_MAX: u64 = 1_000_000;

/// Bytes of a batch before compression at which it is closed: half of what a hub unpacks. Lines that repeat pack so well that a
/// file of 1 MB could hold more.
const UNPACKED_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Files that wait at the most; the oldest goes first.
pub(super) const FILES_MAX: usize = 50;

/// A third of the work of the default level for nine tenths of its effect.
const GZIP_LEVEL: u32 = 1;

/// Lines are packed when there are so many bytes of them: the encoder takes many at once for less than one by one.
const PACK_BYTES: usize = 32 * 1024;

/// What is handed to the system at once.
const BUFFER_BYTES: usize = 64 * 1024;

/// How much of the log dies with a process that is killed.
const FLUSH_NANOS: u64 = 5_000_000_000;

/// How long a disk that failed is left alone.
const DISK_RETRY_NANOS: u64 = 60_000_000_000;

/// How often files are marked as those of a living process.
const TOUCH_NANOS: u64 = 60_000_000_000;

pub(crate) struct Writer {
    lines: LineWriter,
    exclusions: Exclusions,
    dir: PathBuf,
    instance_id: Uuid,
    env: String,
    open: Option<OpenBatch>,
    ready: VecDeque<Batch>,
    sequence: u64,
    /// Until when nothing is written, because the disk failed.
    broken_until: u64,
    complained: bool,
    touched_at: u64,
    /// The routes met so far, by their number.
    templates: HashMap<PathId, Template>,
    /// Emptied again and again, kept for their memory.
    #[expect(clippy::vec_box, reason = "as they wait in the queue")]
    entries: Vec<Box<Capture>>,
    /// The last lines of the open file, not packed yet.
    ///
    /// INVARIANT: empty while no file is open, but for the line that opens one.
    unpacked: Vec<u8>,
}

/// A route's template, and whether its requests are logged.
#[derive(Clone)]
struct Template {
    path: Arc<str>,
    left_out: bool,
}

struct OpenBatch {
    batch: Batch,
    gzip: GzEncoder<CountedFile>,
    unpacked_bytes: u64,
    flushed_at: u64,
}

impl Writer {
    pub(super) fn new(
        lines: LineWriter,
        exclusions: Exclusions,
        dir: PathBuf,
        instance_id: Uuid,
        env: String,
    ) -> Self {
        Self {
            lines,
            exclusions,
            dir,
            instance_id,
            env,
            open: None,
            ready: VecDeque::new(),
            sequence: 0,
            broken_until: 0,
            complained: false,
            touched_at: 0,
            templates: HashMap::new(),
            entries: Vec::new(),
            unpacked: Vec::new(),
        }
    }

    /// Writes everything that waits. Returns how many entries that were.
    pub(super) fn drain(&mut self, client: &Client, queue: &Queue) -> usize {
        let mut entries = mem::take(&mut self.entries);
        queue.take(&mut entries);
        let (count, now) = (entries.len(), client.timeline.monotonic_nanos());
        for mut capture in entries.drain(..) {
            self.log(client, &mut capture, now);
        }
        self.entries = entries;
        self.flush_if_due(client);
        count
    }

    fn log(&mut self, client: &Client, capture: &mut Capture, now: u64) {
        let Some(ended) = capture.ended.take() else { return };
        let Template { path, left_out } = self.template(client, ended.path);
        if left_out || self.exclusions.leave_out(capture) {
            return;
        }
        if self.broken_until > now {
            return client.losses.record(LossReason::RequestLogsDropped, 1);
        }
        if capture.was_cut {
            client.losses.record(LossReason::TextCut, 1);
        }
        let begin = self.unpacked.len();
        if self.lines.write(capture, &ended, &path, &mut self.unpacked).is_err() {
            self.unpacked.truncate(begin);
            return client.losses.record(LossReason::RequestLogsDropped, 1);
        }
        if self.exclusions.asks() && self.is_unwanted(client, begin) {
            return self.unpacked.truncate(begin);
        }
        if let Err(error) = self.take_line(client, begin) {
            // A file that could not be begun does not count the line.
            let uncounted = u64::from(self.open.is_none());
            self.lose_open(client, uncounted, &error);
        }
    }

    /// As many are remembered as [`crate::aggregate::Paths`] gives out numbers.
    fn template(&mut self, client: &Client, path: PathId) -> Template {
        let template = self.templates.entry(path).or_insert_with(|| {
            let path = client.paths.path_of(path);
            Template { left_out: self.exclusions.paths.match_any(&path), path: path.into() }
        });
        template.clone()
    }

    /// Asks the application's function. When that panics the entry is dropped: what it would have said is not known.
    fn is_unwanted(&self, client: &Client, begin: usize) -> bool {
        let Some(log) = line::read(&self.unpacked[begin..]) else { return false };
        self.exclusions.ask(&log).unwrap_or_else(|_panic| {
            client.losses.record(LossReason::CallbackPanicked, 1);
            client.losses.record(LossReason::RequestLogsDropped, 1);
            true
        })
    }

    /// Makes the line that begins at `begin` one of the open file's, and packs lines when there are enough.
    fn take_line(&mut self, client: &Client, begin: usize) -> io::Result<()> {
        let line_bytes = self.unpacked.len() - begin;
        let open = match &mut self.open {
            Some(open) => open,
            None => {
                let open = self.begin(client)?;
                self.open.insert(open)
            }
        };
        open.batch.lines += 1;
        open.unpacked_bytes += line_bytes as u64;
        if self.unpacked.len() >= PACK_BYTES {
            open.gzip.write_all(&self.unpacked)?;
            self.unpacked.clear();
        }
        if open.gzip.get_ref().bytes >= FILE_BYTES_MAX || open.unpacked_bytes >= UNPACKED_BYTES_MAX {
            self.close(client)?;
            client.notice_request_logs();
        }
        Ok(())
    }

    fn begin(&mut self, client: &Client) -> io::Result<OpenBatch> {
        create_private(&self.dir)?;
        let (batch_id, begun_at_ms) = (Uuid::new_v4(), client.timeline.now_ms());
        let file = self.dir.join(Batch::name(begun_at_ms, 0, batch_id, Some(self.instance_id)));
        let counted =
            CountedFile { file: BufWriter::with_capacity(BUFFER_BYTES, File::create_new(&file)?), bytes: 0 };
        let mut gzip = GzEncoder::new(counted, Compression::new(GZIP_LEVEL));
        let head = RequestLogBatchHead {
            version: VERSION,
            batch_id,
            instance_id: self.instance_id,
            sequence: self.sequence,
            env: self.env.clone(),
        };
        serde_json::to_writer(&mut gzip, &head)?;
        gzip.write_all(b"\n")?;
        self.sequence += 1;
        let batch = Batch { batch_id, file, begun_at_ms, lines: 0 };
        Ok(OpenBatch { batch, gzip, unpacked_bytes: 0, flushed_at: client.timeline.monotonic_nanos() })
    }

    /// Closes the open file; it waits to be sent from now on.
    fn close(&mut self, client: &Client) -> io::Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        open.gzip.write_all(&self.unpacked)?;
        self.unpacked.clear();
        open.gzip.try_finish()?;
        open.gzip.get_mut().flush()?;
        open.batch.rename(Some(self.instance_id))?;
        if let Some(open) = self.open.take() {
            self.keep(client, open.batch);
        }
        if mem::take(&mut self.complained) {
            tracing::info!("Sendry writes request logs again");
        }
        Ok(())
    }

    fn keep(&mut self, client: &Client, batch: Batch) {
        self.ready.push_back(batch);
        while self.ready.len() > FILES_MAX {
            if let Some(oldest) = self.ready.pop_front() {
                discard(client, &oldest);
            }
        }
    }

    fn flush_if_due(&mut self, client: &Client) {
        let now = client.timeline.monotonic_nanos();
        if self.open.as_ref().is_some_and(|open| now.saturating_sub(open.flushed_at) >= FLUSH_NANOS) {
            self.flush(client);
        }
    }

    /// Hands what was written to the system, which keeps it when the process dies.
    pub(super) fn flush(&mut self, client: &Client) {
        let Some(open) = &mut self.open else { return };
        open.flushed_at = client.timeline.monotonic_nanos();
        let flushed = open.gzip.write_all(&self.unpacked).and_then(|()| open.gzip.flush());
        self.unpacked.clear();
        if let Err(error) = flushed {
            self.lose_open(client, 0, &error);
        }
    }

    /// The disk is full or gone: what the open file holds is lost, and the disk is left alone for a while.
    fn lose_open(&mut self, client: &Client, further: u64, error: &io::Error) {
        let mut lost = further;
        self.unpacked.clear();
        if let Some(open) = self.open.take() {
            lost += open.batch.lines;
            _ = fs::remove_file(&open.batch.file);
        }
        client.losses.record(LossReason::RequestLogsDropped, lost);
        self.broken_until = client.timeline.monotonic_nanos().saturating_add(DISK_RETRY_NANOS);
        if !mem::replace(&mut self.complained, true) {
            tracing::error!(%error, dir = %self.dir.display(), lost, "Sendry cannot write request logs; they are dropped and counted until it can");
        }
    }

    /// Closes the open file and takes out what is too old, for the sync thread to send the rest.
    pub(crate) fn make_ready(&mut self, client: &Client) {
        if let Err(error) = self.close(client) {
            self.lose_open(client, 0, &error);
        }
        let now_ms = client.timeline.now_ms();
        while self.ready.front().is_some_and(|batch| batch.is_expired(now_ms)) {
            if let Some(expired) = self.ready.pop_front() {
                discard(client, &expired);
            }
        }
        self.touch(client.timeline.monotonic_nanos());
    }

    fn touch(&mut self, now: u64) {
        if now.saturating_sub(self.touched_at) >= TOUCH_NANOS {
            self.touched_at = now;
            // One that cannot be touched may be taken by another process, which then sends it.
            self.ready.iter().for_each(|batch| _ = batch.touch());
        }
    }

    /// The batch to send next.
    pub(crate) fn oldest(&self) -> Option<&Batch> {
        self.ready.front()
    }

    /// Forgets a batch that the hub has, or never will.
    pub(crate) fn settle(&mut self, batch_id: Uuid) -> Option<Batch> {
        let at = self.ready.iter().position(|batch| batch.batch_id == batch_id)?;
        let batch = self.ready.remove(at)?;
        _ = fs::remove_file(&batch.file);
        Some(batch)
    }

    /// Takes over what earlier processes left.
    pub(crate) fn adopt(&mut self, client: &Client) {
        let found = spool::adopt(&self.dir, client.timeline.now_ms(), self.instance_id);
        client.losses.record(LossReason::RequestLogsDropped, found.expired);
        // They are older than what this process wrote.
        let own = mem::take(&mut self.ready);
        found.batches.into_iter().chain(own).for_each(|batch| self.keep(client, batch));
    }

    /// Leaves everything to the next process.
    pub(crate) fn leave(&mut self, client: &Client) {
        self.make_ready(client);
        for batch in &mut self.ready {
            if batch.rename(None).is_err() {
                discard(client, batch);
            }
        }
        self.ready.clear();
    }
}

/// Deletes a batch that is not sent, and counts what is lost with it.
pub(crate) fn discard(client: &Client, batch: &Batch) {
    client.losses.record(LossReason::RequestLogsDropped, batch.lines);
    _ = fs::remove_file(&batch.file);
}

/// A file that knows how much was written. Buffered, because the encoder hands on a few bytes after every line.
struct CountedFile {
    file: BufWriter<File>,
    bytes: u64,
}

impl Write for CountedFile {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let written = self.file.write(data)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
