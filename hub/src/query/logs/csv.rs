//! Request logs as rows of CSV (RFC 4180), safe to open in a spreadsheet: a text that could be taken for a formula begins with `'`.

use jiff::Timestamp;

use super::{Known, millis};
use crate::store::traffic::StoredLog;

const COLUMNS: [&str; 15] = [
    "time",
    "id",
    "method",
    "path",
    "url",
    "status",
    "duration_ms",
    "consumer",
    "consumer_name",
    "consumer_group",
    "client_address",
    "trace_id",
    "request_bytes",
    "response_bytes",
    "env",
];

/// The first line.
pub(super) fn head() -> String {
    format!("{}\r\n", COLUMNS.join(","))
}

/// Appends the line of a log.
pub(super) fn row(stored: &StoredLog, known: &Known, csv: &mut String) {
    let log = &stored.log;
    let consumer = stored.consumer.map(|hash| known.consumer(hash));
    let of_consumer = |take: fn(&super::LogConsumer) -> Option<&String>| {
        consumer.as_ref().and_then(take).cloned().unwrap_or_default()
    };
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let time = Timestamp::from_microsecond(log.time_us).map(|time| time.to_string()).unwrap_or_default();
    let cells: [String; COLUMNS.len()] = [
        time,
        log.id.to_string(),
        text(&log.method),
        text(&log.path),
        text(&log.url),
        log.status.to_string(),
        millis(log.duration_us).to_string(),
        text(&of_consumer(|consumer| consumer.identifier.as_ref())),
        text(&of_consumer(|consumer| consumer.name.as_ref())),
        text(&of_consumer(|consumer| consumer.group.as_ref())),
        text(log.client_address.as_deref().unwrap_or_default()),
        text(log.trace_id.as_deref().unwrap_or_default()),
        number(log.request_body.bytes),
        number(log.response_body.bytes),
        text(&stored.env),
    ];
    csv.push_str(&cells.join(","));
    csv.push_str("\r\n");
}

/// What others wrote, as a cell.
fn text(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_is_never_a_formula() {
        for (given, cell) in [
            ("/orders", "/orders"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2", "'-2"),
            ("+,", "\"'+,\""),
            ("\tx", "'\tx"),
            ("", ""),
            ("a=b", "a=b"),
        ] {
            assert_eq!(text(given), cell, "{given:?}");
        }
    }
}
