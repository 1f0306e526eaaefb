//! JSON bodies, also several in a row (JSON lines).
//!
//! The text is checked first, then copied in one pass that only looks for names; so numbers, blanks and escapes come through
//! as they were.

use serde::de::IgnoredAny;

use super::{MASKED, Names};

/// Masks the values of fields at any depth: strings, numbers, and whole arrays and objects. `null`, `true` and `false` tell
/// nothing and stay. None when `text` is no JSON.
pub(in crate::request_log) fn mask_json(text: &str, names: &Names) -> Option<String> {
    if !is_json(text) {
        return None;
    }
    let mut masked = Masked { names, rest: text, out: String::with_capacity(text.len()) };
    while masked.copy_to_string() {
        masked.copy_string();
    }
    Some(masked.out)
}

/// Whether `text` is one JSON value or several.
fn is_json(text: &str) -> bool {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    values.next().is_some_and(|first| first.is_ok()) && values.all(|value| value.is_ok())
}

/// INVARIANT: `rest` is the end of valid JSON, so that every string that begins in it also ends in it.
struct Masked<'a> {
    names: &'a Names,
    rest: &'a str,
    out: String,
}

impl<'a> Masked<'a> {
    /// Copies up to the next string; false at the end.
    fn copy_to_string(&mut self) -> bool {
        let at = self.rest.find('"');
        self.copy(at.unwrap_or(self.rest.len()));
        at.is_some()
    }

    /// Copies a string; when it is a name that is masked, masks its value.
    fn copy_string(&mut self) {
        let string = &self.rest[..string_end(self.rest)];
        self.copy(string.len());
        let blanks = self.rest.len() - self.rest.trim_start().len();
        if !self.rest[blanks..].starts_with(':') || !self.names.contain(&unescape(string)) {
            return;
        }
        self.copy(blanks + 1);
        self.copy(self.rest.len() - self.rest.trim_start().len());
        let value = &self.rest[..value_end(self.rest)];
        match value {
            "null" | "true" | "false" => self.copy(value.len()),
            _ => {
                self.out.extend(["\"", MASKED, "\""]);
                self.rest = &self.rest[value.len()..];
            }
        }
    }

    fn copy(&mut self, bytes: usize) {
        let (copied, rest) = self.rest.split_at(bytes);
        self.out.push_str(copied);
        self.rest = rest;
    }
}

/// Where the string that `text` begins with ends, its quotes included.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Where the value that `text` begins with ends.
fn value_end(text: &str) -> usize {
    match text.bytes().next() {
        Some(b'"') => string_end(text),
        Some(b'{' | b'[') => container_end(text),
        _ => text.find(|c: char| c == ',' || c == '}' || c == ']' || c.is_whitespace()).unwrap_or(text.len()),
    }
}

/// Where the object or array that `text` begins with ends.
fn container_end(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'"' => {
                at += string_end(&text[at..]);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return at + 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// The text of a string with its quotes: `"pass\u0077ord"` is a name like any other.
fn unescape(string: &str) -> std::borrow::Cow<'_, str> {
    match string.contains('\\') {
        true => serde_json::from_str::<String>(string).unwrap_or_default().into(),
        false => string.trim_matches('"').into(),
    }
}

#[cfg(test)]
mod tests;
