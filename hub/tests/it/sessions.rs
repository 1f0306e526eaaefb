//! Logging in and out, the first user, what each role may do, and what another site's page cannot do.

use reqwest::{Method, Response};
use sendry_hub::clock::ManualClock;
use sendry_hub::store::metadata::Role;
use serde_json::{Value, json};

use crate::harness::{TestHub, problem};

const PASSWORD: &str = "correct horse battery";

async fn log_in(hub: &TestHub, email: &str, password: &str) -> Response {
    let body = json!({"email": email, "password": password});
    hub.request(Method::POST, "/api/v1/session").json(&body).send().await.unwrap()
}

/// The cookie of a fresh session, as a browser sends it back.
fn cookie(response: &Response) -> String {
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn session(hub: &TestHub, cookie: &str) -> Value {
    let request = hub.request(Method::GET, "/api/v1/session").header("cookie", cookie);
    request.send().await.unwrap().json().await.unwrap()
}

async fn create_app(hub: &TestHub, cookie: &str) -> Response {
    let request =
        hub.request(Method::POST, "/api/v1/apps").header("cookie", cookie).header("x-sendry-request", "1");
    request.json(&json!({"name": "blog"})).send().await.unwrap()
}

#[tokio::test]
async fn the_set_up_link_makes_the_first_user_once() {
    let hub = TestHub::start().await;
    let nobody = session(&hub, "").await;
    assert_eq!((&nobody["user"], &nobody["setup_required"]), (&json!(null), &json!(true)));
    let token = hub.setup_path().unwrap().strip_prefix("/setup#token=").unwrap().to_owned();
    let set_up = |token: &str, password: &str| {
        let body = json!({"token": token, "email": "Ann@Example.com", "password": password});
        hub.request(Method::POST, "/api/v1/setup").json(&body).send()
    };
    problem(set_up("sdru_wrong", PASSWORD).await.unwrap(), 403).await;
    problem(set_up(&token, "short").await.unwrap(), 400).await;
    let response = set_up(&token, PASSWORD).await.unwrap();
    assert_eq!(response.status(), 200);
    let cookie = cookie(&response);
    let found = session(&hub, &cookie).await;
    assert_eq!(
        (&found["user"]["email"], &found["user"]["role"]),
        (&json!("ann@example.com"), &json!("admin"))
    );
    assert_eq!(found["user"]["grants"], json!([{"role": "admin", "app_id": null}]));
    problem(set_up(&token, PASSWORD).await.unwrap(), 403).await;
    let nobody = session(&hub, "").await;
    assert_eq!((&nobody["user"], &nobody["setup_required"]), (&json!(null), &json!(false)));
}

#[tokio::test]
async fn a_session_is_a_cookie_that_scripts_and_other_sites_do_not_get() {
    let hub = TestHub::builder().set("SENDRY_PUBLIC_URL", "https://example.com/sendry").start().await;
    hub.user("ann@example.com", PASSWORD, Role::Viewer).await;
    let response = log_in(&hub, "ANN@example.com", PASSWORD).await;
    assert_eq!(response.status(), 200);
    let full = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    for attribute in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/sendry", "Max-Age="] {
        assert!(full.contains(attribute), "{full}");
    }
    assert!(full.starts_with("__Secure-sendry_session="), "{full}");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let cookie = cookie(&response);
    let out = hub
        .request(Method::DELETE, "/api/v1/session")
        .header("cookie", &cookie)
        .header("x-sendry-request", "1");
    let out = out.send().await.unwrap();
    assert_eq!(out.status(), 204);
    assert!(out.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(session(&hub, &cookie).await["user"], json!(null));
}

#[tokio::test]
async fn over_https_a_cookie_of_a_neighbour_is_no_session() {
    let hub = TestHub::builder().set("SENDRY_PUBLIC_URL", "https://example.com").start().await;
    hub.user("ann@example.com", PASSWORD, Role::Viewer).await;
    let own = cookie(&log_in(&hub, "ann@example.com", PASSWORD).await);
    let value = own.strip_prefix("__Host-sendry_session=").unwrap();
    assert_eq!(session(&hub, &own).await["user"]["email"], "ann@example.com");
    // Without the prefix anybody under the same domain could have set it.
    assert_eq!(session(&hub, &format!("sendry_session={value}")).await["user"], json!(null));
    let plain = TestHub::start().await;
    plain.user("ann@example.com", PASSWORD, Role::Viewer).await;
    let own = cookie(&log_in(&plain, "ann@example.com", PASSWORD).await);
    assert!(own.starts_with("sendry_session="), "{own}");
}

#[tokio::test]
async fn a_session_ends_when_nobody_uses_it_and_in_any_case() {
    let clock = ManualClock::at(1_800_000_000);
    let hub = TestHub::builder().clock(clock.clone()).start().await;
    hub.user("ann@example.com", PASSWORD, Role::Viewer).await;
    const DAY: i64 = 86_400;
    let idle = cookie(&log_in(&hub, "ann@example.com", PASSWORD).await);
    clock.advance(7 * DAY);
    assert_eq!(session(&hub, &idle).await["user"], json!(null));
    let busy = cookie(&log_in(&hub, "ann@example.com", PASSWORD).await);
    for _ in 0..5 {
        clock.advance(5 * DAY);
        assert_eq!(session(&hub, &busy).await["user"]["email"], "ann@example.com");
    }
    clock.advance(5 * DAY);
    assert_eq!(session(&hub, &busy).await["user"], json!(null));
}

#[tokio::test]
async fn wrong_passwords_are_slowed_down() {
    let hub = TestHub::builder().clock(ManualClock::at(1_800_000_000)).start().await;
    hub.user("ann@example.com", PASSWORD, Role::Viewer).await;
    for attempt in 0..5 {
        let email = if attempt % 2 == 0 { "ann@example.com" } else { "nobody@example.com" };
        problem(log_in(&hub, email, "wrong password").await, 401).await;
    }
    let throttled = log_in(&hub, "ann@example.com", PASSWORD).await;
    assert_eq!(throttled.headers()["retry-after"], "1");
    problem(throttled, 429).await;
}

#[tokio::test]
async fn a_role_may_do_what_it_says() {
    let hub = TestHub::start().await;
    for (role, allowed) in [(Role::Viewer, false), (Role::Editor, true), (Role::Admin, true)] {
        let email = format!("{}@example.com", role.as_str());
        hub.user(&email, PASSWORD, role).await;
        let cookie = cookie(&log_in(&hub, &email, PASSWORD).await);
        let read = hub.request(Method::GET, "/api/v1/apps").header("cookie", &cookie).send().await.unwrap();
        assert_eq!(read.status(), 200);
        assert_eq!(create_app(&hub, &cookie).await.status(), if allowed { 201 } else { 403 });
    }
    problem(create_app(&hub, "").await, 401).await;
    let with_token = hub.request(Method::POST, "/api/v1/apps").bearer_auth(hub.token().await);
    problem(with_token.json(&json!({"name": "x"})).send().await.unwrap(), 403).await;
}

#[tokio::test]
async fn keys_are_made_listed_and_revoked_by_an_editor() {
    let hub = TestHub::start().await;
    hub.user("ed@example.com", PASSWORD, Role::Editor).await;
    let cookie = cookie(&log_in(&hub, "ed@example.com", PASSWORD).await);
    let app: Value = create_app(&hub, &cookie).await.json().await.unwrap();
    let path = format!("/api/v1/apps/{}/keys", app["app_id"].as_str().unwrap());
    let request = |method, path: &str| {
        hub.request(method, path).header("cookie", &cookie).header("x-sendry-request", "1").send()
    };
    let key: Value = request(Method::POST, &path).await.unwrap().json().await.unwrap();
    assert!(key["write_key"].as_str().unwrap().starts_with(key["prefix"].as_str().unwrap()));
    let listed: Value = request(Method::GET, &path).await.unwrap().json().await.unwrap();
    let kinds: Vec<_> = listed["data"].as_array().unwrap().iter().map(|key| key["kind"].clone()).collect();
    assert_eq!(kinds, ["write_key", "write_key", "client_id"]);
    assert!(!listed.to_string().contains(key["write_key"].as_str().unwrap()));
    let one = format!("{path}/{}", key["id"].as_str().unwrap());
    assert_eq!(request(Method::DELETE, &one).await.unwrap().status(), 204);
    let listed: Value = request(Method::GET, &path).await.unwrap().json().await.unwrap();
    assert!(listed["data"][0]["revoked_at"].is_i64());
    let nowhere = format!("{path}/{}", uuid::Uuid::new_v4());
    problem(request(Method::DELETE, &nowhere).await.unwrap(), 404).await;
    problem(
        request(Method::POST, "/api/v1/apps/00000000-0000-0000-0000-000000000000/keys").await.unwrap(),
        404,
    )
    .await;
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing() {
    let hub = TestHub::start().await;
    hub.user("ann@example.com", PASSWORD, Role::Admin).await;
    let cookie = cookie(&log_in(&hub, "ann@example.com", PASSWORD).await);
    let attempt = |headers: &[(&'static str, &str)]| {
        let mut request = hub.request(Method::POST, "/api/v1/apps").header("cookie", &cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.json(&json!({"name": "x"})).send()
    };
    let own = hub.url.clone();
    problem(attempt(&[]).await.unwrap(), 403).await;
    problem(attempt(&[("x-sendry-request", "1"), ("origin", "https://evil.example")]).await.unwrap(), 403)
        .await;
    problem(attempt(&[("x-sendry-request", "1"), ("sec-fetch-site", "cross-site")]).await.unwrap(), 403)
        .await;
    assert_eq!(attempt(&[("x-sendry-request", "1"), ("origin", &own)]).await.unwrap().status(), 201);
    let body = json!({"email": "ann@example.com", "password": PASSWORD});
    let login =
        hub.request(Method::POST, "/api/v1/session").header("origin", "https://evil.example").json(&body);
    problem(login.send().await.unwrap(), 403).await;
}

#[tokio::test]
async fn the_automatic_log_in_is_for_this_machine_alone() {
    let hub = TestHub::builder().set("SENDRY_DASHBOARD__AUTO_LOGIN", "true").start().await;
    let ask = |headers: &[(&'static str, &'static str)]| {
        let mut request = hub.request(Method::GET, "/api/v1/session");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send()
    };
    for refused in [
        ("host", "evil.example"),
        ("x-forwarded-for", "203.0.113.7"),
        ("forwarded", "for=203.0.113.7"),
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ] {
        let answer = ask(&[refused]).await.unwrap();
        assert!(answer.headers().get("set-cookie").is_none(), "{refused:?}");
    }
    let response = ask(&[("host", "localhost:8600")]).await.unwrap();
    let cookie = cookie(&response);
    assert_eq!(session(&hub, &cookie).await["user"]["role"], "admin");
    assert_eq!(create_app(&hub, &cookie).await.status(), 201);
    let plain = TestHub::start().await;
    assert_eq!(session(&plain, "").await["user"], json!(null));
}

#[tokio::test]
async fn wrong_passwords_at_once_are_slowed_down_like_those_one_after_the_other() {
    let hub = TestHub::start().await;
    hub.user("ann@example.com", PASSWORD, Role::Viewer).await;
    let attempts = (0..30).map(|_| log_in(&hub, "ann@example.com", "a wrong password"));
    let answers = futures_util::future::join_all(attempts).await;
    let tried = answers.iter().filter(|answer| answer.status() == 401).count();
    assert!(tried < 10, "{tried} of 30 passwords were looked at");
}
