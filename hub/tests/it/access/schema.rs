//! Whether a value is what a schema of the OpenAPI document says. Stricter than JSON Schema: a field that the document does not name is
//! an error, and so is a keyword that this does not know, so that nothing passes unlooked at.

use serde_json::{Map, Value};

/// Keywords that say nothing about what is valid.
const SILENT: [&str; 6] = ["default", "description", "format", "example", "title", "propertyNames"];

/// Says where `value` differs from `schema`.
pub(super) fn conforms(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    check(document, schema, value).map_err(|(place, problem)| format!("at {place:?}: {problem}"))
}

type Mismatch = (String, String);

fn check(document: &Value, schema: &Value, value: &Value) -> Result<(), Mismatch> {
    let keywords = schema.as_object().expect("a schema is an object");
    for (keyword, said) in keywords {
        match keyword.as_str() {
            "$ref" => check(document, resolve(document, said), value)?,
            "type" => check_type(said, value)?,
            "enum" => {
                ensure(said.as_array().unwrap().contains(value), || format!("{value} is not one of {said}"))?
            }
            "minimum" => {
                let is_number = value.is_number();
                ensure(!is_number || value.as_f64() >= said.as_f64(), || format!("{value} is below {said}"))?;
            }
            "oneOf" => {
                let fits = |one: &&Value| check(document, one, value).is_ok();
                let count = said.as_array().unwrap().iter().filter(fits).count();
                ensure(count == 1, || format!("{value} fits {count} of {said}"))?;
            }
            "items" => {
                for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(document, said, item).map_err(|found| below(&at.to_string(), found))?;
                }
            }
            "required" => {
                let Some(fields) = value.as_object() else { continue };
                for name in said.as_array().unwrap() {
                    let name = name.as_str().unwrap();
                    ensure(fields.contains_key(name), || format!("the field {name} is missing"))?;
                }
            }
            "properties" | "additionalProperties" => {
                let Some(fields) = value.as_object() else { continue };
                check_fields(document, keywords, fields)?;
            }
            other => assert!(SILENT.contains(&other), "the keyword {other} is not known here: {schema}"),
        }
    }
    Ok(())
}

fn check_fields(
    document: &Value,
    keywords: &Map<String, Value>,
    fields: &Map<String, Value>,
) -> Result<(), Mismatch> {
    for (name, field) in fields {
        let named = keywords.get("properties").and_then(|properties| properties.get(name));
        let other = keywords.get("additionalProperties").filter(|other| other.is_object());
        let Some(schema) = named.or(other) else {
            return Err((String::new(), format!("the document has no field {name}")));
        };
        check(document, schema, field).map_err(|found| below(name, found))?;
    }
    Ok(())
}

fn check_type(said: &Value, value: &Value) -> Result<(), Mismatch> {
    let kinds = match said {
        Value::Array(kinds) => kinds.as_slice(),
        one => std::slice::from_ref(one),
    };
    let is = |kind: &Value| match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type {other} is not known here"),
    };
    ensure(kinds.iter().any(is), || format!("{value} is no {said}"))
}

/// What a reference names, within the document.
pub(super) fn resolve<'a>(document: &'a Value, reference: &Value) -> &'a Value {
    let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
    document.pointer(pointer).unwrap_or_else(|| panic!("the document has no {pointer}"))
}

fn ensure(holds: bool, problem: impl FnOnce() -> String) -> Result<(), Mismatch> {
    if holds { Ok(()) } else { Err((String::new(), problem())) }
}

fn below(name: &str, (place, problem): Mismatch) -> Mismatch {
    (format!("/{name}{place}"), problem)
}

#[test]
fn what_differs_from_a_schema_is_told() {
    use serde_json::json;
    let document = json!({"components": {"schemas": {
        "Row": {"type": "object", "required": ["n", "who"], "properties": {
            "n": {"type": "integer", "minimum": 0},
            "who": {"oneOf": [{"$ref": "#/components/schemas/Who"}, {"type": "null"}]},
            "by": {"type": "object", "additionalProperties": {"type": "integer"}, "propertyNames": {"type": "string"}}}},
        "Who": {"type": "string", "enum": ["a", "b"]},
        "Rows": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}}}}});
    let rows = json!({"$ref": "#/components/schemas/Rows"});
    let said = |value: Value| conforms(&document, &rows, &json!([value]));
    assert_eq!(said(json!({"n": 1, "who": "a", "by": {"x": 1}})), Ok(()));
    assert_eq!(said(json!({"n": 1, "who": null})), Ok(()));
    for (wrong, place) in [
        (json!({"n": 1}), "\"/0\": the field who"),
        (json!({"n": 1.5, "who": null}), "\"/0/n\""),
        (json!({"n": -1, "who": null}), "\"/0/n\""),
        (json!({"n": 1, "who": "c"}), "\"/0/who\""),
        (json!({"n": 1, "who": null, "more": 1}), "no field more"),
        (json!({"n": 1, "who": null, "by": {"x": "1"}}), "\"/0/by/x\""),
        (json!(7), "\"/0\""),
    ] {
        let found = said(wrong.clone()).unwrap_err();
        assert!(found.contains(place), "{wrong}: {found}");
    }
}
