//! What deserializers say in the same words whatever was sent.

use super::Failure;
use crate::validation::field_path;

/// Errors that are the same whatever was sent, and beginnings after which the value may follow.
pub(super) fn read(error: &str) -> Option<Failure> {
    let whole = SYNTAX.contains(&error).then(|| Failure::new("json_syntax", error));
    let parse = || PARSE.contains(&error).then(|| Failure::new("parse_error", error));
    let begins =
        || PARSE_BEGINNINGS.iter().find(|b| error.starts_with(**b)).map(|b| Failure::new("parse_error", *b));
    let actix = || {
        let kind = error.strip_prefix("can not parse \"")?.rsplit_once("\" to a ")?.1;
        let is_type = kind.len() <= 16 && kind.bytes().all(|b| b.is_ascii_alphanumeric());
        is_type.then(|| Failure::new("parse_error", format!("cannot be parsed as {kind}")))
    };
    let untagged = || {
        let name = error.strip_prefix("data did not match any variant of untagged enum ")?;
        field_path::is_name(name).then(|| Failure::new("invalid_value", error))
    };
    let component = || {
        let name = error.strip_prefix("the '")?.strip_suffix("' component could not be parsed")?;
        field_path::is_name(name).then(|| Failure::new("parse_error", error))
    };
    whole.or_else(parse).or_else(begins).or_else(actix).or_else(untagged).or_else(component)
}

/// What `serde_json` says about text that is not JSON.
const SYNTAX: [&str; 23] = [
    "EOF while parsing a list",
    "EOF while parsing an object",
    "EOF while parsing a string",
    "EOF while parsing a value",
    "expected `:`",
    "expected `,` or `]`",
    "expected `,` or `}`",
    "expected ident",
    "expected value",
    "expected `\"`",
    "invalid escape",
    "invalid number",
    "number out of range",
    "invalid unicode code point",
    "control character (\\u0000-\\u001F) found while parsing a string",
    "key must be a string",
    "invalid value: expected key to be a number in quotes",
    "float key must be finite (got NaN or +/-inf)",
    "lone leading surrogate in hex escape",
    "trailing comma",
    "trailing characters",
    "unexpected end of hex escape",
    "recursion limit exceeded",
];

/// What the standard library, chrono and the deserializers of forms say about text that is not of a type.
const PARSE: [&str; 32] = [
    "invalid digit found in string",
    "cannot parse integer from empty string",
    "number too large to fit in target type",
    "number too small to fit in target type",
    "number would be zero for non-zero type",
    "invalid float literal",
    "cannot parse float from empty string",
    "provided string was not `true` or `false`",
    "too many characters in string",
    "cannot parse char from empty string",
    "invalid IP address syntax",
    "invalid IPv4 address syntax",
    "invalid IPv6 address syntax",
    "invalid socket address syntax",
    "invalid IPv4 socket address syntax",
    "invalid IPv6 socket address syntax",
    "input is out of range",
    "no possible date and time matching input",
    "input is not enough for unique date and time",
    "input contains invalid characters",
    "premature end of input",
    "trailing input",
    "a character literal was not valid",
    "unexpected trailing characters; the end of input was expected",
    "expected unit variant",
    "unsupported value",
    "value is missing",
    "array types are not supported",
    "expected at least one parameters",
    "unexpected item",
    "overflow deserializing Duration",
    "overflow deserializing SystemTime",
];

/// Beginnings of errors that may go on with a part of the value.
const PARSE_BEGINNINGS: [&str; 8] = [
    "UUID parsing failed: invalid character",
    "UUID parsing failed: invalid length",
    "UUID parsing failed: invalid group count",
    "UUID parsing failed: invalid group length",
    "UUID parsing failed",
    "wrong number of parameters",
    "relative URL without a base",
    "unsupported type",
];
