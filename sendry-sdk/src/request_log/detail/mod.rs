//! What the application says while it serves one request: its log events and spans.
//!
//! [`RequestLogLayer`] hears them from `tracing` and notes them in the [`Detail`] of the request they belong to; when the request
//! has ended, its log takes them along. How a request is found: a span that began in a request belongs to it, wherever it is
//! entered later, so that spawned tasks and blocking threads are covered by `.instrument(…)`; what happens in no such span
//! belongs to the request that is being polled on the thread, if there is one.
//!
//! What is promised: nothing is noted of a request that is not logged; each request's share is bounded by the limits of the
//! protocol; what comes after its end belongs to nobody; values are masked where the line is written.

mod layer;
mod lines;
mod told;
mod visit;

pub use layer::{RequestLogLayer, layer};
pub(super) use lines::{Logs, Spans};
pub(crate) use told::Told;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::client::Client;

/// Whether there is a layer in this process, without which nothing would be noted.
static IS_HEARD: AtomicBool = AtomicBool::new(false);

/// The share of one request, in the hands of its tracker and of the spans that began in it.
#[derive(Debug)]
pub(crate) struct Detail {
    client: &'static Client,
    /// When the request arrived, by the monotonic clock.
    started: u64,
    /// None once the request has ended.
    told: Mutex<Option<Told>>,
}

impl Detail {
    /// The detail of a request that arrived at `started`. None where there is no layer to fill it.
    pub(crate) fn begin(client: &'static Client, started: u64) -> Option<Arc<Self>> {
        let begin = || Arc::new(Self { client, started, told: Mutex::new(Some(Told::default())) });
        IS_HEARD.load(Ordering::Relaxed).then(begin)
    }

    /// Takes what was told, at the request's end; none when nothing was. What comes later is not noted.
    pub(crate) fn end(&self) -> Option<Box<Told>> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        (!told.is_empty()).then(|| Box::new(told))
    }

    fn is_open(&self) -> bool {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Changes what was told, with the microseconds since the arrival. None when the request has ended.
    fn note<T>(&self, note: impl FnOnce(&mut Told, u64) -> T) -> Option<T> {
        let offset_us = self.client.timeline.monotonic_nanos().saturating_sub(self.started) / 1_000;
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.as_mut().map(|told| note(told, offset_us))
    }
}
