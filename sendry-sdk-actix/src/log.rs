//! Where a request of actix-web meets the request log.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpMessage as _;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header::HeaderMap;
use actix_web::http::uri::PathAndQuery;
use bytes::Bytes;
use futures_core::Stream;
use sendry_sdk::request_log::BodyTap;
use sendry_sdk::track::RequestTracker;

/// Notes the request for the log, and has its body read along where bodies are logged.
#[cold]
pub(crate) fn log(tracker: &mut RequestTracker, request: &mut ServiceRequest) {
    let url = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    let peer = request.peer_addr().map(|address| address.ip());
    tracker.log_request(url, peer, texts(request.headers()));
    // There is nothing to read of a body that is not there.
    if matches!(request.parts().1, Payload::None) {
        return;
    }
    if let Some(tap) = tracker.tap_request_body() {
        let inner = request.take_payload();
        request.set_payload(Payload::Stream { payload: Box::pin(TappedPayload { inner, tap }) });
    }
}

/// Headers as texts. Their values may be any bytes.
pub(crate) fn texts(headers: &HeaderMap) -> impl Iterator<Item = (&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
}

/// A request's body, passed on bit for bit and read along.
struct TappedPayload {
    inner: Payload,
    tap: BodyTap,
}

impl Stream for TappedPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut self.inner).poll_next(cx);
        match &polled {
            Poll::Ready(Some(Ok(bytes))) => self.tap.data(bytes),
            Poll::Ready(None) => self.tap.end(),
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}
