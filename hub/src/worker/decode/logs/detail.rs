//! Checks what an application said while it served a request: lists and texts are cut to the protocol's limits, and what was
//! left out is counted in the request's own log.

use std::collections::HashSet;

use sendry_sdk::protocol::limits::{
    APPLICATION_LOGS_MAX, LOG_FIELD_BYTES_MAX, LOG_FIELDS_MAX, MESSAGE_CHARS_MAX, REQUEST_DETAIL_BYTES_MAX,
    SPANS_MAX, TEXT_BYTES_MAX,
};
use sendry_sdk::protocol::{LogField, RequestLog};

use super::super::check::Findings;

/// Spans come first: logs refer to them.
pub(super) fn request_log(log: &mut RequestLog, findings: &mut Findings) {
    let mut room = Room(REQUEST_DETAIL_BYTES_MAX);
    let known = check_spans(log, &mut room, findings);
    check_logs(log, &known, &mut room, findings);
}

/// The bytes that texts of one request may still take.
struct Room(usize);

impl Room {
    /// Takes the bytes of an entry, if there are as many.
    fn take(&mut self, bytes: usize) -> bool {
        let left = self.0.checked_sub(bytes);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}

/// Returns the ids of the spans that stay.
fn check_spans(log: &mut RequestLog, room: &mut Room, findings: &mut Findings) -> HashSet<u32> {
    let (sent, mut known) = (log.spans.len(), HashSet::new());
    for span in &mut log.spans {
        findings.cut(&mut span.name, TEXT_BYTES_MAX);
        findings.cut(&mut span.target, TEXT_BYTES_MAX);
        cut_fields(&mut span.fields, findings);
    }
    log.spans.retain_mut(|span| {
        let bytes = span.name.len() + span.target.len() + bytes_of(&span.fields);
        // A parent begins before its children, so this also keeps a span from being its own ancestor.
        span.parent = span.parent.filter(|parent| known.contains(parent));
        known.len() < SPANS_MAX && room.take(bytes) && known.insert(span.id)
    });
    log.spans_cut = log.spans_cut.saturating_add(count(sent - log.spans.len()));
    known
}

fn check_logs(log: &mut RequestLog, spans: &HashSet<u32>, room: &mut Room, findings: &mut Findings) {
    let (sent, mut kept) = (log.logs.len(), 0);
    log.logs.retain_mut(|entry| {
        if kept >= APPLICATION_LOGS_MAX {
            return false;
        }
        findings.cut(&mut entry.target, TEXT_BYTES_MAX);
        findings.cut_chars(&mut entry.message, MESSAGE_CHARS_MAX);
        cut_fields(&mut entry.fields, findings);
        entry.span = entry.span.filter(|span| spans.contains(span));
        let fits = room.take(entry.target.len() + entry.message.len() + bytes_of(&entry.fields));
        kept += usize::from(fits);
        fits
    });
    log.logs_cut = log.logs_cut.saturating_add(count(sent - log.logs.len()));
}

fn cut_fields(fields: &mut Vec<LogField>, findings: &mut Findings) {
    fields.truncate(LOG_FIELDS_MAX);
    for (name, value) in fields {
        findings.cut(name, TEXT_BYTES_MAX);
        findings.cut(value, LOG_FIELD_BYTES_MAX);
    }
}

fn bytes_of(fields: &[LogField]) -> usize {
    fields.iter().map(|(name, value)| name.len() + value.len()).sum()
}

fn count(entries: usize) -> u32 {
    u32::try_from(entries).unwrap_or(u32::MAX)
}
