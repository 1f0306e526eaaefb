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
async fn the_audit_log_forgets_after_its_retention() {
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
    // The next log-in deletes what nobody sees any more.
    hub.user("ann@example.com", super::PASSWORD, Role::Viewer).await;
    super::log_in(&hub, "ann@example.com", super::PASSWORD).await;
    let all = sendry_hub::store::metadata::AuditFilter { limit: 10, ..Default::default() };
    assert_eq!(hub.metadata.audit(&all).await.unwrap().len(), 2);
}
