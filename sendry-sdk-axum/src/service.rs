//! The service around each route.

use std::net::SocketAddr;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, MatchedPath, Request};
use axum::response::Response;
use sendry_sdk::Sendry;
use sendry_sdk::track::{Entered, RequestTracker, TappedBody};
use tower_service::Service;

use crate::future::ResponseFuture;
use crate::routes::Opaque;

/// Counts the requests of the service inside; made by [`crate::SendryLayer`].
#[derive(Debug, Clone, Copy)]
pub struct SendryService<S> {
    sendry: Sendry,
    opaque: &'static [Opaque],
    inner: S,
}

impl<S> SendryService<S> {
    pub(crate) fn new(sendry: Sendry, opaque: &'static [Opaque], inner: S) -> Self {
        Self { sendry, opaque, inner }
    }

    fn start(&self, request: &Request) -> Option<RequestTracker> {
        let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        let path = matched.or_else(|| {
            let path = request.uri().path();
            self.opaque.iter().find(|opaque| opaque.covers(path)).map(Opaque::template)
        });
        RequestTracker::start(&self.sendry, request.method(), path, request.body().size_hint().exact())
    }
}

/// Notes the request for the log, and has its body read along where bodies are logged. In place, because most applications log
/// nothing and a request is large to move.
#[cold]
fn log(tracker: &mut RequestTracker, request: &mut Request) {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    tracker.log_http_request(request, peer);
    if let Some(tap) = tracker.tap_request_body() {
        let body = std::mem::take(request.body_mut());
        *request.body_mut() = Body::new(TappedBody::new(body, tap));
    }
}

impl<S> Service<Request> for SendryService<S>
where
    S: Service<Request, Response = Response>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    #[inline]
    fn call(&mut self, mut request: Request) -> Self::Future {
        let mut tracker = self.start(&request);
        if let Some(tracker) = tracker.as_mut().filter(|tracker| tracker.is_logged()) {
            log(tracker, &mut request);
        }
        let entered = tracker.as_mut().map(RequestTracker::enter);
        let inner = self.inner.call(request);
        entered.into_iter().for_each(Entered::leave);
        ResponseFuture::new(inner, tracker)
    }
}
