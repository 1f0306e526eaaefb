//! Where a request meets the request log. While that is off, a request costs one branch here.

use std::net::IpAddr;

use http::{HeaderMap, Request};

use super::{Context, Fault, ReadAlong, RequestTracker};
use crate::aggregate::Observation;
use crate::client::Client;
#[cfg(feature = "tracing")]
use crate::request_log::Detail;
use crate::request_log::{BodyTap, Capture, Ended};

/// What is noted of a request for the log; nothing while it is off.
#[derive(Debug, Default)]
pub(super) struct Log(Option<Box<Capture>>);

impl RequestTracker {
    /// Whether requests are logged, so that what follows is worth the work.
    #[inline]
    pub fn is_logged(&self) -> bool {
        self.client.request_logs.is_some()
    }

    /// Notes the request's head: its path and query as requested, and its headers. `peer` is the address of the connection,
    /// where the server tells it. Does nothing while requests are not logged.
    pub fn log_request<'a>(
        &mut self,
        url: &str,
        peer: Option<IpAddr>,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) {
        let Some(logger) = &self.client.request_logs else { return };
        self.log = Log(logger.begin(url, peer, headers));
        #[cfg(feature = "tracing")]
        if self.log.0.is_some() {
            self.context.detail = Detail::begin(self.client, self.started);
        }
    }

    /// The same, of a request of the crate `http`.
    #[inline]
    pub fn log_http_request<B>(&mut self, request: &Request<B>, peer: Option<IpAddr>) {
        if self.is_logged() {
            let url = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
            self.log_request(url, peer, texts(request.headers()));
        }
    }

    /// Hands out what reads the request's body along, where bodies like this one are logged.
    #[inline]
    pub fn tap_request_body(&mut self) -> Option<BodyTap> {
        self.log.0.as_mut()?.tap_request_body()
    }

    /// Notes the headers of the response. [`RequestTracker::respond`] does it by itself; call this before
    /// [`RequestTracker::respond_head`].
    #[inline]
    pub fn log_response<'a>(&mut self, headers: impl IntoIterator<Item = (&'a str, &'a [u8])>) {
        if let (Some(capture), Some(logger)) = (&mut self.log.0, &self.client.request_logs) {
            logger.respond(capture, headers);
        }
    }
}

impl Log {
    #[inline]
    pub(super) fn wants_response_body(&mut self) -> bool {
        self.0.as_mut().is_some_and(|capture| capture.response_body().is_some())
    }

    #[inline]
    pub(super) fn response_data(&mut self, data: &[u8]) {
        if let Some(body) = self.0.as_mut().and_then(|capture| capture.response_body()) {
            body.data(data);
        }
    }

    /// A part of the body passed that could not be looked at.
    #[cold]
    pub(super) fn response_unseen(&mut self) {
        if let Some(body) = self.0.as_mut().and_then(|capture| capture.response_body()) {
            body.give_up();
        }
    }

    #[inline]
    pub(super) fn response_ended(&mut self) {
        if let Some(body) = self.0.as_mut().and_then(|capture| capture.response_body()) {
            body.end();
        }
    }

    /// The request has ended.
    #[inline]
    pub(super) fn finish(
        &mut self,
        client: &Client,
        started: u64,
        observation: &Observation,
        context: &Context,
        read: Option<&ReadAlong>,
    ) {
        if let Some(capture) = self.0.take() {
            finish(client, capture, started, observation, context, read);
        }
    }
}

#[cold]
fn finish(
    client: &Client,
    capture: Box<Capture>,
    started: u64,
    observation: &Observation,
    context: &Context,
    read: Option<&ReadAlong>,
) {
    let Some(logger) = &client.request_logs else { return };
    let duration = observation.duration.or(observation.headers).unwrap_or_default();
    let ended = Ended {
        time_us: client.timeline.unix_nanos_at(started) / 1_000,
        duration_us: duration / 1_000,
        method: observation.method,
        path: observation.path,
        status: observation.status,
        request_bytes: observation.request_bytes,
        response_bytes: observation.response_bytes,
        consumer: context.consumer.clone(),
        fault: fault_of(observation, context, read).map(Box::new),
        #[cfg(feature = "tracing")]
        told: context.detail.as_ref().and_then(|detail| detail.end()),
    };
    logger.finish(client, capture, ended);
}

/// Why the server failed, where it did and that is known.
fn fault_of(observation: &Observation, context: &Context, read: Option<&ReadAlong>) -> Option<Fault> {
    if !observation.is_fault() {
        return None;
    }
    let told = context.failure.as_ref().and_then(|failure| failure.fault.clone());
    told.or_else(|| Some(Fault::untold(observation, read))).filter(|fault| *fault != Fault::default())
}

/// Headers as texts. Their values may be any bytes.
pub(super) fn texts(headers: &HeaderMap) -> impl Iterator<Item = (&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
}
