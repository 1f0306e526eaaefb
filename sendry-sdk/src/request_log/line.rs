//! From an entry to its line: masked, and written as JSON without building a [`RequestLog`] first.
//!
//! INVARIANT: a line is what `serde_json` would write of the same [`RequestLog`]; a test compares them.

mod object;

use std::borrow::Cow;
use std::cell::RefCell;
use std::net::IpAddr;

use object::Object;
use serde::Serialize;
use uuid::Uuid;

use super::TraceParent;
use super::body::{BodyCopy, Form, Missing};
use super::capture::{Capture, Ended};
use super::client_address::TrustedProxies;
#[cfg(feature = "tracing")]
use super::detail::{Logs, Spans, Told};
use super::header_lines::HeaderLines;
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
        let mut line = Object::begin(out);
        line.plain("id", self.id(ended.time_us).hyphenated().encode_lower(&mut Uuid::encode_buffer()));
        line.value("time_us", &ended.time_us)?;
        line.plain("method", ended.method.as_str());
        line.text("path", path);
        line.text("url", &self.url(capture.url()));
        line.value("status", &ended.status)?;
        line.value("duration_us", &ended.duration_us)?;
        line.optional("consumer", ended.consumer.as_deref().map(consumer).as_ref())?;
        line.optional("client_address", self.client_address(capture).as_ref())?;
        if let Some(trace) = capture.request_headers().first("traceparent").and_then(TraceParent::parse) {
            line.plain("trace_id", trace.trace_id());
            line.plain("span_id", trace.span_id());
        }
        if self.parts.request_headers {
            self.headers(&mut line, "request_headers", capture.request_headers());
        }
        self.body(&request_body, ended.request_bytes).write(line.field("request_body"))?;
        if self.parts.response_headers {
            self.headers(&mut line, "response_headers", capture.response_headers());
        }
        self.body(&response_body, ended.response_bytes).write(line.field("response_body"))?;
        line.optional("error", ended.fault.as_deref().map(LoggedError::of).as_ref())?;
        #[cfg(feature = "tracing")]
        if let Some(told) = ended.told.as_deref() {
            self.detail(&mut line, told)?;
        }
        line.end();
        out.push(b'\n');
        Ok(())
    }

    /// What the application said meanwhile.
    #[cfg(feature = "tracing")]
    fn detail(&self, line: &mut Object<'_>, told: &Told) -> serde_json::Result<()> {
        let counted = |count: u32| Some(count).filter(|count| *count > 0);
        line.optional("logs", Logs::of(told, &self.masks.fields).as_ref())?;
        line.optional("logs_cut", counted(told.logs_cut).as_ref())?;
        line.optional("spans", Spans::of(told, &self.masks.fields).as_ref())?;
        line.optional("spans_cut", counted(told.spans_cut).as_ref())
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
        Some(proxies.client_of(capture.peer?, capture.request_headers()))
    }

    /// Bytes that are no UTF-8 are shown as replacement characters.
    fn headers(&self, line: &mut Object<'_>, field: &str, lines: HeaderLines<'_>) {
        if lines.is_empty() {
            return;
        }
        let out = line.field(field);
        for (at, (name, value)) in lines.iter().enumerate() {
            out.extend_from_slice(if at == 0 { b"[[" } else { b",[" });
            object::push_text(out, name);
            out.push(b',');
            match self.masks.headers.contain(name) {
                true => object::push_text(out, MASKED),
                false => object::push_text(out, &String::from_utf8_lossy(value)),
            }
            out.push(b']');
        }
        out.push(b']');
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

/// A [`crate::protocol::LoggedBody`] of borrowed texts.
struct Body<'a> {
    bytes: Option<u64>,
    text: Option<Cow<'a, str>>,
    missing: Option<&'static str>,
}

impl Body<'_> {
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let mut body = Object::begin(out);
        body.optional("bytes", self.bytes.as_ref())?;
        if let Some(text) = &self.text {
            body.text("text", text);
        }
        if let Some(missing) = self.missing {
            body.plain("missing", missing);
        }
        body.end();
        Ok(())
    }
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
