//! Reports of `garde` and errors of `validator` as they display themselves: a line `field: message` for each field.

use super::field_error::{FieldError, Location};
use super::response::FIELDS_READ_MAX;
use super::{field_path, rules, scrub};

/// How `validator` begins an error that has no message of its own. The parameters behind it hold the value.
const VALIDATOR: &str = "Validation error: ";

/// Reads all lines. The first may be without a field: it belongs to the whole then.
///
/// What a message quotes may go on in the next line. So a message of unknown words ends where it begins to quote, and behind it
/// only lines in the words of a validator are read.
pub(super) fn read(location: Location, text: &str) -> Vec<FieldError> {
    let mut found = Vec::new();
    let mut may_be_quoted = false;
    for (number, line) in text.lines().filter(|line| !line.trim().is_empty()).enumerate() {
        let (field, message) = match split(line) {
            Some(split) => split,
            None if number == 0 => ("", line),
            None => continue,
        };
        let is_sure = is_of_validator(message);
        if found.len() >= FIELDS_READ_MAX || (may_be_quoted && !is_sure) {
            continue;
        }
        let before = scrub::before_quotes(message).filter(|_| !is_sure);
        may_be_quoted |= before.is_some();
        let message = before.map_or(message.to_owned(), |before| format!("{before} {}", scrub::CUT));
        found.push(read_line(location, field, &message));
    }
    found
}

/// Reads lines only if all have a field and one at least has the words of a validator: any text may have colons.
pub(super) fn read_surely(text: &str) -> Vec<FieldError> {
    let lines = || text.lines().filter(|line| !line.trim().is_empty()).map(split);
    let are_fields = lines().all(|line| line.is_some());
    let is_sure = lines().flatten().any(|(_, message)| is_of_validator(message));
    if are_fields && is_sure { read(Location::Unknown, text) } else { Vec::new() }
}

fn is_of_validator(message: &str) -> bool {
    rules::recognise(message).is_some() || message.starts_with(VALIDATOR)
}

/// Splits `items[0].name: message`. A field is made of names and indexes.
fn split(line: &str) -> Option<(&str, &str)> {
    let (field, message) = line.split_once(": ")?;
    field_path::is_path(field).then_some((field, message))
}

fn read_line(location: Location, field: &str, message: &str) -> FieldError {
    let field = field_path::normalise(field);
    match message.split_once(VALIDATOR) {
        Some(("", rule)) => {
            let code = rule.split_once(" [{").map_or("", |(code, _)| code);
            let code = if field_path::is_name(code) { code } else { "" };
            FieldError::from_clean(location, field, "validation failed".to_owned()).with_code(code)
        }
        Some((message, _)) => {
            FieldError::from_sentence(location, field, message.trim_end_matches([',', ' ']), &[])
        }
        None => FieldError::from_sentence(location, field, message.trim(), &[]),
    }
}
