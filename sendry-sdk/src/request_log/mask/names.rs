//! Which names are those of secrets.

use std::borrow::Cow;
use std::cell::RefCell;

use crate::recent::Recent;

/// Letters of a pattern from which on it matches anywhere in a name. Shorter ones match whole words only: `ssn` is meant by
/// `user_ssn` and `userSsn`, not by `classname`.
const ANYWHERE_LETTERS_MIN: usize = 5;

/// Answers that are remembered. The names of headers and fields repeat from request to request; those that a client makes up
/// stop being remembered here.
const REMEMBERED_MAX: usize = 1_024;

/// Bytes of a name up to which its answer is remembered.
const REMEMBERED_BYTES_MAX: usize = 64;

/// A list of patterns, without regard to case and to how words are joined: `api-key` means `X-Api-Key`, `apiKey` and `apikey`.
#[derive(Debug, Default)]
pub(in crate::request_log) struct Names {
    /// Patterns that match anywhere, letters and digits only.
    anywhere: Vec<String>,
    /// Patterns that match whole words.
    words: Vec<String>,
    remembered: RefCell<Recent<bool>>,
}

impl Names {
    pub(in crate::request_log) fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        let mut names = Self::default();
        for pattern in patterns.into_iter().map(squeeze).filter(|pattern| !pattern.is_empty()) {
            let list =
                if pattern.len() < ANYWHERE_LETTERS_MIN { &mut names.words } else { &mut names.anywhere };
            list.push(pattern);
        }
        names
    }

    /// Whether the value of what is called `name` is masked.
    pub(in crate::request_log) fn contain(&self, name: &str) -> bool {
        if name.len() > REMEMBERED_BYTES_MAX {
            return self.find(name);
        }
        if let Some(known) = self.remembered.borrow().find(name) {
            return known;
        }
        let found = self.find(name);
        let mut remembered = self.remembered.borrow_mut();
        if remembered.len() < REMEMBERED_MAX {
            remembered.remember(name, found);
        }
        found
    }

    fn find(&self, name: &str) -> bool {
        let squeezed = squeeze(name);
        self.anywhere.iter().any(|pattern| squeezed.contains(pattern.as_str()))
            || words(name).any(|word| self.words.iter().any(|pattern| word.eq_ignore_ascii_case(pattern)))
    }
}

/// Letters and digits in lower case, nothing between them.
fn squeeze(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The words of `snake_case`, `kebab-case`, `dotted.case` and `camelCase`.
fn words(name: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let parts = name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.flat_map(|part| {
        let humps = humps(part);
        // `SSN` and `Pwd2` are words as a whole too.
        std::iter::once(part).chain(humps).map(Cow::Borrowed)
    })
}

/// Cuts before each capital that follows a small letter or a digit, and before digits.
fn humps(part: &str) -> impl Iterator<Item = &str> {
    let cuts = |(at, pair): (usize, (char, char))| {
        let (before, c) = pair;
        let begins = (c.is_uppercase() && !before.is_uppercase()) || (c.is_numeric() != before.is_numeric());
        begins.then_some(at)
    };
    let pairs = part.char_indices().zip(part.char_indices().skip(1));
    let ends = pairs.map(|((_, before), (at, c))| (at, (before, c))).filter_map(cuts).chain([part.len()]);
    ends.scan(0, |from, to| Some(&part[std::mem::replace(from, to)..to]))
}

#[cfg(test)]
mod tests {
    use super::super::{EVERYWHERE, FIELDS, HEADERS};
    use super::*;

    fn defaults() -> Names {
        Names::new(EVERYWHERE.iter().chain(HEADERS).chain(FIELDS).copied())
    }

    #[test]
    fn the_defaults_mask_what_is_commonly_a_secret() {
        let names = defaults();
        let secrets = [
            "Authorization",
            "proxy-authorization",
            "COOKIE",
            "Set-Cookie",
            "X-Api-Key",
            "apiKey",
            "api_key",
            "APIKEY",
            "x-auth",
            "X-CSRF-Token",
            "access_token",
            "refreshToken",
            "client_secret",
            "password",
            "userPassword",
            "new_passwd",
            "pwd",
            "user.pwd",
            "ssn",
            "userSsn",
            "SSN",
            "card_number",
            "cardNumber",
            "cvv2",
            "CVC",
            "iban",
            "private_key",
            "sid",
        ];
        let shown: Vec<&&str> = secrets.iter().filter(|name| !names.contain(name)).collect();
        assert!(shown.is_empty(), "{shown:?}");
    }

    #[test]
    fn short_patterns_leave_longer_words_alone() {
        let names = defaults();
        let plain = [
            "classname",
            "author",
            "postcard",
            "pinned",
            "company",
            "inside",
            "discard",
            "description",
            "",
            "é",
        ];
        let masked: Vec<&&str> = plain.iter().filter(|name| names.contain(name)).collect();
        assert!(masked.is_empty(), "{masked:?}");
    }

    #[test]
    fn answers_for_made_up_names_are_not_remembered_for_ever() {
        let names = defaults();
        (0..5_000).for_each(|n| assert!(!names.contain(&format!("field-{n}"))));
        assert_eq!(names.remembered.borrow().len(), REMEMBERED_MAX);
        assert!(names.contain("token") && names.contain(&format!("{}token", "x".repeat(100))));
    }
}
