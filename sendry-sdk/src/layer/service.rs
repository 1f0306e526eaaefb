use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll};

use http::{Extensions, Method, Request, Response, Uri};
use http_body::Body;
use tower_service::Service;

use super::{RequestBodies, ResponseFuture, Untouched};
use crate::Sendry;
use crate::protocol::LossReason;
use crate::track::{RequestTracker, TappedBody, TrackedBody};

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
pub struct SendryService<S, R, W = Untouched> {
    sendry: Sendry,
    route: R,
    bodies: W,
    peer: Option<Peer>,
    inner: S,
}

/// Tells the address of a request's connection.
pub(super) type Peer = fn(RequestHead<'_>) -> Option<IpAddr>;

impl<S, R, W> SendryService<S, R, W> {
    pub(super) fn new(sendry: Sendry, route: R, bodies: W, peer: Option<Peer>, inner: S) -> Self {
        Self { sendry, route, bodies, peer, inner }
    }

    /// Notes the request for the log, and has its body read along where that is wanted and possible.
    #[cold]
    fn log<B>(&self, tracker: &mut RequestTracker, request: Request<B>) -> Request<B>
    where
        W: RequestBodies<B>,
    {
        tracker.log_http_request(&request, self.peer_of(head_of(&request)));
        let tap = if W::ARE_READ { tracker.tap_request_body() } else { None };
        match tap {
            // A panic of the application's function is one of its service: the body is gone with it.
            Some(tap) => tracker.poll(|| request.map(|body| self.bodies.wrap(TappedBody::new(body, tap)))),
            None => request,
        }
    }

    /// Asks the application's function, as [`Self::route_of`] does.
    fn peer_of(&self, head: RequestHead<'_>) -> Option<IpAddr> {
        let peer = self.peer?;
        catch_unwind(AssertUnwindSafe(|| peer(head))).unwrap_or_else(|_panic| {
            self.sendry.client.losses.record(LossReason::CallbackPanicked, 1);
            None
        })
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

fn head_of<B>(request: &Request<B>) -> RequestHead<'_> {
    RequestHead { method: request.method(), uri: request.uri(), extensions: request.extensions() }
}

impl<S, R, W, I, O> Service<Request<I>> for SendryService<S, R, W>
where
    W: RequestBodies<I>,
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

    fn call(&mut self, mut request: Request<I>) -> Self::Future {
        let head = head_of(&request);
        let length = request.body().size_hint().exact();
        let mut tracker = RequestTracker::start(&self.sendry, head.method, self.route_of(head), length);
        if let Some(tracker) = tracker.as_mut().filter(|tracker| tracker.is_logged()) {
            request = self.log(tracker, request);
        }
        let future = match &mut tracker {
            Some(tracker) => tracker.poll(|| self.inner.call(request)),
            None => self.inner.call(request),
        };
        ResponseFuture::new(future, tracker)
    }
}
