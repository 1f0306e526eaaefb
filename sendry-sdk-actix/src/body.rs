//! A response's body, whose end is noticed.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use pin_project_lite::pin_project;
use sendry_sdk::track::BodyTracker;

pin_project! {
    /// A response's body, passed on bit for bit, whose end is noticed.
    #[derive(Debug)]
    pub struct TrackedBody<B> {
        #[pin]
        inner: B,
        // Apart, because a response is moved several times on its way to the server, and few are watched.
        tracker: Option<Box<BodyTracker>>,
    }
}

impl<B> TrackedBody<B> {
    /// Watches `inner`, or only passes it on when there is nothing to watch.
    #[inline]
    pub(crate) fn new(inner: B, tracker: Option<BodyTracker>) -> Self {
        Self { inner, tracker: tracker.map(Box::new) }
    }
}

impl<B: MessageBody> MessageBody for TrackedBody<B> {
    type Error = B::Error;

    #[inline]
    fn size(&self) -> BodySize {
        self.inner.size()
    }

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, B::Error>>> {
        let this = self.project();
        let Some(tracker) = this.tracker else { return this.inner.poll_next(cx) };
        let polled = tracker.poll(|| this.inner.poll_next(cx));
        match &polled {
            Poll::Pending => {}
            Poll::Ready(None) => tracker.end(),
            Poll::Ready(Some(Err(_))) => tracker.fail(),
            Poll::Ready(Some(Ok(chunk))) => tracker.data(chunk),
        }
        polled
    }

    /// Middlewares and servers take a body whole where they can; one that is watched is polled instead.
    #[inline]
    fn try_into_bytes(self) -> Result<Bytes, Self> {
        if self.tracker.is_some() {
            return Err(self);
        }
        self.inner.try_into_bytes().map_err(|inner| Self { inner, tracker: None })
    }
}
