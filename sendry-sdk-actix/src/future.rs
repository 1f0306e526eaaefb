//! The response of an application, whose body is watched where it has not ended already.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::Error;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use pin_project_lite::pin_project;
use sendry_sdk::track::ResponseHead;

use crate::body::TrackedBody;
use crate::pending::Pending;

pin_project! {
    /// The response of a [`crate::SendryService`].
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        // INVARIANT: stands before the application's future, so that it is dropped first: it reads the resources, which live
        // as long as the request that the future holds.
        pending: Option<Pending>,
        #[pin]
        inner: F,
    }
}

impl<F> ResponseFuture<F> {
    #[inline]
    pub(crate) fn new(inner: F, pending: Option<Pending>) -> Self {
        Self { pending, inner }
    }
}

impl<F, B> Future for ResponseFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Result<ServiceResponse<TrackedBody<B>>, Error>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(pending) = this.pending else {
            return this
                .inner
                .poll(cx)
                .map_ok(|response| response.map_body(|_, body| TrackedBody::new(body, None)));
        };
        let entered = pending.enter();
        let polled = this.inner.poll(cx);
        entered.leave();
        Poll::Ready(match ready!(polled) {
            Ok(response) => {
                let tracker = pending.respond(&response, &head_of(&response));
                Ok(response.map_body(|_, body| TrackedBody::new(body, tracker)))
            }
            Err(error) => {
                pending.fail(&error);
                Err(error)
            }
        })
    }
}

#[inline]
fn head_of<B: MessageBody>(response: &ServiceResponse<B>) -> ResponseHead<'_> {
    let status = response.status().as_u16();
    let length = match response.response().body().size() {
        BodySize::None => Some(0),
        BodySize::Sized(length) => Some(length),
        BodySize::Stream => None,
    };
    // Headers are looked at only where they matter: few responses are errors or of unknown length.
    let (is_error, may_be_endless) = (status >= 400, length.is_none());
    let header = |name: HeaderName| response.headers().get(name).map(HeaderValue::as_bytes);
    ResponseHead {
        status,
        content_type: if is_error || may_be_endless { header(header::CONTENT_TYPE) } else { None },
        content_encoding: if is_error { header(header::CONTENT_ENCODING) } else { None },
        length,
        is_empty: length == Some(0),
    }
}
