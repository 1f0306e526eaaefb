//! The overview: how all apps do that one may see, in one answer.

use reqwest::Method;
use sendry_hub::clock::ManualClock;
use sendry_hub::query::keys::{CreatedApp, make_app};
use sendry_hub::store::metadata::{Grant, Role};
use serde_json::{Value, json};

use crate::harness::{TestHub, problem, report_of, traffic};

const NOW: i64 = 1_800_000_000;

/// Reports 6 good requests and 4 bad ones, a failed validation, a panic and a loss; by one consumer. One report is missing.
async fn send(hub: &TestHub, app: &CreatedApp, env: &str) {
    let minute = NOW / 60 - 1;
    let calls = vec![
        traffic("POST", "/orders", 201, 6),
        traffic("POST", "/orders", 422, 3),
        traffic("GET", "/a", 500, 1),
    ];
    let mut report = serde_json::to_value(report_of(env, minute, calls)).unwrap();
    report["sequence"] = json!(1);
    report["consumers"] = json!([{"identifier": "ann"}]);
    report["minutes"][0]["consumers"] =
        json!([{"c": 0, "r": 0, "s": 422, "n": 3, "d": {"s": 24_000, "m": 8_000, "k": [0, -28, 3]}}]);
    report["validation_errors"] = json!([{"minute": minute, "route": 0, "status": 422, "location": "body", "field": "name",
        "message": "too short", "code": "length", "count": 3}]);
    report["server_errors"] = json!([
        {"minute": minute, "route": 2, "status": 500, "type": "panic", "message": "ouch", "count": 1},
        {"minute": minute, "route": 2, "status": 500, "type": "panic", "message": "oh no", "count": 1},
    ]);
    report["losses"] = json!([{"reason": "routes_folded", "count": 7}]);
    assert_eq!(hub.post("report", &app.write_key).json(&report).send().await.unwrap().status(), 202);
}

/// A hub with an app that reports from two environments and one that never did.
async fn seeded() -> (TestHub, CreatedApp, CreatedApp) {
    let hub = TestHub::builder().clock(ManualClock::at(NOW + 30)).start().await;
    let shop = hub.app().await;
    let blog = make_app(&hub.metadata, "blog", NOW).await.unwrap();
    for env in ["prod", "qa"] {
        send(&hub, &shop, env).await;
        let summary = format!("/apps/{}/summary?env={env}", shop.app_id);
        hub.get_until(&hub.token().await, &summary, |answer| answer["data"]["requests"] == 10).await;
    }
    (hub, shop, blog)
}

fn row<'a>(answer: &'a Value, name: &str) -> &'a Value {
    answer["data"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap()
}

#[tokio::test]
async fn one_answer_has_the_figures_of_every_app() {
    let (hub, shop, blog) = seeded().await;
    let token = hub.token().await;
    let answer = hub.get(&token, "/overview").await;
    assert_eq!((&answer["as_of"], &answer["next"]), (&json!(NOW + 30), &json!(null)));
    let waiting = row(&answer, "blog");
    assert_eq!(waiting["app_id"], blog.app_id.to_string());
    assert_eq!((&waiting["env"], &waiting["figures"]), (&json!(null), &json!(null)));
    let reporting = row(&answer, "shop");
    assert_eq!(reporting["env"], "prod");
    assert_eq!(reporting["environments"].as_array().unwrap().len(), 2);
    let figures = &reporting["figures"];
    let summary = hub.get(&token, &format!("/apps/{}/summary?env=prod", shop.app_id)).await;
    assert_eq!(figures["summary"], summary["data"]);
    assert_eq!(answer["range"], summary["range"]);
    assert_eq!((&figures["consumers"], &figures["new_consumers"]), (&json!(1), &json!(1)));
    assert_eq!((&figures["instances"], &figures["last_report_at"]), (&json!(1), &json!(NOW + 30)));
    let problems = json!({"server_errors": 2, "validation_errors": 1, "missing_reports": 1, "losses": 7});
    assert_eq!(figures["problems"], problems);
}

#[tokio::test]
async fn what_is_expected_is_no_problem() {
    let (hub, shop, _) = seeded().await;
    let editor = hub.session_with(&[Role::Editor.into()]).await;
    let mark = json!({"method": "GET", "path": "/a", "status": 500});
    let expect = format!("/apps/{}/expected-errors", shop.app_id);
    let marked = hub.with_session(Method::POST, &expect, &editor).json(&mark).send().await.unwrap();
    assert_eq!(marked.status(), 201);
    let token = hub.token().await;
    let answer = hub.get(&token, "/overview").await;
    let figures = &row(&answer, "shop")["figures"];
    assert_eq!(figures["problems"]["server_errors"], 0);
    for (list, expected) in [("server-errors", true), ("validation-errors", false)] {
        let groups = hub.get(&token, &format!("/apps/{}/{list}?env=prod", shop.app_id)).await;
        assert_eq!(groups["data"][0]["expected"], expected, "{list}");
    }
    assert_eq!(figures["summary"]["expected_errors"], 1);
    assert_eq!(figures["problems"]["validation_errors"], 1);
}

#[tokio::test]
async fn another_environment_and_another_range_can_be_asked_for() {
    let (hub, _, _) = seeded().await;
    let token = hub.token().await;
    let env = async |query: &str| {
        let answer = hub.get(&token, &format!("/overview{query}")).await;
        row(&answer, "shop")["env"].clone()
    };
    assert_eq!(env("?env=qa").await, "qa");
    assert_eq!(env("?env=elsewhere").await, "prod");
    let before = hub.get(&token, &format!("/overview?from={}&to={}", NOW - 900, NOW - 300)).await;
    let figures = &row(&before, "shop")["figures"];
    assert_eq!((&figures["summary"]["requests"], &figures["consumers"]), (&json!(0), &json!(0)));
    let nothing = json!({"server_errors": 0, "validation_errors": 0, "missing_reports": 0, "losses": 0});
    assert_eq!(figures["problems"], nothing);
    assert_eq!(figures["last_report_at"], NOW + 30);
    let bad =
        hub.request(Method::GET, "/api/v1/overview?env=a%20b").bearer_auth(&token).send().await.unwrap();
    assert_eq!(problem(bad, 400).await["type"], "bad_env");
}

#[tokio::test]
async fn an_app_that_one_does_not_see_is_not_in_it_and_pages_follow() {
    let (hub, shop, blog) = seeded().await;
    let names = async |cookie: &str, query: &str| -> (Vec<String>, Value) {
        let path = format!("/overview{query}");
        let answer = hub.with_session(Method::GET, &path, cookie).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        let rows = answer["data"].as_array().unwrap().iter();
        (rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect(), answer["next"].clone())
    };
    let of = |app: &CreatedApp| Grant { role: Role::Viewer, app_id: Some(app.app_id) };
    let own = hub.session_with(&[of(&blog)]).await;
    assert_eq!(names(&own, "").await.0, ["blog"]);
    assert_eq!(names(&hub.session_with(&[]).await, "").await.0, [] as [&str; 0]);
    let both = hub.session_with(&[of(&blog), of(&shop)]).await;
    let (first, next) = names(&both, "?limit=1").await;
    let (second, last) = names(&both, &format!("?limit=1&next={}", next.as_str().unwrap())).await;
    assert_eq!((first, second, last), (vec!["blog".to_owned()], vec!["shop".to_owned()], json!(null)));
}
