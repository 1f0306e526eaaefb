//! The forms in which APIs word validation errors in JSON.

use super::read_json;

#[test]
fn problem_json_is_read_in_its_old_and_its_new_form() {
    let rfc9457 = r##"{"type": "https://example.net/validation-error", "title": "Your request is not valid.", "errors": [
        {"detail": "must be a positive integer", "pointer": "#/items/0/age"},
        {"detail": "must be 'green', 'red' or 'blue'", "pointer": "#/profile/color"}]}"##;
    assert_eq!(
        read_json(rfc9457),
        [
            ["body", "items.*.age", "must be a positive integer", ""],
            ["body", "profile.color", "must be '…'", ""]
        ]
    );
    let rfc7807 = r#"{"title": "Your request parameters didn't validate.", "invalid-params":
        [{"name": "age", "reason": "must be a positive integer"}]}"#;
    assert_eq!(read_json(rfc7807), [["unknown", "age", "must be a positive integer", ""]]);
    assert_eq!(read_json(&rfc7807.replace('-', "_")).len(), 1);
    let map = r#"{"title": "Invalid", "errors": {"Name": ["The Name field is required."], "items[0].Age": ["too low"]}}"#;
    assert_eq!(
        read_json(map),
        [["unknown", "Name", "The Name field is required.", ""], ["unknown", "items.*.Age", "too low", ""]]
    );
}

#[test]
fn details_as_fastapi_writes_them_lose_the_input() {
    let body = r#"{"detail": [
        {"type": "missing", "loc": ["body", "items", 0, "name"], "msg": "Field required", "input": {"nam": "mauve"}},
        {"type": "value_error", "loc": ["query", "page"], "msg": "Value error, mauve is not a page", "input": "mauve"},
        {"type": "missing", "loc": ["body"], "msg": "Field required"}]}"#;
    assert_eq!(
        read_json(body),
        [
            ["body", "items.*.name", "Field required", "missing"],
            ["query", "page", "Value error, … is not a page", "value_error"],
            ["body", "", "Field required", "missing"],
        ]
    );
}

#[test]
fn violations_as_google_writes_them_are_found_among_the_details() {
    let body = r#"{"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "bad", "details": [
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "BAD"},
        {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations":
            [{"field": "boat.name", "description": "must be set", "reason": "REQUIRED"}]}]}}"#;
    assert_eq!(read_json(body), [["unknown", "boat.name", "must be set", "REQUIRED"]]);
}

#[test]
fn sources_as_json_api_writes_them_tell_the_location() {
    let body = r#"{"errors": [
        {"code": "REQUIRED", "source": {"pointer": "/data/attributes/name"}, "detail": "must be set"},
        {"source": {"parameter": "page"}, "title": "not a number"}]}"#;
    assert_eq!(
        read_json(body),
        [["body", "data.attributes.name", "must be set", "REQUIRED"], ["query", "page", "not a number", ""]]
    );
}

#[test]
fn entries_name_their_members_in_many_ways() {
    let cases = [
        (
            r#"{"errors": [{"path": "name", "location": "body", "msg": "Invalid value", "value": "mauve", "type": "field"}]}"#,
            ["body", "name", "Invalid value", "field"],
        ),
        (
            r#"{"issues": [{"code": "invalid_type", "path": ["items", 0, "name"], "message": "expected string, received number"}]}"#,
            ["unknown", "items.*.name", "expected string, received number", "invalid_type"],
        ),
        (
            r#"{"violations": [{"propertyPath": "tags[2]", "message": "too long"}]}"#,
            ["unknown", "tags.*", "too long", ""],
        ),
        (
            r#"[{"instancePath": "/items/0", "keyword": "type", "message": "must be string"}]"#,
            ["unknown", "items.*", "must be string", "type"],
        ),
        (r#"{"errors": [{"field": "age", "code": 7}]}"#, ["unknown", "age", "7", "7"]),
        (r#"{"error": {"errors": {"age": "too low"}}}"#, ["unknown", "age", "too low", ""]),
        (
            r#"{"errors": {"address": {"_errors": [], "zip": {"_errors": ["too short"]}}}}"#,
            ["unknown", "address.zip", "too short", ""],
        ),
        (
            r#"{"errors": [{"field": "age", "message": "age: invalid type: string \"mauve\", expected u8"}]}"#,
            ["unknown", "age", "invalid type: string, expected u8", "invalid_type"],
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(read_json(body), [expected], "{body}");
    }
}
