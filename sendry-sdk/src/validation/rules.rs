//! The messages of `garde`'s rules, and the names of the rules.

/// A rule that a message speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    /// The rule's name, as `garde` has it.
    pub(super) code: &'static str,
    /// Whether the message can be kept whole: all of it is the application's.
    pub(super) is_free_of_values: bool,
}

/// How the messages of `garde` begin.
const BEGINNINGS: [(&str, &str); 17] = [
    ("length is lower than ", "length"),
    ("length is greater than ", "length"),
    ("lower than ", "range"),
    ("greater than ", "range"),
    ("does not match pattern /", "pattern"),
    ("does not match ", "matches"),
    ("does not contain \"", "contains"),
    ("value does not begin with \"", "prefix"),
    ("does not end with \"", "suffix"),
    ("not a valid email", "email"),
    ("not a valid url", "url"),
    ("not a valid phone number", "phone_number"),
    ("not a valid credit card number", "credit_card"),
    ("not a valid IP", "ip"),
    ("not ascii", "ascii"),
    ("not alphanumeric", "alphanumeric"),
    ("not set", "required"),
];

/// Tells which rule of `garde` says `message`.
pub(super) fn recognise(message: &str) -> Option<Rule> {
    let (_, code) = BEGINNINGS.iter().find(|(beginning, _)| message.starts_with(beginning))?;
    let is_pattern = *code == "pattern" && message.ends_with('/');
    let is_missing_at = message == "not a valid email: value is missing `@`";
    Some(Rule { code, is_free_of_values: is_pattern || is_missing_at })
}
