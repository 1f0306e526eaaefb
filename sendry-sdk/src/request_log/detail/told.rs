//! The events and spans of one request, bounded.

use std::borrow::Cow;

use tracing::Level;

use crate::protocol::limits::{
    APPLICATION_LOGS_MAX, GRAVE_LOGS_RESERVED, LOG_FIELDS_MAX, REQUEST_DETAIL_BYTES_MAX, SPANS_MAX,
};

/// Names and values, as they are before masking.
pub(super) type Fields = Vec<(&'static str, String)>;

/// What was told. Spans are named by their number, from 1.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(super) logs: Vec<Event>,
    pub(in crate::request_log) logs_cut: u32,
    pub(super) spans: Vec<SpanTold>,
    pub(in crate::request_log) spans_cut: u32,
    bytes: usize,
}

#[derive(Debug)]
pub(super) struct Event {
    pub(super) offset_us: u64,
    pub(super) level: Level,
    pub(super) target: Cow<'static, str>,
    pub(super) message: String,
    pub(super) span: Option<u32>,
    pub(super) fields: Fields,
}

#[derive(Debug)]
pub(super) struct SpanTold {
    pub(super) parent: Option<u32>,
    pub(super) name: &'static str,
    pub(super) target: &'static str,
    pub(super) offset_us: u64,
    /// None while it is open.
    pub(super) duration_us: Option<u64>,
    pub(super) busy_us: u64,
    pub(super) failed: bool,
    pub(super) fields: Fields,
}

impl Told {
    pub(super) fn is_empty(&self) -> bool {
        self.logs.is_empty() && self.spans.is_empty() && self.logs_cut == 0 && self.spans_cut == 0
    }

    /// Its memory, about.
    pub(in crate::request_log) fn bytes(&self) -> usize {
        self.bytes + self.logs.capacity() * size_of::<Event>() + self.spans.capacity() * size_of::<SpanTold>()
    }

    /// Notes an event, or counts it where there is no room. The last places are left to warnings and errors.
    pub(super) fn push_log(&mut self, event: Event) {
        if event.level == Level::ERROR {
            self.fail(event.span);
        }
        let is_grave = event.level <= Level::WARN;
        let reserved = if is_grave { 0 } else { GRAVE_LOGS_RESERVED };
        let bytes = event.target.len() + event.message.len() + bytes_of(&event.fields);
        if self.logs.len() >= APPLICATION_LOGS_MAX - reserved || !self.take(bytes) {
            self.logs_cut = self.logs_cut.saturating_add(1);
            return;
        }
        self.logs.push(event);
    }

    /// Notes a span and gives its number, or counts it where there is no room.
    pub(super) fn push_span(&mut self, span: SpanTold) -> Option<u32> {
        let bytes = span.name.len() + span.target.len() + bytes_of(&span.fields);
        if self.spans.len() >= SPANS_MAX || !self.take(bytes) {
            self.spans_cut = self.spans_cut.saturating_add(1);
            return None;
        }
        self.spans.push(span);
        u32::try_from(self.spans.len()).ok()
    }

    /// Adds what a span says after its beginning; a name that was there gets the new value.
    pub(super) fn record(&mut self, number: u32, fields: Fields) {
        for (name, value) in fields {
            let bytes = name.len() + value.len();
            if !self.take(bytes) {
                return;
            }
            let Some(span) = self.span(number) else { return };
            match span.fields.iter().position(|(known, _)| *known == name) {
                Some(at) => span.fields[at].1 = value,
                None if span.fields.len() < LOG_FIELDS_MAX => span.fields.push((name, value)),
                None => return,
            }
        }
    }

    pub(super) fn fail(&mut self, number: Option<u32>) {
        if let Some(span) = number.and_then(|number| self.span(number)) {
            span.failed = true;
        }
    }

    /// Notes the end of a span.
    pub(super) fn close(&mut self, number: u32, offset_us: u64, busy_us: u64) {
        if let Some(span) = self.span(number) {
            span.duration_us = Some(offset_us.saturating_sub(span.offset_us));
            span.busy_us = busy_us;
        }
    }

    fn span(&mut self, number: u32) -> Option<&mut SpanTold> {
        self.spans.get_mut(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// Takes bytes of what texts may have, where there are as many.
    fn take(&mut self, bytes: usize) -> bool {
        let taken = self.bytes.saturating_add(bytes);
        let fits = taken <= REQUEST_DETAIL_BYTES_MAX;
        if fits {
            self.bytes = taken;
        }
        fits
    }
}

fn bytes_of(fields: &Fields) -> usize {
    fields.iter().map(|(name, value)| name.len() + value.len()).sum()
}
