//! The errors of the real `garde` and `validator`, in every form in which handlers send them.

use garde::Validate as _;
use proptest::prelude::*;
use validator::Validate as _;

use super::{Read, parts};
use crate::validation::{FieldError, Location, from_response};

#[derive(Debug, garde::Validate)]
struct Crew {
    #[garde(length(min = 3))]
    name: String,
    #[garde(email)]
    email: String,
    #[garde(range(max = 10_000))]
    age: u32,
    #[garde(pattern("^[A-Z]{4,2000}$"), custom(own_rule))]
    sign: String,
    #[garde(dive)]
    mates: Vec<Mate>,
}

#[derive(Debug, garde::Validate)]
struct Mate {
    #[garde(alphanumeric)]
    name: String,
}

fn own_rule(sign: &str, _: &()) -> garde::Result {
    Err(garde::Error::new(format!("we have \"{sign}\" already")))
}

fn crew(value: &str) -> Crew {
    let mates = vec![Mate { name: "ok".to_owned() }, Mate { name: format!("-{value}") }];
    Crew { name: "x".to_owned(), email: value.to_owned(), age: 20_000, sign: value.to_owned(), mates }
}

const GARDE: [[&str; 3]; 6] = [
    ["name", "length is lower than 3", "length"],
    ["email", "not a valid email: value is missing `@`", "email"],
    ["age", "greater than 10000", "range"],
    ["sign", "does not match pattern /^[A-Z]{4,2000}$/", "pattern"],
    ["sign", "we have \"…\" already", ""],
    ["mates.*.name", "not alphanumeric", "alphanumeric"],
];

/// As lines, a message of unknown words ends where it begins to quote.
fn as_lines() -> [[&'static str; 3]; 6] {
    GARDE.map(|[field, message, code]| [field, if code.is_empty() { "we have …" } else { message }, code])
}

fn at(location: &'static str, expected: &[[&'static str; 3]]) -> Vec<[&'static str; 4]> {
    let mut expected: Vec<_> = expected.iter().map(|[f, m, c]| [location, *f, *m, *c]).collect();
    expected.sort_unstable();
    expected
}

fn sorted(mut read: Read) -> Read {
    read.sort_unstable();
    read
}

#[test]
fn a_report_of_garde_converts_in_one_line() {
    let report = crew("mauve").validate().expect_err("nothing is right");
    let lines = FieldError::from_display_lines(Location::Body, &report);
    assert_eq!(sorted(parts(&lines)), at("body", &as_lines()));
    let serialized = FieldError::from_serialize(Location::Form, &report);
    assert_eq!(sorted(parts(&serialized)), at("form", &GARDE));
}

#[test]
fn a_report_of_garde_is_known_in_a_response() {
    let report = crew("mauve").validate().expect_err("nothing is right");
    let text = from_response(400, Some(b"text/plain; charset=utf-8"), report.to_string().as_bytes());
    assert_eq!(sorted(parts(&text)), at("unknown", &as_lines()));
    let json = serde_json::to_vec(&report).expect("JSON");
    assert_eq!(sorted(parts(&from_response(422, None, &json))), at("unknown", &GARDE));
}

#[derive(Debug, validator::Validate)]
struct Harbour {
    #[validate(length(min = 3, max = 1000), custom(function = "own_code"))]
    name: String,
    #[validate(email(message = "that is no address"))]
    email: String,
    #[validate(range(min = 1.5))]
    depth: f64,
    #[validate(must_match(other = "email"))]
    again: String,
    #[validate(nested)]
    piers: Vec<Pier>,
    #[validate(nested)]
    master: Pier,
}

#[derive(Debug, validator::Validate)]
struct Pier {
    #[validate(url)]
    site: String,
}

fn own_code(name: &str) -> Result<(), validator::ValidationError> {
    let mut error = validator::ValidationError::new("taken").with_message(format!("{name} is taken").into());
    error.add_param("value".into(), &name);
    Err(error)
}

fn harbour(value: &str) -> Harbour {
    let pier = |site: &str| Pier { site: site.to_owned() };
    Harbour {
        name: value.to_owned() + &"x".repeat(1_000),
        email: value.to_owned(),
        depth: 1.0,
        again: format!("{value}, again"),
        piers: vec![pier("http://localhost"), pier(value)],
        master: pier(value),
    }
}

const VALIDATOR: [[&str; 3]; 7] = [
    ["name", "length (min 3, max 1000)", "length"],
    ["name", "… is taken", "taken"],
    ["email", "that is no address", "email"],
    ["depth", "range (min 1.5)", "range"],
    ["again", "must_match", "must_match"],
    ["piers.*.site", "url", "url"],
    ["master.site", "url", "url"],
];

#[test]
fn errors_of_validator_convert_in_one_line() {
    let errors = harbour("mauve").validate().expect_err("nothing is right");
    let read = FieldError::from_serialize(Location::Body, &errors);
    assert_eq!(sorted(parts(&read)), at("body", &VALIDATOR));
}

#[test]
fn errors_of_validator_are_known_in_a_response() {
    let errors = harbour("mauve").validate().expect_err("nothing is right");
    let json = serde_json::to_value(&errors).expect("JSON");
    let bodies = [
        json.clone(),
        serde_json::json!({ "errors": json }),
        serde_json::json!({ "status": "fail", "details": json }),
        serde_json::json!({ "error": { "message": "invalid", "details": json } }),
    ];
    for body in bodies {
        let read = from_response(422, Some(b"application/json"), body.to_string().as_bytes());
        assert_eq!(sorted(parts(&read)), at("unknown", &VALIDATOR), "{body}");
    }
}

#[test]
fn errors_of_validator_as_text_keep_field_and_code() {
    let errors = Pier { site: "mauve".to_owned() }.validate().expect_err("not a URL");
    let read = from_response(400, Some(b"text/plain"), errors.to_string().as_bytes());
    assert_eq!(parts(&read), [["unknown", "site", "validation failed", "url"]]);
}

proptest! {
    #[test]
    fn no_value_survives_a_validator(value in super::properties::value()) {
        let garde = crew(&value).validate().expect_err("nothing is right");
        let validator = harbour(&value).validate().expect_err("nothing is right");
        let bodies = [
            garde.to_string(),
            serde_json::to_string(&garde).expect("JSON"),
            Pier { site: format!("-{value}") }.validate().expect_err("not a URL").to_string(),
            serde_json::to_string(&validator).expect("JSON"),
        ];
        for body in bodies {
            super::properties::assert_without(&from_response(400, None, body.as_bytes()), &value)?;
        }
        let direct = FieldError::from_display_lines(Location::Body, &garde);
        super::properties::assert_without(&direct, &value)?;
        let direct = FieldError::from_serialize(Location::Body, &validator);
        super::properties::assert_without(&direct, &value)?;
    }
}
