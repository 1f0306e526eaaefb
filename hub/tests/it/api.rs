//! The query API: what it answers, how it says what it covers, and what it refuses.

use reqwest::Method;
use sendry_hub::clock::ManualClock;
use serde_json::{Value, json};

use crate::harness::{TestHub, problem, report_of, traffic};

/// 2027-01-15T08:00:00Z.
const NOW: i64 = 1_800_000_000;

/// A hub whose clock stands still half a minute after [`NOW`], with an app that answered 10 requests in each of the last three minutes.
async fn seeded() -> (TestHub, String, String) {
    let hub = TestHub::builder().clock(ManualClock::at(NOW + 30)).start().await;
    let (app, token) = (hub.app().await, hub.token().await);
    for minute in 1..=3 {
        let traffic = vec![
            traffic("GET", "/orders/{id}", 200, 5),
            traffic("GET", "/orders/{id}", 404, 2),
            traffic("POST", "/orders", 201, 2),
            traffic("POST", "/orders", 500, 1),
        ];
        assert_eq!(
            hub.send(&app.write_key, &report_of("prod", NOW / 60 - minute, traffic)).await.status(),
            202
        );
    }
    let path = format!("/apps/{}", app.app_id);
    let summary = format!("{path}/summary?env=prod");
    hub.get_until(&token, &summary, |answer| answer["data"]["requests"] == 30).await;
    (hub, token, path)
}

fn rows(answer: &Value) -> &Vec<Value> {
    answer["data"].as_array().unwrap()
}

#[tokio::test]
async fn the_endpoint_table_adds_up() {
    let (hub, token, path) = seeded().await;
    let answer = hub.get(&token, &format!("{path}/endpoints?env=prod&from={}", NOW - 86_400)).await;
    let expected_range =
        json!({"from": NOW - 86_400, "to": NOW + 60, "step_secs": null, "tier": "1m", "tz": "UTC"});
    assert_eq!(answer["range"], expected_range);
    assert_eq!((&answer["as_of"], &answer["next"]), (&json!(NOW + 30), &json!(null)));
    let figures = |row: &Value| {
        let field = |name: &str| row[name].as_u64().unwrap();
        (
            row["method"].as_str().unwrap().to_owned(),
            field("requests"),
            field("client_errors"),
            field("server_errors"),
        )
    };
    let found: Vec<_> = rows(&answer).iter().map(figures).collect();
    assert_eq!(found, [("POST".to_owned(), 9, 0, 3), ("GET".to_owned(), 21, 6, 0)]);
    let get = &rows(&answer)[1];
    assert_eq!((get["mean_ms"].as_f64(), get["max_ms"].as_f64()), (Some(8.0), Some(8.0)));
    for percentile in ["p50_ms", "p75_ms", "p95_ms", "p99_ms"] {
        let value = get[percentile].as_f64().unwrap();
        assert!((value / 8.0 - 1.0).abs() <= 0.022, "{percentile} {value}");
    }
    assert_eq!((&get["by_status"], &get["total_ms"]), (&json!({"200": 15, "404": 6}), &json!(168.0)));
    assert_eq!(get["apdex"], 1.0);
    assert_eq!(rows(&answer)[0]["apdex"], json!(0.66667));
    assert_eq!(get["first_seen_at"], NOW - 180);
    assert_eq!(get["last_seen_at"], NOW - 60);
}

#[tokio::test]
async fn traffic_comes_in_steps_and_gaps_are_left_out() {
    let (hub, token, path) = seeded().await;
    let from = NOW - 600;
    let answer = hub.get(&token, &format!("{path}/traffic?env=prod&from={from}&to={NOW}")).await;
    assert_eq!(answer["range"]["step_secs"], 60);
    let starts: Vec<_> = rows(&answer).iter().map(|row| row["start"].as_i64().unwrap()).collect();
    assert_eq!(starts, [NOW - 180, NOW - 120, NOW - 60]);
    assert_eq!(rows(&answer)[0]["by_status"], json!({"200": 5, "201": 2, "404": 2, "500": 1}));
    assert_eq!(rows(&answer)[0]["requests"], 10);
    let coarse = hub.get(&token, &format!("{path}/traffic?env=prod&from={from}&to={NOW}&step=300")).await;
    assert_eq!(rows(&coarse).len(), 1);
    assert_eq!(rows(&coarse)[0]["requests"], 30);
}

#[tokio::test]
async fn filters_look_at_a_part() {
    let (hub, token, path) = seeded().await;
    for (filter, requests) in [
        ("method=GET", 21),
        ("method=get&status=404", 6),
        ("status=4xx", 6),
        ("status=5xx", 3),
        ("path=/orders", 9),
        ("path=/orders/*", 21),
        ("path=/nowhere", 0),
        ("consumer=nobody", 0),
    ] {
        let answer = hub.get(&token, &format!("{path}/traffic?env=prod&{filter}")).await;
        let sum: u64 = rows(&answer).iter().map(|row| row["requests"].as_u64().unwrap()).sum();
        assert_eq!(sum, requests, "{filter}");
    }
}

#[tokio::test]
async fn latency_has_percentiles_and_the_merged_histogram() {
    let (hub, token, path) = seeded().await;
    let answer = hub.get(&token, &format!("{path}/latency?env=prod&from={}", NOW - 600)).await;
    assert_eq!(rows(&answer).len(), 3);
    let histogram = &answer["histogram"];
    assert_eq!((histogram["requests"].as_u64(), histogram["scale"].as_u64()), (Some(30), Some(4)));
    let bucket = &histogram["buckets"][0];
    assert_eq!(bucket["count"], 30);
    assert!(bucket["ge_ms"].as_f64().unwrap() <= 8.0 && 8.0 <= bucket["le_ms"].as_f64().unwrap());
    assert!(histogram["relative_error"].as_f64().unwrap() < 0.022);
    assert_eq!(rows(&answer)[0]["apdex"], 0.9);
    let heatmap = hub.get(&token, &format!("{path}/latency/heatmap?env=prod&from={}", NOW - 600)).await;
    assert_eq!(rows(&heatmap)[0]["counts"], json!([10]));
    let row = &heatmap["rows"][0];
    assert!(row["ge_ms"].as_f64().unwrap() <= 8.0 && 8.0 <= row["le_ms"].as_f64().unwrap(), "{row}");
    let headers = hub.get(&token, &format!("{path}/latency?env=prod&measure=headers")).await;
    assert_eq!(headers["histogram"]["requests"], 30);
    assert_eq!(headers["histogram"]["mean_ms"], json!(null));
    let none = hub.get(&token, &format!("{path}/latency?env=prod&path=/nowhere")).await;
    assert_eq!((rows(&none).len(), &none["histogram"]["p50_ms"]), (0, &json!(null)));
}

#[tokio::test]
async fn sizes_of_bodies_are_told_as_histograms() {
    let hub = TestHub::builder().clock(ManualClock::at(NOW + 30)).start().await;
    let (app, token) = (hub.app().await, hub.token().await);
    let (route, mut series) = traffic("PUT", "/files", 201, 4);
    let buckets = sendry_sdk::protocol::Buckets { zero: 1, counts: vec![(27, 3)] };
    series.request = sendry_sdk::protocol::Sizes { sum: 360, buckets };
    let report = report_of("prod", NOW / 60 - 1, vec![(route, series)]);
    assert_eq!(hub.send(&app.write_key, &report).await.status(), 202);
    let path = format!("/apps/{}/sizes?env=prod", app.app_id);
    let answer = hub.get_until(&token, &path, |answer| answer["data"]["request"]["bodies"] == 4).await;
    let request = &answer["data"]["request"];
    assert_eq!(
        (&request["empty"], &request["bytes"], &request["mean_bytes"]),
        (&json!(1), &json!(360), &json!(90.0))
    );
    let bucket = &request["buckets"][0];
    assert_eq!((&bucket["le_bytes"], &bucket["count"]), (&json!(128.0), &json!(3)));
    let p95 = request["p95_bytes"].as_f64().unwrap();
    assert!(bucket["ge_bytes"].as_f64().unwrap() < p95 && p95 < 128.0, "{p95}");
    let response = &answer["data"]["response"];
    assert_eq!((&response["bodies"], &response["p50_bytes"]), (&json!(0), &json!(null)));
}

#[tokio::test]
async fn the_overview_names_apps_with_their_environments() {
    let (hub, token, path) = seeded().await;
    let answer = hub.get(&token, "/apps").await;
    assert_eq!(answer["data"][0]["name"], "shop");
    let environment =
        json!({"env": "prod", "first_report_at": NOW + 30, "last_report_at": NOW + 30, "instances": 3});
    assert_eq!(answer["data"][0]["environments"], json!([environment]));
    let summary = hub.get(&token, &format!("{path}/summary?env=prod")).await;
    let sparkline: u64 = summary["data"]["sparkline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| point["requests"].as_u64().unwrap())
        .sum();
    assert_eq!((sparkline, summary["data"]["server_errors"].as_u64()), (30, Some(3)));
    let instances = hub.get(&token, &format!("{path}/instances?env=prod")).await;
    assert_eq!(rows(&instances).len(), 3);
}

#[tokio::test]
async fn errors_consumers_and_resources_are_shown_with_their_names() {
    let (hub, token, path) = seeded().await;
    let app_id: uuid::Uuid = path.rsplit('/').next().unwrap().parse().unwrap();
    let key = sendry_hub::auth::secret::generate("sdry_");
    let kind = sendry_hub::store::metadata::CredentialKind::WriteKey;
    let credential = sendry_hub::auth::secret::credential(app_id, kind, &key, NOW);
    assert!(hub.metadata.create_credential(&credential).await.unwrap());
    let minute = NOW / 60 - 1;
    let mut report =
        serde_json::to_value(report_of("qa", minute, vec![traffic("POST", "/orders", 422, 3)])).unwrap();
    report["app_version"] = json!("2.1");
    report["consumers"] = json!([{"identifier": "ann", "name": "Ann", "group": "pro"}]);
    report["minutes"][0]["consumers"] =
        json!([{"c": 0, "r": 0, "s": 422, "n": 3, "d": {"s": 24_000, "m": 8_000, "k": [0, -28, 3]}}]);
    let failed = |field: &str, count: u64| {
        json!({"minute": minute, "route": 0, "status": 422, "consumer": 0, "location": "body", "field": field,
            "message": "too short", "code": "length", "count": count})
    };
    report["validation_errors"] = json!([failed("name", 1), failed("street", 2)]);
    report["server_errors"] = json!([{"minute": minute, "route": 0, "status": 500, "type": "panic", "message": "ouch", "count": 1}]);
    report["resources"] = json!([{"minute": minute, "cpu": 0.5, "rss_bytes": 1_000_000}]);
    assert_eq!(hub.post("report", &key).json(&report).send().await.unwrap().status(), 202);

    let validation = format!("{path}/validation-errors?env=qa");
    let answer = hub.get_until(&token, &validation, |answer| answer["data"][1].is_object()).await;
    let fields: Vec<_> =
        rows(&answer).iter().map(|row| (row["field"].clone(), row["count"].clone())).collect();
    assert_eq!(fields, [(json!("street"), json!(2)), (json!("name"), json!(1))]);
    let first = hub.get(&token, &format!("{validation}&limit=1")).await;
    let second =
        hub.get(&token, &format!("{validation}&limit=1&next={}", first["next"].as_str().unwrap())).await;
    assert_eq!(rows(&second)[0]["field"], "name");
    let servers = hub.get(&token, &format!("{path}/server-errors?env=qa")).await;
    assert_eq!(
        (&rows(&servers)[0]["type"], &rows(&servers)[0]["message"]),
        (&json!("panic"), &json!("ouch"))
    );
    let group = rows(&first)[0]["group_id"].as_str().unwrap();
    let detail = hub.get(&token, &format!("{path}/error-groups/{group}?env=qa")).await;
    assert_eq!(detail["data"]["counts"][0]["count"], 2);
    assert_eq!(detail["data"]["consumers"][0]["consumer"]["name"], "Ann");
    assert_eq!(detail["data"]["versions"][0]["version"], "2.1");
    let unknown = hub.request(Method::GET, &format!("/api/v1{path}/error-groups/77?env=qa"));
    problem(unknown.bearer_auth(&token).send().await.unwrap(), 404).await;
    let releases = hub.get(&token, &format!("{path}/releases?env=qa")).await;
    assert_eq!((&rows(&releases)[0]["version"], &rows(&releases)[0]["running"]), (&json!("2.1"), &json!(1)));
    let groups = hub.get(&token, &format!("{path}/consumer-groups?env=qa")).await;
    assert_eq!((&rows(&groups)[0]["group"], &rows(&groups)[0]["requests"]), (&json!("pro"), &json!(3)));
    let activity = hub.get(&token, &format!("{path}/consumers/activity?env=qa")).await;
    assert_eq!((&rows(&activity)[0]["new"], &rows(&activity)[0]["returning"]), (&json!(1), &json!(0)));
    let consumers = hub.get(&token, &format!("{path}/consumers?env=qa")).await;
    let ann = &rows(&consumers)[0];
    assert_eq!(
        (&ann["identifier"], &ann["group"], &ann["requests"]),
        (&json!("ann"), &json!("pro"), &json!(3))
    );
    let own = hub.get(&token, &format!("{path}/traffic?env=qa&consumer=ann")).await;
    assert_eq!(rows(&own)[0]["by_status"], json!({"422": 3}));
    let resources = hub.get(&token, &format!("{path}/resources?env=qa")).await;
    assert_eq!(rows(&resources)[0]["cpu"], 0.5);
}

#[tokio::test]
async fn pages_of_endpoints_follow_one_another() {
    let (hub, token, path) = seeded().await;
    let first = hub.get(&token, &format!("{path}/endpoints?env=prod&limit=1")).await;
    assert_eq!(rows(&first)[0]["path"], "/orders");
    let next = first["next"].as_str().unwrap();
    let second = hub.get(&token, &format!("{path}/endpoints?env=prod&limit=1&next={next}")).await;
    assert_eq!((&rows(&second)[0]["path"], &second["next"]), (&json!("/orders/{id}"), &json!(null)));
}

#[tokio::test]
async fn steps_of_days_lie_on_local_midnights() {
    let (hub, token, path) = seeded().await;
    let query =
        format!("{path}/traffic?env=prod&from={}&to={NOW}&step=86400&tz=Asia/Tokyo", NOW - 5 * 86_400);
    let answer = hub.get(&token, &query).await;
    assert_eq!(
        (&answer["range"]["tz"], &answer["range"]["step_secs"]),
        (&json!("Asia/Tokyo"), &json!(86_400))
    );
    // 2027-01-15T00:00+09:00.
    assert_eq!(rows(&answer)[0]["start"], 1_799_938_800);
}

#[tokio::test]
async fn a_question_that_cannot_be_understood_is_refused_with_its_reason() {
    let (hub, token, path) = seeded().await;
    for (query, kind) in [
        ("", "no_env"),
        ("?env=a b", "bad_env"),
        ("?env=prod&from=5&to=4", "bad_range"),
        ("?env=prod&from=tomorrow", "bad_time"),
        ("?env=prod&from=0", "range_too_long"),
        ("?env=prod&tz=Mars/Olympus", "bad_time_zone"),
        ("?env=prod&step=7", "bad_step"),
        ("?env=prod&status=9xx", "bad_status"),
    ] {
        let request = hub.request(Method::GET, &format!("/api/v1{path}/traffic{query}")).bearer_auth(&token);
        assert_eq!(problem(request.send().await.unwrap(), 400).await["type"], kind, "{query}");
    }
    for nowhere in
        ["/apps/00000000-0000-0000-0000-000000000000/traffic?env=prod", "/apps/x/traffic?env=prod", "/x"]
    {
        let request = hub.request(Method::GET, &format!("/api/v1{nowhere}")).bearer_auth(&token);
        problem(request.send().await.unwrap(), 404).await;
    }
}

#[tokio::test]
async fn only_a_valid_token_or_a_session_reads() {
    let hub = TestHub::start().await;
    problem(hub.request(Method::GET, "/api/v1/apps").send().await.unwrap(), 401).await;
    let key = hub.app().await.write_key;
    for wrong in [key.as_str(), "sdrt_wrong", ""] {
        problem(hub.request(Method::GET, "/api/v1/apps").bearer_auth(wrong).send().await.unwrap(), 401).await;
    }
    let token = hub.token().await;
    hub.get(&token, "/apps").await;
    let stored = hub.metadata.tokens().await.unwrap();
    assert!(stored[0].last_used_at.is_some());
    let document = hub.request(Method::GET, "/api/v1/openapi.json").send().await.unwrap();
    assert_eq!(document.json::<Value>().await.unwrap()["openapi"], "3.1.0");
}

#[tokio::test]
async fn health_readiness_and_the_page_for_people() {
    let hub = TestHub::start().await;
    let get = |path: &str| hub.request(Method::GET, path).send();
    assert_eq!(get("/healthz").await.unwrap().status(), 200);
    let ready = get("/readyz").await.unwrap();
    assert_eq!(
        (ready.status().as_u16(), ready.json::<Value>().await.unwrap()["ready"].clone()),
        (200, json!(true))
    );
    let page = get("/apps/x/traffic?env=prod").await.unwrap();
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe-inline"), "{policy}");
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    for api in ["/api/v2/apps", "/ingest/v1/nothing", "/v2/x/prod/sync", "/v1/traces", "/assets/none.js"] {
        problem(get(api).await.unwrap(), 404).await;
    }
    problem(hub.request(Method::POST, "/somewhere").send().await.unwrap(), 405).await;
    // Whoever waits for a store that is down is told which.
    hub.metadata.close().await;
    let ready = get("/readyz").await.unwrap();
    assert_eq!(ready.status(), 503);
    let parts: Value = ready.json().await.unwrap();
    assert_eq!((&parts["queue"], &parts["ready"]), (&json!("ok"), &json!(false)));
    assert_ne!(parts["metadata"], "ok");
    assert_eq!(get("/healthz").await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_shutdown_stores_what_was_accepted_or_keeps_it() {
    let hub = TestHub::start().await;
    let app = hub.app().await;
    let report = report_of("prod", hub.clock.now() / 60, vec![traffic("GET", "/a", 200, 1)]);
    assert_eq!(hub.send(&app.write_key, &report).await.status(), 202);
    let url = hub.url.clone();
    tokio::time::timeout(crate::harness::PATIENCE, hub.shutdown()).await.unwrap();
    assert!(crate::harness::client().get(format!("{url}/healthz")).send().await.is_err());
}
