//! API tokens: what they open, when they end, and that they are shown once.

use reqwest::Method;
use sendry_hub::auth::cache::FRESH;
use sendry_hub::clock::ManualClock;
use sendry_hub::store::metadata::{Grant, Role};
use serde_json::{Value, json};

use super::{actions, call, read};
use crate::harness::{PATIENCE, TestHub};

async fn status(hub: &TestHub, token: &str, method: Method, path: &str) -> u16 {
    let request = hub.request(method, &format!("/api/v1{path}")).bearer_auth(token);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_token_opens_its_scope_until_it_ends() {
    const DAY: i64 = 86_400;
    let clock = ManualClock::at(1_800_000_000);
    let hub = TestHub::builder().clock(clock.clone()).start().await;
    let (shop, blog) = (hub.app().await.app_id, hub.app().await.app_id);
    let admin = hub.session_with(&[Role::Admin.into()]).await;
    let wanted = json!({"name": "ci", "role": "editor", "app_id": shop, "expires_in_days": 1});
    let created = call(&hub, &admin, "POST", "/tokens", wanted, 201).await;
    let token = created["token"].as_str().unwrap();
    assert_eq!(status(&hub, token, Method::GET, &format!("/apps/{shop}/keys")).await, 200);
    assert_eq!(status(&hub, token, Method::POST, &format!("/apps/{shop}/keys")).await, 201);
    assert_eq!(status(&hub, token, Method::GET, &format!("/apps/{blog}/keys")).await, 404);
    assert_eq!(status(&hub, token, Method::GET, "/tokens").await, 403);
    let listed = read(&hub, &admin, "/tokens").await;
    let row = &listed["data"][0];
    assert_eq!((&row["name"], &row["role"], &row["app_id"]), (&json!("ci"), &json!("editor"), &json!(shop)));
    assert_eq!(row["last_used_at"], 1_800_000_000);
    assert!(!listed.to_string().contains(token));
    let log = read(&hub, &admin, "/audit-log").await;
    assert_eq!(log["data"][0]["actor"]["kind"], "token");
    assert_eq!(log["data"][0]["actor"]["name"], "ci");
    assert!(!log.to_string().contains(token));
    // The answer is remembered for seconds; its end is not waited for.
    clock.advance(DAY - 1);
    assert_eq!(status(&hub, token, Method::GET, "/apps").await, 200);
    clock.advance(1);
    assert_eq!(status(&hub, token, Method::GET, "/apps").await, 401);
}

#[tokio::test]
async fn a_revoked_token_opens_nothing_within_seconds() {
    let hub = TestHub::start().await;
    let admin = hub.session_with(&[Role::Admin.into()]).await;
    let created = call(&hub, &admin, "POST", "/tokens", json!({"name": "ci"}), 201).await;
    let token = created["token"].as_str().unwrap();
    assert_eq!(status(&hub, token, Method::GET, "/apps").await, 200);
    let path = format!("/tokens/{}", created["id"].as_str().unwrap());
    call(&hub, &admin, "DELETE", &path, Value::Null, 204).await;
    let until = tokio::time::Instant::now() + FRESH + PATIENCE;
    while status(&hub, token, Method::GET, "/apps").await != 401 {
        assert!(tokio::time::Instant::now() < until, "the revoked token still opens");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(actions(&hub, &admin).await, ["token.revoke", "token.create"]);
}

/// Asks until the answer has the status: what is known of a token is believed for seconds.
async fn wait_for(hub: &TestHub, token: &str, (method, path): (Method, &str), wanted: u16) {
    let until = tokio::time::Instant::now() + FRESH + PATIENCE;
    while status(hub, token, method.clone(), path).await != wanted {
        assert!(tokio::time::Instant::now() < until, "{path} is not answered with {wanted}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_token_may_at_most_what_who_made_it_may_now() {
    let hub = TestHub::start().await;
    let shop = hub.app().await.app_id;
    let root = hub.session_with(&[Role::Admin.into()]).await;
    let bob = hub.user("bob@example.com", super::PASSWORD, Role::Admin).await;
    let bobs = super::cookie(&super::log_in(&hub, &bob.email, super::PASSWORD).await);
    let wanted = json!({"name": "ci", "role": "editor"});
    let token = call(&hub, &bobs, "POST", "/tokens", wanted, 201).await["token"].clone();
    let token = token.as_str().unwrap();
    let keys = format!("/apps/{shop}/keys");
    let endpoints = format!("/apps/{shop}/endpoints?env=prod");
    assert_eq!(status(&hub, token, Method::POST, &keys).await, 201);
    let path = format!("/users/{}", bob.id);
    let effective = async || read(&hub, &root, "/tokens").await["data"][0]["effective_grants"].clone();
    assert_eq!(effective().await, json!([{"role": "editor", "app_id": null}]));
    let lowered = json!({"grants": [{"role": "viewer", "app_id": shop}]});
    call(&hub, &root, "PATCH", &path, lowered, 200).await;
    wait_for(&hub, token, (Method::POST, &keys), 403).await;
    assert_eq!(status(&hub, token, Method::GET, &endpoints).await, 200);
    assert_eq!(status(&hub, token, Method::GET, "/system").await, 403);
    assert_eq!(effective().await, json!([{"role": "viewer", "app_id": shop}]));
    call(&hub, &root, "PATCH", &path, json!({"grants": []}), 200).await;
    wait_for(&hub, token, (Method::GET, &endpoints), 404).await;
    call(&hub, &root, "PATCH", &path, json!({"grants": [{"role": "admin", "app_id": null}]}), 200).await;
    wait_for(&hub, token, (Method::POST, &keys), 201).await;
    call(&hub, &root, "PATCH", &path, json!({"disabled": true}), 200).await;
    wait_for(&hub, token, (Method::GET, &endpoints), 401).await;
    call(&hub, &root, "PATCH", &path, json!({"disabled": false}), 200).await;
    wait_for(&hub, token, (Method::GET, &endpoints), 200).await;
    call(&hub, &root, "DELETE", &path, Value::Null, 204).await;
    wait_for(&hub, token, (Method::GET, &endpoints), 401).await;
    assert_eq!(effective().await, json!([]));
    // One of the command line rests on nobody.
    assert_eq!(status(&hub, &hub.token().await, Method::GET, &endpoints).await, 200);
}

#[tokio::test]
async fn who_makes_tokens_makes_them_for_what_is_their_own() {
    let hub = TestHub::start().await;
    let (shop, blog) = (hub.app().await.app_id, hub.app().await.app_id);
    let there = hub.session_with(&[Grant { role: Role::Admin, app_id: Some(shop) }]).await;
    call(&hub, &there, "POST", "/tokens", json!({"name": "x"}), 403).await;
    call(&hub, &there, "POST", "/tokens", json!({"name": "x", "app_id": blog}), 404).await;
    call(&hub, &there, "POST", "/tokens", json!({"name": "x", "app_id": shop, "role": "admin"}), 400).await;
    call(&hub, &there, "POST", "/tokens", json!({"name": " ", "app_id": shop}), 400).await;
    call(&hub, &there, "POST", "/tokens", json!({"name": "x", "app_id": shop, "expires_in_days": 0}), 400)
        .await;
    call(&hub, &there, "POST", "/tokens", json!({"name": "x", "app_id": shop}), 201).await;
    hub.token().await;
    let listed = read(&hub, &there, "/tokens").await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    let whole = hub.metadata.tokens().await.unwrap();
    let whole = whole.iter().find(|token| token.grant.app_id.is_none()).unwrap();
    call(&hub, &there, "DELETE", &format!("/tokens/{}", whole.id), Value::Null, 404).await;
}

#[tokio::test]
async fn a_deleted_app_takes_nothing_any_more_and_answers_nobody() {
    let hub = TestHub::start().await;
    let shop = hub.app().await;
    let admin = hub.session_with(&[Role::Admin.into()]).await;
    let token = hub.token_with(Grant { role: Role::Viewer, app_id: Some(shop.app_id) }).await;
    let path = format!("/apps/{}", shop.app_id);
    let renamed = call(&hub, &admin, "PATCH", &path, json!({"name": " store "}), 200).await;
    assert_eq!(renamed["name"], "store");
    call(&hub, &admin, "PATCH", &path, json!({"name": ""}), 400).await;
    call(&hub, &admin, "DELETE", &path, Value::Null, 204).await;
    call(&hub, &admin, "DELETE", &path, Value::Null, 404).await;
    assert_eq!(status(&hub, &token, Method::GET, "/apps").await, 401);
    assert_eq!(hub.send(&shop.write_key, &crate::harness::report("prod")).await.status(), 401);
    assert_eq!(actions(&hub, &admin).await, ["app.delete", "app.rename"]);
}
