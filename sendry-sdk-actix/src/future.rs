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
        let result = match this.pending {
            Some(pending) => ready!(pending.poll(|| this.inner.poll(cx))),
            None => ready!(this.inner.poll(cx)),
        };
        Poll::Ready(match (result, this.pending.take()) {
            (Ok(response), pending) => Ok(watch(pending, response)),
            (Err(error), Some(pending)) => {
                pending.fail(&error);
                Err(error)
            }
            (Err(error), None) => Err(error),
        })
    }
}

#[inline]
fn watch<B: MessageBody>(
    pending: Option<Pending>,
    response: ServiceResponse<B>,
) -> ServiceResponse<TrackedBody<B>> {
    let tracker = pending.and_then(|pending| pending.respond(&response, &head_of(&response)));
    response.map_body(|_, body| TrackedBody::new(body, tracker))
}

#[inline]
fn head_of<B: MessageBody>(response: &ServiceResponse<B>) -> ResponseHead<'_> {
    let status = response.status();
    let header = |name: HeaderName| response.headers().get(name).map(HeaderValue::as_bytes);
    let length = match response.response().body().size() {
        BodySize::None => Some(0),
        BodySize::Sized(length) => Some(length),
        BodySize::Stream => None,
    };
    ResponseHead {
        status: status.as_u16(),
        content_type: header(header::CONTENT_TYPE),
        // Looked at for errors only, which are few.
        content_encoding: if status.as_u16() >= 400 { header(header::CONTENT_ENCODING) } else { None },
        length,
        is_empty: length == Some(0),
    }
}
