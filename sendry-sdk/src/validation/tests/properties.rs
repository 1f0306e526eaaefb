//! What holds for every input: no value comes out, nothing panics, and everything keeps to its limit.

use axum::body::Body;
use http::Request;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::axum::{get_path, post_form, post_json, refused};
use crate::validation::{FIELDS_PER_RESPONSE_MAX, FieldError, Location, from_response, scrub};

/// What every part of a value that may not come out begins with. It is no part of any text of ours.
const MARK: &str = "Zq";

/// A value that a user may send: marked words among quotes, lines and what frameworks write around values.
pub(super) fn value() -> impl Strategy<Value = String> {
    let glue = prop_oneof![
        Just(" ".to_owned()),
        "[\"'`]",
        Just("\n".to_owned()),
        Just(": ".to_owned()),
        Just("`, expected `".to_owned()),
        Just("\", expected u32".to_owned()),
        Just("`, there are no variants".to_owned()),
        Just(": missing field `".to_owned()),
        Just(": invalid type: null, expected ".to_owned()),
        Just(" at line 1 column 2".to_owned()),
        Just("` to a `u32".to_owned()),
        Just("`: ".to_owned()),
        Just("@".to_owned()),
        Just(".".to_owned()),
        Just("…é漢🚤".to_owned()),
        "\\PC{1,3}",
    ];
    let word = "[a-zA-Z0-9]{2,8}".prop_map(|word| format!("{MARK}{word}"));
    let pair = (glue, word.clone()).prop_map(|(glue, word)| glue + &word);
    (word, proptest::collection::vec(pair, 0..4)).prop_map(|(word, pairs)| word + &pairs.concat())
}

/// Asserts that no error holds the value nor a marked part of it.
pub(super) fn assert_without(errors: &[FieldError], value: &str) -> TestCaseResult {
    for error in errors {
        for text in [error.field(), error.message(), error.code()] {
            prop_assert!(!text.contains(MARK) && !text.contains(value), "{value:?} in {error:?}");
        }
    }
    Ok(())
}

fn assert_within_limits(errors: &[FieldError]) -> TestCaseResult {
    prop_assert!(errors.len() <= FIELDS_PER_RESPONSE_MAX);
    for error in errors {
        prop_assert!(error.field().chars().count() <= 256);
        prop_assert!(error.message().chars().count() <= 2_048);
        prop_assert!(error.code().len() <= 128);
    }
    Ok(())
}

/// Sends the requests through a real router, and asserts that each was refused with an error that holds no value.
fn assert_refused_without(requests: Vec<Request<Body>>, value: &str) -> TestCaseResult {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for request in requests {
        let (text, errors) = runtime.block_on(refused(request));
        prop_assert!(!errors.is_empty(), "not understood: {text}");
        assert_without(&errors, value)?;
        assert_within_limits(&errors)?;
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_value_survives_a_json_rejection(value in value()) {
        let json = serde_json::to_string(&value).expect("JSON");
        let member = |members: String| post_json(format!(r#"{{"name": "x", "count": 2, {members}}}"#));
        let unnamed = [
            post_json(format!(r#"{{"name": "x", "count": {json}}}"#)),
            post_json(format!(r#"{{"name": "x" {json}}}"#)),
            post_json(value.clone()),
        ];
        let names = ["kind", "items", "prices", "pair", "id", "address", "letter", "flag", "shape", "own"];
        let named = names.map(|name| member(format!(r#""{name}": {json}"#)));
        let deeper = [
            member(format!(r#""items": [{{"name": "a", "tags": [{json}]}}]"#)),
            member(format!(r#""items": [{json}]"#)),
            member(format!(r#""kind": {{{json}: 1}}"#)),
            member(format!(r#""prices": {{"a": {json}}}"#)),
            member(format!(r#"{json}: 1"#)),
        ];
        assert_refused_without(unnamed.into_iter().chain(named).chain(deeper).collect(), &value)?;
    }

    #[test]
    fn no_number_survives_a_json_rejection(
        number in prop_oneof![(1_000u64..).prop_map(|n| n.to_string()), (1e3f64..1e300).prop_map(|n| n.to_string())]
    ) {
        let member = |name| post_json(format!(r#"{{"name": "x", "count": 2, "{name}": {number}}}"#));
        let requests = ["kind", "items", "pair", "id", "letter", "flag", "shape", "own"].map(member);
        assert_refused_without(requests.into(), &number)?;
    }

    #[test]
    fn no_value_survives_the_rejection_of_a_form_or_a_query(value in value()) {
        let encoded = encode(&value);
        let mut requests = Vec::new();
        for text in [format!("page={encoded}"), format!("page=1&kind={encoded}"), format!("page=1&at={encoded}"), format!("page=1&flag={encoded}")] {
            requests.push(post_form("/form", text.clone()));
            requests.push(post_form("/extra/form", text.clone()));
            for path in ["/form", "/query", "/extra/query"] {
                requests.push(get_path(&format!("{path}?{text}")));
            }
        }
        assert_refused_without(requests, &value)?;
    }

    #[test]
    fn no_value_survives_the_rejection_of_a_path(value in value()) {
        let encoded = encode(&value);
        let paths = [
            format!("/path/one/{encoded}"),
            format!("/path/uuid/{encoded}"),
            format!("/path/two/{encoded}/true"),
            format!("/path/two/1/{encoded}"),
            format!("/path/named/{encoded}/boat"),
            format!("/path/named/5a4e8a0e-6f4e-4b0f-9a55-0b8f9d7f1a11/{encoded}"),
            format!("/path/map/{encoded}"),
        ];
        assert_refused_without(paths.iter().map(|path| get_path(path)).collect(), &value)?;
    }

    #[test]
    fn no_value_in_quotes_survives_a_sentence(value in value(), quote in "[\"'`]", around in "[a-z]{0,5}") {
        let sentence = format!("{around} {quote}{value}{quote} {around}");
        let error = FieldError::new(Location::Body, &around, &sentence);
        assert_without(&[error], &value)?;
        let entry = serde_json::json!({"errors": [{"field": "name", "message": sentence}]}).to_string();
        assert_without(&from_response(422, None, entry.as_bytes()), &value)?;
    }

    #[test]
    fn no_declared_value_survives_a_sentence(value in value(), around in "[a-z]{0,5}") {
        let message = format!("{around}{value}{around}");
        let detail = serde_json::json!({"detail": [{"loc": ["body", "name"], "msg": message, "input": value}]});
        let entry = serde_json::json!({"errors": [{"field": "name", "message": message, "value": value}]});
        for body in [detail, entry] {
            let errors = from_response(422, None, body.to_string().as_bytes());
            prop_assert_eq!(errors.len(), 1);
            prop_assert!(!errors[0].message().contains(value.as_str()), "{value:?} in {:?}", errors);
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(body in proptest::collection::vec(any::<u8>(), 0..200), status in 390u16..430) {
        assert_within_limits(&from_response(status, None, &body))?;
    }

    #[test]
    fn any_text_behind_a_known_beginning_is_read(at in 0..BEGINNINGS.len(), text in "(\\PC|[\n`\"':., ]){0,60}") {
        let body = format!("{}{text}", BEGINNINGS[at]);
        assert_within_limits(&from_response(400, Some(b"text/plain"), body.as_bytes()))?;
    }

    #[test]
    fn any_document_is_read(body in document()) {
        assert_within_limits(&from_response(422, Some(b"application/json"), body.to_string().as_bytes()))?;
        assert_within_limits(&FieldError::from_serialize(Location::Body, &body))?;
    }

    #[test]
    fn any_sentence_is_scrubbed(text in "(\\PC|[\n`\"' ]){0,80}", field in "[a-z.]{0,9}") {
        let scrubbed = scrub::sentence(&text, &field, std::slice::from_ref(&text));
        prop_assert!(!scrubbed.chars().any(char::is_control), "{scrubbed:?}");
    }
}

const BEGINNINGS: [&str; 12] = [
    "",
    "Failed to deserialize the JSON body into the target type: ",
    "Failed to parse the request body as JSON: ",
    "Failed to deserialize query string: a: ",
    "Invalid URL: Cannot parse `",
    "Invalid URL: Cannot parse value at index 0 with value `",
    "Invalid URL: ",
    "Json deserialize error: invalid type: ",
    "Query deserialize error: unknown variant `",
    "Path deserialize error: can not parse \"",
    "Parse error: ",
    "name: length is lower than 3\n",
];

/// Documents of members that we look for, in places where they may and may not be.
fn document() -> impl Strategy<Value = serde_json::Value> {
    let name = prop_oneof![
        "errors|detail|details|error|violations|issues|fieldViolations|source",
        "field|loc|path|pointer|message|msg|code|params|value|in|location|min",
        "\\PC{0,4}",
    ];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<i64>().prop_map(Into::into),
        "(\\PC|[`\"':. ]){0,20}".prop_map(Into::into),
        "body|query|/a/0|a[0].b|not set".prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        let list = proptest::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from);
        let object = proptest::collection::vec((name.clone(), inner), 0..6)
            .prop_map(|members| serde_json::Value::Object(members.into_iter().collect()));
        prop_oneof![list, object]
    })
}

fn encode(value: &str) -> String {
    value.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
