//! A request that has no response yet, and how its route is found.
//!
//! actix-web tells the matched resource with the response. A request that never gets one, because its client left, its
//! handler panicked or a middleware failed, takes the first resource whose path fits; only guards could have
//! chosen another. Keeping the request itself would be exact, but actix-web panics when a second handle on it exists.

use std::rc::Rc;

use actix_web::Error;
use actix_web::dev::{ResourceMap, ServiceResponse};
use actix_web::http::Uri;
use actix_web::http::uri::PathAndQuery;
use sendry_sdk::track::{BodyTracker, RequestTracker, ResponseHead};
use sendry_sdk::validation;

use crate::log::texts;
use crate::{fault, refusal};

/// Dropped without a response, it counts the request as aborted, or as panicked while it was polled.
#[derive(Debug)]
pub(crate) struct Pending {
    /// There until the request ends.
    tracker: Option<RequestTracker>,
    target: Option<PathAndQuery>,
    resources: Rc<ResourceMap>,
}

impl Pending {
    #[inline]
    pub(crate) fn new(tracker: RequestTracker, uri: &Uri, resources: Rc<ResourceMap>) -> Self {
        Self { tracker: Some(tracker), target: uri.path_and_query().cloned(), resources }
    }

    /// The tracker, where requests are logged.
    #[inline]
    pub(crate) fn logged(&mut self) -> Option<&mut RequestTracker> {
        self.tracker.as_mut().filter(|tracker| tracker.is_logged())
    }

    /// Runs what polls or calls the application.
    #[inline]
    pub(crate) fn poll<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        match &mut self.tracker {
            Some(tracker) => tracker.poll(poll),
            None => poll(),
        }
    }

    /// Ends with a response whose head is there. Returns what has to watch the body, when it has not ended already.
    #[inline]
    pub(crate) fn respond<B>(
        &mut self,
        response: &ServiceResponse<B>,
        head: &ResponseHead<'_>,
    ) -> Option<BodyTracker> {
        let mut tracker = self.tracker.take()?;
        tracker.set_path(response.request().match_pattern().as_deref());
        let status = response.status();
        if status.is_client_error()
            && let Some(error) = response.response().error()
        {
            let fields = refusal::fields_of(error);
            if !fields.is_empty() {
                tracker.poll(|| validation::report(fields));
            }
        }
        if status.is_server_error() {
            fault::explain(&mut tracker, response);
        }
        tracker.log_response(texts(response.headers()));
        tracker.respond_head(head)
    }

    /// Ends with an error that a middleware returned. actix-web makes it a response further out, so only its status is
    /// known: asking the error for its response could use that up.
    pub(crate) fn fail(&mut self, error: &Error) {
        self.guess_path();
        let Some(mut tracker) = self.tracker.take() else { return };
        let status = error.as_response_error().status_code();
        if status.is_server_error() {
            tracker.explain(|| fault::cause_of(error));
        }
        tracker.respond_status(status.as_u16());
    }

    #[cold]
    fn guess_path(&mut self) {
        let path = self.target.as_ref().map_or("/", PathAndQuery::path);
        if let Some(tracker) = &mut self.tracker {
            tracker.set_path(self.resources.match_pattern(path).as_deref());
        }
    }
}

impl Drop for Pending {
    #[inline]
    fn drop(&mut self) {
        if self.tracker.is_some() {
            self.guess_path();
        }
    }
}
