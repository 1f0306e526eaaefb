//! Invitations and links that reset passwords: whoever has one gets in once, in time, and as what it says.

use reqwest::Method;
use sendry_hub::clock::ManualClock;
use sendry_hub::store::metadata::{Grant, Role};
use serde_json::{Value, json};

use super::{PASSWORD, actions, call, cookie, log_in, read};
use crate::harness::{TestHub, problem};

const HOUR: i64 = 3_600;

async fn open(hub: &TestHub, path: &str, body: Value) -> reqwest::Response {
    hub.request(Method::POST, &format!("/api/v1{path}")).json(&body).send().await.unwrap()
}

#[tokio::test]
async fn an_invitation_makes_a_user_with_its_role_and_works_once() {
    let hub = TestHub::start().await;
    let shop = hub.app().await.app_id;
    let admin = hub.session_with(&[Role::Admin.into()]).await;
    let wanted = json!({"email": "Bob@example.com", "role": "editor", "app_id": shop});
    let link = call(&hub, &admin, "POST", "/invitations", wanted, 201).await;
    let token = link["token"].as_str().unwrap();
    assert_eq!(link["path"], format!("/invitation#token={token}"));
    let look: Value = open(&hub, "/invitations/look", json!({"token": token})).await.json().await.unwrap();
    assert_eq!((&look["email"], &look["role"]), (&json!("bob@example.com"), &json!("editor")));
    assert_eq!(look["app_name"], "shop");
    let short = json!({"token": token, "password": "short"});
    problem(open(&hub, "/invitations/accept", short).await, 400).await;
    let accept = json!({"token": token, "password": PASSWORD});
    let accepted = open(&hub, "/invitations/accept", accept.clone()).await;
    assert_eq!(accepted.status(), 200);
    let bobs = cookie(&accepted);
    let user = read(&hub, &bobs, "/session").await["user"].clone();
    assert_eq!(user["grants"], json!([{"role": "editor", "app_id": shop}]));
    assert_eq!(problem(open(&hub, "/invitations/accept", accept).await, 403).await["type"], "link_not_open");
    problem(open(&hub, "/invitations/look", json!({"token": token})).await, 403).await;
    assert_eq!(log_in(&hub, "bob@example.com", PASSWORD).await.status(), 200);
    let listed = read(&hub, &admin, "/invitations").await;
    assert_eq!(listed["data"][0]["state"], "accepted");
    assert!(!listed.to_string().contains(token));
    let log = read(&hub, &admin, "/audit-log").await;
    assert!(!log.to_string().contains(token) && !log.to_string().contains(PASSWORD));
    assert_eq!(
        actions(&hub, &admin).await,
        ["session.open", "session.open", "invitation.accept", "invitation.create"]
    );
}

#[tokio::test]
async fn an_invitation_ends_by_time_or_by_hand() {
    let clock = ManualClock::at(1_800_000_000);
    let hub = TestHub::builder().clock(clock.clone()).start().await;
    let admin = hub.session_with(&[Role::Admin.into()]).await;
    let invite = async |email: &str| {
        let wanted = json!({"email": email, "role": "viewer", "expires_in_hours": 2});
        call(&hub, &admin, "POST", "/invitations", wanted, 201).await
    };
    let (late, revoked) = (invite("late@example.com").await, invite("revoked@example.com").await);
    let path = format!("/invitations/{}", revoked["id"].as_str().unwrap());
    call(&hub, &admin, "DELETE", &path, Value::Null, 204).await;
    call(&hub, &admin, "DELETE", &path, Value::Null, 404).await;
    clock.advance(2 * HOUR);
    for link in [late, revoked] {
        let accept = json!({"token": link["token"], "password": PASSWORD});
        problem(open(&hub, "/invitations/accept", accept).await, 403).await;
    }
    let listed = read(&hub, &admin, "/invitations").await;
    let states: Vec<_> = listed["data"].as_array().unwrap().iter().map(|row| row["state"].clone()).collect();
    assert_eq!(states, ["revoked", "expired"]);
}

#[tokio::test]
async fn an_admin_of_an_app_invites_to_that_app_alone() {
    let hub = TestHub::start().await;
    let (shop, blog) = (hub.app().await.app_id, hub.app().await.app_id);
    let everywhere = hub.session_with(&[Role::Admin.into()]).await;
    let there = hub.session_with(&[Grant { role: Role::Admin, app_id: Some(shop) }]).await;
    let wanted =
        |email: &str, app_id: Option<uuid::Uuid>| json!({"email": email, "role": "admin", "app_id": app_id});
    call(&hub, &there, "POST", "/invitations", wanted("a@example.com", None), 403).await;
    call(&hub, &there, "POST", "/invitations", wanted("a@example.com", Some(blog)), 404).await;
    call(&hub, &there, "POST", "/invitations", wanted("a@example.com", Some(shop)), 201).await;
    let whole = call(&hub, &everywhere, "POST", "/invitations", wanted("b@example.com", None), 201).await;
    assert_eq!(read(&hub, &there, "/invitations").await["data"].as_array().unwrap().len(), 1);
    let path = format!("/invitations/{}", whole["id"].as_str().unwrap());
    call(&hub, &there, "DELETE", &path, Value::Null, 404).await;
    assert_eq!(actions(&hub, &there).await, ["invitation.create"]);
    call(&hub, &there, "GET", &format!("/audit-log?app_id={blog}"), Value::Null, 404).await;
}

#[tokio::test]
async fn an_invitation_ends_with_the_role_of_who_made_it() {
    let hub = TestHub::start().await;
    let shop = hub.app().await.app_id;
    let admin = hub.session_with(&[Role::Admin.into()]).await;
    for (number, change) in [json!({"grants": []}), json!({"disabled": true}), Value::Null].iter().enumerate()
    {
        let grants = [Grant { role: Role::Admin, app_id: Some(shop) }, Role::Admin.into()];
        let bob = hub.user(&format!("bob{number}@example.com"), PASSWORD, grants[number % 2]).await;
        let bobs = cookie(&log_in(&hub, &bob.email, PASSWORD).await);
        let wanted = json!({"email": format!("back{number}@example.com"), "role": "admin", "app_id": shop});
        let link = call(&hub, &bobs, "POST", "/invitations", wanted, 201).await;
        let path = format!("/users/{}", bob.id);
        call(&hub, &admin, "PATCH", &path, json!({"disabled": false}), 200).await;
        let look = json!({"token": link["token"]});
        assert_eq!(open(&hub, "/invitations/look", look.clone()).await.status(), 200);
        match change {
            Value::Null => call(&hub, &admin, "DELETE", &path, Value::Null, 204).await,
            change => call(&hub, &admin, "PATCH", &path, change.clone(), 200).await,
        };
        problem(open(&hub, "/invitations/look", look).await, 403).await;
        let listed = read(&hub, &admin, "/invitations").await;
        assert_eq!(listed["data"][0]["state"], "revoked");
    }
}

#[tokio::test]
async fn what_is_no_invitation_is_refused() {
    let hub = TestHub::start().await;
    let admin = hub.session_with(&[Role::Admin.into()]).await;
    hub.user("ann@example.com", PASSWORD, Role::Viewer).await;
    for (body, status) in [
        (json!({"email": "nobody", "role": "viewer"}), 400),
        (json!({"email": "a@example.com", "role": "owner"}), 400),
        (json!({"email": "a@example.com", "role": "viewer", "expires_in_hours": 0}), 400),
        (json!({"email": "a@example.com", "role": "viewer", "expires_in_hours": 721}), 400),
        (json!({"email": "a@example.com", "role": "viewer", "extra": 1}), 400),
        (json!({"email": "a@example.com", "role": "viewer", "app_id": uuid::Uuid::new_v4()}), 404),
        (json!({"email": "ANN@example.com", "role": "viewer"}), 409),
    ] {
        call(&hub, &admin, "POST", "/invitations", body, status).await;
    }
}

#[tokio::test]
async fn guessing_links_is_slowed_down() {
    let hub = TestHub::builder().clock(ManualClock::at(1_800_000_000)).start().await;
    let guess = json!({"token": "sdri_guess"});
    for _ in 0..5 {
        problem(open(&hub, "/invitations/look", guess.clone()).await, 403).await;
    }
    let throttled = open(&hub, "/invitations/look", guess).await;
    assert_eq!(throttled.headers()["retry-after"], "1");
    problem(throttled, 429).await;
    let reset = json!({"token": "sdrp_guess", "password": PASSWORD});
    problem(open(&hub, "/password-reset", reset).await, 429).await;
}

#[tokio::test]
async fn a_link_of_an_admin_sets_a_new_password_once() {
    let clock = ManualClock::at(1_800_000_000);
    let hub = TestHub::builder().clock(clock.clone()).start().await;
    let admin = hub.session_with(&[Role::Admin.into()]).await;
    let bob = hub.user("bob@example.com", PASSWORD, Role::Viewer).await;
    let old = cookie(&log_in(&hub, "bob@example.com", PASSWORD).await);
    let path = format!("/users/{}/password-reset", bob.id);
    let void = call(&hub, &admin, "POST", &path, Value::Null, 201).await;
    let link = call(&hub, &admin, "POST", &path, Value::Null, 201).await;
    let token = link["token"].as_str().unwrap();
    assert_eq!(link["path"], format!("/password-reset#token={token}"));
    let reset = |token: &Value| json!({"token": token, "password": "a new password"});
    problem(open(&hub, "/password-reset", reset(&void["token"])).await, 403).await;
    let done = open(&hub, "/password-reset", reset(&link["token"])).await;
    assert_eq!(done.status(), 200);
    read(&hub, &cookie(&done), "/apps").await;
    call(&hub, &old, "GET", "/apps", Value::Null, 401).await;
    problem(open(&hub, "/password-reset", reset(&link["token"])).await, 403).await;
    assert_eq!(log_in(&hub, "bob@example.com", "a new password").await.status(), 200);
    let late = call(&hub, &admin, "POST", &path, Value::Null, 201).await;
    clock.advance(24 * HOUR);
    problem(open(&hub, "/password-reset", reset(&late["token"])).await, 403).await;
}

#[tokio::test]
async fn a_link_to_reset_a_password_ends_with_the_role_of_who_made_it() {
    let hub = TestHub::start().await;
    let root = hub.session_with(&[Role::Admin.into()]).await;
    let victim = hub.user("victim@example.com", PASSWORD, Role::Admin).await;
    let changes =
        [json!({"grants": [{"role": "editor", "app_id": null}]}), json!({"disabled": true}), Value::Null];
    for (number, change) in changes.iter().enumerate() {
        let bob = hub.user(&format!("bob{number}@example.com"), PASSWORD, Role::Admin).await;
        let bobs = cookie(&log_in(&hub, &bob.email, PASSWORD).await);
        let reset = format!("/users/{}/password-reset", victim.id);
        let link = call(&hub, &bobs, "POST", &reset, Value::Null, 201).await;
        let path = format!("/users/{}", bob.id);
        match change {
            Value::Null => call(&hub, &root, "DELETE", &path, Value::Null, 204).await,
            change => call(&hub, &root, "PATCH", &path, change.clone(), 200).await,
        };
        let used = json!({"token": link["token"], "password": "a password of bob's"});
        problem(open(&hub, "/password-reset", used).await, 403).await;
    }
    assert_eq!(log_in(&hub, "victim@example.com", PASSWORD).await.status(), 200);
}

#[tokio::test]
async fn links_that_are_made_up_are_slowed_down_before_anything_is_hashed() {
    for (path, more) in [("/setup", json!({"email": "eve@example.com"})), ("/password-reset", json!({}))] {
        let hub = TestHub::builder().clock(ManualClock::at(1_800_000_000)).start().await;
        let guess = |number: usize, password: &str| {
            let mut body = json!({"token": format!("guess {number}"), "password": password});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            hub.request(Method::POST, &format!("/api/v1{path}")).json(&body).send()
        };
        // What cannot be a password costs nothing, and nobody waits for it.
        for number in 0..9 {
            problem(guess(number, "short").await.unwrap(), 400).await;
        }
        let answers = futures_util::future::join_all((0..20).map(|number| guess(number, PASSWORD))).await;
        let statuses: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().status().as_u16()).collect();
        let of = |status: u16| statuses.iter().filter(|one| **one == status).count();
        assert_eq!((of(403), of(429)), (5, 15), "{path}: {statuses:?}");
    }
}
