use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use crate::track::{RequestTracker, TrackedBody};

pin_project! {
    /// The response of a [`super::SendryService`].
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

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<TrackedBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(tracker) = this.tracker else {
            let result = ready!(this.inner.poll(cx));
            return Poll::Ready(result.map(|response| response.map(|body| TrackedBody::new(body, None))));
        };
        let result = ready!(tracker.poll(|| this.inner.poll(cx)));
        let tracker = match &result {
            Ok(response) => tracker.respond(response),
            Err(_) => {
                tracker.fail();
                None
            }
        };
        Poll::Ready(result.map(|response| response.map(|body| TrackedBody::new(body, tracker))))
    }
}
