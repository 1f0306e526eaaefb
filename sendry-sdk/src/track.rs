//! One request, from its arrival to the end of its response: for the layer of this crate and for framework integrations.
//!
//! What is measured, and when it ends:
//!
//! - A request begins when the middleware is called. Its *duration* ends with the response's body: its last byte, its being
//!   dropped, or its error. The *time to headers* ends when the response's head is there.
//! - A body of known length up to [`HANDED_OVER_BYTES_MAX`] ends when it is handed to the server, which sends it with the
//!   head; so do bodies that are never sent (`HEAD`, 204, 304).
//! - Upgrades and `text/event-stream` are counted when their head is there and have no duration: they last as long as somebody
//!   listens.
//! - A request whose future is dropped before there is a response was aborted by the client and counts as 499; one whose
//!   handler panics counts as 500, and the panic goes on as before.
//! - A request belongs to the minute in which it ended.

use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{HeaderMap, Method, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::aggregate::{MethodId, Observation, Outcome, PathId};
use crate::client::Client;

/// Bodies of known length up to this many bytes count as sent when they are handed to the server: it writes them together
/// with the head, and watching them would cost an allocation a request.
pub const HANDED_OVER_BYTES_MAX: u64 = 16 * 1024;

/// The status of a request whose client went away before there was a response.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// A request that has no response yet. Dropping it counts the request as aborted, or as panicked while it was polled.
#[derive(Debug)]
pub struct RequestTracker {
    client: &'static Client,
    started: u64,
    path: PathId,
    method: MethodId,
    request_bytes: Option<u64>,
    polling: bool,
    done: bool,
}

impl RequestTracker {
    /// Begins a request to the route `path`, or to none. `request_bytes` is the length of its body, where it is known.
    ///
    /// Returns nothing when the request is not to be counted: the client is disabled, the method is `OPTIONS` and those are
    /// not counted, or an outer layer of the same client counts it already.
    #[inline]
    pub fn start(
        sendry: &crate::Sendry,
        method: &Method,
        path: Option<&str>,
        request_bytes: Option<u64>,
    ) -> Option<Self> {
        let client = sendry.client;
        let method = MethodId::of(method);
        if !client.enabled || (method == MethodId::OPTIONS && !client.count_options) {
            return None;
        }
        if ACTIVE.get() == client.number {
            client.warn_of_second_layer();
            return None;
        }
        let started = client.timeline.monotonic_nanos();
        let path = path.map_or(PathId::UNMATCHED, |path| client.path_id(path));
        Some(Self { client, started, path, method, request_bytes, polling: false, done: false })
    }

    /// Runs what polls or calls the inner service, so that a panic is told from a drop and inner layers of the same client
    /// see that the request is counted.
    #[inline]
    pub fn poll<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        let _active = Active(ACTIVE.replace(self.client.number));
        self.polling = true;
        let polled = poll();
        self.polling = false;
        polled
    }

    /// Ends with a response whose head is there. Returns what has to watch the body, when it has not ended already.
    #[inline]
    pub fn respond<B: Body>(mut self, response: &http::Response<B>) -> Option<BodyTracker> {
        self.done = true;
        let headers = self.elapsed();
        let status = response.status();
        if self.path == PathId::UNMATCHED && status.is_success() {
            self.client.notice_success_without_route();
        }
        let mut observation = self.observation(status.as_u16(), Outcome::Complete);
        observation.headers = Some(headers);
        if has_no_end(self.method, status, response.headers()) {
            self.record(&observation, headers);
            return None;
        }
        let length = response.body().size_hint().exact();
        let sent = if is_never_sent(self.method, status) { Some(0) } else { length };
        if sent.is_some_and(|bytes| bytes <= HANDED_OVER_BYTES_MAX) || response.body().is_end_stream() {
            observation.duration = Some(headers);
            observation.response_bytes = sent.or(Some(0));
            self.record(&observation, headers);
            return None;
        }
        Some(BodyTracker {
            client: self.client,
            started: self.started,
            observation,
            length,
            sent: 0,
            polling: false,
            done: false,
        })
    }

    /// Ends without a response, because the inner service failed: the server answers 500 or closes the connection.
    pub fn fail(mut self) {
        self.done = true;
        self.record_without_response(500, Outcome::BodyError);
    }

    fn elapsed(&self) -> u64 {
        self.client.timeline.monotonic_nanos().saturating_sub(self.started)
    }

    fn observation(&self, status: u16, outcome: Outcome) -> Observation {
        Observation {
            path: self.path,
            method: self.method,
            status,
            outcome,
            duration: None,
            headers: None,
            request_bytes: self.request_bytes,
            response_bytes: None,
        }
    }

    fn record(&self, observation: &Observation, elapsed: u64) {
        self.client.record(self.started.saturating_add(elapsed), observation);
    }

    fn record_without_response(&self, status: u16, outcome: Outcome) {
        let elapsed = self.elapsed();
        self.record(&Observation { duration: Some(elapsed), ..self.observation(status, outcome) }, elapsed);
    }
}

impl Drop for RequestTracker {
    fn drop(&mut self) {
        match (self.done, self.polling) {
            (true, _) => {}
            (false, true) => self.record_without_response(500, Outcome::Panic),
            (false, false) => self.record_without_response(CLIENT_CLOSED_REQUEST, Outcome::Aborted),
        }
    }
}

/// A response whose body is on its way. Dropping it ends the request: complete when all was sent, else aborted.
#[derive(Debug)]
pub struct BodyTracker {
    client: &'static Client,
    started: u64,
    observation: Observation,
    length: Option<u64>,
    sent: u64,
    polling: bool,
    done: bool,
}

impl BodyTracker {
    fn end(&mut self, outcome: Outcome) {
        if std::mem::replace(&mut self.done, true) {
            return;
        }
        let ended = self.client.timeline.monotonic_nanos();
        self.observation.duration = Some(ended.saturating_sub(self.started));
        self.observation.outcome = outcome;
        self.observation.response_bytes = Some(self.sent);
        self.client.record(ended, &self.observation);
    }
}

impl Drop for BodyTracker {
    fn drop(&mut self) {
        let outcome = match self.polling {
            true => Outcome::Panic,
            false if self.length == Some(self.sent) => Outcome::Complete,
            false => Outcome::Aborted,
        };
        self.end(outcome);
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
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let Some(tracker) = this.tracker else { return this.inner.poll_frame(cx) };
        tracker.polling = true;
        let polled = this.inner.as_mut().poll_frame(cx);
        tracker.polling = false;
        match &polled {
            Poll::Pending => {}
            Poll::Ready(None) => tracker.end(Outcome::Complete),
            Poll::Ready(Some(Err(_))) => tracker.end(Outcome::BodyError),
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, bytes::Buf::remaining);
                tracker.sent = tracker.sent.saturating_add(bytes as u64);
                if this.inner.is_end_stream() {
                    tracker.end(Outcome::Complete);
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

thread_local! {
    /// The number of the client that counts the request being polled on this thread; 0 for none.
    static ACTIVE: Cell<u32> = const { Cell::new(0) };
}

/// Restores the outer request's client, also when a panic passes through.
struct Active(u32);

impl Drop for Active {
    #[inline]
    fn drop(&mut self) {
        ACTIVE.set(self.0);
    }
}

/// Whether the response lasts as long as somebody listens: an upgrade, a tunnel, an event stream.
fn has_no_end(method: MethodId, status: StatusCode, headers: &HeaderMap) -> bool {
    const EVENT_STREAM: &[u8] = b"text/event-stream";
    status == StatusCode::SWITCHING_PROTOCOLS
        || (method == MethodId::CONNECT && status.is_success())
        || headers.get(header::CONTENT_TYPE).is_some_and(|kind| {
            kind.as_bytes().get(..EVENT_STREAM.len()).is_some_and(|b| b.eq_ignore_ascii_case(EVENT_STREAM))
        })
}

/// Whether HTTP forbids the server to send the body.
fn is_never_sent(method: MethodId, status: StatusCode) -> bool {
    method == MethodId::HEAD || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}
