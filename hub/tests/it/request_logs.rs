//! Request logs through the front door: sent as an SDK sends them, found, counted, shown whole, and forgotten.

use reqwest::Method;
use sendry_hub::clock::ManualClock;
use sendry_hub::store::metadata::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{TestHub, gzip, problem, report};

/// 2027-01-15T08:00:00Z.
const NOW: i64 = 1_800_000_000;
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// A hub with an app that logged four requests, one a minute, the first the oldest.
async fn seeded() -> (TestHub, String, String) {
    let hub = TestHub::builder().clock(ManualClock::at(NOW + 30)).start().await;
    let (app, token) = (hub.app().await, hub.token().await);
    let log = |number: u128, method: &str, path: &str, status: u16| {
        json!({
            "id": Uuid::from_u128(number), "time_us": (NOW - 600 + 60 * number as i64) * 1_000_000, "method": method, "path": path,
            "url": format!("{path}?n={number}"), "status": status, "duration_us": number * 1_500,
        })
    };
    let mut lines = vec![
        log(1, "GET", "/orders", 200),
        log(2, "GET", "/orders/{id}", 404),
        log(3, "POST", "/orders", 500),
        log(4, "GET", "/orders", 200),
    ];
    lines[1]["consumer"] = json!({"identifier": "ann", "name": "Ann"});
    lines[2]["consumer"] = json!({"identifier": "ann"});
    lines[2]["trace_id"] = json!(TRACE);
    lines[2]["request_headers"] = json!([["content-type", "application/json"]]);
    lines[2]["request_body"] = json!({"bytes": 17, "text": "<script>1</script>"});
    lines[2]["response_body"] = json!({"bytes": 70_000, "missing": "too_large"});
    lines[2]["error"] =
        json!({"type": "shop::NoStock", "message": "sold out", "location": "src/stock.rs:7:3"});
    lines[2]["logs"] = json!([{"offset_us": 740, "level": "error", "target": "shop", "message": "No Stock", "span": 1, "fields": [["sku", "7"]]}]);
    lines[2]["spans"] =
        json!([{"id": 1, "name": "reserve", "offset_us": 500, "duration_us": 2_000, "failed": true}]);
    let head = json!({"v": 1, "batch_id": Uuid::new_v4(), "instance_id": Uuid::new_v4(), "sequence": 0, "env": "prod"});
    let body: Vec<String> = [head].iter().chain(&lines).map(Value::to_string).collect();
    let request = hub.request(Method::POST, "/ingest/v1/request-logs").bearer_auth(&app.write_key);
    let request = request.header("content-type", "application/x-ndjson").header("content-encoding", "gzip");
    assert_eq!(request.body(gzip(body.join("\n").as_bytes())).send().await.unwrap().status(), 202);
    assert_eq!(hub.send(&app.write_key, &report("prod")).await.status(), 202);
    let path = format!("/apps/{}", app.app_id);
    let logs = format!("{path}/request-logs?env=prod");
    hub.get_until(&token, &logs, |answer| answer["data"].as_array().is_some_and(|rows| rows.len() == 4))
        .await;
    (hub, token, path)
}

fn urls(answer: &Value) -> Vec<&str> {
    answer["data"].as_array().unwrap().iter().map(|row| row["url"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn logs_are_listed_newest_first_with_who_called() {
    let (hub, token, path) = seeded().await;
    let from = NOW - 601;
    let answer = hub.get(&token, &format!("{path}/request-logs?env=prod&from={from}&to={}", NOW - 1)).await;
    let range = json!({"from": from, "to": NOW - 1, "step_secs": null, "tier": "request", "tz": "UTC"});
    assert_eq!(
        (&answer["range"], &answer["next"], &answer["stopped_at_us"]),
        (&range, &json!(null), &json!(null))
    );
    assert_eq!(urls(&answer), ["/orders?n=4", "/orders?n=3", "/orders/{id}?n=2", "/orders?n=1"]);
    let row = &answer["data"][1];
    assert_eq!(
        (&row["status"], &row["duration_ms"], &row["trace_id"]),
        (&json!(500), &json!(4.5), &json!(TRACE))
    );
    assert_eq!(row["time_us"], (NOW - 420) * 1_000_000);
    assert_eq!((&row["consumer"]["identifier"], &row["consumer"]["name"]), (&json!("ann"), &json!("Ann")));
    assert_eq!((&row["request_bytes"], &row["response_bytes"]), (&json!(17), &json!(70_000)));
    assert_eq!(answer["data"][0]["consumer"], json!(null));

    let first = hub.get(&token, &format!("{path}/request-logs?env=prod&limit=3")).await;
    let next = first["next"].as_str().unwrap();
    let second = hub.get(&token, &format!("{path}/request-logs?env=prod&limit=3&next={next}")).await;
    assert_eq!((urls(&second), &second["next"]), (vec!["/orders?n=1"], &json!(null)));
}

#[tokio::test]
async fn logs_are_searched_by_everything_that_is_given() {
    let (hub, token, path) = seeded().await;
    for (query, expected) in [
        ("method=get", vec![4, 2, 1]),
        ("path=/orders/*", vec![2]),
        ("status=404,5xx", vec![3, 2]),
        ("consumer=ann", vec![3, 2]),
        ("consumer=eve", vec![]),
        ("min_ms=3&max_ms=4.5", vec![3, 2]),
        (&format!("trace_id={}", TRACE.to_uppercase()), vec![3]),
        ("text=no%20stock", vec![3]),
        ("text=SCRIPT", vec![3]),
        ("text=nostock", vec![3]),
        ("text=ann", vec![]),
        ("method=&path=&text=&min_ms=&trace_id=", vec![4, 3, 2, 1]),
        (&format!("from={}&to={}", NOW - 480, NOW - 420), vec![2]),
    ] {
        let answer = hub.get(&token, &format!("{path}/request-logs?env=prod&{query}")).await;
        let found: Vec<u64> =
            urls(&answer).iter().map(|url| url.rsplit('=').next().unwrap().parse().unwrap()).collect();
        assert_eq!(found, expected, "{query}");
        let facets = hub.get(&token, &format!("{path}/request-logs/facets?env=prod&{query}")).await;
        assert_eq!(facets["requests"], expected.len(), "{query}");
    }
}

#[tokio::test]
async fn a_log_is_shown_whole() {
    let (hub, token, path) = seeded().await;
    let id = Uuid::from_u128(3);
    let log = hub.get(&token, &format!("{path}/request-logs/{id}")).await;
    assert_eq!((&log["id"], &log["env"], &log["method"]), (&json!(id), &json!("prod"), &json!("POST")));
    assert_eq!(log["consumer"]["name"], "Ann");
    assert_eq!(log["request"]["headers"], json!([{"name": "content-type", "value": "application/json"}]));
    assert_eq!(log["request"]["body"], json!({"bytes": 17, "text": "<script>1</script>", "missing": null}));
    assert_eq!(log["response"]["body"], json!({"bytes": 70_000, "text": null, "missing": "too_large"}));
    let error = json!({"type": "shop::NoStock", "message": "sold out", "location": "src/stock.rs:7:3", "backtrace": null});
    assert_eq!(log["error"], error);
    let event = json!({
        "offset_ms": 0.74, "level": "error", "target": "shop", "message": "No Stock", "span": 1,
        "fields": [{"name": "sku", "value": "7"}],
    });
    assert_eq!((&log["logs"], &log["logs_cut"]), (&json!([event]), &json!(0)));
    let span = json!({
        "id": 1, "parent": null, "name": "reserve", "target": "", "offset_ms": 0.5, "duration_ms": 2.0, "busy_ms": null,
        "failed": true, "fields": [],
    });
    assert_eq!(log["spans"], json!([span]));
    for nowhere in [
        format!("{path}/request-logs/{}", Uuid::from_u128(99)),
        format!("{path}/request-logs/x"),
        format!("/apps/{}/request-logs/{id}", Uuid::from_u128(1)),
    ] {
        let request = hub.request(Method::GET, &format!("/api/v1{nowhere}")).bearer_auth(&token);
        problem(request.send().await.unwrap(), 404).await;
    }
}

#[tokio::test]
async fn logs_are_counted_over_time_and_by_what_they_have() {
    let (hub, token, path) = seeded().await;
    let range = format!("env=prod&from={}&to={NOW}", NOW - 600);
    let timeline = hub.get(&token, &format!("{path}/request-logs/timeline?{range}")).await;
    assert_eq!(timeline["range"]["step_secs"], 10);
    let point =
        |at: i64, status: &str| json!({"start": NOW - 600 + at, "requests": 1, "by_status": {status: 1}});
    let expected = json!([point(60, "200"), point(120, "404"), point(180, "500"), point(240, "200")]);
    assert_eq!((&timeline["data"], &timeline["stopped_at_us"]), (&expected, &json!(null)));
    let errors =
        hub.get(&token, &format!("{path}/request-logs/timeline?{range}&status=5xx&text=stock")).await;
    assert_eq!(errors["data"], json!([point(180, "500")]));

    let facets = hub.get(&token, &format!("{path}/request-logs/facets?{range}")).await;
    assert_eq!(facets["methods"], json!([{"method": "GET", "count": 3}, {"method": "POST", "count": 1}]));
    assert_eq!(facets["endpoints"][0], json!({"method": "GET", "path": "/orders", "count": 2}));
    assert_eq!(facets["statuses"][0], json!({"status": 200, "count": 2}));
    let consumers = &facets["consumers"];
    assert_eq!((&consumers[0]["consumer"]["identifier"], &consumers[0]["count"]), (&json!("ann"), &json!(2)));
}

#[tokio::test]
async fn a_search_that_cannot_be_understood_is_refused_with_its_reason() {
    let (hub, token, path) = seeded().await;
    let long = format!("env=prod&text={}", "x".repeat(501));
    for (query, kind) in [
        ("", "no_env"),
        ("env=prod&min_ms=fast", "bad_duration"),
        ("env=prod&max_ms=-1", "bad_duration"),
        ("env=prod&trace_id=77", "bad_trace_id"),
        ("env=prod&status=4", "bad_status"),
        ("env=prod&limit=1001", "bad_limit"),
        ("env=prod&next=zzz", "bad_cursor"),
        ("env=prod&from=9&to=5", "bad_range"),
        (&long, "text_too_long"),
    ] {
        let request = hub.request(Method::GET, &format!("/api/v1{path}/request-logs?{query}"));
        let refused = request.bearer_auth(&token).send().await.unwrap();
        assert_eq!(problem(refused, 400).await["type"], kind, "{query}");
    }
}

/// What a new person of this name with `role` is answered who forgets a consumer.
async fn forget(hub: &TestHub, (name, role): (&str, Role), path: &str) -> reqwest::Response {
    let email = format!("{name}@example.com");
    hub.user(&email, "correct horse battery", role).await;
    let body = json!({"email": email, "password": "correct horse battery"});
    let session = hub.request(Method::POST, "/api/v1/session").json(&body).send().await.unwrap();
    let cookie = session.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let request = hub.request(Method::DELETE, &format!("/api/v1{path}")).header("cookie", cookie);
    request.header("x-sendry-request", "1").send().await.unwrap()
}

#[tokio::test]
async fn a_forgotten_consumer_has_no_name_and_no_request_logs() {
    let (hub, token, path) = seeded().await;
    let logs = format!("{path}/request-logs?env=prod&consumer=ann");
    let ann = hub.get(&token, &logs).await["data"][0]["consumer"]["consumer_id"].as_str().unwrap().to_owned();
    let consumer = format!("{path}/consumers/{ann}");
    problem(forget(&hub, ("eva", Role::Viewer), &consumer).await, 403).await;
    problem(forget(&hub, ("eli", Role::Editor), &consumer).await, 403).await;
    let done = forget(&hub, ("ada", Role::Admin), &consumer).await;
    assert_eq!(done.status(), 200);
    assert_eq!(done.json::<Value>().await.unwrap(), json!({"request_logs": 2, "was_known": true}));
    assert!(urls(&hub.get(&token, &logs).await).is_empty());
    let rest = hub.get(&token, &format!("{path}/request-logs?env=prod")).await;
    assert_eq!(urls(&rest), ["/orders?n=4", "/orders?n=1"]);
    let app_id = path.rsplit('/').next().unwrap().parse().unwrap();
    let hash = <[u8; 16]>::try_from(hex::decode(&ann).unwrap()).unwrap();
    assert!(hub.metadata.consumers(app_id, &[hash]).await.unwrap().is_empty());
    let unknown = forget(&hub, ("abe", Role::Admin), &format!("{path}/consumers/ann")).await;
    problem(unknown, 404).await;
}

#[tokio::test]
async fn an_export_has_everything_that_fits_however_many_pages_that_are() {
    let hub = TestHub::builder().clock(ManualClock::at(NOW + 30)).start().await;
    let (app, token) = (hub.app().await, hub.token().await);
    let log = |number: u128| {
        json!({
            "id": Uuid::from_u128(number), "time_us": (NOW - 3_000 + number as i64) * 1_000_000, "method": "GET",
            "path": "/orders", "url": format!("=/orders?n={number}"), "status": 200 + number % 2, "duration_us": 1_500,
        })
    };
    let head = json!({"v": 1, "batch_id": Uuid::new_v4(), "instance_id": Uuid::new_v4(), "sequence": 0, "env": "prod"});
    let body: Vec<String> =
        [head.to_string()].into_iter().chain((1..=450).map(|number| log(number).to_string())).collect();
    let request = hub.request(Method::POST, "/ingest/v1/request-logs").bearer_auth(&app.write_key);
    let request = request.header("content-type", "application/x-ndjson").header("content-encoding", "gzip");
    assert_eq!(request.body(gzip(body.join("\n").as_bytes())).send().await.unwrap().status(), 202);
    let path = format!("/apps/{}", app.app_id);
    let facets = format!("{path}/request-logs/facets?env=prod");
    hub.get_until(&token, &facets, |answer| answer["requests"] == 450).await;
    let export = |query: &str| {
        let path = format!("/api/v1{path}/request-logs/export?env=prod{query}");
        hub.request(Method::GET, &path).bearer_auth(&token).send()
    };

    let csv = export("").await.unwrap();
    assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
    assert_eq!(csv.headers()["content-disposition"], "attachment; filename=\"request-logs-prod.csv\"");
    assert_eq!(
        (&csv.headers()["x-sendry-rows"], &csv.headers()["x-sendry-rows-max"]),
        (&"450".parse().unwrap(), &"1000000".parse().unwrap())
    );
    let csv = csv.text().await.unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 451);
    assert!(lines[0].starts_with("time,id,method,path,url,status,duration_ms,consumer,"), "{}", lines[0]);
    let newest = format!(
        "2027-01-15T07:17:30Z,{},GET,/orders,'=/orders?n=450,200,1.5,,,,,,,,prod",
        Uuid::from_u128(450)
    );
    assert_eq!(lines[1], newest);
    assert!(lines[450].contains("'=/orders?n=1,"), "{}", lines[450]);

    let half = export("&format=ndjson&status=201").await.unwrap();
    assert_eq!(half.headers()["content-type"], "application/x-ndjson");
    assert_eq!(half.headers()["x-sendry-rows"], "225");
    let half = half.text().await.unwrap();
    let rows: Vec<Value> = half.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (rows.len(), &rows[0]["url"], &rows[224]["url"]),
        (225, &json!("=/orders?n=449"), &json!("=/orders?n=1"))
    );
    let whole = hub.get(&token, &format!("{path}/request-logs/{}", rows[0]["id"].as_str().unwrap())).await;
    assert_eq!(rows[0], whole);

    let cut = export("&limit=201&format=ndjson").await.unwrap();
    assert_eq!(
        (&cut.headers()["x-sendry-rows"], &cut.headers()["x-sendry-rows-max"]),
        (&"201".parse().unwrap(), &"201".parse().unwrap())
    );
    assert_eq!(cut.text().await.unwrap().lines().count(), 201);
    // How many have a text is known only at the end.
    let found = export("&format=ndjson&text=n%3D45").await.unwrap();
    assert!(!found.headers().contains_key("x-sendry-rows"));
    assert_eq!(found.text().await.unwrap().lines().count(), 2);
    assert_eq!(export("&text=nowhere").await.unwrap().text().await.unwrap().lines().count(), 1);
    for bad in ["&format=xlsx", "&limit=0", "&limit=1000001", "&status=x"] {
        problem(export(bad).await.unwrap(), 400).await;
    }
}
