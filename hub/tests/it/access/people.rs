//! Users: listed, changed, kept out, deleted; their passwords and sessions.

use sendry_hub::clock::ManualClock;
use sendry_hub::store::metadata::Role;
use serde_json::{Value, json};

use super::{PASSWORD, actions, call, cookie, log_in, read};
use crate::harness::{TestHub, problem};

#[tokio::test]
async fn an_admin_changes_what_a_user_may_do() {
    let hub = TestHub::start().await;
    let shop = hub.app().await.app_id;
    let admin = hub.session_with(&[Role::Admin.into()]).await;
    let bob = hub.user("bob@example.com", PASSWORD, Role::Viewer).await;
    let bobs = cookie(&log_in(&hub, "bob@example.com", PASSWORD).await);
    let path = format!("/users/{}", bob.id);
    let grants = json!([{"role": "viewer", "app_id": null}, {"role": "editor", "app_id": shop}]);
    let changed = call(&hub, &admin, "PATCH", &path, json!({"grants": grants}), 200).await;
    assert_eq!(changed["grants"], grants);
    // It counts at once, in the session that is open.
    assert_eq!(read(&hub, &bobs, "/session").await["user"]["grants"], grants);
    assert_eq!(read(&hub, &bobs, "/session").await["user"]["role"], "editor");
    call(&hub, &bobs, "POST", &format!("/apps/{shop}/keys"), Value::Null, 201).await;
    call(&hub, &bobs, "POST", "/apps", json!({"name": "blog"}), 403).await;
    for bad in [
        json!([{"role": "viewer", "app_id": null}, {"role": "editor", "app_id": null}]),
        json!([{"role": "viewer", "app_id": uuid::Uuid::new_v4()}]),
        json!([{"role": "owner"}]),
    ] {
        call(&hub, &admin, "PATCH", &path, json!({"grants": bad}), 400).await;
    }
    call(&hub, &admin, "PATCH", &format!("/users/{shop}"), json!({"disabled": true}), 404).await;
    let listed = read(&hub, &admin, "/users").await;
    let row = listed["data"].as_array().unwrap().iter().find(|row| row["id"] == json!(bob.id)).unwrap();
    assert_eq!((&row["grants"], &row["has_password"]), (&grants, &json!(true)));
    assert!(!listed.to_string().contains("argon2"), "{listed}");
    assert_eq!(actions(&hub, &admin).await[..2], ["key.create", "user.change_roles"]);
}

#[tokio::test]
async fn a_disabled_user_is_out_at_once_and_an_enabled_one_logs_in_again() {
    let hub = TestHub::start().await;
    let admin = hub.session_with(&[Role::Admin.into()]).await;
    let bob = hub.user("bob@example.com", PASSWORD, Role::Viewer).await;
    let bobs = cookie(&log_in(&hub, "bob@example.com", PASSWORD).await);
    let path = format!("/users/{}", bob.id);
    let changed = call(&hub, &admin, "PATCH", &path, json!({"disabled": true}), 200).await;
    assert!(changed["disabled_at"].is_i64());
    call(&hub, &bobs, "GET", "/apps", Value::Null, 401).await;
    assert_eq!(problem(log_in(&hub, "bob@example.com", PASSWORD).await, 403).await["type"], "disabled");
    assert_eq!(
        problem(log_in(&hub, "bob@example.com", "a wrong one").await, 401).await["type"],
        "unauthorized"
    );
    call(&hub, &admin, "PATCH", &path, json!({"disabled": false}), 200).await;
    call(&hub, &bobs, "GET", "/apps", Value::Null, 401).await;
    assert_eq!(log_in(&hub, "bob@example.com", PASSWORD).await.status(), 200);
    let done = actions(&hub, &admin).await;
    assert_eq!(done, ["session.open", "user.enable", "user.disable", "session.open"]);
}

#[tokio::test]
async fn the_last_admin_cannot_be_demoted_disabled_or_deleted() {
    let hub = TestHub::start().await;
    let ann = hub.user("ann@example.com", PASSWORD, Role::Admin).await;
    let own = cookie(&log_in(&hub, "ann@example.com", PASSWORD).await);
    let path = format!("/users/{}", ann.id);
    for change in [json!({"grants": []}), json!({"disabled": true})] {
        let refused = call(&hub, &own, "PATCH", &path, change, 409).await;
        assert_eq!(refused["type"], "last_admin");
    }
    call(&hub, &own, "DELETE", &path, Value::Null, 409).await;
    let bob = hub.user("bob@example.com", PASSWORD, Role::Admin).await;
    call(&hub, &own, "DELETE", &path, Value::Null, 204).await;
    call(&hub, &own, "GET", "/users", Value::Null, 401).await;
    problem(log_in(&hub, "ann@example.com", PASSWORD).await, 401).await;
    let bobs = cookie(&log_in(&hub, "bob@example.com", PASSWORD).await);
    assert_eq!(read(&hub, &bobs, "/users").await["data"][0]["id"], json!(bob.id));
}

#[tokio::test]
async fn ones_own_password_changes_with_the_old_one_and_ends_other_sessions() {
    let hub = TestHub::start().await;
    hub.user("bob@example.com", PASSWORD, Role::Viewer).await;
    let (own, other) = (
        cookie(&log_in(&hub, "bob@example.com", PASSWORD).await),
        cookie(&log_in(&hub, "bob@example.com", PASSWORD).await),
    );
    let change = |current: &str, new: &str| json!({"current_password": current, "new_password": new});
    let path = "/account/password";
    let refused = call(&hub, &own, "PUT", path, change("not the one", "a new password"), 400).await;
    assert_eq!(refused["type"], "wrong_password");
    call(&hub, &own, "PUT", path, change(PASSWORD, "short"), 400).await;
    call(&hub, &own, "GET", "/apps", Value::Null, 200).await;
    call(&hub, &own, "PUT", path, change(PASSWORD, "a new password"), 204).await;
    call(&hub, &own, "GET", "/apps", Value::Null, 200).await;
    call(&hub, &other, "GET", "/apps", Value::Null, 401).await;
    problem(log_in(&hub, "bob@example.com", PASSWORD).await, 401).await;
    assert_eq!(log_in(&hub, "bob@example.com", "a new password").await.status(), 200);
}

#[tokio::test]
async fn guessing_ones_own_password_is_slowed_down() {
    let hub = TestHub::builder().clock(ManualClock::at(1_800_000_000)).start().await;
    hub.user("bob@example.com", PASSWORD, Role::Viewer).await;
    let own = cookie(&log_in(&hub, "bob@example.com", PASSWORD).await);
    let guess = json!({"current_password": "a wrong guess", "new_password": "a new password"});
    for _ in 0..5 {
        call(&hub, &own, "PUT", "/account/password", guess.clone(), 400).await;
    }
    call(&hub, &own, "PUT", "/account/password", guess, 429).await;
}

#[tokio::test]
async fn a_log_in_with_what_is_no_address_slows_nobody_else_down() {
    let hub = TestHub::builder().clock(ManualClock::at(1_800_000_000)).start().await;
    let bob = hub.user("bob@example.com", PASSWORD, Role::Viewer).await;
    let bobs = cookie(&log_in(&hub, "bob@example.com", PASSWORD).await);
    for name in [format!("password of {}", bob.id), "127.0.0.1".to_owned(), "a\0@b".to_owned()] {
        for _ in 0..6 {
            problem(log_in(&hub, &name, "a wrong one").await, 401).await;
        }
    }
    let change = json!({"current_password": PASSWORD, "new_password": "a new password"});
    call(&hub, &bobs, "PUT", "/account/password", change, 204).await;
    assert_eq!(log_in(&hub, "bob@example.com", "a new password").await.status(), 200);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_user_and_by_an_admin() {
    let hub = TestHub::start().await;
    let bob = hub.user("bob@example.com", PASSWORD, Role::Viewer).await;
    let mut cookies = Vec::new();
    for _ in 0..4 {
        cookies.push(cookie(&log_in(&hub, "bob@example.com", PASSWORD).await));
    }
    let listed = read(&hub, &cookies[0], "/account/sessions").await;
    let rows = listed["data"].as_array().unwrap();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows.iter().filter(|row| row["current"] == true).count(), 1);
    assert_eq!(rows[0]["address"], "127.0.0.1");
    let other = rows.iter().find(|row| row["current"] == false).unwrap()["id"].as_str().unwrap().to_owned();
    call(&hub, &cookies[0], "DELETE", &format!("/account/sessions/{other}"), Value::Null, 204).await;
    call(&hub, &cookies[0], "DELETE", &format!("/account/sessions/{other}"), Value::Null, 404).await;
    let admin = hub.session_with(&[Role::Admin.into()]).await;
    let path = format!("/users/{}/sessions", bob.id);
    let rows = read(&hub, &admin, &path).await["data"].as_array().unwrap().clone();
    assert_eq!(rows.len(), 3);
    call(&hub, &cookies[0], "DELETE", "/account/sessions", Value::Null, 204).await;
    assert_eq!(read(&hub, &admin, &path).await["data"].as_array().unwrap().len(), 1);
    call(&hub, &admin, "DELETE", &path, Value::Null, 204).await;
    call(&hub, &cookies[0], "GET", "/account/sessions", Value::Null, 401).await;
}
