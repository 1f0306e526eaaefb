//! Maps of fields to what is wrong with them: `{"name": ["is required"], "items": {"0": {"price": [{"code": "range", …}]}}}`.
//!
//! `validator` serialises its errors so, and Rails, Laravel and Django word theirs so.

use serde_json::{Map, Value};

use super::entry;
use crate::validation::field_error::{FieldError, Location};
use crate::validation::field_path;
use crate::validation::response::FIELDS_READ_MAX;

/// Maps within maps; deeper ones are left out.
const DEPTH_MAX: usize = 16;

/// Keys under which errors of the whole stand among those of its fields.
const OF_THE_WHOLE: [&str; 5] = ["_errors", "__all__", "base", "non_field_errors", "_schema"];

/// Reads a map of fields to messages, lists of messages, errors or maps.
pub(super) fn read_loose(value: &Value) -> Vec<FieldError> {
    match value {
        Value::Object(object) if !is_one_error(object) => {
            let mut found = Vec::new();
            walk(object, "", 0, &mut found);
            found
        }
        _ => Vec::new(),
    }
}

/// Reads a map only if it is one of `validator`: every field has a list of errors with a code and parameters.
pub(super) fn read_strict(value: &Value) -> Vec<FieldError> {
    value.as_object().map(read_strict_object).unwrap_or_default()
}

/// The same for an object.
pub(super) fn read_strict_object(object: &Map<String, Value>) -> Vec<FieldError> {
    let mut found = Vec::new();
    if is_of_validator(object, 0) {
        walk(object, "", 0, &mut found);
    }
    found
}

/// Whether an object speaks of one error, so that its members are no fields.
fn is_one_error(object: &Map<String, Value>) -> bool {
    ["message", "msg", "code", "detail", "title"]
        .iter()
        .any(|name| object.get(*name).is_some_and(|value| value.is_string() || value.is_number()))
}

fn is_of_validator(object: &Map<String, Value>, depth: usize) -> bool {
    let is_error = |value: &Value| {
        value.get("code").is_some_and(Value::is_string) && value.get("params").is_some_and(Value::is_object)
    };
    let is_of_field = |value: &Value| match value {
        Value::Array(errors) => !errors.is_empty() && errors.iter().all(is_error),
        Value::Object(inner) => is_of_validator(inner, depth + 1),
        _ => false,
    };
    depth < DEPTH_MAX && !object.is_empty() && object.values().all(is_of_field)
}

fn walk(object: &Map<String, Value>, prefix: &str, depth: usize, found: &mut Vec<FieldError>) {
    for (key, value) in object {
        if found.len() >= FIELDS_READ_MAX || depth >= DEPTH_MAX {
            return;
        }
        let mut field = prefix.to_owned();
        if !OF_THE_WHOLE.contains(&key.as_str()) {
            field_path::append(&mut field, &field_path::normalise(key));
        }
        match value {
            Value::Object(inner) if !is_one_error(inner) => walk(inner, &field, depth + 1, found),
            Value::Array(errors) => {
                let errors = errors.iter().take(FIELDS_READ_MAX - found.len());
                found.extend(errors.filter_map(|error| leaf(error, &field)));
            }
            error => found.extend(leaf(error, &field)),
        }
    }
}

/// Reads one message or one object with a message or a code.
fn leaf(error: &Value, field: &str) -> Option<FieldError> {
    match error {
        Value::String(message) if !message.is_empty() => {
            Some(FieldError::from_sentence(Location::Unknown, field.to_owned(), message, &[]))
        }
        Value::Object(object) => entry::read_at(object, Location::Unknown, field.to_owned()),
        _ => None,
    }
}
