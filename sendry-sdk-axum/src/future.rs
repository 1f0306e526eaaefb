//! The response of a route, whose body is watched where it has not ended already.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::Response;
use pin_project_lite::pin_project;
use sendry_sdk::track::{BodyTracker, RequestTracker, TrackedBody};

pin_project! {
    /// The response of a [`crate::SendryService`].
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        tracker: Option<RequestTracker>,
    }
}

impl<F> ResponseFuture<F> {
    #[inline]
    pub(crate) fn new(inner: F, tracker: Option<RequestTracker>) -> Self {
        Self { inner, tracker }
    }
}

impl<F, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = Result<Response, E>;

    /// The response stays where the inner service put it: it is large to move.
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(tracker) = this.tracker else { return this.inner.poll(cx) };
        let entered = tracker.enter();
        let mut polled = this.inner.poll(cx);
        entered.leave();
        match &mut polled {
            Poll::Pending => {}
            Poll::Ready(Err(_)) => tracker.fail(),
            Poll::Ready(Ok(response)) => {
                if let Some(tracker) = tracker.respond(response) {
                    watch(tracker, response);
                }
            }
        }
        polled
    }
}

/// Wraps the body, where there is something left to watch: the box costs an allocation.
#[cold]
fn watch(tracker: BodyTracker, response: &mut Response) {
    let body = std::mem::take(response.body_mut());
    *response.body_mut() = Body::new(TrackedBody::new(body, Some(tracker)));
}
