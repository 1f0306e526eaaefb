//! One object that speaks of one field: `{"field": "name", "message": "is required", "code": "required"}` under all the names that
//! these members go by.

use serde_json::{Map, Value};

use crate::validation::field_error::{FieldError, Location};
use crate::validation::{field_path, frameworks};

/// Members that name the field, the most telling first.
const FIELD: [&str; 14] = [
    "pointer",
    "loc",
    "field",
    "path",
    "propertyPath",
    "property",
    "parameter",
    "param",
    "instancePath",
    "attribute",
    "field_name",
    "fieldName",
    "name",
    "key",
];

/// Members that say what is wrong.
const MESSAGE: [&str; 7] = ["message", "msg", "detail", "description", "reason", "error", "title"];

/// Members that name the rule.
const CODE: [&str; 9] =
    ["code", "type", "rule", "keyword", "constraint", "kind", "error_code", "errorCode", "reason"];

/// Members that name the part of the request.
const LOCATION: [&str; 3] = ["location", "in", "source"];

/// Members that hold the value, which is why the message may repeat it.
const VALUE: [&str; 6] = ["value", "input", "rejectedValue", "rejected_value", "actual", "invalidValue"];

/// Parameters of `validator`'s rules that are limits, not values.
const LIMITS: [&str; 5] = ["min", "max", "equal", "exclusive_min", "exclusive_max"];

/// Scalars that are looked for in the message.
const VALUES_MAX: usize = 16;

/// Reads an entry. One that names neither its field nor its place is none.
pub(super) fn read(object: &Map<String, Value>, location: Location) -> Option<FieldError> {
    let (found, field) = place(object);
    let named = LOCATION.iter().find_map(|name| Location::from_name(object.get(*name)?.as_str()?));
    let place = named.or(found);
    if field.is_empty() && place.is_none() {
        return None;
    }
    read_at(object, place.unwrap_or(location), field)
}

/// Reads what an object says of `field`. One that says nothing gives nothing.
pub(super) fn read_at(object: &Map<String, Value>, location: Location, field: String) -> Option<FieldError> {
    let message = MESSAGE.iter().find_map(|name| Some((*name, object.get(*name)?.as_str()?)));
    let code = CODE.iter().filter(|name| message.is_none_or(|(taken, _)| taken != **name));
    let code = code.filter_map(|name| object.get(*name)).find_map(code_of);
    let Some((_, message)) = message else {
        return code.map(|code| without_message(object, location, field, &code));
    };
    let rejection = frameworks::read(message).filter(|error| field.is_empty() || error.field() == field);
    let error =
        rejection.unwrap_or_else(|| FieldError::from_sentence(location, field, message, &values(object)));
    Some(match code {
        Some(code) => error.with_code(code),
        None => error,
    })
}

/// Words an error that only has a code, with the limits that `validator` gives: `length (min 1, max 10)`.
fn without_message(object: &Map<String, Value>, location: Location, field: String, code: &str) -> FieldError {
    let params = object.get("params").and_then(Value::as_object);
    let limits = LIMITS.iter().filter_map(|name| Some((name, params?.get(*name)?.as_number()?)));
    let limits: Vec<String> = limits.map(|(name, limit)| format!("{name} {limit}")).collect();
    let limits = if limits.is_empty() { String::new() } else { format!(" ({})", limits.join(", ")) };
    let error = FieldError::from_clean(location, field, String::new()).with_code(code);
    let message = format!("{}{limits}", error.code());
    FieldError::from_clean(location, error.field().to_owned(), message).with_code(code)
}

fn code_of(value: &Value) -> Option<String> {
    match value {
        Value::String(code) if !code.is_empty() => Some(code.clone()),
        Value::Number(code) => Some(code.to_string()),
        _ => None,
    }
}

/// Finds the field, and the part of the request where its path says so.
fn place(object: &Map<String, Value>) -> (Option<Location>, String) {
    if let Some(source) = object.get("source").and_then(Value::as_object) {
        return json_api(source);
    }
    let member = FIELD.iter().find_map(|name| {
        let value = object.get(*name)?;
        (value.is_string() || value.is_array()).then_some((*name, value))
    });
    match member {
        Some(("pointer", Value::String(pointer))) => (Some(Location::Body), field_path::normalise(pointer)),
        Some((_, Value::String(path))) => (None, field_path::normalise(path)),
        Some((name, Value::Array(parts))) => path_of(parts, name == "loc"),
        _ => (None, String::new()),
    }
}

/// Reads the `source` of an error as JSON:API writes it.
fn json_api(source: &Map<String, Value>) -> (Option<Location>, String) {
    const MEMBERS: [(&str, Location); 3] =
        [("pointer", Location::Body), ("parameter", Location::Query), ("header", Location::Header)];
    let found = MEMBERS.iter().find_map(|(name, location)| {
        let path = source.get(*name)?.as_str()?;
        Some((Some(*location), field_path::normalise(path)))
    });
    found.unwrap_or_default()
}

/// Reads a path in parts: `["body", "items", 0, "name"]`, whose first part is the part of the request when `has_location`.
fn path_of(parts: &[Value], has_location: bool) -> (Option<Location>, String) {
    let location = parts.first().and_then(Value::as_str).filter(|_| has_location);
    let location = location.and_then(Location::from_name);
    let rest = parts.iter().skip(usize::from(location.is_some()));
    let names = rest.map(|part| part.as_str().unwrap_or(field_path::ANY));
    (location, field_path::join(names))
}

/// Everything that the entry declares to be the value, taken apart into its scalars.
fn values(object: &Map<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    let members = VALUE.iter().filter_map(|name| object.get(*name));
    members.for_each(|value| collect(value, &mut found));
    let params = object.get("params").and_then(Value::as_object).into_iter().flatten();
    params
        .filter(|(name, _)| !LIMITS.contains(&name.as_str()))
        .for_each(|(_, value)| collect(value, &mut found));
    found
}

fn collect(value: &Value, found: &mut Vec<String>) {
    if found.len() >= VALUES_MAX {
        return;
    }
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Number(number) => found.push(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(object) => object.values().for_each(|item| collect(item, found)),
        _ => {}
    }
}
