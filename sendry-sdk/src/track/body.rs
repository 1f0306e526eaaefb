//! A response whose body is on its way, and the body that is watched.

use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::ResponseHead;
use super::context::{Context, Scope};
use super::log::Log;
use crate::aggregate::{Observation, Outcome};
use crate::client::Client;
use crate::protocol::limits;
use crate::validation::{self, Found};

/// A response whose body is on its way. Dropping it ends the request: complete when all was sent, else aborted.
#[derive(Debug)]
pub struct BodyTracker {
    client: &'static Client,
    started: u64,
    observation: Observation,
    context: Context,
    length: Option<u64>,
    sent: u64,
    /// The body of an error, as far as it was sent.
    read_along: Option<Box<ReadAlong>>,
    log: Log,
    /// Whether the request is counted already, and its body watched for the log alone.
    recorded: bool,
    polling: bool,
    done: bool,
}

/// What the body of an error says.
#[derive(Debug)]
pub(crate) struct ReadAlong {
    pub(crate) content_type: Option<Vec<u8>>,
    pub(crate) body: Vec<u8>,
}

impl ReadAlong {
    /// The fields that a refusal complains of.
    pub(crate) fn field_errors(&self, status: u16) -> Found {
        validation::found_in(status, self.content_type.as_deref(), &self.body)
    }

    /// What the body says to a person: the text itself, or the telling field of a JSON object.
    pub(crate) fn message(&self) -> String {
        const TELLING: [&str; 5] = ["detail", "message", "error", "title", "description"];
        let kind = self.content_type.as_deref().unwrap_or_default().to_ascii_lowercase();
        let text = match serde_json::from_slice::<serde_json::Value>(&self.body) {
            Ok(json) => {
                TELLING.iter().find_map(|name| json.get(name)?.as_str()).unwrap_or_default().to_owned()
            }
            Err(_) if kind.starts_with(b"text/plain") => String::from_utf8_lossy(&self.body).into_owned(),
            Err(_) => String::new(),
        };
        text.trim().chars().take(limits::MESSAGE_CHARS_MAX).collect()
    }
}

impl BodyTracker {
    pub(super) fn new(
        client: &'static Client,
        started: u64,
        observation: Observation,
        head: &ResponseHead<'_>,
        context: Context,
        log: Log,
    ) -> Self {
        let read_along = head.is_read_along().then(|| {
            Box::new(ReadAlong { content_type: head.content_type.map(<[u8]>::to_vec), body: Vec::new() })
        });
        Self {
            client,
            started,
            observation,
            context,
            length: head.length,
            sent: 0,
            read_along,
            log,
            recorded: false,
            polling: false,
            done: false,
        }
    }

    /// The same for a request that is counted already.
    pub(super) fn recorded(mut self) -> Self {
        self.recorded = true;
        self
    }

    /// Runs what polls the body, so that a panic is told from a drop.
    #[inline]
    pub fn poll<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        self.polling = true;
        let scope = Scope::enter(self.client.number, &mut self.context);
        let polled = poll();
        drop(scope);
        self.polling = false;
        polled
    }

    /// Counts bytes that are sent. `bytes` are looked at only where the body explains an error.
    #[inline]
    pub fn data(&mut self, bytes: &[u8]) {
        self.sent = self.sent.saturating_add(bytes.len() as u64);
        self.log.response_data(bytes);
        if let Some(read) = &mut self.read_along {
            let room = usize::try_from(super::ERROR_BODY_BYTES_MAX)
                .unwrap_or(usize::MAX)
                .saturating_sub(read.body.len());
            read.body.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }

    /// The body was sent to its end.
    pub fn end(&mut self) {
        self.end_with(Outcome::Complete);
    }

    /// The body ended with an error.
    pub fn fail(&mut self) {
        self.end_with(Outcome::BodyError);
    }

    fn end_with(&mut self, outcome: Outcome) {
        if std::mem::replace(&mut self.done, true) {
            return;
        }
        if outcome == Outcome::Complete {
            self.log.response_ended();
        }
        if !self.recorded {
            self.record(outcome);
        }
        let read = self.read_along.as_deref();
        self.log.finish(self.client, self.started, &self.observation, &self.context, read);
    }

    fn record(&mut self, outcome: Outcome) {
        let ended = self.client.timeline.monotonic_nanos();
        self.observation.duration = Some(ended.saturating_sub(self.started));
        self.observation.outcome = outcome;
        self.observation.response_bytes = Some(self.sent);
        self.client.record_read(ended, &self.observation, &self.context, self.read_along.as_deref());
    }
}

impl Drop for BodyTracker {
    fn drop(&mut self) {
        match self.polling {
            true => self.end_with(Outcome::Panic),
            false if self.length == Some(self.sent) => self.end_with(Outcome::Complete),
            false => self.end_with(Outcome::Aborted),
        }
    }
}

pin_project! {
    /// A response's body, passed on bit for bit, whose end is noticed.
    #[derive(Debug)]
    pub struct TrackedBody<B> {
        #[pin]
        inner: B,
        tracker: Option<BodyTracker>,
    }
}

impl<B> TrackedBody<B> {
    /// Watches `inner`, or only passes it on when there is nothing to watch.
    pub fn new(inner: B, tracker: Option<BodyTracker>) -> Self {
        Self { inner, tracker }
    }
}

impl<B: Body> Body for TrackedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let Some(tracker) = this.tracker else { return this.inner.poll_frame(cx) };
        let polled = tracker.poll(|| this.inner.as_mut().poll_frame(cx));
        match &polled {
            Poll::Pending => {}
            Poll::Ready(None) => tracker.end(),
            Poll::Ready(Some(Err(_))) => tracker.fail(),
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    record_data(tracker, data);
                }
                if this.inner.is_end_stream() {
                    tracker.end();
                }
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Data comes in one piece, but for rare buffers, of which the first piece is read along and the rest counted.
fn record_data(tracker: &mut BodyTracker, data: &impl Buf) {
    let chunk = data.chunk();
    tracker.data(chunk);
    let unseen = data.remaining().saturating_sub(chunk.len());
    if unseen > 0 {
        tracker.sent = tracker.sent.saturating_add(unseen as u64);
        tracker.log.response_unseen();
    }
}
