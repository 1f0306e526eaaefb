use proptest::prelude::*;
use serde_json::Value;

use super::super::{EVERYWHERE, FIELDS};
use super::*;

fn names() -> Names {
    Names::new(EVERYWHERE.iter().chain(FIELDS).copied())
}

fn mask(text: &str) -> Option<String> {
    mask_json(text, &names())
}

#[test]
fn fields_at_any_depth_are_masked_and_all_else_stays_byte_for_byte() {
    let text = r#" {"user" : {"Password": "a\"b", "n": 1.0e+2, "list":[{"token":"x"},{"cvv": 123 , "é":"é"}]}, "k":"password"} "#;
    let masked = r#" {"user" : {"Password": "******", "n": 1.0e+2, "list":[{"token":"******"},{"cvv": "******" , "é":"é"}]}, "k":"password"} "#;
    assert_eq!(mask(text).unwrap(), masked);
}

#[test]
fn a_masked_field_hides_whole_objects_and_arrays() {
    let text = r#"{"secret":{"a":["]}",{"b":"\\"}],"c":{}},"tokens":["x",["y"]],"a":1}"#;
    assert_eq!(mask(text).unwrap(), r#"{"secret":"******","tokens":"******","a":1}"#);
}

#[test]
fn null_and_booleans_stay() {
    let text = r#"{"token":null,"password":false,"secret":true}"#;
    assert_eq!(mask(text).unwrap(), text);
}

#[test]
fn a_name_that_is_written_with_escapes_is_masked_too() {
    assert_eq!(mask(r#"{"pass\u0077ord":"x"}"#).unwrap(), r#"{"pass\u0077ord":"******"}"#);
}

#[test]
fn json_lines_are_masked_line_by_line() {
    assert_eq!(mask("{\"pin\":1}\n{\"a\":2}\n").unwrap(), "{\"pin\":\"******\"}\n{\"a\":2}\n");
}

#[test]
fn what_is_no_json_is_left_out() {
    for text in ["", " ", "{", "{\"token\":\"x\"", "token=x", "{'a':1}", "[1,]", "\"", "{\"a\":1}}"] {
        assert_eq!(mask(text), None, "{text}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(mask(&deep), None);
}

fn hide(value: &mut Value, names: &Names) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| hide(value, names)),
        Value::Object(fields) => {
            for (name, value) in fields {
                match names.contain(name) && !value.is_null() && !value.is_boolean() {
                    true => *value = Value::String(MASKED.to_owned()),
                    false => hide(value, names),
                }
            }
        }
        _ => {}
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        let name = prop_oneof![".{0,6}", Just("token".to_owned()), Just("card\"number\\".to_owned())];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn masking_text_is_masking_the_value(value in json(), pretty in any::<bool>()) {
        let text = match pretty {
            true => serde_json::to_string_pretty(&value).unwrap(),
            false => value.to_string(),
        };
        let masked: Value = serde_json::from_str(&mask(&text).unwrap()).unwrap();
        let mut expected = value;
        hide(&mut expected, &names());
        prop_assert_eq!(masked, expected);
    }

    #[test]
    fn any_text_is_masked_or_left_out(text in "[\\[\\]{}\",:\\\\a0 token]{0,40}") {
        if let Some(masked) = mask(&text) {
            let values = serde_json::Deserializer::from_str(&masked).into_iter::<Value>();
            prop_assert!(values.map(Result::unwrap).count() > 0);
        }
    }
}
