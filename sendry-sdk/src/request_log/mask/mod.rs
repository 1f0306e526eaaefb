//! Masking: the values of what is named like a secret never leave the process.
//!
//! The writer calls it for headers, query strings, forms and JSON bodies; a masked value is [`MASKED`], its name stays. What
//! cannot be read as what it claims to be is not masked but left out. No function here panics or fails on any input.

mod json;
mod names;
mod query;

pub(super) use json::mask_json;
pub(super) use names::Names;
pub(super) use query::mask_query;

/// What stands in place of a masked value.
pub const MASKED: &str = "******";

/// Headers whose values are masked. A cookie is a key as much as a token is.
pub(super) const HEADERS: &[&str] = &["cookie", "csrf", "signature"];

/// Fields of JSON bodies and forms whose values are masked.
pub(super) const FIELDS: &[&str] =
    &["card", "cardnumber", "ccv", "cvc", "cvv", "iban", "otp", "pan", "pin", "ssn"];

/// What is masked wherever it stands: in headers, in the query and in bodies.
pub(super) const EVERYWHERE: &[&str] = &[
    "api-key",
    "auth",
    "authentication",
    "authorization",
    "credential",
    "jwt",
    "passphrase",
    "passwd",
    "password",
    "private-key",
    "pwd",
    "secret",
    "session-id",
    "sid",
    "token",
];
