//! Texts of actix-web 4.18 and of other parts of axum-extra, as their sources write them; and texts that are of nobody.

use super::{parts, read_json, read_text};
use crate::validation::{FieldError, Location, from_response};

#[test]
fn errors_of_actix_say_where_and_what_but_not_which_value() {
    let cases = [
        (
            "Json deserialize error: invalid type: string \"secret\", expected u32 at line 1 column 14",
            ["body", "", "invalid type: string, expected u32", "invalid_type"],
        ),
        (
            "Json deserialize error: missing field `name` at line 1 column 2",
            ["body", "name", "missing field `name`", "missing_field"],
        ),
        (
            "Json deserialize error: EOF while parsing a value at line 1 column 0",
            ["body", "", "EOF while parsing a value", "json_syntax"],
        ),
        ("Json deserialize error: secret: nothing we know", ["body", "", "invalid value", "custom"]),
        (
            "Query deserialize error: invalid digit found in string",
            ["query", "", "invalid digit found in string", "parse_error"],
        ),
        (
            "Query deserialize error: missing field `page`",
            ["query", "page", "missing field `page`", "missing_field"],
        ),
        (
            "Path deserialize error: can not parse \"secret\" to a u32",
            ["path", "", "cannot be parsed as u32", "parse_error"],
        ),
        (
            "Path deserialize error: wrong number of parameters: 2 expected 1",
            ["path", "", "wrong number of parameters", "parse_error"],
        ),
        ("Parse error: missing field `page`.", ["form", "page", "missing field `page`", "missing_field"]),
    ];
    for (text, expected) in cases {
        assert_eq!(read_text(text), [expected], "{text}");
    }
}

#[test]
fn typed_headers_are_named() {
    assert_eq!(
        read_text("Header of type `user-agent` was missing"),
        [["header", "user-agent", "missing header", "missing_field"]]
    );
    assert_eq!(
        read_text("invalid HTTP header (host)"),
        [["header", "host", "invalid header", "invalid_value"]]
    );
}

#[test]
fn a_rejection_within_json_is_read_like_one_alone() {
    let text = "Failed to deserialize the JSON body into the target type: name: missing field `first` at line 1 column 9";
    let expected = [["body", "name.first", "missing field `first`", "missing_field"]];
    for member in ["message", "error", "detail"] {
        assert_eq!(read_json(&format!(r#"{{"status": 422, "{member}": "{text}"}}"#)), expected);
    }
    assert_eq!(read_json(&format!(r#"{{"error": {{"code": 422, "message": "{text}"}}}}"#)), expected);
    assert_eq!(read_json(&format!(r#""{text}""#)), expected);
}

#[test]
fn what_is_of_nobody_gives_nothing() {
    let texts = [
        "",
        "Bad Request",
        "error: no such boat",
        "Parse error: the boat sank.",
        "<html><body>name: length is lower than 3</body></html>",
        "Failed to buffer the request body: length limit exceeded",
        "Invalid `boundary` for `multipart/form-data` request",
        "null",
        "[1, 2]",
        "{",
        "{}",
        r#"{"error": "no such boat"}"#,
        r#"{"errors": 3}"#,
        r#"{"errors": ["no such boat"]}"#,
        r#"{"errors": {"code": "sunk", "message": "no such boat"}}"#,
        r#"{"errors": [{"message": "not signed in", "extensions": {}}]}"#,
        r#"{"detail": "no such boat"}"#,
        r#"{"details": {"boat": "sunk", "since": "monday"}}"#,
        r#"{"name": ["is required"]}"#,
    ];
    for text in texts {
        assert_eq!(read_text(text), [[""; 4]; 0], "{text}");
    }
}

#[test]
fn only_small_refusals_of_text_or_json_are_read() {
    let read = |status, kind: Option<&[u8]>, body: &str| from_response(status, kind, body.as_bytes()).len();
    let body = r#"{"errors": [{"field": "name", "message": "is required"}]}"#;
    assert_eq!(read(400, None, body), 1);
    assert_eq!(read(422, Some(b"Application/Problem+JSON; charset=utf-8"), body), 1);
    assert_eq!(read(422, Some(b"text/plain"), body), 1, "JSON that is sent as text");
    assert_eq!(read(422, Some(b"text/html"), body), 0);
    assert_eq!(read(422, Some(b"\xff"), body), 0);
    for status in [200, 401, 404, 409, 415, 500] {
        assert_eq!(read(status, None, body), 0, "{status}");
    }
    let padding = crate::validation::BODY_BYTES_MAX - body.len();
    assert_eq!(read(400, None, &format!("{body}{}", " ".repeat(padding))), 1);
    assert_eq!(read(400, None, &format!("{body}{}", " ".repeat(padding + 1))), 0);
    assert!(from_response(400, None, b"Query deserialize error: \xff").is_empty());
}

#[test]
fn one_response_gives_a_hundred_errors_at_the_most_and_each_once() {
    let entries = |n: usize, field: &dyn Fn(usize) -> String| {
        let entries: Vec<_> =
            (0..n).map(|i| format!(r#"{{"field": "{}", "message": "is required"}}"#, field(i))).collect();
        read_json(&format!(r#"{{"errors": [{}]}}"#, entries.join(","))).len()
    };
    assert_eq!(entries(101, &|i| format!("a{}", i)), 100);
    assert_eq!(entries(50, &|i| format!("items[{i}].name")), 1);
}

#[test]
fn errors_of_deserializers_are_read_by_whoever_has_them() {
    let error = serde_json::from_str::<Vec<u8>>(r#"[1, "secret"]"#).expect_err("not a number");
    let read = FieldError::from_deserialization(Location::Body, &error);
    assert_eq!(parts(&[read]), [["body", "", "invalid type: string, expected u8", "invalid_type"]]);
}
