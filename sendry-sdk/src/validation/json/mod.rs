//! Validation errors in JSON: where in a document they stand, and which of the known forms they have.
//!
//! The forms: a list of entries, each of which names its field ([`entry`]); a map of fields to messages ([`map`]); the text of a
//! framework's rejection within a message. A document that has none of them gives nothing.

mod entry;
mod map;

use serde_json::{Map, Value};

use super::field_error::{FieldError, Location};
use super::response::FIELDS_READ_MAX;
use super::{field_path, frameworks};

/// Members that hold nothing but validation errors: as a list, or as a map of fields to messages.
const SURE_MEMBERS: [&str; 12] = [
    "errors",
    "invalid-params",
    "invalid_params",
    "invalidParams",
    "violations",
    "validation_errors",
    "validationErrors",
    "field_errors",
    "fieldErrors",
    "fieldViolations",
    "field_violations",
    "issues",
];

/// Members that hold them among other things: only forms that cannot be mistaken are read there.
const VAGUE_MEMBERS: [&str; 5] = ["detail", "details", "error", "fields", "extra"];

/// Members that may hold the text of a framework's rejection.
const TEXT_MEMBERS: [&str; 5] = ["detail", "message", "error", "title", "reason"];

/// Reads a whole document.
pub(super) fn read(document: &Value) -> Vec<FieldError> {
    match document {
        Value::String(text) => frameworks::read(text).into_iter().collect(),
        Value::Array(entries) => list(entries, Location::Unknown),
        Value::Object(object) => {
            let inner = object.get("error").and_then(Value::as_object);
            let found = [Some(object), inner].into_iter().flatten().map(read_object);
            found.into_iter().find(|errors| !errors.is_empty()).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// Reads what a handler says to be validation errors: a map of fields to messages is believed then.
pub(super) fn read_explicit(location: Location, value: &Value) -> Vec<FieldError> {
    let found = match read(value) {
        found if found.is_empty() => map::read_loose(value),
        found => found,
    };
    let unknown = |error: &FieldError| error.location() == Location::Unknown;
    found.into_iter().map(|error| if unknown(&error) { error.at(location) } else { error }).collect()
}

fn read_object(object: &Map<String, Value>) -> Vec<FieldError> {
    let sure = SURE_MEMBERS.iter().filter_map(|name| object.get(*name)).map(|value| match value {
        Value::Array(entries) => list(entries, Location::Unknown),
        value => map::read_loose(value),
    });
    let vague = VAGUE_MEMBERS.iter().filter_map(|name| object.get(*name)).map(|value| match value {
        Value::Array(entries) => list(entries, Location::Unknown),
        value => map::read_strict(value),
    });
    let whole = std::iter::once_with(|| map::read_strict_object(object));
    let texts = TEXT_MEMBERS.iter().filter_map(|name| object.get(*name)?.as_str());
    let rejection = texts.map(|text| frameworks::read(text).into_iter().collect());
    sure.chain(vague)
        .chain(whole)
        .chain(rejection)
        .find(|found: &Vec<_>| !found.is_empty())
        .unwrap_or_default()
}

/// Reads a list of entries. Those that do not name their field are left out.
fn list(entries: &[Value], location: Location) -> Vec<FieldError> {
    let mut found = Vec::new();
    for value in entries.iter().take(FIELDS_READ_MAX) {
        match value {
            Value::Object(object) => match entry::read(object, location) {
                Some(error) => found.push(error),
                None => found.extend(violations(object)),
            },
            Value::Array(pair) => found.extend(garde(pair)),
            _ => {}
        }
    }
    found
}

/// Reads the details of an error as Google's APIs write them: one of the list holds the list of fields.
fn violations(object: &Map<String, Value>) -> Vec<FieldError> {
    let names = ["fieldViolations", "field_violations"];
    let entries = names.iter().find_map(|name| object.get(*name)?.as_array());
    let entries = entries.into_iter().flatten().filter_map(Value::as_object);
    entries.filter_map(|object| entry::read(object, Location::Unknown)).collect()
}

/// Reads an error of `garde` as it serialises itself: `[[["key", "items"], ["index", "0"]], {"message": "…"}]`.
fn garde(pair: &[Value]) -> Option<FieldError> {
    let [Value::Array(path), error] = pair else { return None };
    let message = error.get("message")?.as_str()?;
    let component = |component: &Value| Some(component.get(1)?.as_str()?.to_owned());
    let components: Vec<String> = path.iter().map(component).collect::<Option<_>>()?;
    let field = field_path::join(components.iter().map(String::as_str));
    Some(FieldError::from_sentence(Location::Unknown, field, message, &[]))
}
