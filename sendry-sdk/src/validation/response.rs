//! From the response that refuses a request to the fields that it is refused for.

use std::collections::HashSet;

use super::field_error::FieldError;
use super::{frameworks, json, lines};

/// Bytes of a response's body that is read for validation errors. Longer bodies are not: a list of errors is short.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// Field errors of one response; further ones are left out. Nobody mends more than that at once.
pub const FIELDS_PER_RESPONSE_MAX: usize = 100;

/// Field errors that are read of one response, so that those beyond the limit can be counted. A body has room for few more.
pub(super) const FIELDS_READ_MAX: usize = 4_096;

/// Reads the fields that a response complains of, each kind of complaint once: a hundred items without a name are one.
///
/// Only responses with status 400 or 422 are read, whose body is text or JSON of at most [`BODY_BYTES_MAX`]; others give nothing,
/// and so do bodies of an unknown form. Known are
///
/// - the rejections of axum's and axum-extra's `Json`, `Query`, `Form`, `Path` and `TypedHeader`, and the errors of
///   actix-web's `Json`, `Query`, `Form` and `Path`, alone or within a JSON body's `error`, `message` or `detail`;
/// - `application/problem+json` with `errors`, `invalid-params` or `violations`; `detail` lists as FastAPI writes them;
/// - serialised errors of `validator` and `garde`, and the lines as which they display themselves;
/// - `errors` as a list of objects or as a map of fields to messages; `error.details` with `fieldViolations`.
pub fn from_response(status: u16, content_type: Option<&[u8]>, body: &[u8]) -> Vec<FieldError> {
    found_in(status, content_type, body).errors
}

/// What a response complains of.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) errors: Vec<FieldError>,
    /// How many more there were.
    pub(crate) dropped: u64,
}

/// The same as [`from_response`], and what was beyond the limit.
pub(crate) fn found_in(status: u16, content_type: Option<&[u8]>, body: &[u8]) -> Found {
    let is_refusal = matches!(status, 400 | 422) && body.len() <= BODY_BYTES_MAX;
    if !is_refusal || !may_tell(content_type) {
        return Found::default();
    }
    let Ok(text) = std::str::from_utf8(body) else { return Found::default() };
    let mut errors = distinct(read(text.trim()));
    let dropped = errors.len().saturating_sub(FIELDS_PER_RESPONSE_MAX) as u64;
    errors.truncate(FIELDS_PER_RESPONSE_MAX);
    Found { errors, dropped }
}

fn read(text: &str) -> Vec<FieldError> {
    // Handlers send JSON as text more often than text that begins like JSON.
    if text.starts_with(['{', '[', '"']) {
        return serde_json::from_str(text).map(|value| json::read(&value)).unwrap_or_default();
    }
    match frameworks::read(text) {
        Some(error) => vec![error],
        None => lines::read_surely(text),
    }
}

/// Whether a body of this type is text or JSON. Without a type it may be either.
fn may_tell(content_type: Option<&[u8]>) -> bool {
    let Some(content_type) = content_type else { return true };
    let essence = content_type.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii();
    let essence = essence.to_ascii_lowercase();
    essence == b"text/plain" || essence.ends_with(b"/json") || essence.ends_with(b"+json")
}

/// Leaves out repetitions, and what is beyond [`FIELDS_PER_RESPONSE_MAX`].
pub(super) fn limited(errors: Vec<FieldError>) -> Vec<FieldError> {
    let mut errors = distinct(errors);
    errors.truncate(FIELDS_PER_RESPONSE_MAX);
    errors
}

fn distinct(mut errors: Vec<FieldError>) -> Vec<FieldError> {
    let mut seen = HashSet::new();
    errors.retain(|error| seen.insert(error.clone()));
    errors
}
