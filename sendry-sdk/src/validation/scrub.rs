//! Cuts what may be a user's value out of sentences that an application wrote.
//!
//! Three things go: what stands in quotes, what the response declares to be the value, and words that look like data (addresses,
//! long numbers, what follows `got`). Limits stay: in `at most 2048 characters` the number is the application's.

use super::field_path;
use crate::protocol::limits::MESSAGE_CHARS_MAX;

/// What stands for what was cut.
pub(super) const CUT: &str = "…";

/// A number with fewer digits is kept anywhere: it is a limit more often than a value, and too short to tell anybody.
const DATA_DIGITS_MIN: usize = 4;

/// A declared value shorter than this is only cut within quotes; cutting every `a` would leave no sentence.
const DECLARED_BYTES_MIN: usize = 4;

/// Words after which a number is the application's limit.
const LIMIT_WORDS: [&str; 9] =
    ["than", "least", "most", "exceed", "between", "min", "max", "minimum", "maximum"];

/// Words after which the value follows, and what may follow them that is none.
const VALUE_WORDS: [&str; 2] = ["got", "received"];
const TYPE_WORDS: [&str; 17] = [
    "a",
    "an",
    "string",
    "str",
    "number",
    "int",
    "integer",
    "float",
    "boolean",
    "bool",
    "null",
    "undefined",
    "nan",
    "object",
    "array",
    "list",
    "nothing",
];

/// Scrubs a sentence about `field`. `values` are what is known to be the value.
pub(super) fn sentence(text: &str, field: &str, values: &[String]) -> String {
    let (subject, rest) = quoted_subject(text, field).unwrap_or(("", text));
    let mut rest = rest.to_owned();
    for value in declared(values) {
        rest = rest.replace(value, CUT);
    }
    let scrubbed = cut_data(&cut_quoted(&rest));
    let sentence = if subject.is_empty() { scrubbed } else { format!("{subject} {scrubbed}") };
    first_chars(sentence, MESSAGE_CHARS_MAX)
}

/// The values that are long enough to be looked for.
pub(super) fn declared(values: &[String]) -> impl Iterator<Item = &str> {
    values.iter().map(String::as_str).filter(|value| value.len() >= DECLARED_BYTES_MIN)
}

/// What stands before a quotation, when there is one.
pub(super) fn before_quotes(text: &str) -> Option<&str> {
    first_opening(text).map(|(start, _)| text[..start].trim_end())
}

/// Keeps the first `max` characters.
pub(super) fn first_chars(mut text: String, max: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(max) {
        text.truncate(end);
    }
    text
}

/// Splits `"name" is required` into its subject and the rest, when the subject is the field itself.
fn quoted_subject<'a>(text: &'a str, field: &str) -> Option<(&'a str, &'a str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let (subject, rest) = text.get(1..)?.split_once(quote)?;
    let names_field = field_path::is_name(subject) && field.rsplit('.').next() == Some(subject);
    names_field.then_some((subject, rest))
}

/// Cuts from the first opening quote to the last closing one. A value may hold quotes itself, so pairs cannot be trusted.
fn cut_quoted(text: &str) -> String {
    let Some((start, opening)) = first_opening(text) else { return text.to_owned() };
    let inside = start + opening.len_utf8();
    let (head, tail) = (&text[..inside], &text[inside..]);
    let closing = last_closing(tail).map_or("", |end| &tail[end..]);
    format!("{head}{CUT}{closing}")
}

fn first_opening(text: &str) -> Option<(usize, char)> {
    let mut before = ' ';
    text.char_indices().find(|&(_, c)| {
        let is_apostrophe = before.is_alphanumeric() && matches!(c, '\'' | '‘');
        before = c;
        matches!(c, '"' | '`' | '\'' | '“' | '‘' | '„' | '«' | '‹') && !is_apostrophe
    })
}

fn last_closing(text: &str) -> Option<usize> {
    let mut after = ' ';
    let closing = text.char_indices().rev().find(|&(_, c)| {
        let is_apostrophe = after.is_alphanumeric() && matches!(c, '\'' | '’');
        after = c;
        matches!(c, '"' | '`' | '\'' | '”' | '’' | '“' | '»' | '›') && !is_apostrophe
    });
    closing.map(|(at, _)| at)
}

/// Cuts words that look like data, and brings white space and control characters down to single spaces.
fn cut_data(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut before = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        if !kept.is_empty() {
            kept.push(' ');
        }
        if VALUE_WORDS.contains(&before.as_str()) && !TYPE_WORDS.contains(&bare.as_str()) {
            kept.push_str(CUT);
            break;
        }
        kept.push_str(if is_data(word) && !is_limit(word, &before) { CUT } else { word });
        before = bare;
    }
    kept
}

fn is_data(word: &str) -> bool {
    let digits = word.chars().filter(|c| c.is_numeric()).count();
    digits >= DATA_DIGITS_MIN || word.contains('@') || word.contains("://")
}

fn is_limit(word: &str, before: &str) -> bool {
    LIMIT_WORDS.contains(&before)
        && word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '_' | ';' | ')'))
}
