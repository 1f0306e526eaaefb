//! The texts with which the extractors of axum, axum-extra and actix-web refuse a request.

use super::field_error::{FieldError, Location};
use super::serde_text::{self, Failure};
use super::{field_path, scrub};

/// Positions at which the value of a path parameter may end; a value that holds the same words makes more than one.
const VALUE_ENDS_MAX: usize = 32;

/// Characters of the name of a type in axum's refusals of path parameters.
const TYPE_CHARS_MAX: usize = 64;

/// Beginnings of axum's refusals, after which an error with its path follows.
const WITH_PATH: [(&str, Location); 4] = [
    ("Failed to deserialize the JSON body into the target type: ", Location::Body),
    ("Failed to deserialize form body: ", Location::Form),
    ("Failed to deserialize form: ", Location::Form),
    ("Failed to deserialize query string: ", Location::Query),
];

/// Beginnings of actix-web's refusals, after which an error without a path follows.
const WITHOUT_PATH: [(&str, Location); 3] = [
    ("Json deserialize error: ", Location::Body),
    ("Query deserialize error: ", Location::Query),
    ("Path deserialize error: ", Location::Path),
];

/// Reads the text of a refusal. Gives nothing for texts that are none.
pub(super) fn read(text: &str) -> Option<FieldError> {
    let text = text.trim();
    deserializer(text)
        .or_else(|| json_syntax(text))
        .or_else(|| text.strip_prefix("Invalid URL: ").map(path))
        .or_else(|| encoding(text))
        .or_else(|| form(text))
        .or_else(|| header(text))
}

fn deserializer(text: &str) -> Option<FieldError> {
    let error_behind = |table: &[(&str, Location)]| {
        table.iter().find_map(|&(beginning, location)| Some((text.strip_prefix(beginning)?, location)))
    };
    let with_path = error_behind(&WITH_PATH).map(|(error, at)| (serde_text::read_with_path(error), at));
    let failure =
        with_path.or_else(|| error_behind(&WITHOUT_PATH).map(|(error, at)| (serde_text::read(error), at)));
    failure.map(|(failure, location)| failure.into_error(location))
}

fn json_syntax(text: &str) -> Option<FieldError> {
    let error = text.strip_prefix("Failed to parse the request body as JSON: ")?;
    let unknown = || Failure { message: "not valid JSON".to_owned(), ..Failure::unknown() };
    let failure =
        Failure { code: "json_syntax", ..serde_text::read_known_with_path(error).unwrap_or_else(unknown) };
    Some(failure.into_error(Location::Body))
}

/// Reads what axum's `Path` says: a key that is the application's, a value in backticks, and a type or an error.
fn path(error: &str) -> FieldError {
    let failure = undecodable(error)
        .or_else(|| unparsable(error))
        .or_else(|| refused_parameter(error))
        .unwrap_or_else(|| serde_text::read(error));
    failure.into_error(Location::Path)
}

fn undecodable(error: &str) -> Option<Failure> {
    let key = error.strip_prefix("Invalid UTF-8 in `")?.strip_suffix('`')?;
    Some(Failure {
        field: field_path::normalise(key),
        message: "invalid UTF-8".to_owned(),
        code: "invalid_utf8",
    })
}

fn unparsable(error: &str) -> Option<Failure> {
    let (parameter, kind) =
        error.strip_prefix("Cannot parse ")?.strip_suffix('`')?.rsplit_once("` to a `")?;
    let is_type = |c: char| c.is_ascii_alphanumeric() || "_:<>&[]() ".contains(c);
    if kind.len() > TYPE_CHARS_MAX || !kind.chars().all(is_type) {
        return None;
    }
    let message = format!("cannot be parsed as {kind}");
    Some(Failure { field: parameter_name(parameter), message, code: "parse_error" })
}

fn refused_parameter(error: &str) -> Option<Failure> {
    let parameter = error.strip_prefix("Cannot parse ")?;
    let field = parameter_name(parameter);
    let ends = parameter.rmatch_indices("`: ").take(VALUE_ENDS_MAX);
    let known = ends.map(|(end, mark)| &parameter[end + mark.len()..]).find_map(serde_text::read_known);
    Some(Failure { field, ..known.unwrap_or_else(Failure::unknown) })
}

/// The parameter before its value: `` `id` with value `…``, or its position among several. A lone parameter has no name.
fn parameter_name(parameter: &str) -> String {
    let Some((name, _)) = parameter.split_once(" with value `") else { return String::new() };
    if let Some(index) = name.strip_prefix("value at index ") {
        let is_index = index.len() <= 2 && index.bytes().all(|b| b.is_ascii_digit());
        return if is_index { index.to_owned() } else { String::new() };
    }
    let name = name.strip_prefix('`').and_then(|name| name.strip_suffix('`'));
    name.map(field_path::normalise).unwrap_or_default()
}

fn encoding(text: &str) -> Option<FieldError> {
    text.strip_prefix("Request body didn't contain valid UTF-8")?;
    let error = FieldError::from_clean(Location::Body, String::new(), "invalid UTF-8".to_owned());
    Some(error.with_code("invalid_utf8"))
}

/// Reads what actix-web's `Form` says. Its beginning is too common to believe it without a known error behind it.
fn form(text: &str) -> Option<FieldError> {
    let error = text.strip_prefix("Parse error: ")?.strip_suffix('.')?;
    serde_text::read_known(error).map(|failure| failure.into_error(Location::Form))
}

/// Reads what axum-extra's `TypedHeader` says.
fn header(text: &str) -> Option<FieldError> {
    let missing = || text.strip_prefix("Header of type `")?.strip_suffix("` was missing");
    let invalid = || text.strip_prefix("invalid HTTP header (")?.strip_suffix(')');
    let (name, message, code) = match (missing(), invalid()) {
        (Some(name), _) => (name, "missing header", "missing_field"),
        (None, Some(name)) => (name, "invalid header", "invalid_value"),
        (None, None) => return None,
    };
    let name = scrub::first_chars(name.to_owned(), field_path::FIELD_CHARS_MAX);
    field_path::is_name(&name)
        .then(|| FieldError::from_clean(Location::Header, name, message.to_owned()).with_code(code))
}
