//! The request's body, read along for the request log.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::request_log::BodyTap;

pin_project! {
    /// A request's body, passed on bit for bit and read along for the request log.
    #[derive(Debug)]
    pub struct TappedBody<B> {
        #[pin]
        inner: B,
        tap: BodyTap,
    }
}

impl<B> TappedBody<B> {
    /// Reads `inner` along.
    pub fn new(inner: B, tap: BodyTap) -> Self {
        Self { inner, tap }
    }

    /// The body, no longer read along.
    pub(crate) fn into_inner(self) -> B {
        self.inner
    }
}

impl<B: Body> Body for TappedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let polled = this.inner.as_mut().poll_frame(cx);
        match &polled {
            Poll::Pending | Poll::Ready(Some(Err(_))) => {}
            Poll::Ready(None) => this.tap.end(),
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    show(this.tap, data);
                }
                if this.inner.is_end_stream() {
                    this.tap.end();
                }
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Data comes in one piece, but for rare buffers, which are not copied.
fn show(tap: &BodyTap, data: &impl Buf) {
    let chunk = data.chunk();
    match chunk.len() == data.remaining() {
        true => tap.data(chunk),
        false => tap.give_up(),
    }
}
