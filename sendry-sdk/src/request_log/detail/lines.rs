//! Events and spans as the protocol writes them, masked.

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use tracing::Level;

use super::super::mask::{MASKED, Names};
use super::told::{self, Told};
use crate::protocol::LogLevel;
use crate::protocol::limits::TEXT_BYTES_MAX;
use crate::text::cut;

/// The events of a request.
pub(in crate::request_log) struct Logs<'a> {
    pub(in crate::request_log) told: &'a Told,
    pub(in crate::request_log) masked: &'a Names,
}

/// The spans of a request.
pub(in crate::request_log) struct Spans<'a> {
    pub(in crate::request_log) told: &'a Told,
    pub(in crate::request_log) masked: &'a Names,
}

impl<'a> Logs<'a> {
    /// None where there are none.
    pub(in crate::request_log) fn of(told: &'a Told, masked: &'a Names) -> Option<Self> {
        (!told.logs.is_empty()).then_some(Self { told, masked })
    }
}

impl<'a> Spans<'a> {
    /// None where there are none.
    pub(in crate::request_log) fn of(told: &'a Told, masked: &'a Names) -> Option<Self> {
        (!told.spans.is_empty()).then_some(Self { told, masked })
    }
}

impl Serialize for Logs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.told.logs.iter().map(|event| Log {
            offset_us: event.offset_us,
            level: level_of(event.level),
            target: cut(&event.target, TEXT_BYTES_MAX),
            message: &event.message,
            span: event.span,
            fields: Fields { fields: &event.fields, masked: self.masked },
        }))
    }
}

impl Serialize for Spans<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.told.spans.iter().zip(1..).map(|(span, id)| Span {
            id,
            parent: span.parent,
            name: cut(span.name, TEXT_BYTES_MAX),
            target: cut(span.target, TEXT_BYTES_MAX),
            offset_us: span.offset_us,
            duration_us: span.duration_us,
            busy_us: span.duration_us.map(|_| span.busy_us),
            failed: span.failed,
            fields: Fields { fields: &span.fields, masked: self.masked },
        }))
    }
}

/// A [`crate::protocol::ApplicationLog`] of borrowed texts.
#[derive(Serialize)]
struct Log<'a> {
    offset_us: u64,
    level: LogLevel,
    #[serde(skip_serializing_if = "str::is_empty")]
    target: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<u32>,
    #[serde(skip_serializing_if = "Fields::is_empty")]
    fields: Fields<'a>,
}

/// A [`crate::protocol::Span`] of borrowed texts.
#[derive(Serialize)]
struct Span<'a> {
    id: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<u32>,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    target: &'a str,
    offset_us: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    busy_us: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    failed: bool,
    #[serde(skip_serializing_if = "Fields::is_empty")]
    fields: Fields<'a>,
}

struct Fields<'a> {
    fields: &'a told::Fields,
    masked: &'a Names,
}

impl Fields<'_> {
    fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_seq(Some(self.fields.len()))?;
        for (name, value) in self.fields {
            let value = if self.masked.contain(name) { MASKED } else { value.as_str() };
            fields.serialize_element(&(name, value))?;
        }
        fields.end()
    }
}

fn level_of(level: Level) -> LogLevel {
    match level {
        Level::TRACE => LogLevel::Trace,
        Level::DEBUG => LogLevel::Debug,
        Level::INFO => LogLevel::Info,
        Level::WARN => LogLevel::Warn,
        Level::ERROR => LogLevel::Error,
    }
}
