//! How figures are judged, which views people keep, and what the settings say.

use reqwest::Method;
use sendry_hub::clock::ManualClock;
use sendry_hub::store::metadata::{Grant, Role};
use serde_json::{Value, json};

use super::{actions, call, read};
use crate::harness::{TestHub, report_of, traffic};

const NOW: i64 = 1_800_000_000;

/// A hub with an app that answered one endpoint well in 8 ms, and another with errors.
async fn seeded() -> (TestHub, String, String) {
    let hub = TestHub::builder().clock(ManualClock::at(NOW + 30)).start().await;
    let app = hub.app().await;
    let minutes = vec![
        traffic("GET", "/orders", 200, 10),
        traffic("GET", "/orders", 404, 4),
        traffic("POST", "/orders", 201, 6),
        traffic("POST", "/orders", 404, 2),
    ];
    let report = report_of("prod", NOW / 60 - 1, minutes);
    assert_eq!(hub.send(&app.write_key, &report).await.status(), 202);
    let path = format!("/apps/{}", app.app_id);
    let summary = format!("{path}/summary?env=prod");
    hub.get_until(&hub.token().await, &summary, |answer| answer["data"]["requests"] == 22).await;
    let editor = hub.session_with(&[Role::Editor.into()]).await;
    (hub, editor, path)
}

#[tokio::test]
async fn a_threshold_of_the_app_or_of_an_endpoint_decides_about_apdex() {
    let (hub, editor, path) = seeded().await;
    let apdex = async || {
        let table = read(&hub, &editor, &format!("{path}/endpoints?env=prod")).await;
        let of = |row: &Value| (row["apdex"].as_f64(), row["apdex_threshold_ms"].as_u64());
        let rows: Vec<_> = table["data"].as_array().unwrap().iter().map(of).collect();
        let summary = read(&hub, &editor, &format!("{path}/summary?env=prod")).await;
        (rows, summary["data"]["apdex"].as_f64())
    };
    let (good, bad) = (Some(1.0), Some(0.0));
    assert_eq!(apdex().await, (vec![(good, Some(500)), (good, Some(500))], good));
    let settings = format!("{path}/apdex");
    assert_eq!(read(&hub, &editor, &settings).await, json!({"threshold_ms": null, "endpoints": []}));
    let endpoint = json!({"method": "POST", "path": "/orders", "threshold_ms": 500});
    let wanted = json!({"threshold_ms": 1, "endpoints": [endpoint]});
    call(&hub, &editor, "PUT", &settings, wanted.clone(), 200).await;
    assert_eq!(read(&hub, &editor, &settings).await, wanted);
    // 8 of 22 requests are to the endpoint whose own threshold they meet.
    assert_eq!(apdex().await, (vec![(bad, Some(1)), (good, Some(500))], Some(0.36364)));
    for wrong in [
        json!({"threshold_ms": 0}),
        json!({"threshold_ms": 600_001}),
        json!({"endpoints": [endpoint, endpoint]}),
        json!({"endpoints": [{"method": "", "path": "/orders", "threshold_ms": 5}]}),
    ] {
        call(&hub, &editor, "PUT", &settings, wrong, 400).await;
    }
    call(&hub, &editor, "PUT", &settings, json!({}), 200).await;
    assert_eq!(apdex().await.1, good);
}

#[tokio::test]
async fn an_expected_error_is_told_beside_the_errors_of_its_endpoint_alone() {
    let (hub, editor, path) = seeded().await;
    let expected = format!("{path}/expected-errors");
    let mark = json!({"method": "GET", "path": "/orders", "status": 404});
    let marked = call(&hub, &editor, "POST", &expected, mark.clone(), 201).await;
    assert_eq!(call(&hub, &editor, "POST", &expected, mark, 200).await["id"], marked["id"]);
    call(&hub, &editor, "POST", &expected, json!({"method": "GET", "path": "/", "status": 200}), 400).await;
    let errors = async || {
        let table = read(&hub, &editor, &format!("{path}/endpoints?env=prod")).await;
        let of = |row: &Value| (row["client_errors"].as_u64(), row["expected_errors"].as_u64());
        let rows: Vec<_> = table["data"].as_array().unwrap().iter().map(of).collect();
        let summary = read(&hub, &editor, &format!("{path}/summary?env=prod")).await;
        (rows, summary["data"]["expected_errors"].as_u64())
    };
    assert_eq!(errors().await, (vec![(Some(4), Some(4)), (Some(2), Some(0))], Some(4)));
    assert_eq!(read(&hub, &editor, &expected).await["data"][0]["status"], 404);
    let one = format!("{expected}/{}", marked["id"].as_str().unwrap());
    call(&hub, &editor, "DELETE", &one, Value::Null, 204).await;
    call(&hub, &editor, "DELETE", &one, Value::Null, 404).await;
    assert_eq!(errors().await.1, Some(0));
    let admin = hub.session_with(&[Role::Admin.into()]).await;
    assert_eq!(actions(&hub, &admin).await, ["expected_error.delete", "expected_error.create"]);
}

/// A hub with an app whose expected and other errors lie in two minutes, and took 8 ms each.
async fn failing() -> (TestHub, String, String) {
    let hub = TestHub::builder().clock(ManualClock::at(NOW + 30)).start().await;
    let app = hub.app().await;
    let path = format!("/apps/{}", app.app_id);
    for (minute, count) in [(2, 1), (1, 3)] {
        let minutes = vec![
            traffic("GET", "/orders", 200, 4),
            traffic("GET", "/orders", 404, count),
            traffic("GET", "/orders", 503, 2 * count),
            traffic("GET", "/orders", 500, 1),
            traffic("POST", "/orders", 503, 1),
        ];
        let report = report_of("prod", NOW / 60 - minute, minutes);
        assert_eq!(hub.send(&app.write_key, &report).await.status(), 202);
    }
    let summary = format!("{path}/summary?env=prod");
    hub.get_until(&hub.token().await, &summary, |answer| answer["data"]["requests"] == 24).await;
    let editor = hub.session_with(&[Role::Editor.into()]).await;
    for status in [404, 503] {
        let mark = json!({"method": "GET", "path": "/orders", "status": status});
        call(&hub, &editor, "POST", &format!("{path}/expected-errors"), mark, 201).await;
    }
    (hub, editor, path)
}

#[tokio::test]
async fn expected_errors_are_told_at_every_point_and_summed_up_in_the_summary() {
    let (hub, editor, path) = failing().await;
    let points = async |filter: &str| {
        let answer =
            read(&hub, &editor, &format!("{path}/traffic?env=prod&from={}{filter}", NOW - 3_600)).await;
        let point = |row: &Value| (row["expected_errors"].clone(), row["expected_by_status"].clone());
        answer["data"].as_array().unwrap().iter().map(point).collect::<Vec<_>>()
    };
    let first = (json!(3), json!({"404": 1, "503": 2}));
    assert_eq!(points("").await, [first, (json!(9), json!({"404": 3, "503": 6}))]);
    let of_status = [(json!(1), json!({"404": 1})), (json!(3), json!({"404": 3}))];
    assert_eq!(points("&status=4xx").await, of_status);
    assert_eq!(points("&method=POST").await, [(json!(0), json!({})), (json!(0), json!({}))]);
    assert_eq!(points("&consumer=nobody").await, []);
    let summary = read(&hub, &editor, &format!("{path}/summary?env=prod")).await["data"].clone();
    let figures = |of: &Value| {
        ["client_errors", "server_errors", "expected_errors", "expected_server_errors"]
            .map(|name| of[name].as_u64().unwrap())
    };
    assert_eq!(figures(&summary), [4, 12, 12, 8]);
    let points: Vec<_> = summary["sparkline"].as_array().unwrap().iter().map(figures).collect();
    assert_eq!(points, [[4, 12, 12, 8]], "a step of half an hour");
    let overview = read(&hub, &editor, "/overview?env=prod").await;
    assert_eq!(overview["data"][0]["figures"]["summary"]["expected_errors"], 12);
}

#[tokio::test]
async fn apdex_judges_an_expected_server_error_by_its_duration_everywhere() {
    let (hub, editor, path) = failing().await;
    let apdex = async || {
        let table = read(&hub, &editor, &format!("{path}/endpoints?env=prod")).await;
        let of_get =
            table["data"].as_array().unwrap().iter().find(|row| row["method"] == "GET").unwrap()["apdex"]
                .clone();
        let summary = read(&hub, &editor, &format!("{path}/summary?env=prod")).await;
        let latency =
            read(&hub, &editor, &format!("{path}/latency?env=prod&from={}&method=GET", NOW - 3_600)).await;
        let points: Vec<_> =
            latency["data"].as_array().unwrap().iter().map(|point| point["apdex"].clone()).collect();
        (of_get, summary["data"]["apdex"].clone(), points)
    };
    // One 500 of the eight and of the fourteen requests; besides two 503 of the other endpoint.
    assert_eq!(apdex().await, (json!(0.90909), json!(0.83333), vec![json!(0.875), json!(0.92857)]));
    let slow = json!({"threshold_ms": 3});
    call(&hub, &editor, "PUT", &format!("{path}/apdex"), slow, 200).await;
    assert_eq!(apdex().await, (json!(0.45455), json!(0.41667), vec![json!(0.4375), json!(0.46429)]));
}

#[tokio::test]
async fn errors_by_status_tell_whom_they_met_and_when_they_were_seen_last() {
    let (hub, editor, path) = failing().await;
    let answer = read(&hub, &editor, &format!("{path}/error-statuses?env=prod")).await;
    let row = |method: &str, status: u16, count: u64, requests: u64, expected: bool| {
        json!({"method": method, "path": "/orders", "status": status, "count": count, "requests": requests, "expected": expected,
            "consumers": 0, "more_consumers": false, "last_seen_at": NOW - 60, "last_seen_secs": 60})
    };
    let rows = [
        row("GET", 503, 8, 22, true),
        row("GET", 404, 4, 22, true),
        row("GET", 500, 2, 22, false),
        row("POST", 503, 2, 2, false),
    ];
    assert_eq!(answer["data"], json!(rows));
    let some = read(&hub, &editor, &format!("{path}/error-statuses?env=prod&status=404,200&limit=1")).await;
    assert_eq!((&some["data"], &some["next"]), (&json!([rows[1]]), &Value::Null));
    let first = read(&hub, &editor, &format!("{path}/error-statuses?env=prod&limit=3")).await;
    let next = first["next"].as_str().unwrap();
    let rest = read(&hub, &editor, &format!("{path}/error-statuses?env=prod&limit=3&next={next}")).await;
    assert_eq!(rest["data"], json!([rows[3]]));
}

#[tokio::test]
async fn a_view_is_ones_own_until_an_editor_shares_it() {
    let hub = TestHub::start().await;
    let (shop, blog) = (hub.app().await.app_id, hub.app().await.app_id);
    let on = |role, app_id| Grant { role, app_id: Some(app_id) };
    let editor = hub.session_with(&[on(Role::Editor, shop)]).await;
    let viewer = hub.session_with(&[on(Role::Viewer, shop)]).await;
    let stranger = hub.session_with(&[on(Role::Admin, blog)]).await;
    let view =
        |shared: bool| json!({"name": "slow", "app_id": shop, "url": "/apps/x?env=prod", "shared": shared});
    let names = async |cookie: &str| read(&hub, cookie, "/views").await["data"].as_array().unwrap().len();
    let own = call(&hub, &editor, "POST", "/views", view(false), 201).await;
    assert_eq!((names(&editor).await, names(&viewer).await), (1, 0));
    call(&hub, &viewer, "POST", "/views", view(true), 403).await;
    call(&hub, &stranger, "POST", "/views", view(false), 404).await;
    let path = format!("/views/{}", own["id"].as_str().unwrap());
    let change = json!({"name": "slower", "shared": true});
    call(&hub, &viewer, "PUT", &path, change.clone(), 404).await;
    call(&hub, &editor, "PUT", &path, change.clone(), 200).await;
    assert_eq!((names(&editor).await, names(&viewer).await, names(&stranger).await), (1, 1, 0));
    let seen = read(&hub, &viewer, "/views").await["data"][0].clone();
    assert_eq!(
        (&seen["name"], &seen["own"], &seen["url"]),
        (&json!("slower"), &json!(false), &json!("/apps/x?env=prod"))
    );
    call(&hub, &viewer, "DELETE", &path, Value::Null, 403).await;
    for astray in ["https://evil.example", "//evil.example", "javascript:alert(1)", "apps"] {
        let view = json!({"name": "x", "url": astray});
        call(&hub, &viewer, "POST", "/views", view, 400).await;
    }
    call(&hub, &editor, "DELETE", &path, Value::Null, 204).await;
    assert_eq!(names(&viewer).await, 0);
}

#[tokio::test]
async fn the_settings_say_what_is_configured_and_nothing_secret() {
    let hub = TestHub::builder()
        .set("SENDRY_RETENTION__AUDIT_DAYS", "7")
        .set("SENDRY_PUBLIC_URL", "http://hub.test")
        .set("SENDRY_OIDC__ISSUER", "http://127.0.0.1:9")
        .set("SENDRY_OIDC__CLIENT_ID", "sendry")
        .set("SENDRY_OIDC__CLIENT_SECRET", "very secret")
        .start()
        .await;
    let answer = hub.get(&hub.token().await, "/settings").await;
    assert_eq!((&answer["audit_days"], &answer["minutes_days"]), (&json!(7), &json!(32)));
    assert_eq!(answer["environments_max"], 20);
    assert_eq!((&answer["provider"], &answer["apdex_threshold_ms"]), (&json!("Single sign-on"), &json!(500)));
    assert!(!answer.to_string().contains("secret"));
}

#[tokio::test]
async fn the_audit_log_shows_nothing_beyond_its_retention() {
    let clock = ManualClock::at(NOW);
    let hub = TestHub::builder().clock(clock.clone()).set("SENDRY_RETENTION__AUDIT_DAYS", "2").start().await;
    let token = hub.token_with(Role::Editor.into()).await;
    let create =
        || hub.request(Method::POST, "/api/v1/apps").bearer_auth(&token).json(&json!({"name": "x"})).send();
    assert_eq!(create().await.unwrap().status(), 201);
    clock.advance(86_400);
    assert_eq!(create().await.unwrap().status(), 201);
    clock.advance(86_401);
    let admin = hub.session_with(&[Role::Admin.into()]).await;
    assert_eq!(actions(&hub, &admin).await, ["app.create"]);
}
