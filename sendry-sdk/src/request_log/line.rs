//! From an entry to its line: masked, and written as JSON without building a [`RequestLog`] first.
//!
//! INVARIANT: a line is what `serde_json` would write of the same [`RequestLog`]; a test compares them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::net::IpAddr;

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::TraceParent;
use super::body::{BodyCopy, Form, Missing};
use super::capture::{Capture, Ended, HeaderLines};
use super::client_address::TrustedProxies;
#[cfg(feature = "tracing")]
use super::detail::{Logs, Spans};
use super::mask::{self, MASKED, Names};
use crate::protocol::{Consumer, RequestLog};
use crate::track::{Fault, SEPARATOR};

/// Which parts of a request are written.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Parts {
    pub(super) request_headers: bool,
    pub(super) response_headers: bool,
    pub(super) query: bool,
    /// Whether the client's address is, and who may tell it besides the connection.
    pub(super) client_address: Option<TrustedProxies>,
}

/// What is masked.
#[derive(Debug)]
pub(super) struct Masks {
    pub(super) headers: Names,
    pub(super) query: Names,
    pub(super) fields: Names,
}

/// Writes lines.
#[derive(Debug)]
pub(super) struct LineWriter {
    pub(super) parts: Parts,
    pub(super) masks: Masks,
    /// For ids: seeded by the system, so that no two processes make the same.
    random: RefCell<fastrand::Rng>,
}

impl LineWriter {
    pub(super) fn new(parts: Parts, masks: Masks) -> Self {
        let random = RefCell::new(fastrand::Rng::with_seed(Uuid::new_v4().as_u64_pair().0));
        Self { parts, masks, random }
    }

    /// Appends the line of an entry, its newline included, to `out`.
    pub(super) fn write(
        &self,
        capture: &mut Capture,
        ended: &Ended,
        path: &str,
        out: &mut Vec<u8>,
    ) -> serde_json::Result<()> {
        let (request_body, response_body) = (capture.request_body.take(), capture.response_body.take());
        #[cfg(feature = "tracing")]
        let told = ended.told.as_deref();
        let trace = capture.request_headers.first("traceparent").and_then(TraceParent::parse);
        let line = Line {
            id: self.id(ended.time_us),
            time_us: ended.time_us,
            method: ended.method.as_str(),
            path,
            url: self.url(&capture.url),
            status: ended.status,
            duration_us: ended.duration_us,
            consumer: ended.consumer.as_deref().map(consumer),
            client_address: self.client_address(capture),
            trace_id: trace.as_ref().map(TraceParent::trace_id),
            span_id: trace.as_ref().map(TraceParent::span_id),
            request_headers: self.headers(&capture.request_headers, self.parts.request_headers),
            request_body: self.body(&request_body, ended.request_bytes),
            response_headers: self.headers(&capture.response_headers, self.parts.response_headers),
            response_body: self.body(&response_body, ended.response_bytes),
            error: ended.fault.as_deref().map(LoggedError::of),
            #[cfg(feature = "tracing")]
            logs: Logs::of(told, &self.masks.fields),
            #[cfg(feature = "tracing")]
            logs_cut: told.map_or(0, |told| told.logs_cut),
            #[cfg(feature = "tracing")]
            spans: Spans::of(told, &self.masks.fields),
            #[cfg(feature = "tracing")]
            spans_cut: told.map_or(0, |told| told.spans_cut),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.push(b'\n');
        Ok(())
    }

    /// A UUID of version 7: ids of one process rise with time.
    fn id(&self, time_us: i64) -> Uuid {
        let mut random = [0; 10];
        self.random.borrow_mut().fill(&mut random);
        let millis = u64::try_from(time_us / 1_000).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    fn url<'a>(&self, url: &'a str) -> Cow<'a, str> {
        let Some((path, query)) = url.split_once('?') else { return Cow::Borrowed(url) };
        if !self.parts.query {
            return Cow::Borrowed(path);
        }
        match mask::mask_query(query, &self.masks.query) {
            Cow::Borrowed(_) => Cow::Borrowed(url),
            Cow::Owned(masked) => Cow::Owned([path, "?", &masked].concat()),
        }
    }

    fn client_address(&self, capture: &Capture) -> Option<IpAddr> {
        let proxies = self.parts.client_address.as_ref()?;
        Some(proxies.client_of(capture.peer?, &capture.request_headers))
    }

    fn headers<'a>(&'a self, lines: &'a HeaderLines, are_written: bool) -> Option<Headers<'a>> {
        (are_written && !lines.is_empty()).then_some(Headers { lines, masked: &self.masks.headers })
    }

    fn body<'a>(&self, copy: &'a BodyCopy, bytes: Option<u64>) -> Body<'a> {
        let missing = |missing: Missing| Body { bytes, text: None, missing: Some(missing.as_str()) };
        let (form, copied) = match copy {
            BodyCopy::Whole { form, bytes } => (*form, bytes),
            // Nobody needs to read what is empty.
            BodyCopy::Missing(Missing::NotRead) if bytes == Some(0) => {
                return Body { bytes, text: None, missing: None };
            }
            BodyCopy::Missing(reason) => return missing(*reason),
            BodyCopy::Copying { .. } => return missing(Missing::NotRead),
        };
        let bytes = bytes.or(Some(copied.len() as u64));
        let Ok(text) = std::str::from_utf8(copied) else { return missing(Missing::NotUtf8) };
        let text = match form {
            _ if text.is_empty() => return Body { bytes, text: None, missing: None },
            Form::Text => Cow::Borrowed(text),
            Form::UrlEncoded => mask::mask_query(text, &self.masks.fields),
            Form::Json => match mask::mask_json(text, &self.masks.fields) {
                Some(masked) => Cow::Owned(masked),
                None => return missing(Missing::NotJson),
            },
        };
        Body { bytes, text: Some(text), missing: None }
    }
}

/// A [`RequestLog`] of borrowed texts: the same names in the same order.
#[derive(Serialize)]
struct Line<'a> {
    id: Uuid,
    time_us: i64,
    method: &'a str,
    path: &'a str,
    url: Cow<'a, str>,
    status: u16,
    duration_us: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    consumer: Option<Consumer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_address: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_headers: Option<Headers<'a>>,
    request_body: Body<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_headers: Option<Headers<'a>>,
    response_body: Body<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<LoggedError<'a>>,
    #[cfg(feature = "tracing")]
    #[serde(skip_serializing_if = "Option::is_none")]
    logs: Option<Logs<'a>>,
    #[cfg(feature = "tracing")]
    #[serde(skip_serializing_if = "is_zero")]
    logs_cut: u32,
    #[cfg(feature = "tracing")]
    #[serde(skip_serializing_if = "Option::is_none")]
    spans: Option<Spans<'a>>,
    #[cfg(feature = "tracing")]
    #[serde(skip_serializing_if = "is_zero")]
    spans_cut: u32,
}

#[cfg(feature = "tracing")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<&'static str>,
}

/// A [`crate::protocol::LoggedError`] of borrowed texts.
#[derive(Serialize)]
struct LoggedError<'a> {
    #[serde(rename = "type", skip_serializing_if = "str::is_empty")]
    kind: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backtrace: Option<&'a str>,
}

impl<'a> LoggedError<'a> {
    fn of(fault: &'a Fault) -> Self {
        Self {
            kind: &fault.kind,
            message: &fault.message,
            location: fault.location.as_deref(),
            backtrace: fault.backtrace.as_deref(),
        }
    }
}

struct Headers<'a> {
    lines: &'a HeaderLines,
    masked: &'a Names,
}

impl Serialize for Headers<'_> {
    /// Bytes that are no UTF-8 are shown as replacement characters.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pairs = serializer.serialize_seq(None)?;
        for (name, value) in self.lines.iter() {
            match self.masked.contain(name) {
                true => pairs.serialize_element(&(name, MASKED))?,
                false => pairs.serialize_element(&(name, String::from_utf8_lossy(value)))?,
            }
        }
        pairs.end()
    }
}

/// The consumer of a text of [`crate::track::Context`].
fn consumer(text: &str) -> Consumer {
    let mut parts = text.split(SEPARATOR).map(str::to_owned);
    let identifier = parts.next().unwrap_or_default();
    let [name, group] = [parts.next(), parts.next()].map(|part| part.filter(|text| !text.is_empty()));
    Consumer { identifier, name, group }
}

/// Reads a line back, for the application's own function.
pub(super) fn read(line: &[u8]) -> Option<RequestLog> {
    serde_json::from_slice(line).ok()
}

#[cfg(test)]
mod tests;
