//! The filters for method, path, status and consumer, on every list that pages ask for: each finds what fits, and nothing else.

use reqwest::Method;
use sendry_hub::clock::ManualClock;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{TestHub, gzip, report_of, traffic};

const NOW: i64 = 1_800_000_000;

/// One request of a named consumer.
#[derive(Clone, Copy, PartialEq)]
struct Call {
    method: &'static str,
    path: &'static str,
    status: u16,
    consumer: &'static str,
}

const fn call(method: &'static str, path: &'static str, status: u16, consumer: &'static str) -> Call {
    Call { method, path, status, consumer }
}

const CALLS: [Call; 6] = [
    call("GET", "/a", 200, "ann"),
    call("GET", "/a", 500, "bob"),
    call("POST", "/b", 422, "ann"),
    call("POST", "/b", 422, "bob"),
    call("POST", "/b", 503, "bob"),
    call("POST", "/a", 422, "bob"),
];

const FILTERS: [&str; 9] = [
    "",
    "method=GET",
    "path=/b",
    "path=/*",
    "status=422",
    "status=5xx,200",
    "consumer=ann",
    "method=POST&path=/b&status=422&consumer=bob",
    "consumer=nobody",
];

/// Whether the filter, as it is written above, covers a call.
fn covers(filter: &str, call: Call) -> bool {
    filter.split('&').filter_map(|part| part.split_once('=')).all(|(name, value)| match name {
        "method" => value == call.method,
        "path" => value == call.path || value == "/*",
        "consumer" => value == call.consumer,
        _ => value
            .split(',')
            .any(|one| one == call.status.to_string() || one == format!("{}xx", call.status / 100)),
    })
}

/// A hub with an app to which each of the calls was made once, and logged.
async fn seeded() -> (TestHub, String, String) {
    let hub = TestHub::builder().clock(ManualClock::at(NOW + 30)).start().await;
    let (app, token) = (hub.app().await, hub.token().await);
    let minute = NOW / 60 - 1;
    let series = CALLS.map(|call| traffic(call.method, call.path, call.status, 1)).to_vec();
    let mut report = serde_json::to_value(report_of("prod", minute, series)).unwrap();
    let consumer = |call: &Call| ["ann", "bob"].iter().position(|name| *name == call.consumer);
    let of_consumer = |(at, call): (usize, &Call)| json!({"c": consumer(call), "r": at, "s": call.status, "n": 1, "d": {"s": 8_000, "m": 8_000, "k": [0, -28, 1]}});
    let failed = |class: u16, more: Value| {
        let of_class = CALLS.iter().enumerate().filter(|(_, call)| call.status / 100 == class);
        let failed = of_class.map(|(at, call)| {
            let mut failed = json!({"minute": minute, "route": at, "status": call.status, "consumer": consumer(call),
                "message": "no", "count": 1});
            failed.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            failed
        });
        failed.collect::<Value>()
    };
    report["consumers"] = json!([{"identifier": "ann"}, {"identifier": "bob"}]);
    report["minutes"][0]["consumers"] = CALLS.iter().enumerate().map(of_consumer).collect();
    report["validation_errors"] = failed(4, json!({"location": "body", "field": "name", "code": "length"}));
    report["server_errors"] = failed(5, json!({"type": "panic"}));
    assert_eq!(hub.post("report", &app.write_key).json(&report).send().await.unwrap().status(), 202);
    let head = json!({"v": 1, "batch_id": Uuid::new_v4(), "instance_id": Uuid::new_v4(), "sequence": 0, "env": "prod"});
    let log = |(at, call): (usize, &Call)| {
        json!({"id": Uuid::from_u128(at as u128 + 1), "time_us": (NOW - 60) * 1_000_000, "method": call.method, "path": call.path,
            "url": call.path, "status": call.status, "duration_us": 8_000, "consumer": {"identifier": call.consumer}})
    };
    let lines: Vec<String> =
        std::iter::once(head).chain(CALLS.iter().enumerate().map(log)).map(|line| line.to_string()).collect();
    let request = hub.request(Method::POST, "/ingest/v1/request-logs").bearer_auth(&app.write_key);
    let request = request.header("content-type", "application/x-ndjson").header("content-encoding", "gzip");
    assert_eq!(request.body(gzip(lines.join("\n").as_bytes())).send().await.unwrap().status(), 202);
    let path = format!("/apps/{}", app.app_id);
    let stored = |answer: &Value| sum(answer, "requests") == CALLS.len() as u64;
    hub.get_until(&token, &format!("{path}/traffic?env=prod"), stored).await;
    hub.get_until(&token, &format!("{path}/request-logs/timeline?env=prod"), stored).await;
    (hub, token, path)
}

/// The sum of a field over the rows of an answer.
fn sum(answer: &Value, field: &str) -> u64 {
    answer["data"].as_array().unwrap().iter().map(|row| row[field].as_u64().unwrap()).sum()
}

/// A list, how much it tells, and which calls it is about.
type List = (&'static str, fn(&Value) -> u64, fn(Call) -> bool);

const LISTS: [List; 12] = [
    ("traffic", |answer| sum(answer, "requests"), |_| true),
    ("endpoints", |answer| sum(answer, "requests"), |_| true),
    ("latency", |answer| sum(answer, "requests"), |_| true),
    ("latency", |answer| answer["histogram"]["requests"].as_u64().unwrap(), |_| true),
    ("error-statuses", |answer| sum(answer, "count"), |call| call.status >= 400),
    ("validation-errors", |answer| sum(answer, "count"), |call| call.status == 422),
    ("server-errors", |answer| sum(answer, "count"), |call| call.status >= 500),
    ("consumers", |answer| sum(answer, "requests"), |_| true),
    ("consumer-groups", |answer| sum(answer, "requests"), |_| true),
    ("request-logs", |answer| answer["data"].as_array().unwrap().len() as u64, |_| true),
    ("request-logs/timeline", |answer| sum(answer, "requests"), |_| true),
    ("request-logs/facets", |answer| answer["requests"].as_u64().unwrap(), |_| true),
];

#[tokio::test]
async fn every_list_looks_at_what_fits_the_filter_alone() {
    let (hub, token, path) = seeded().await;
    for filter in FILTERS {
        for (list, told, is_about) in LISTS {
            let answer = hub.get(&token, &format!("{path}/{list}?env=prod&{filter}")).await;
            let expected = CALLS.iter().filter(|call| is_about(**call) && covers(filter, **call)).count();
            assert_eq!(told(&answer), expected as u64, "{list}?{filter}: {answer}");
        }
    }
}

#[tokio::test]
async fn lists_that_count_otherwise_look_at_what_fits_the_filter_alone_too() {
    let (hub, token, path) = seeded().await;
    for filter in FILTERS {
        let covered: Vec<_> = CALLS.iter().filter(|call| covers(filter, **call)).collect();
        let mut consumers: Vec<_> = covered.iter().map(|call| call.consumer).collect();
        consumers.sort_unstable();
        consumers.dedup();
        let activity = hub.get(&token, &format!("{path}/consumers/activity?env=prod&{filter}")).await;
        assert_eq!(sum(&activity, "new") as usize, consumers.len(), "{filter}: {activity}");
        let heatmap = hub.get(&token, &format!("{path}/latency/heatmap?env=prod&{filter}")).await;
        let counts = heatmap["data"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|column| column["counts"].as_array().unwrap());
        assert_eq!(
            counts.map(|count| count.as_u64().unwrap()).sum::<u64>() as usize,
            covered.len(),
            "{filter}"
        );
        let export = format!("/api/v1{path}/request-logs/export?env=prod&format=ndjson&{filter}");
        let export = hub.request(Method::GET, &export).bearer_auth(&token).send().await.unwrap();
        assert_eq!(export.text().await.unwrap().lines().count(), covered.len(), "{filter}");
        let errors = hub.get(&token, &format!("{path}/error-statuses?env=prod&{filter}")).await;
        for row in errors["data"].as_array().unwrap() {
            let is_it = |call: &&&Call| {
                row["method"] == call.method && row["path"] == call.path && row["status"] == call.status
            };
            let met = covered.iter().filter(is_it).count() as u64;
            assert_eq!((&row["count"], &row["consumers"]), (&json!(met), &json!(met)), "{filter}: {row}");
        }
    }
}
