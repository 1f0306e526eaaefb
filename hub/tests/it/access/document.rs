//! The OpenAPI document and the hub say the same: requests are made from the document, valid and hostile ones, and every answer must be
//! one that it describes, field by field. Deterministic: the same requests in each run.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use reqwest::{Method, Response};
use sendry_hub::clock::ManualClock;
use sendry_hub::store::metadata::Role;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::schema::{conforms, resolve};
use crate::harness::{TestHub, gzip, report_of, traffic};

const NOW: i64 = 1_800_000_000;

/// A hub in which every list has something, somebody who may do everything, and the document.
struct Stage {
    hub: TestHub,
    app_id: String,
    admin: String,
    document: Value,
}

async fn stage() -> Stage {
    let hub = TestHub::builder().clock(ManualClock::at(NOW + 30)).start().await;
    let app = hub.app().await;
    let minute = NOW / 60 - 1;
    let calls = vec![traffic("POST", "/orders", 422, 3), traffic("GET", "/a", 500, 1)];
    let mut report = serde_json::to_value(report_of("prod", minute, calls)).unwrap();
    report["app_version"] = json!("2.1");
    report["consumers"] = json!([{"identifier": "ann", "name": "Ann", "group": "pro"}]);
    report["minutes"][0]["consumers"] =
        json!([{"c": 0, "r": 0, "s": 422, "n": 3, "d": {"s": 24_000, "m": 8_000, "k": [0, -28, 3]}}]);
    report["validation_errors"] = json!([{"minute": minute, "route": 0, "status": 422, "consumer": 0, "location": "body",
        "field": "name", "message": "too short", "code": "length", "count": 3}]);
    report["server_errors"] = json!([{"minute": minute, "route": 1, "status": 500, "type": "panic", "message": "ouch", "count": 1}]);
    report["losses"] = json!([{"reason": "routes_folded", "count": 7}]);
    report["resources"] = json!([{"minute": minute, "cpu": 0.5, "rss_bytes": 1_000_000}]);
    assert_eq!(hub.post("report", &app.write_key).json(&report).send().await.unwrap().status(), 202);
    let head = json!({"v": 1, "batch_id": Uuid::new_v4(), "instance_id": Uuid::new_v4(), "sequence": 0, "env": "prod"});
    let log = json!({"id": LOG, "time_us": (NOW - 60) * 1_000_000, "method": "GET", "path": "/a", "url": "/a?b",
        "status": 500, "duration_us": 1_500, "consumer": {"identifier": "ann"},
        "request_headers": [["content-type", "text/plain"]], "response_body": {"bytes": 7, "text": "failed"},
        "logs": [{"offset_us": 740, "level": "error", "target": "shop", "message": "No", "fields": [["sku", "7"]]}],
        "spans": [{"id": 1, "name": "reserve", "offset_us": 500, "duration_us": 2_000}]});
    let logs = hub.request(Method::POST, "/ingest/v1/request-logs").bearer_auth(&app.write_key);
    let logs = logs.header("content-type", "application/x-ndjson").header("content-encoding", "gzip");
    let body = gzip(format!("{head}\n{log}").as_bytes());
    assert_eq!(logs.body(body).send().await.unwrap().status(), 202);
    let token = hub.token().await;
    let path = format!("/apps/{}", app.app_id);
    hub.get_until(&token, &format!("{path}/summary?env=prod"), |answer| answer["data"]["requests"] == 4)
        .await;
    let has_log = |answer: &Value| !answer["data"].as_array().unwrap().is_empty();
    hub.get_until(&token, &format!("{path}/request-logs?env=prod"), has_log).await;
    let admin = hub.session_with(&[Role::Admin.into()]).await;
    let document = serde_json::to_value(sendry_hub::query::document()).unwrap();
    Stage { hub, app_id: app.app_id.to_string(), admin, document }
}

/// The id of the one request log.
const LOG: Uuid = Uuid::from_u128(77);

/// An operation of the document.
struct Operation<'a> {
    method: Method,
    path: &'a str,
    said: &'a Value,
}

impl Stage {
    /// What can be done without taking away what the others need.
    fn operations(&self) -> Vec<Operation<'_>> {
        let mut all = Vec::new();
        for (path, operations) in self.document["paths"].as_object().unwrap() {
            for (method, said) in operations.as_object().unwrap() {
                let method: Method = method.to_uppercase().parse().unwrap();
                let takes_away = method == Method::DELETE
                    && ["/apps/{app_id}", "/session", "/account/sessions"].contains(&path.as_str());
                if !takes_away {
                    all.push(Operation { method, path, said });
                }
            }
        }
        all
    }

    async fn send(&self, operation: &Operation<'_>, target: &str, body: Option<Value>) {
        let mut request = self.hub.with_session(operation.method.clone(), target, &self.admin);
        if let Some(body) = &body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let body = body.map_or(String::new(), |body| format!(" {body}"));
        let shown = format!("{} {target}{body}: {}", operation.method, response.status());
        self.check(response, operation.said, &shown).await;
    }

    /// Expects an answer that the document describes.
    async fn check(&self, response: Response, said: &Value, shown: &str) {
        let status = response.status();
        assert!(!status.is_server_error(), "{shown}");
        let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        let text = response.text().await.unwrap();
        let answer = said["responses"].get(status.as_str());
        let answer = answer.unwrap_or_else(|| panic!("{shown} is not documented: {text}"));
        let Some(contents) = answer["content"].as_object() else {
            assert!(text.is_empty(), "{shown} has a body that is not documented: {text}");
            return;
        };
        let kind = kind.unwrap_or_else(|| panic!("{shown} has no content type"));
        let kind = kind.split(';').next().unwrap();
        let content = contents.get(kind).unwrap_or_else(|| panic!("{shown} is {kind}"));
        assert_eq!(status.is_client_error(), kind == "application/problem+json", "{shown}: {kind}");
        let values: Vec<Value> = match kind {
            "text/csv" => Vec::new(),
            "application/x-ndjson" => text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
            _ => vec![serde_json::from_str(&text).unwrap_or_else(|_| panic!("{shown} is no JSON: {text}"))],
        };
        for value in values {
            let found = conforms(&self.document, &content["schema"], &value);
            assert_eq!(found, Ok(()), "{shown}: {text}");
            if status.is_client_error() {
                assert_eq!(value["status"], status.as_u16(), "{shown}");
                assert!(value["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{shown}");
            }
        }
    }

    /// The path with names of things that there are.
    fn filled(&self, path: &str) -> String {
        path.replace("{app_id}", &self.app_id).replace("{log_id}", &LOG.to_string()).replace("{env}", "prod")
    }

    /// The same, with an id for what there is none of.
    fn named(&self, path: &str, id: Uuid) -> String {
        let id = id.to_string();
        let filled = self.filled(path);
        let parts = filled.split('/').map(|part| if part.starts_with('{') { id.as_str() } else { part });
        parts.collect::<Vec<_>>().join("/")
    }
}

/// Values of a parameter that make sense.
fn valid(name: &str) -> &'static [&'static str] {
    match name {
        "env" => &["prod"],
        "from" => &["1799999000", "2027-01-14T08:00:00Z"],
        "to" => &["1800000060", "2027-01-15T09:00:00+01:00"],
        "tz" => &["Europe/Berlin"],
        "step" => &["60", "3600"],
        "method" => &["GET", "post"],
        "path" => &["/orders", "/*"],
        "status" => &["422", "4xx,500"],
        "consumer" => &["ann", "nobody"],
        "limit" => &["1", "1000"],
        "measure" => &["headers", "duration"],
        "format" => &["csv", "ndjson"],
        "text" => &["failed"],
        "trace_id" => &["0af7651916cd43dd8448eb211c80319c"],
        "min_ms" => &["0.5"],
        "max_ms" => &["5000"],
        _ => &[],
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_as_the_document_says_is_answered_as_it_says() {
    let stage = stage().await;
    for operation in stage.operations() {
        let target = stage.filled(operation.path);
        if operation.method != Method::GET || target.contains('{') {
            continue;
        }
        let parameters: Vec<_> = operation.said["parameters"].as_array().into_iter().flatten().collect();
        let is_query = |parameter: &&&Value| parameter["in"] == "query";
        let names = parameters.iter().filter(is_query).map(|parameter| parameter["name"].as_str().unwrap());
        let names: Vec<_> = names.collect();
        let env = if names.contains(&"env") { "env=prod" } else { "" };
        // None of them, each by itself, all together.
        let mut queries = vec![env.to_owned()];
        for name in names.iter().filter(|name| **name != "env") {
            queries.extend(valid(name).iter().map(|value| format!("{env}&{name}={}", encoded(value))));
        }
        let all = names.iter().filter_map(|name| Some(format!("{name}={}", encoded(valid(name).first()?))));
        queries.push(all.collect::<Vec<_>>().join("&"));
        for query in queries {
            stage.send(&operation, &format!("{target}?{query}"), None).await;
        }
    }
}

/// A value that a field of this name and schema may well have.
fn plausible(stage: &Stage, name: &str, schema: &Value, number: usize) -> Value {
    match name {
        "email" => json!(format!("person{number}@example.com")),
        "password" | "new_password" => json!("a long enough password"),
        "current_password" | "token" => json!("not the right one"),
        "app_id" => json!(stage.app_id),
        "role" => json!("viewer"),
        "url" => json!("/apps"),
        "method" => json!("GET"),
        "path" => json!("/a"),
        "status" => json!(500),
        "expires_in_days" | "expires_in_hours" => json!(3),
        "threshold_ms" => json!(250),
        "grants" => json!([{"role": "viewer", "app_id": null}]),
        _ => of_schema(stage, schema, number),
    }
}

fn of_schema(stage: &Stage, schema: &Value, number: usize) -> Value {
    if let Some(reference) = schema.get("$ref") {
        return of_schema(stage, resolve(&stage.document, reference), number);
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds[0].as_str(),
        kind => kind.as_str(),
    };
    match kind {
        Some("object") => {
            let fields = schema["properties"].as_object().into_iter().flatten();
            let fields = fields.map(|(name, field)| (name.clone(), plausible(stage, name, field, number)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Some("array") => json!([of_schema(stage, &schema["items"], number)]),
        Some("boolean") => json!(number.is_multiple_of(2)),
        Some("integer" | "number") => json!(number),
        Some("string") => json!(format!("text {number}")),
        _ => Value::Null,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_changed_as_the_document_says_is_answered_as_it_says() {
    let stage = stage().await;
    for (number, operation) in stage.operations().iter().enumerate() {
        if operation.method == Method::GET {
            continue;
        }
        let target = stage.named(operation.path, Uuid::from_u128(number as u128));
        let schema = &operation.said["requestBody"]["content"]["application/json"]["schema"];
        let body = (!schema.is_null()).then(|| of_schema(&stage, schema, number));
        stage.send(operation, &target, body).await;
    }
    let listed = stage.hub.with_session(Method::GET, "/tokens", &stage.admin).send().await.unwrap();
    let made = listed.json::<Value>().await.unwrap()["data"].as_array().unwrap().len();
    assert_eq!(made, 2, "a body that the document describes makes a token");
}

/// The fields of a body: where the object is that has it, its name, and whether the document says that it must be there.
fn fields(document: &Value, schema: &Value, (place, value): (&str, &Value)) -> Vec<(String, String, bool)> {
    if let Some(reference) = schema.get("$ref") {
        return fields(document, resolve(document, reference), (place, value));
    }
    if let Some(items) = schema.get("items") {
        return fields(document, items, (&format!("{place}/0"), &value[0]));
    }
    let required =
        |name: &str| schema["required"].as_array().is_some_and(|names| names.contains(&json!(name)));
    let properties = schema["properties"].as_object().into_iter().flatten();
    let own = |(name, field): (&String, &Value)| {
        let mut found = vec![(place.to_owned(), name.clone(), required(name))];
        found.extend(fields(document, field, (&format!("{place}/{name}"), &value[name])));
        found
    };
    properties.flat_map(own).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_may_lack_what_the_document_does_not_require_and_nothing_else() {
    let stage = stage().await;
    let mut counts = [0, 0];
    for operation in stage.operations() {
        let schema = &operation.said["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_null() {
            continue;
        }
        let target = stage.named(operation.path, Uuid::nil());
        let send = async |body: &Value| {
            let request = stage.hub.with_session(operation.method.clone(), &target, &stage.admin);
            let response = request.json(body).send().await.unwrap();
            (response.status().as_u16(), response.json::<Value>().await.unwrap_or_default())
        };
        let whole = of_schema(&stage, schema, 7);
        let (complete, _) = send(&whole).await;
        for (place, name, required) in fields(&stage.document, schema, ("", &whole)) {
            let mut body = whole.clone();
            body.pointer_mut(&place).unwrap().as_object_mut().unwrap().remove(&name).unwrap();
            let (status, answer) = send(&body).await;
            let detail = answer["detail"].as_str().unwrap_or_default();
            let is_missed = status == 400 && detail.contains(&format!("missing field `{name}`"));
            let shown =
                format!("{} {} without {place}/{name}: {status} {detail}", operation.method, operation.path);
            assert_eq!(is_missed, required, "{shown}");
            assert!(required || complete == 400 || status != 400, "{shown}");
            counts[usize::from(required)] += 1;
        }
    }
    assert!(counts.iter().all(|count| *count > 5), "optional and required: {counts:?}");
}

/// Texts that break things: quotes, markup, SQL, controls, other scripts, absurd numbers and times.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("'; DROP TABLE users; --".to_owned()),
        Just("<script>alert(1)</script>".to_owned()),
        Just("../../etc/passwd".to_owned()),
        Just("\0\u{202e}\r\n".to_owned()),
        Just("99999999999999999999999999".to_owned()),
        Just("-9223372036854775808".to_owned()),
        Just("NaN".to_owned()),
        Just("1e400".to_owned()),
        Just("9999-12-31T23:59:59Z".to_owned()),
        Just("%00%ff%2f".to_owned()),
        Just("a".repeat(5_000)),
        any::<i64>().prop_map(|number| number.to_string()),
        ".{0,40}",
    ]
}

/// Encodes a value for a path or a query.
fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02x}"),
    };
    text.bytes().map(encode).collect()
}

/// A body with hostile values under the names that the document gives, or something else altogether.
fn hostile_body(document: &Value, operation: &Value, runner: &mut TestRunner) -> Option<Value> {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let schema = resolve(document, schema.get("$ref")?);
    let mut values = Map::new();
    for name in schema["properties"].as_object()?.keys() {
        let text = hostile().new_tree(runner).unwrap().current();
        let value = match (0..6u8).new_tree(runner).unwrap().current() {
            0 => json!(null),
            1 => json!([text]),
            2 => json!(i64::MAX),
            3 => json!({ text: 1 }),
            _ => json!(text),
        };
        values.insert(name.clone(), value);
    }
    Some(Value::Object(values))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_asked_is_answered_as_the_document_says_and_never_with_a_failure_of_the_hub() {
    const ROUNDS: usize = 8;
    let stage = stage().await;
    let mut runner = TestRunner::deterministic();
    for operation in stage.operations() {
        for round in 0..ROUNDS {
            let mut text = || encoded(&hostile().new_tree(&mut runner).unwrap().current());
            let app_id = if round == 0 { text() } else { stage.app_id.clone() };
            let mut target = operation.path.replace("{app_id}", &app_id);
            while let Some((before, rest)) = target.split_once('{') {
                let after = rest.split_once('}').unwrap().1;
                target = format!("{before}{}{after}", text());
            }
            let parameters = operation.said["parameters"].as_array().into_iter().flatten();
            let names = parameters.filter(|parameter| parameter["in"] == "query");
            // Some parameters at a time, so that the first wrong one does not hide the others.
            let query =
                names.enumerate().filter_map(|(at, parameter)| match parameter["name"].as_str().unwrap() {
                    "env" if round != 1 => Some("env=prod".to_owned()),
                    name => (at % ROUNDS == round).then(|| format!("{name}={}", text())),
                });
            let query: Vec<_> = query.collect();
            let body = hostile_body(&stage.document, operation.said, &mut runner);
            stage.send(&operation, &format!("{target}?{}", query.join("&")), body).await;
        }
    }
}
