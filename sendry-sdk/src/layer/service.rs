use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll};

use http::{Extensions, Method, Request, Response, Uri};
use http_body::Body;
use tower_service::Service;

use super::ResponseFuture;
use crate::Sendry;
use crate::protocol::LossReason;
use crate::track::{RequestTracker, TrackedBody};

/// What a route function sees of a request.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RequestHead<'a> {
    /// The method.
    pub method: &'a Method,
    /// The URI as requested.
    pub uri: &'a Uri,
    /// What the framework and outer layers put there, such as the matched route.
    pub extensions: &'a Extensions,
}

/// Counts the requests of the service inside; made by [`super::SendryLayer`].
#[derive(Debug, Clone, Copy)]
pub struct SendryService<S, R> {
    sendry: Sendry,
    route: R,
    inner: S,
}

impl<S, R> SendryService<S, R> {
    pub(crate) fn new(sendry: Sendry, route: R, inner: S) -> Self {
        Self { sendry, route, inner }
    }

    /// Asks the application's function. Its panic is counted and costs the request its route, nothing else.
    fn route_of<'a>(&self, head: RequestHead<'a>) -> Option<&'a str>
    where
        R: for<'b> Fn(RequestHead<'b>) -> Option<&'b str>,
    {
        catch_unwind(AssertUnwindSafe(|| (self.route)(head))).unwrap_or_else(|_panic| {
            self.sendry.client.losses.record(LossReason::CallbackPanicked, 1);
            None
        })
    }
}

impl<S, R, I, O> Service<Request<I>> for SendryService<S, R>
where
    S: Service<Request<I>, Response = Response<O>>,
    R: for<'a> Fn(RequestHead<'a>) -> Option<&'a str>,
    I: Body,
    O: Body,
{
    type Response = Response<TrackedBody<O>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<I>) -> Self::Future {
        let head =
            RequestHead { method: request.method(), uri: request.uri(), extensions: request.extensions() };
        let length = request.body().size_hint().exact();
        let mut tracker = RequestTracker::start(&self.sendry, head.method, self.route_of(head), length);
        if let Some(tracker) = &mut tracker {
            tracker.log_http_request(&request, None);
        }
        let future = match &mut tracker {
            Some(tracker) => tracker.poll(|| self.inner.call(request)),
            None => self.inner.call(request),
        };
        ResponseFuture::new(future, tracker)
    }
}
