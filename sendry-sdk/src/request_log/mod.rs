//! Request logs: single requests with their headers, and bodies where that is switched on. Off unless
//! [`crate::Builder::request_logs`] says otherwise.
//!
//! The way of an entry: the request's thread copies texts (`capture`) and, when the request has ended and sampling keeps it,
//! puts the copy into a bounded queue. A thread of the client masks it and writes a line into a gzip file (`writer`); files are
//! closed at 1 MB and before every sync, sent by the sync thread, and deleted when the hub has them.
//!
//! What is promised: a request waits for none of this; memory ([`RequestLogs::waiting_bytes_max`] and what is under way) and
//! disk (50 files of 1 MB) are bounded; whatever is dropped is counted; metrics do not depend on any of it.

mod body;
mod capture;
mod client_address;
mod config;
#[cfg(feature = "tracing")]
mod detail;
mod exclude;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod header_lines;
mod line;
mod mask;
mod queue;
mod sample;
mod spool;
mod traceparent;
mod writer;

pub use capture::BodyTap;
pub use config::RequestLogs;
#[cfg(feature = "tracing")]
#[cfg_attr(docsrs, doc(cfg(feature = "tracing")))]
pub use detail::{RequestLogLayer, layer};
pub use mask::MASKED;
pub use traceparent::TraceParent;

pub(crate) use capture::{Capture, Ended};
pub(crate) use config::Settings;
#[cfg(feature = "tracing")]
pub(crate) use detail::Detail;
pub(crate) use spool::Batch;
pub(crate) use writer::{Writer, discard};

use std::net::IpAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use uuid::Uuid;

use crate::client::Client;
use crate::protocol::LossReason;
use body::BodyRules;
use queue::Queue;
use sample::Sampler;

/// How often the writer looks for entries while there are any. The queue holds many times what comes in between.
const POLL: Duration = Duration::from_millis(50);

/// Looks without an entry after which the writer sleeps until it is woken.
const IDLE_POLLS_MAX: u32 = 40;

/// The request log of a client.
pub(crate) struct RequestLogger {
    bodies: BodyRules,
    sampler: Sampler,
    queue: Queue,
    writer: Mutex<Writer>,
    closed: AtomicBool,
}

impl RequestLogger {
    pub(crate) fn new(settings: &Settings, dir: &Path, instance_id: Uuid, env: &str) -> Self {
        let (lines, exclusions) = (settings.line_writer(), settings.exclusions());
        let writer = Writer::new(lines, exclusions, dir.to_owned(), instance_id, env.to_owned());
        Self {
            bodies: settings.body_rules(),
            sampler: Sampler::new(settings.sampling()),
            queue: Queue::new(settings.waiting_bytes_max()),
            writer: Mutex::new(writer),
            closed: AtomicBool::new(false),
        }
    }

    /// Notes a request's head. None once the client was shut down.
    pub(crate) fn begin<'a>(
        &self,
        url: &str,
        peer: Option<IpAddr>,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Option<Box<Capture>> {
        if self.closed.load(Ordering::Relaxed) {
            return None;
        }
        let mut capture = Box::new(Capture::new(url, peer));
        capture.set_request_headers(headers, &self.bodies);
        Some(capture)
    }

    /// Notes a response's head.
    pub(crate) fn respond<'a>(
        &self,
        capture: &mut Capture,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) {
        capture.set_response_headers(headers, &self.bodies);
    }

    /// The request has ended: its entry goes to the writer, when sampling keeps it and there is room.
    pub(crate) fn finish(&self, client: &Client, mut capture: Box<Capture>, ended: Ended) {
        if !self.sampler.keeps(&ended) {
            return;
        }
        capture.ended = Some(ended);
        if !self.queue.put(capture) {
            client.losses.record(LossReason::RequestLogsDropped, 1);
        }
    }

    /// Writes what waits and makes it ready to be sent. None while the writer is busy, with a slow disk for instance.
    pub(crate) fn try_write<T>(&self, client: &Client, then: impl FnOnce(&mut Writer) -> T) -> Option<T> {
        let mut writer = match self.writer.try_lock() {
            Ok(writer) => writer,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        writer.drain(client, &self.queue);
        Some(then(&mut writer))
    }

    /// Takes no more requests.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the writer's thread. Without one the sync thread writes, at every sync.
pub(crate) fn spawn(client: &'static Client) {
    let Some(logger) = &client.request_logs else { return };
    let run = move || run(client, logger);
    match std::thread::Builder::new().name("sendry-logs".to_owned()).spawn(run) {
        Ok(thread) => logger.queue.set_writer(thread.thread().clone()),
        Err(error) => tracing::error!(%error, "Sendry cannot start the thread of its request log"),
    }
}

fn run(client: &Client, logger: &RequestLogger) {
    let mut idle_polls = 0;
    while !logger.closed.load(Ordering::Relaxed) {
        let written = logger.lock().drain(client, &logger.queue);
        idle_polls = if written > 0 { 0 } else { idle_polls + 1 };
        if idle_polls < IDLE_POLLS_MAX {
            std::thread::park_timeout(POLL);
        } else {
            logger.lock().flush(client);
            logger.queue.sleep();
        }
    }
}
