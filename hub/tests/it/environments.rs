//! The environments of an app, as the settings show and delete them.

use std::sync::Arc;

use reqwest::Method;
use sendry_hub::clock::ManualClock;
use sendry_hub::store::metadata::Role;
use serde_json::{Value, json};

use crate::harness::{TestHub, problem, report_of, traffic};

const NOW: i64 = 1_800_000_000;

/// A hub with an app that reported from two environments.
async fn seeded() -> (TestHub, Arc<ManualClock>, String, String) {
    let clock = ManualClock::at(NOW);
    let hub = TestHub::builder().clock(clock.clone()).start().await;
    let (app, token) = (hub.app().await, hub.token().await);
    let path = format!("/apps/{}", app.app_id);
    for env in ["prod", "prdo"] {
        let report = report_of(env, NOW / 60 - 1, vec![traffic("GET", "/orders", 200, 5)]);
        assert_eq!(hub.send(&app.write_key, &report).await.status(), 202);
        let summary = format!("{path}/summary?env={env}");
        hub.get_until(&token, &summary, |answer| answer["data"]["requests"] == 5).await;
    }
    (hub, clock, token, path)
}

#[tokio::test]
async fn environments_are_listed_with_their_first_and_last_report() {
    let (hub, _clock, token, path) = seeded().await;
    let answer = hub.get(&token, &format!("{path}/environments")).await;
    let row = |env: &str| {
        json!({"env": env, "created_at": NOW, "first_report_at": NOW, "last_report_at": NOW, "instances": 1,
            "deletable_at": NOW + 3_900})
    };
    assert_eq!(answer["data"], json!([row("prdo"), row("prod")]));
}

#[tokio::test]
async fn an_environment_is_deleted_once_it_is_silent_with_all_that_is_stored_of_it() {
    let (hub, clock, token, path) = seeded().await;
    let admin = hub.session_with(&[Role::Admin.into()]).await;
    let delete =
        |env: &str| hub.with_session(Method::DELETE, &format!("{path}/environments/{env}"), &admin).send();
    clock.advance(3_899);
    assert_eq!(problem(delete("prdo").await.unwrap(), 409).await["type"], "still_reporting");
    clock.advance(1);
    assert_eq!(delete("prdo").await.unwrap().status(), 204);
    problem(delete("prdo").await.unwrap(), 404).await;
    problem(delete("nowhere").await.unwrap(), 404).await;
    let names = |answer: &Value| -> Vec<String> {
        let rows = answer["data"].as_array().unwrap().iter();
        rows.map(|row| row["env"].as_str().unwrap().to_owned()).collect()
    };
    let listed = hub.get(&token, &format!("{path}/environments")).await;
    assert_eq!(names(&listed), ["prod"]);
    let requests = async |env: &str| {
        hub.get(&token, &format!("{path}/summary?env={env}")).await["data"]["requests"].clone()
    };
    assert_eq!((requests("prdo").await, requests("prod").await), (json!(0), json!(5)));
    let log = hub.with_session(Method::GET, "/audit-log", &admin).send().await.unwrap();
    let entry = log.json::<Value>().await.unwrap()["data"][0].clone();
    assert_eq!((&entry["action"], &entry["target_name"]), (&json!("environment.delete"), &json!("prdo")));
}
