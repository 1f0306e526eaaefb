//! One field that failed one rule.

use std::fmt::{self, Display, Write};

use serde::Serialize;

use super::response::BODY_BYTES_MAX;
use super::serde_text::Failure;
use super::{field_path, json, lines, response, rules, scrub, serde_text};
use crate::protocol::limits::{MESSAGE_CHARS_MAX, TEXT_BYTES_MAX};

/// A field of a request that failed a rule: where it stands, what is wrong with it, and by which rule. Never its value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FieldError {
    location: Location,
    field: String,
    message: String,
    code: String,
}

/// Where in the request a field stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Location {
    /// In a body of JSON or another format with structure.
    Body,
    /// In the query string.
    Query,
    /// In the path, as a parameter of the route.
    Path,
    /// In a header or a cookie.
    Header,
    /// In an HTML form.
    Form,
    /// The response does not say.
    #[default]
    Unknown,
}

impl Location {
    /// The name of the location in a report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Query => "query",
            Self::Path => "path",
            Self::Header => "header",
            Self::Form => "form",
            Self::Unknown => "unknown",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "body" | "json" => Some(Self::Body),
            "query" | "querystring" => Some(Self::Query),
            "path" | "params" => Some(Self::Path),
            "header" | "headers" | "cookie" | "cookies" => Some(Self::Header),
            "form" => Some(Self::Form),
            _ => None,
        }
    }
}

impl FieldError {
    /// Returns an error of `field`, such as `items[3].name`, `items.3.name` or `/items/3/name`: all three become
    /// `items.*.name`. `message` says what is wrong for people; what stands in quotes in it is cut.
    pub fn new(location: Location, field: impl AsRef<str>, message: impl AsRef<str>) -> Self {
        let field = field_path::normalise(field.as_ref());
        let message = scrub::sentence(message.as_ref(), &field, &[]);
        Self::from_clean(location, field, message)
    }

    /// Adds the name of the rule that failed: `required`, `length`. Other characters than those of names are dropped.
    pub fn with_code(mut self, code: impl AsRef<str>) -> Self {
        let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/');
        self.code = code.as_ref().chars().filter(allowed).take(TEXT_BYTES_MAX).collect();
        self
    }

    /// Reads an error of a deserializer: of `serde_json`, `serde_urlencoded` or any other that words its errors as serde does.
    /// Where `error` begins with a path, as `serde_path_to_error` writes it, that becomes the field.
    ///
    /// What a type's own `Deserialize` says in its own words is replaced by `invalid value`, as it may quote the value.
    pub fn from_deserialization(location: Location, error: &impl Display) -> Self {
        serde_text::read_with_path(&bounded_text(error)).into_error(location)
    }

    /// Reads lines of `field: message`, as a report of `garde` displays itself, and the errors of `validator`.
    ///
    /// ```
    /// use sendry_sdk::validation::{FieldError, Location};
    ///
    /// let report = "name: length is lower than 3\nitems[0].price: lower than 1\n"; // or a garde::Report
    /// let errors = FieldError::from_display_lines(Location::Body, &report);
    /// assert_eq!(errors[1].field(), "items.*.price");
    /// assert_eq!(errors[1].code(), "range");
    /// ```
    pub fn from_display_lines(location: Location, errors: &impl Display) -> Vec<Self> {
        response::limited(lines::read(location, &bounded_text(errors)))
    }

    /// Reads the serialised errors of `validator`, a serialised report of `garde`, or a map of fields to messages. Gives nothing
    /// for what is none of these.
    pub fn from_serialize(location: Location, errors: &impl Serialize) -> Vec<Self> {
        let value = serde_json::to_value(errors).unwrap_or_default();
        response::limited(json::read_explicit(location, &value))
    }

    /// Where the field stands.
    pub fn location(&self) -> Location {
        self.location
    }

    /// The path of the field, with `*` for the indexes of arrays and for keys that are no names. Empty for the whole of
    /// the body.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What is wrong, without the value.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The rule that failed, or nothing.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// From texts that are known to hold no value.
    pub(super) fn from_clean(location: Location, field: String, message: String) -> Self {
        Self { location, field, message: scrub::first_chars(message, MESSAGE_CHARS_MAX), code: String::new() }
    }

    /// From a message that an application wrote, about a field that is normalised already.
    pub(super) fn from_sentence(location: Location, field: String, message: &str, values: &[String]) -> Self {
        let repeats_value = scrub::declared(values).any(|value| message.contains(value));
        let failure = serde_text::read_known_in_sentence(message).filter(|_| !repeats_value);
        if let Some(failure) = failure {
            let says_field = field.rsplit('.').next() == Some(failure.field.as_str());
            let failure = if says_field { Failure { field, ..failure } } else { failure.within(&field) };
            return failure.into_error(location);
        }
        let rule = rules::recognise(message);
        let kept = rule.is_some_and(|rule| rule.is_free_of_values);
        let message = if kept { message.to_owned() } else { scrub::sentence(message, &field, values) };
        Self::from_clean(location, field, message).with_code(rule.map_or("", |rule| rule.code))
    }

    pub(super) fn at(mut self, location: Location) -> Self {
        self.location = location;
        self
    }
}

/// Displays `error` up to the bytes of a body that would be read.
fn bounded_text(error: &impl Display) -> String {
    struct Bounded(String);
    impl Write for Bounded {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            let fits = self.0.len().saturating_add(text.len()) <= BODY_BYTES_MAX;
            fits.then(|| self.0.push_str(text)).ok_or(fmt::Error)
        }
    }
    let mut text = Bounded(String::new());
    // What is too long is read as far as it was written.
    _ = write!(text, "{error}");
    text.0
}
