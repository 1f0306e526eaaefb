//! The errors of deserializers, taken apart by serde's grammar and written anew without the value.
//!
//! `path: invalid type: string "value", expected u32 at line 1 column 9`: the path is the application's but for keys of maps, the
//! part after the last `, expected ` is the application's, and all between is the user's. An error that fits no rule here is
//! in the words of some type's own `Deserialize`, which may hold the value anywhere: it becomes `invalid value`.

mod fixed;

use super::field_error::{FieldError, Location};
use super::{field_path, scrub};

/// Places where the path may end and the error begin; a colon in the key of a map makes more than one.
const PATH_ENDS_MAX: usize = 32;

/// What a deserializer says about one field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Failure {
    /// The path, in our form.
    pub(super) field: String,
    pub(super) message: String,
    pub(super) code: &'static str,
}

impl Failure {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { field: String::new(), message: message.into(), code }
    }

    /// An error in words that are not known.
    pub(super) fn unknown() -> Self {
        Self::new("custom", "invalid value")
    }

    /// The same, deeper in the structure.
    pub(super) fn within(mut self, path: &str) -> Self {
        let mut field = path.to_owned();
        field_path::append(&mut field, &self.field);
        self.field = scrub::first_chars(field, field_path::FIELD_CHARS_MAX);
        self
    }

    pub(super) fn into_error(self, location: Location) -> FieldError {
        FieldError::from_clean(location, self.field, self.message).with_code(self.code)
    }
}

/// Reads any error of a deserializer that writes no path.
pub(super) fn read(text: &str) -> Failure {
    read_known(text).unwrap_or_else(Failure::unknown)
}

/// Reads any error that `serde_path_to_error` may have put the path before. Of an error in words that are not known the path is
/// still kept, when it is made of names and indexes.
pub(super) fn read_with_path(text: &str) -> Failure {
    read_known_with_path(text).unwrap_or_else(|| {
        let path = text.find(": ").map_or("", |end| &text[..end]);
        let path = if field_path::is_path(path) { path } else { "" };
        Failure::unknown().within(&field_path::normalise(path))
    })
}

/// Reads an error in serde's own words.
pub(super) fn read_known(text: &str) -> Option<Failure> {
    let error = without_position(text);
    steady(error).or_else(|| quoting(error)).map(|(failure, _)| failure)
}

/// Reads an error in serde's own words, with or without a path before it.
///
/// The key of a map stands in the path, and what types say in their own words may hold anything: both may read like an error. So
/// the errors that cannot be mistaken come first, and those that can are only looked for where the first colon is.
pub(super) fn read_known_with_path(text: &str) -> Option<Failure> {
    let text = without_position(text);
    let split = |(end, colon): (usize, &str)| (&text[..end], &text[end + colon.len()..]);
    let splits = || {
        let ends = text.match_indices(": ").take(PATH_ENDS_MAX).map(split);
        std::iter::once(("", text)).chain(ends)
    };
    let names_its_path = |(path, error)| {
        let (failure, key) =
            unknown_name(error).filter(|(_, key)| !key.is_empty() && path_ends_with(path, key))?;
        Some(behind(path, key, failure))
    };
    let read = |found: Option<(Failure, &str)>, path| found.map(|(failure, key)| behind(path, key, failure));
    splits()
        .find_map(names_its_path)
        .or_else(|| splits().find_map(|(path, error)| read(steady(error), path)))
        .or_else(|| splits().take(2).find_map(|(path, error)| read(quoting(error), path)))
}

/// Reads an error in serde's own words within a sentence of an application: only what can be nothing else is taken for a path.
pub(super) fn read_known_in_sentence(text: &str) -> Option<Failure> {
    read_known(text).or_else(|| {
        let (path, error) = text.split_once(": ").filter(|(path, _)| field_path::is_path(path))?;
        Some(read_known(error)?.within(&field_path::normalise(path)))
    })
}

/// Reads errors that hold nothing of the user's.
fn steady(error: &str) -> Option<(Failure, &str)> {
    fixed::read(error).or_else(|| own_field(error)).map(|failure| (failure, ""))
}

/// Reads errors that quote the user, and returns the name that the user sent.
fn quoting(error: &str) -> Option<(Failure, &str)> {
    mismatch(error).map(|failure| (failure, "")).or_else(|| unknown_name(error))
}

fn path_ends_with(path: &str, key: &str) -> bool {
    path.strip_suffix(key).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// Puts a failure behind its path. That of an unknown field ends with its name, which the user chose.
fn behind(path: &str, key: &str, failure: Failure) -> Failure {
    let path =
        if !key.is_empty() && path_ends_with(path, key) { &path[..path.len() - key.len()] } else { path };
    failure.within(&field_path::normalise(path))
}

/// Cuts ` at line 1 column 9`: where it stands says nothing about what is wrong.
fn without_position(text: &str) -> &str {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let text = text.trim_end();
    match text.rsplit_once(" at line ") {
        Some((error, position)) => match position.split_once(" column ") {
            Some((line, column)) if is_number(line) && is_number(column) => error,
            _ => text,
        },
        None => text,
    }
}

/// Errors about a field that the application named.
fn own_field(error: &str) -> Option<Failure> {
    const CODES: [(&str, &str); 2] =
        [("missing field", "missing_field"), ("duplicate field", "duplicate_field")];
    CODES.iter().find_map(|&(text, code)| {
        let name = error.strip_prefix(text)?.strip_prefix(" `")?.strip_suffix('`')?;
        let is_one = !name.contains('`');
        is_one.then(|| Failure::new(code, error).within(&field_path::normalise(name)))
    })
}

/// Errors about a name that the user sent. Returns the name too.
fn unknown_name(error: &str) -> Option<(Failure, &str)> {
    const CODES: [(&str, &str, &str); 2] = [
        ("unknown field", "unknown_field", ", there are no fields"),
        ("unknown variant", "unknown_variant", ", there are no variants"),
    ];
    CODES.iter().find_map(|&(text, code, none)| {
        let rest = error.strip_prefix(text)?.strip_prefix(" `")?;
        let (name, expected) = match rest.strip_suffix(none).and_then(|rest| rest.strip_suffix('`')) {
            Some(name) => (name, none.to_owned()),
            None => rest
                .rsplit_once("`, expected ")
                .filter(|(_, expected)| is_list_of_names(expected))
                .map(|(name, expected)| (name, format!(", expected {expected}")))?,
        };
        let mut failure = Failure::new(code, format!("{text}{expected}"));
        failure.field.push_str(if code == "unknown_field" { field_path::ANY } else { "" });
        Some((failure, name))
    })
}

/// Whether `text` is what serde expected: `` `a` ``, `` `a` or `b` ``, `` one of `a`, `b`, `c` ``.
fn is_list_of_names(text: &str) -> bool {
    let names = text.strip_prefix("one of ").unwrap_or(text);
    let names = names.strip_prefix('`').and_then(|names| names.strip_suffix('`'));
    names.is_some_and(|names| {
        names.split("`, `").flat_map(|names| names.split("` or `")).all(|name| !name.contains(['`', '"']))
    })
}

/// Errors about a value that is not what was expected.
fn mismatch(error: &str) -> Option<Failure> {
    const CODES: [(&str, &str, &str); 3] = [
        ("invalid type", "invalid_type", ": "),
        ("invalid value", "invalid_value", ": "),
        ("invalid length", "invalid_length", " "),
    ];
    CODES.iter().find_map(|&(text, code, separator)| {
        let rest = error.strip_prefix(text)?.strip_prefix(separator)?;
        let (given, expected) = rest.rsplit_once(", expected ")?;
        let kind = if code == "invalid_length" { None } else { Some(kind_of(given)?) };
        let kind = kind.map_or(String::new(), |kind| format!(": {kind}"));
        Some(Failure::new(code, format!("{text}{kind}{}", expectation(expected, given))))
    })
}

/// What serde calls the thing that was given, without its value.
fn kind_of(given: &str) -> Option<&'static str> {
    const WITH_VALUE: [(&str, &str); 5] =
        [("boolean", "`"), ("integer", "`"), ("floating point", "`"), ("character", "`"), ("string", "\"")];
    const ALONE: [&str; 13] = [
        "null",
        "byte array",
        "unit value",
        "Option value",
        "newtype struct",
        "sequence",
        "map",
        "enum",
        "unit variant",
        "newtype variant",
        "tuple variant",
        "struct variant",
        "number",
    ];
    let quoted = |kind: &str, quote| {
        let value = given.strip_prefix(kind).and_then(|rest| rest.strip_prefix(' '));
        value.is_some_and(|value| value.len() >= 2 && value.starts_with(quote) && value.ends_with(quote))
    };
    let kind = WITH_VALUE.iter().find(|(kind, quote)| quoted(kind, quote)).map(|(kind, _)| *kind);
    kind.or_else(|| ALONE.into_iter().find(|kind| *kind == given)).or_else(|| other_kind(given))
}

/// Kinds of other formats and of integers beyond 64 bits, whose names are not serde's.
fn other_kind(given: &str) -> Option<&'static str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == ' ';
    (given.len() <= 32 && given.chars().all(is_word)).then_some("other")
}

/// What was expected, as the application's types say it, should they quote what was given after all. Where a colon goes on, it is
/// not serde's grammar that does, and nothing is kept.
fn expectation(expected: &str, given: &str) -> String {
    if expected.contains(": ") {
        return String::new();
    }
    let value = given.split_once(['"', '`']).map_or("", |(_, value)| value.trim_end_matches(['"', '`']));
    format!(", expected {}", scrub::sentence(expected, "", &[value.to_owned()]))
}
