//! What a tracker needs to know of a response, in no framework's words.

use http::header;
use http_body::Body;

use super::{ERROR_BODY_BYTES_MAX, HANDED_OVER_BYTES_MAX};
use crate::aggregate::MethodId;

/// The head of a response.
#[derive(Debug, Clone, Copy, Default)]
pub struct ResponseHead<'a> {
    /// The status.
    pub status: u16,
    /// The header `content-type`; it matters for errors and for bodies of unknown length.
    pub content_type: Option<&'a [u8]>,
    /// The header `content-encoding`; it matters for errors.
    pub content_encoding: Option<&'a [u8]>,
    /// The exact length of the body, where it is known before it is sent.
    pub length: Option<u64>,
    /// Whether the body is known to be empty.
    pub is_empty: bool,
}

/// When a request ends, seen from its response's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With the head: nothing follows, or nothing that has an end. Whether it has a duration, and the bytes that follow.
    Now { timed: bool, bytes: Option<u64> },
    /// With the body.
    Body,
}

impl<'a> ResponseHead<'a> {
    #[inline]
    pub(super) fn of<B: Body>(response: &'a http::Response<B>) -> Self {
        let status = response.status().as_u16();
        let length = response.body().size_hint().exact();
        let header = |name| response.headers().get(name).map(http::HeaderValue::as_bytes);
        // Headers are looked at only where they matter: a look-up costs as much as half of all the rest.
        let (is_error, may_be_endless) = (is_error(status), length.is_none());
        Self {
            status,
            content_type: if is_error || may_be_endless { header(header::CONTENT_TYPE) } else { None },
            content_encoding: if is_error { header(header::CONTENT_ENCODING) } else { None },
            length,
            is_empty: length == Some(0) || response.body().is_end_stream(),
        }
    }

    #[inline]
    pub(super) fn end(&self, method: MethodId) -> End {
        if self.has_no_end(method) {
            return End::Now { timed: false, bytes: None };
        }
        if method == MethodId::HEAD || matches!(self.status, 204 | 304) || self.is_empty {
            return End::Now { timed: true, bytes: Some(0) };
        }
        match self.length {
            Some(length) if length <= HANDED_OVER_BYTES_MAX && !self.is_read_along() => {
                End::Now { timed: true, bytes: Some(length) }
            }
            _ => End::Body,
        }
    }

    /// Whether the body tells what is wrong: small, of known length, and not compressed.
    #[inline]
    pub(super) fn is_read_along(&self) -> bool {
        is_error(self.status)
            && self.content_encoding.is_none_or(|encoding| encoding.eq_ignore_ascii_case(b"identity"))
            && self.length.is_some_and(|length| length <= ERROR_BODY_BYTES_MAX)
    }

    /// Whether the response lasts as long as somebody listens: an upgrade, a tunnel, an event stream.
    #[inline]
    fn has_no_end(&self, method: MethodId) -> bool {
        const EVENT_STREAM: &[u8] = b"text/event-stream";
        let starts_as_event_stream = |kind: &[u8]| {
            kind.get(..EVENT_STREAM.len()).is_some_and(|start| start.eq_ignore_ascii_case(EVENT_STREAM))
        };
        self.status == 101
            || (method == MethodId::CONNECT && (200..300).contains(&self.status))
            || self.content_type.is_some_and(starts_as_event_stream)
    }
}

/// Whether what failed is worth a look into the body: failed validation, or the server's own fault.
#[inline]
fn is_error(status: u16) -> bool {
    matches!(status, 400 | 422 | 500..=599)
}
