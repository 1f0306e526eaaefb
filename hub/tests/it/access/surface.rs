//! The surface: headers of every answer, bodies that are too large, addresses behind proxies,
//! the sub-path, and what never stands in a log.

use std::io::Write;
use std::sync::{Arc, Mutex};

use reqwest::Method;
use sendry_hub::auth::access::RULES;
use sendry_hub::clock::ManualClock;
use sendry_hub::store::metadata::Role;
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use super::{PASSWORD, call, cookie, log_in};
use crate::harness::{TestHub, problem};

/// A path with something in the place of its names.
fn filled(path: &str, value: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { value } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_make_browsers_careful() {
    let hub = TestHub::start().await;
    let id = uuid::Uuid::new_v4().to_string();
    let routes = RULES.iter().map(|rule| (rule.method, format!("/api/v1{}", filled(rule.path, &id))));
    let pages = ["/", "/login", "/apps/x", "/api/v1/nothing"].map(|path| ("GET", path.to_owned()));
    for (method, path) in routes.chain(pages) {
        let response = hub.request(method.parse().unwrap(), &path).send().await.unwrap();
        let header =
            |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let policy = header("content-security-policy").unwrap_or_default();
        for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{method} {path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"), "{method} {path}");
        assert_eq!(header("x-frame-options").as_deref(), Some("DENY"), "{method} {path}");
        assert_eq!(header("referrer-policy").as_deref(), Some("same-origin"), "{method} {path}");
        assert_eq!(header("cross-origin-resource-policy").as_deref(), Some("same-origin"), "{method} {path}");
        assert!(
            header("permissions-policy").is_some_and(|said| said.contains("camera=()")),
            "{method} {path}"
        );
        if path.starts_with("/api/") {
            assert_eq!(header("cache-control").as_deref(), Some("no-store"), "{method} {path}");
        }
        assert!(header("access-control-allow-origin").is_none(), "{method} {path}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_or_no_json_is_refused() {
    let hub = TestHub::start().await;
    let admin = hub.session_with(&[Role::Admin.into()]).await;
    for rule in RULES.iter().filter(|rule| ["POST", "PUT", "PATCH"].contains(&rule.method)) {
        let app = hub.app().await.app_id.to_string();
        let path = filled(rule.path, &app);
        let send = |body: String| {
            let request = hub.with_session(rule.method.parse().unwrap(), &path, &admin);
            request.header("content-type", "application/json").body(body).send()
        };
        let large = send(format!("{{\"x\": \"{}\"}}", "a".repeat(70_000))).await.unwrap();
        let takes_none = ["/password-reset", "/keys"].iter().any(|end| rule.path.ends_with(end))
            && rule.path.contains('{');
        if takes_none {
            assert!(!large.status().is_server_error(), "{rule:?}");
            continue;
        }
        problem(large, 413).await;
        problem(send("{".to_owned()).await.unwrap(), 400).await;
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_is_slowed_down_by_itself() {
    let attempt = async |hub: &TestHub, forwarded: &str, email: &str| {
        let body = json!({"email": email, "password": "a wrong password"});
        let request = hub.request(Method::POST, "/api/v1/session").header("x-forwarded-for", forwarded);
        request.json(&body).send().await.unwrap().status().as_u16()
    };
    let hub = TestHub::builder()
        .clock(ManualClock::at(1_800_000_000))
        .set("SENDRY_HTTP__TRUSTED_PROXIES", "127.0.0.0/8")
        .start()
        .await;
    for at in 0..5 {
        // One host has a whole /64 to try from.
        let address = format!("2001:db8::{at}");
        assert_eq!(attempt(&hub, &address, &format!("{at}@example.com")).await, 401);
    }
    assert_eq!(attempt(&hub, "2001:db8::99", "other@example.com").await, 429);
    assert_eq!(attempt(&hub, "2001:db8:0:1::99", "other@example.com").await, 401);
    let plain = TestHub::builder().clock(ManualClock::at(1_800_000_000)).start().await;
    for at in 0..5 {
        assert_eq!(attempt(&plain, &format!("203.0.113.{at}"), &format!("{at}@example.com")).await, 401);
    }
    assert_eq!(attempt(&plain, "203.0.113.99", "other@example.com").await, 429);
}

#[tokio::test]
async fn a_hub_below_a_sub_path_answers_there_and_without_it() {
    let hub = TestHub::builder().set("SENDRY_PUBLIC_URL", "https://example.com/tools/sendry").start().await;
    let token = hub.token().await;
    for base in ["", "/tools/sendry"] {
        let path = format!("{base}/api/v1/apps");
        let response = hub.request(Method::GET, &path).bearer_auth(&token).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(hub.request(Method::GET, &format!("{base}/healthz")).send().await.unwrap().status(), 200);
    }
    problem(hub.request(Method::GET, "/tools/sendry/api/v1/nothing").send().await.unwrap(), 404).await;
    problem(hub.request(Method::GET, "/tools/sendry/assets/none.js").send().await.unwrap(), 404).await;
}

#[tokio::test]
async fn a_log_in_makes_a_new_session_whatever_the_browser_brought() {
    let hub = TestHub::start().await;
    hub.user("ann@example.com", PASSWORD, Role::Viewer).await;
    let planted = format!("sendry_session={}", "ab".repeat(32));
    let body = json!({"email": "ann@example.com", "password": PASSWORD});
    let request = hub.request(Method::POST, "/api/v1/session").header("cookie", &planted).json(&body);
    let own = cookie(&request.send().await.unwrap());
    assert_ne!(own, planted);
    call(&hub, &planted, "GET", "/apps", Value::Null, 401).await;
    call(&hub, &own, "GET", "/apps", Value::Null, 200).await;
}

/// Log lines, kept.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_secret_stands_in_the_log_whatever_level_it_has() {
    let lines = Lines::default();
    let log =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(lines.clone()).finish();
    // This test runs on one thread, and so does everything that it starts.
    let _log = tracing::subscriber::set_default(log);
    let hub = TestHub::start().await;
    let setup = hub.setup_path().unwrap().split_once('=').unwrap().1.to_owned();
    let body = json!({"token": setup, "email": "ann@example.com", "password": PASSWORD});
    let first = hub.request(Method::POST, "/api/v1/setup").json(&body).send().await.unwrap();
    let own = cookie(&first);
    let app = call(&hub, &own, "POST", "/apps", json!({"name": "shop"}), 201).await;
    let token = call(&hub, &own, "POST", "/tokens", json!({"name": "ci"}), 201).await;
    let wanted = json!({"email": "bob@example.com", "role": "viewer"});
    let invitation = call(&hub, &own, "POST", "/invitations", wanted, 201).await;
    let accept = json!({"token": invitation["token"], "password": "another good password"});
    let accepted =
        hub.request(Method::POST, "/api/v1/invitations/accept").json(&accept).send().await.unwrap();
    assert_eq!(accepted.status(), 200);
    let bob = hub.metadata.user_by_email("bob@example.com").await.unwrap().unwrap();
    let reset =
        call(&hub, &own, "POST", &format!("/users/{}/password-reset", bob.id), Value::Null, 201).await;
    log_in(&hub, "bob@example.com", "a password that is wrong").await;
    let key = app["write_key"].as_str().unwrap();
    hub.send(key, &crate::harness::report("prod")).await;
    hub.get(token["token"].as_str().unwrap(), "/apps").await;
    hub.shutdown().await;
    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("The first user was created"), "the log was not caught");
    let session = own.split_once('=').unwrap().1;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let secrets = [
        PASSWORD.to_owned(),
        "another good password".into(),
        "a password that is wrong".into(),
        setup,
        session.to_owned(),
        key.to_owned(),
        text(&token["token"]),
        text(&invitation["token"]),
        text(&reset["token"]),
    ];
    for secret in secrets {
        // What our own test client logs of its requests is not the hub's.
        let leak = log.lines().find(|line| line.contains(&secret) && line.contains("sendry_hub"));
        assert_eq!(leak, None, "{secret}");
    }
}
