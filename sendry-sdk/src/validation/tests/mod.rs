//! Real rejections of real frameworks and validators, pinned texts of others, and properties of what comes out.

mod axum;
mod documents;
mod properties;
mod sentences;
mod texts;
mod validators;

use super::{FieldError, from_response};

/// Location, field, message and code of each error.
type Read = Vec<[String; 4]>;

fn parts(errors: &[FieldError]) -> Read {
    let parts = |error: &FieldError| {
        [error.location().as_str(), error.field(), error.message(), error.code()].map(str::to_owned)
    };
    errors.iter().map(parts).collect()
}

fn read_json(body: &str) -> Read {
    parts(&from_response(422, Some(b"application/json"), body.as_bytes()))
}

fn read_text(body: &str) -> Read {
    parts(&from_response(400, Some(b"text/plain; charset=utf-8"), body.as_bytes()))
}
