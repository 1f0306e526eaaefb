//! The request before it has a response: begun, answered, or dropped.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;

use http::Method;
use http_body::Body;

use super::body::BodyTracker;
use super::cause::ErrorCause;
use super::context::{self, Context, Scope};
use super::head::End;
use super::log::{self, Log};
use super::{CLIENT_CLOSED_REQUEST, ResponseHead};
use crate::Sendry;
use crate::aggregate::{MethodId, Observation, Outcome, PathId};
use crate::client::Client;
use crate::protocol::LossReason;
use crate::validation::FieldError;

/// A request that has no response yet. Dropping it counts the request as aborted, or as panicked while it was polled. Once it has
/// ended, nothing of it is counted again.
#[derive(Debug)]
pub struct RequestTracker {
    pub(super) client: &'static Client,
    pub(super) started: u64,
    path: PathId,
    method: MethodId,
    request_bytes: Option<u64>,
    pub(super) context: Context,
    pub(super) log: Log,
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
        sendry: &Sendry,
        method: &Method,
        path: Option<&str>,
        request_bytes: Option<u64>,
    ) -> Option<Self> {
        Self::start_method(sendry.client, MethodId::of(method), path, request_bytes)
    }

    /// The same, with the method's name in upper case, for frameworks with types of their own.
    #[inline]
    pub fn start_named(
        sendry: &Sendry,
        method: &str,
        path: Option<&str>,
        request_bytes: Option<u64>,
    ) -> Option<Self> {
        Self::start_method(sendry.client, MethodId::named(method), path, request_bytes)
    }

    #[inline]
    fn start_method(
        client: &'static Client,
        method: MethodId,
        path: Option<&str>,
        request_bytes: Option<u64>,
    ) -> Option<Self> {
        if !client.counting.load(Ordering::Relaxed) || (method == MethodId::OPTIONS && !client.count_options)
        {
            return None;
        }
        if context::is_active_for(client.number) {
            client.warn_of_second_layer();
            return None;
        }
        let started = client.timeline.monotonic_nanos();
        let path = path.map_or(PathId::UNMATCHED, |path| client.path_id(path));
        let (context, log) = (Context::default(), Log::default());
        Some(Self { client, started, path, method, request_bytes, context, log, polling: false, done: false })
    }

    /// Names the route, for frameworks that know it only later.
    #[inline]
    pub fn set_path(&mut self, path: Option<&str>) {
        self.path = path.map_or(PathId::UNMATCHED, |path| self.client.path_id(path));
    }

    /// Whether the request has ended, so that nothing of it is counted any more.
    #[inline]
    pub fn has_ended(&self) -> bool {
        self.done
    }

    /// Runs what polls or calls the inner service, with the request's context on this thread, so that a panic is told from a
    /// drop and inner layers of the same client see that the request is counted.
    #[inline]
    pub fn poll<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        let entered = self.enter();
        let polled = poll();
        entered.leave();
        polled
    }

    /// Puts the request's context on this thread until [`Entered::leave`]: [`Self::poll`] for services whose requests and responses
    /// are too large to pass through a closure at no cost.
    #[inline]
    pub fn enter(&mut self) -> Entered<'_> {
        self.polling = true;
        Entered { _scope: Scope::enter(self.client.number, &mut self.context), polling: &mut self.polling }
    }

    /// Says why the server failed, instead of what the handler said; for frameworks with responses of their own. Shown with a 5xx.
    #[cold]
    pub fn set_cause(&mut self, cause: ErrorCause) {
        self.context.failure.get_or_insert_default().fault = Some(cause.0);
    }

    /// The same, unless the handler said more. A panic of `cause`, which reads the application's error, is caught and counted.
    #[cold]
    pub fn explain(&mut self, cause: impl FnOnce() -> ErrorCause) {
        if self.context.failure.as_ref().is_some_and(|failure| failure.fault.is_some()) {
            return;
        }
        match catch_unwind(AssertUnwindSafe(cause)) {
            Ok(cause) => self.set_cause(cause),
            Err(_panic) => self.client.losses.record(LossReason::CallbackPanicked, 1),
        }
    }

    /// Adds fields that failed validation, as [`crate::validation::report`] does, where the framework knows them.
    #[cold]
    pub fn add_validation_errors(&mut self, fields: Vec<FieldError>) {
        if !fields.is_empty() {
            self.context.failure.get_or_insert_default().add_fields(fields);
        }
    }

    /// Ends with a response whose head is there. Returns what has to watch the body, when it has not ended already.
    #[inline]
    pub fn respond<B: Body>(&mut self, response: &http::Response<B>) -> Option<BodyTracker> {
        if response.status().is_server_error()
            && let Some(cause) = response.extensions().get::<ErrorCause>()
        {
            self.set_cause(cause.clone());
        }
        self.log_response(log::texts(response.headers()));
        self.answer(&ResponseHead::of(response))
    }

    /// The same, for frameworks with types of their own.
    #[inline]
    pub fn respond_head(&mut self, head: &ResponseHead<'_>) -> Option<BodyTracker> {
        self.answer(head)
    }

    #[inline]
    fn answer(&mut self, head: &ResponseHead<'_>) -> Option<BodyTracker> {
        if std::mem::replace(&mut self.done, true) {
            return None;
        }
        let elapsed = self.elapsed();
        if self.path == PathId::UNMATCHED && (200..300).contains(&head.status) {
            self.client.notice_success_without_route();
        }
        let mut observation = self.observation(head.status, Outcome::Complete);
        observation.headers = Some(elapsed);
        match head.end(self.method) {
            End::Now { timed, bytes } => {
                observation.duration = timed.then_some(elapsed);
                observation.response_bytes = bytes;
                self.record(&observation, elapsed);
                if bytes.is_some_and(|bytes| bytes > 0) && self.log.wants_response_body() {
                    return Some(self.track_body(observation, head).recorded());
                }
                self.finish_log(&observation);
                None
            }
            End::Body => Some(self.track_body(observation, head)),
        }
    }

    /// Ends with a response of which only the status is known, because it is made further out.
    pub fn respond_status(&mut self, status: u16) {
        if std::mem::replace(&mut self.done, true) {
            return;
        }
        let elapsed = self.elapsed();
        let observation = self.observation(status, Outcome::Complete);
        let observation = Observation { headers: Some(elapsed), duration: Some(elapsed), ..observation };
        self.record(&observation, elapsed);
        self.finish_log(&observation);
    }

    /// Ends without a response, because the inner service failed: the server answers 500 or closes the connection.
    pub fn fail(&mut self) {
        if std::mem::replace(&mut self.done, true) {
            return;
        }
        self.record_without_response(500, Outcome::BodyError);
    }

    fn track_body(&mut self, observation: Observation, head: &ResponseHead<'_>) -> BodyTracker {
        let (context, log) = (std::mem::take(&mut self.context), std::mem::take(&mut self.log));
        BodyTracker::new(self.client, self.started, observation, head, context, log)
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
        self.client.record(self.started.saturating_add(elapsed), observation, &self.context);
    }

    fn record_without_response(&mut self, status: u16, outcome: Outcome) {
        let elapsed = self.elapsed();
        let observation = Observation { duration: Some(elapsed), ..self.observation(status, outcome) };
        self.record(&observation, elapsed);
        self.finish_log(&observation);
    }

    #[inline]
    fn finish_log(&mut self, observation: &Observation) {
        self.log.finish(self.client, self.started, observation, &self.context, None);
    }
}

/// A request whose context is on this thread; made by [`RequestTracker::enter`]. Dropped by a panic, it leaves a request that
/// panicked.
#[derive(Debug)]
#[must_use = "a request whose context is not taken off the thread again counts as panicked"]
pub struct Entered<'a> {
    _scope: Scope<'a>,
    polling: &'a mut bool,
}

impl Entered<'_> {
    /// Takes the context off the thread again.
    #[inline]
    pub fn leave(self) {
        *self.polling = false;
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
