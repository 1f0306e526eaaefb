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
use sendry_sdk::track::{BodyTracker, Entered, RequestTracker, ResponseHead};

use crate::log::texts;
use crate::{fault, refusal};

/// Dropped without a response, it counts the request as aborted, or as panicked while it was polled.
#[derive(Debug)]
pub(crate) struct Pending {
    tracker: RequestTracker,
    target: Option<PathAndQuery>,
    resources: Rc<ResourceMap>,
}

impl Pending {
    #[inline]
    pub(crate) fn new(tracker: RequestTracker, uri: &Uri, resources: Rc<ResourceMap>) -> Self {
        Self { tracker, target: uri.path_and_query().cloned(), resources }
    }

    /// The tracker, where requests are logged.
    #[inline]
    pub(crate) fn logged(&mut self) -> Option<&mut RequestTracker> {
        Some(&mut self.tracker).filter(|tracker| tracker.is_logged())
    }

    /// Begins a call or a poll of the application.
    #[inline]
    pub(crate) fn enter(&mut self) -> Entered<'_> {
        self.tracker.enter()
    }

    /// Ends with a response whose head is there. Returns what has to watch the body, when it has not ended already.
    #[inline]
    pub(crate) fn respond<B>(
        &mut self,
        response: &ServiceResponse<B>,
        head: &ResponseHead<'_>,
    ) -> Option<BodyTracker> {
        let tracker = &mut self.tracker;
        tracker.set_path(response.request().match_pattern().as_deref());
        if head.status >= 400 {
            explain(tracker, response);
        }
        tracker.log_response(texts(response.headers()));
        tracker.respond_head(head)
    }

    /// Ends with an error that a middleware returned. actix-web makes it a response further out, so only its status is
    /// known: asking the error for its response could use that up.
    pub(crate) fn fail(&mut self, error: &Error) {
        self.guess_path();
        let status = error.as_response_error().status_code();
        if status.is_server_error() {
            self.tracker.explain(|| fault::cause_of(error));
        }
        self.tracker.respond_status(status.as_u16());
    }

    #[cold]
    fn guess_path(&mut self) {
        let path = self.target.as_ref().map_or("/", PathAndQuery::path);
        self.tracker.set_path(self.resources.match_pattern(path).as_deref());
    }
}

impl Drop for Pending {
    #[inline]
    fn drop(&mut self) {
        if !self.tracker.has_ended() {
            self.guess_path();
        }
    }
}

/// Says why a request was refused or failed, as far as its response tells.
#[cold]
fn explain<B>(tracker: &mut RequestTracker, response: &ServiceResponse<B>) {
    let status = response.status();
    if status.is_client_error()
        && let Some(error) = response.response().error()
    {
        tracker.add_validation_errors(refusal::fields_of(error));
    }
    if status.is_server_error() {
        fault::explain(tracker, response);
    }
}
