//! Paths of fields in one form: names joined by dots, `*` for the index of an array and for keys that users chose.
//!
//! Reads what serializers, validators and web frameworks write: `items[3].name`, `items.3.name`, `items["name"]`, JSON pointers
//! (`/items/3/name`, also as a fragment) and `$.items[3]`.

use super::scrub;

/// Characters of a path; what is longer is cut.
pub(super) const FIELD_CHARS_MAX: usize = 256;

/// Names of a path; deeper ones are left out. No request is that deep but one that means harm.
const SEGMENTS_MAX: usize = 32;

/// Bytes of one name. The longest column names of databases have 63.
const NAME_BYTES_MAX: usize = 64;

/// Digits in one name. `iso8601_date` has four; numbers of accounts and people have more.
const NAME_DIGITS_MAX: usize = 4;

/// What stands for an index, or for a key that is no name.
pub(super) const ANY: &str = "*";

/// Brings a written path into our form.
pub(super) fn normalise(path: &str) -> String {
    let path = path.trim();
    match path.strip_prefix('#').unwrap_or(path).strip_prefix('/') {
        Some(pointer) => join(pointer.split('/')),
        None => join(path.strip_prefix('$').unwrap_or(path).split(['.', '[', ']'])),
    }
}

/// Joins the parts of a path. Empty ones are left out.
pub(super) fn join<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut path = String::new();
    for part in parts.filter(|part| !part.is_empty()).take(SEGMENTS_MAX) {
        append(&mut path, segment(part));
    }
    scrub::first_chars(path, FIELD_CHARS_MAX)
}

/// Appends a path in our form to another.
pub(super) fn append(path: &mut String, tail: &str) {
    if !path.is_empty() && !tail.is_empty() {
        path.push('.');
    }
    path.push_str(tail);
}

/// Whether `text` reads like the name of a field, not like data: starts with a letter, has few digits and no spaces.
pub(super) fn is_name(text: &str) -> bool {
    let starts_well = text.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '$'));
    let all_allowed = || text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$'));
    let digits = || text.chars().filter(|c| c.is_numeric()).count();
    starts_well && text.len() <= NAME_BYTES_MAX && all_allowed() && digits() <= NAME_DIGITS_MAX
}

/// Whether `text` is a path made of names and indexes, and nothing else.
pub(super) fn is_path(text: &str) -> bool {
    let is_index = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    !text.is_empty() && text.split(['.', '[', ']']).all(|part| is_index(part) || is_name(part))
}

fn segment(part: &str) -> &str {
    let name = part.trim_matches(['"', '\'']);
    if is_name(name) { name } else { ANY }
}
