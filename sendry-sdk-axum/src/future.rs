//! The response of a route, whose body is watched where it has not ended already.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::response::Response;
use pin_project_lite::pin_project;
use sendry_sdk::track::{RequestTracker, TrackedBody};

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
    pub(crate) fn new(inner: F, tracker: Option<RequestTracker>) -> Self {
        Self { inner, tracker }
    }
}

impl<F, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = Result<Response, E>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(tracker) = this.tracker else { return this.inner.poll(cx) };
        let result = ready!(tracker.poll(|| this.inner.poll(cx)));
        let Some(tracker) = this.tracker.take() else { return Poll::Ready(result) };
        Poll::Ready(match result {
            Ok(response) => Ok(watch(tracker, response)),
            Err(error) => {
                tracker.fail();
                Err(error)
            }
        })
    }
}

/// Wraps the body only where there is something left to watch: the box costs an allocation.
#[inline]
fn watch(tracker: RequestTracker, response: Response) -> Response {
    match tracker.respond(&response) {
        None => response,
        Some(tracker) => response.map(|body| Body::new(TrackedBody::new(body, Some(tracker)))),
    }
}
