//! Fields of an event or a span as texts, each cut while it is written: what is cut is not formatted to its end.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Write};

use tracing::field::{Field, Visit};

use super::told::Fields;
use crate::protocol::limits::{LOG_FIELD_BYTES_MAX, LOG_FIELDS_MAX, MESSAGE_CHARS_MAX, TEXT_BYTES_MAX};
use crate::text::cut;

/// What the fields say.
#[derive(Debug, Default)]
pub(super) struct Visitor {
    pub(super) message: String,
    pub(super) fields: Fields,
    /// The target of a record of the crate `log`, which `tracing-log` passes on as a field.
    pub(super) target: Option<Cow<'static, str>>,
    /// OpenTelemetry's word for a span that failed.
    pub(super) failed: bool,
}

impl Visitor {
    fn say(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        match field.name() {
            "message" => self.message = text(value, MESSAGE_CHARS_MAX),
            "log.target" => self.target = Some(Cow::Owned(text(value, TEXT_BYTES_MAX))),
            name if name.starts_with("log.") => {}
            name => {
                let value = text(value, LOG_FIELD_BYTES_MAX);
                self.failed |= name == "otel.status_code" && value.eq_ignore_ascii_case("error");
                if self.fields.len() < LOG_FIELDS_MAX {
                    self.fields.push((cut(name, TEXT_BYTES_MAX), value));
                }
            }
        }
    }
}

impl Visit for Visitor {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.say(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.say(field, format_args!("{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.say(field, format_args!("{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.say(field, format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.say(field, format_args!("{value}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.say(field, format_args!("{value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.say(field, format_args!("{value}"));
    }
}

/// Formats at most `bytes_max` bytes.
fn text(value: fmt::Arguments<'_>, bytes_max: usize) -> String {
    let mut text = Bounded { text: String::new(), bytes_max };
    // It fails when there is enough.
    _ = text.write_fmt(value);
    text.text
}

struct Bounded {
    text: String,
    bytes_max: usize,
}

impl Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let fitting = cut(more, self.bytes_max.saturating_sub(self.text.len()));
        self.text.push_str(fitting);
        if fitting.len() < more.len() { Err(fmt::Error) } else { Ok(()) }
    }
}
