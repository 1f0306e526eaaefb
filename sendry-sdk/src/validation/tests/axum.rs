//! Rejections of axum and axum-extra, made by requests through a router: a change of their texts shows here.

use std::collections::HashMap;

use axum::body::Body;
use axum::extract::Path;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use http::{Request, header};
use http_body_util::BodyExt;
use serde::Deserialize;
use tower::ServiceExt;
use uuid::Uuid;

use super::{Read, parts};
use crate::validation::{FieldError, from_response};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only read by serde")]
pub(super) struct Order {
    name: String,
    count: u32,
    #[serde(default)]
    kind: Option<Kind>,
    #[serde(default)]
    items: Vec<Item>,
    #[serde(default)]
    prices: HashMap<String, f64>,
    #[serde(default)]
    pair: Option<(u8, u8)>,
    #[serde(default)]
    id: Option<Uuid>,
    #[serde(default)]
    address: Option<std::net::IpAddr>,
    #[serde(default)]
    letter: Option<char>,
    #[serde(default)]
    flag: Option<bool>,
    #[serde(default)]
    shape: Option<Shape>,
    #[serde(default)]
    own: Option<Own>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only read by serde")]
struct Item {
    name: String,
    #[serde(default)]
    tags: Vec<Kind>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Boat,
    Ferry,
}

#[derive(Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "only read by serde")]
enum Shape {
    Round { radius: f64 },
    Square { side: f64 },
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Own;

impl TryFrom<String> for Own {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Err(format!("{text}: I do not like {text}"))
    }
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only read by serde")]
struct Page {
    page: u32,
    kind: Option<Kind>,
    at: Option<std::net::Ipv4Addr>,
    flag: Option<bool>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only read by serde")]
struct Boat {
    boat_id: Uuid,
    kind: Kind,
}

pub(super) fn app() -> Router {
    Router::new()
        .route("/json", post(async |_: Json<Order>| {}))
        .route("/form", post(async |_: Form<Page>| {}).get(async |_: Form<Page>| {}))
        .route("/extra/form", post(async |_: axum_extra::extract::Form<Page>| {}))
        .route("/query", get(async |_: axum::extract::Query<Page>| {}))
        .route("/extra/query", get(async |_: axum_extra::extract::Query<Page>| {}))
        .route("/path/one/{id}", get(async |_: Path<u32>| {}))
        .route("/path/uuid/{id}", get(async |_: Path<Uuid>| {}))
        .route("/path/two/{a}/{b}", get(async |_: Path<(u32, bool)>| {}))
        .route("/path/named/{boat_id}/{kind}", get(async |_: Path<Boat>| {}))
        .route("/path/map/{number}", get(async |_: Path<HashMap<String, u8>>| {}))
        .route("/text", post(async |_: String| {}))
}

/// Sends a request and reads its refusal. Returns the refusal too.
pub(super) async fn refused(request: Request<Body>) -> (String, Vec<FieldError>) {
    let response = app().oneshot(request).await.expect("a router does not fail");
    let status = response.status().as_u16();
    let kind = response.headers().get(header::CONTENT_TYPE).map(|kind| kind.as_bytes().to_owned());
    let body = response.into_body().collect().await.expect("a body of text").to_bytes();
    assert!(matches!(status, 400 | 422), "{status}: {body:?}");
    (String::from_utf8_lossy(&body).into_owned(), from_response(status, kind.as_deref(), &body))
}

pub(super) fn post_json(body: impl Into<Body>) -> Request<Body> {
    let request = Request::post("/json").header(header::CONTENT_TYPE, "application/json");
    request.body(body.into()).expect("a request")
}

pub(super) fn post_form(path: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    request.body(body.into()).expect("a request")
}

pub(super) fn get_path(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).expect("a request")
}

async fn read(request: Request<Body>) -> Read {
    parts(&refused(request).await.1)
}

/// An order with further members.
fn order(members: &str) -> Request<Body> {
    post_json(format!(r#"{{"name": "x", "count": 2, {members}}}"#))
}

#[tokio::test]
async fn json_that_does_not_fit_names_the_field_and_what_was_expected() {
    let cases = [
        (r#""name": 1"#, "name", "duplicate field `name`", "duplicate_field"),
        (r#""kind": "secret""#, "kind", "unknown variant, expected `boat` or `ferry`", "unknown_variant"),
        (
            r#""items": [{"name": 1}]"#,
            "items.*.name",
            "invalid type: integer, expected a string",
            "invalid_type",
        ),
        (r#""items": [{"name": "a"}, {}]"#, "items.*.name", "missing field `name`", "missing_field"),
        (
            r#""items": [{"name": "a", "tags": ["boat", "secret"]}]"#,
            "items.*.tags.*",
            "unknown variant, expected `boat` or `ferry`",
            "unknown_variant",
        ),
        (
            r#""prices": {"bob@example": "1"}"#,
            "prices.*",
            "invalid type: string, expected f64",
            "invalid_type",
        ),
        (r#""prices": {"a: b": null}"#, "prices.a", "invalid value", "custom"),
        (r#""pair": [1]"#, "pair", "invalid length, expected a tuple of size 2", "invalid_length"),
        (r#""pair": [1, 4000]"#, "pair.*", "invalid value: integer, expected u8", "invalid_value"),
        (r#""id": "secret""#, "id", "UUID parsing failed: invalid character", "parse_error"),
        (r#""address": "secret""#, "address", "invalid IP address syntax", "parse_error"),
        (r#""letter": "secret""#, "letter", "invalid value: string, expected a character", "invalid_value"),
        (r#""flag": "secret""#, "flag", "invalid type: string, expected a boolean", "invalid_type"),
        (
            r#""shape": {"radius": "secret"}"#,
            "shape",
            "data did not match any variant of untagged enum Shape",
            "invalid_value",
        ),
        (r#""own": "secret""#, "own", "invalid value", "custom"),
    ];
    for (members, field, message, code) in cases {
        assert_eq!(read(order(members)).await, [["body", field, message, code]], "{members}");
    }
}

#[tokio::test]
async fn the_name_of_an_unknown_field_is_the_users_and_is_cut() {
    let errors = read(order(r#""secret_key": 1"#)).await;
    let [location, field, message, code] = &errors[0];
    assert_eq!([location, field, code], ["body", "*", "unknown_field"]);
    assert!(message.starts_with("unknown field, expected one of `name`, `count`,"), "{message}");
}

#[tokio::test]
async fn a_missing_field_is_named_with_what_it_is_missing_from() {
    assert_eq!(
        read(post_json(r#"{"name": "x"}"#)).await,
        [["body", "count", "missing field `count`", "missing_field"]]
    );
}

#[tokio::test]
async fn text_that_is_no_json_is_a_fault_of_the_whole_body() {
    let cases = [
        ("", "", "EOF while parsing a value"),
        ("secret", "", "expected value"),
        (r#"{"name": "x" "#, "", "EOF while parsing an object"),
        (r#"{"name": "x" "count": 2}"#, "", "expected `,` or `}`"),
        (r#"{"name": "x", "count": 1e400}"#, "count", "number out of range"),
        (r#"{"name": "x", "count": 2}]"#, "", "trailing characters"),
    ];
    for (body, field, message) in cases {
        assert_eq!(read(post_json(body)).await, [["body", field, message, "json_syntax"]], "{body}");
    }
}

#[tokio::test]
async fn queries_and_forms_say_which_field_cannot_be_parsed() {
    let cases = [
        ("page=secret", "page", "invalid digit found in string", "parse_error"),
        ("page=", "page", "cannot parse integer from empty string", "parse_error"),
        ("page=99999999999", "page", "number too large to fit in target type", "parse_error"),
        ("", "page", "missing field `page`", "missing_field"),
        ("page=1&kind=secret", "kind", "unknown variant, expected `boat` or `ferry`", "unknown_variant"),
        ("page=1&at=secret", "at", "invalid IPv4 address syntax", "parse_error"),
        ("page=1&flag=secret", "flag", "provided string was not `true` or `false`", "parse_error"),
    ];
    for (text, field, message, code) in cases {
        let requests = [
            ("form", post_form("/form", text)),
            ("form", post_form("/extra/form", text)),
            ("form", get_path(&format!("/form?{text}"))),
            ("query", get_path(&format!("/query?{text}"))),
            ("query", get_path(&format!("/extra/query?{text}"))),
        ];
        for (location, request) in requests {
            let path = request.uri().to_string();
            assert_eq!(read(request).await, [[location, field, message, code]], "{path} {text}");
        }
    }
}

#[tokio::test]
async fn a_field_that_is_given_twice_is_told() {
    let twice = "page=1&page=2";
    let axum = ["query", "page", "duplicate field `page`", "duplicate_field"];
    assert_eq!(read(get_path(&format!("/query?{twice}"))).await, [axum]);
    let extra = ["query", "page", "unsupported value", "parse_error"];
    assert_eq!(read(get_path(&format!("/extra/query?{twice}"))).await, [extra]);
}

#[tokio::test]
async fn path_parameters_are_named_by_key_or_by_position() {
    let cases = [
        ("/path/one/secret", "", "cannot be parsed as u32", "parse_error"),
        ("/path/uuid/secret", "id", "UUID parsing failed: invalid character", "parse_error"),
        ("/path/two/secret/true", "0", "cannot be parsed as u32", "parse_error"),
        ("/path/two/1/secret", "1", "cannot be parsed as bool", "parse_error"),
        ("/path/named/secret/boat", "boat_id", "UUID parsing failed: invalid character", "parse_error"),
        ("/path/map/secret", "number", "cannot be parsed as u8", "parse_error"),
        ("/path/one/%FF", "id", "invalid UTF-8", "invalid_utf8"),
        (
            "/path/named/5a4e8a0e-6f4e-4b0f-9a55-0b8f9d7f1a11/secret",
            "",
            "unknown variant, expected `boat` or `ferry`",
            "unknown_variant",
        ),
    ];
    for (path, field, message, code) in cases {
        assert_eq!(read(get_path(path)).await, [["path", field, message, code]], "{path}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_utf8_is_told() {
    let request = Request::post("/text").body(Body::from(&b"\xff\xfe"[..])).expect("a request");
    assert_eq!(read(request).await, [["body", "", "invalid UTF-8", "invalid_utf8"]]);
}
