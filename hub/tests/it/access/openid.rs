//! Log-in with a real OpenID Connect provider.

use reqwest::Method;
use sendry_hub::store::metadata::{App, Role};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{PASSWORD, call, cookie, log_in, read};
use crate::harness::{TestHub, problem};
use crate::provider::{Browser, PUBLIC_URL, Provider, url_of};

const SHOP: Uuid = Uuid::from_u128(7);

/// A hub whose people come from the provider, with further settings.
async fn hub_of(provider: &Provider, more: &[(&str, &str)]) -> TestHub {
    let map = format!("ops=admin, shop-team=editor@{SHOP}");
    let mut builder = TestHub::builder().set("SENDRY_OIDC__ROLE_MAP", &map);
    for (name, value) in provider.settings() {
        builder = builder.set(name, &value);
    }
    for (name, value) in more {
        builder = builder.set(name, value);
    }
    let hub = builder.start().await;
    let shop = App { app_id: SHOP, name: "shop".into(), created_at: 0 };
    hub.metadata.create_app(&shop, &[]).await.unwrap();
    hub
}

/// Where the callback sent the browser, below the hub's address.
fn page(response: &reqwest::Response) -> String {
    assert_eq!(response.status(), 303);
    response.headers()["location"].to_str().unwrap().to_owned()
}

async fn user(hub: &TestHub, browser: &Browser<'_>) -> Value {
    read(hub, &browser.hub_cookies(), "/session").await["user"].clone()
}

#[tokio::test]
async fn whoever_the_provider_knows_comes_in_with_the_roles_that_it_gives() {
    for claims in ["id_token", "userinfo"] {
        let provider = Provider::start(claims).await;
        let hub = hub_of(&provider, &[]).await;
        let ways = read(&hub, "", "/session").await["log_in"].clone();
        assert_eq!(ways, json!({"password": true, "provider": "Single sign-on"}));
        let mut ann = Browser::new(&hub);
        let response = ann.log_in("ann", "/apps%3Fenv%3Dprod").await;
        assert_eq!(page(&response), "/sendry/apps?env=prod");
        let cookies: Vec<_> =
            response.headers().get_all("set-cookie").iter().map(|one| one.to_str().unwrap()).collect();
        let session = cookies.iter().find(|cookie| cookie.starts_with("sendry_session=")).unwrap();
        assert!(session.contains("HttpOnly") && session.contains("SameSite=Strict"), "{session}");
        let found = user(&hub, &ann).await;
        assert_eq!((&found["email"], &found["has_password"]), (&json!("ann@example.com"), &json!(false)));
        assert_eq!(found["grants"], json!([{"role": "admin", "app_id": null}]));
        let mut bob = Browser::new(&hub);
        assert_eq!(page(&bob.log_in("bob", "/").await), "/sendry/");
        assert_eq!(user(&hub, &bob).await["grants"], json!([{"role": "editor", "app_id": SHOP}]));
        let log = read(&hub, &ann.hub_cookies(), "/audit-log").await;
        let done: Vec<_> = log["data"].as_array().unwrap().iter().map(|row| row["action"].clone()).collect();
        assert_eq!(done, ["session.open", "user.create", "session.open", "user.create"]);
    }
}

#[tokio::test]
async fn the_provider_gives_the_roles_again_at_each_log_in_and_a_disabled_user_stays_out() {
    let provider = Provider::start("id_token").await;
    let hub = hub_of(&provider, &[]).await;
    let (mut ann, mut bob) = (Browser::new(&hub), Browser::new(&hub));
    ann.log_in("ann", "/").await;
    bob.log_in("bob", "/").await;
    let bobs = format!("/users/{}", user(&hub, &bob).await["id"].as_str().unwrap());
    let promoted = json!({"grants": [{"role": "admin", "app_id": null}]});
    call(&hub, &ann.hub_cookies(), "PATCH", &bobs, promoted, 200).await;
    let mut again = Browser::new(&hub);
    again.log_in("bob", "/").await;
    assert_eq!(user(&hub, &again).await["grants"], json!([{"role": "editor", "app_id": SHOP}]));
    call(&hub, &ann.hub_cookies(), "PATCH", &bobs, json!({"disabled": true}), 200).await;
    assert_eq!(user(&hub, &again).await, Value::Null);
    let mut refused = Browser::new(&hub);
    assert_eq!(page(&refused.log_in("bob", "/").await), "/sendry/login?error=disabled");
    assert_eq!(user(&hub, &refused).await, Value::Null);
}

#[tokio::test]
async fn an_invitation_ends_when_the_provider_takes_the_role_of_who_made_it() {
    let provider = Provider::start("id_token").await;
    let hub = hub_of(&provider, &[]).await;
    hub.session_with(&[Role::Admin.into()]).await;
    let mut bob = Browser::new(&hub);
    bob.log_in("bob", "/").await;
    let user = hub.metadata.user_by_email("bob@example.com").await.unwrap().unwrap();
    hub.metadata.set_grants(user.id, &[Role::Admin.into()]).await.unwrap();
    let wanted = json!({"email": "friend@example.com", "role": "admin"});
    let link = call(&hub, &bob.hub_cookies(), "POST", "/invitations", wanted, 201).await;
    let look = async || {
        let body = json!({"token": link["token"]});
        let request = hub.request(Method::POST, "/api/v1/invitations/look").json(&body);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(look().await, 200);
    // The provider says that he is an editor of one app.
    Browser::new(&hub).log_in("bob", "/").await;
    assert_eq!(look().await, 403);
}

#[tokio::test]
async fn a_provider_that_is_down_is_asked_once_by_many_who_come() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = asked.clone();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            drop(connection);
        }
    });
    let hub = TestHub::builder()
        .set("SENDRY_PUBLIC_URL", PUBLIC_URL)
        .set("SENDRY_OIDC__ISSUER", &issuer)
        .set("SENDRY_OIDC__CLIENT_ID", "sendry")
        .start()
        .await;
    let begin = || hub.request(Method::GET, "/api/v1/session/oidc").send();
    let many = futures_util::future::join_all((0..8).map(|_| begin())).await;
    for response in many {
        assert_eq!(page(&response.unwrap()), "/sendry/login?error=provider_unreachable");
    }
    let first = asked.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(page(&begin().await.unwrap()), "/sendry/login?error=provider_unreachable");
    assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), first, "the failure is remembered");
    // One question may take a second connection.
    assert!((1..=2).contains(&first), "{first} connections for nine log-ins");
}

#[tokio::test]
async fn whoever_has_no_role_no_verified_address_or_another_domain_is_told_so() {
    let provider = Provider::start("id_token").await;
    let hub = hub_of(&provider, &[("SENDRY_OIDC__ALLOWED_DOMAINS", "example.com")]).await;
    for (name, error) in [("cleo", "no_role"), ("dora", "no_verified_email"), ("eve", "domain_not_allowed")] {
        let mut browser = Browser::new(&hub);
        let response = browser.log_in(name, "/").await;
        assert_eq!(page(&response), format!("/sendry/login?error={error}"), "{name}");
        assert_eq!(user(&hub, &browser).await, Value::Null);
    }
    assert!(hub.metadata.users().await.unwrap().is_empty());
    let closed = hub_of(&provider, &[("SENDRY_OIDC__CREATE_USERS", "false")]).await;
    let response = Browser::new(&closed).log_in("ann", "/").await;
    assert_eq!(page(&response), "/sendry/login?error=unknown_user");
    let open = hub_of(&provider, &[("SENDRY_OIDC__DEFAULT_ROLE", "viewer")]).await;
    let mut cleo = Browser::new(&open);
    cleo.log_in("cleo", "/").await;
    assert_eq!(user(&open, &cleo).await["role"], "viewer");
}

#[tokio::test]
async fn a_user_of_the_same_address_is_found_and_keeps_the_roles_of_the_hub() {
    let provider = Provider::start("id_token").await;
    let hub = hub_of(&provider, &[]).await;
    let ann = hub.user("ann@example.com", PASSWORD, Role::Viewer).await;
    let mut browser = Browser::new(&hub);
    browser.log_in("ann", "/").await;
    let found = user(&hub, &browser).await;
    assert_eq!((&found["id"], &found["role"]), (&json!(ann.id), &json!("viewer")));
    assert_eq!(hub.metadata.users().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_log_in_that_was_not_begun_here_or_was_changed_on_its_way_is_refused() {
    let provider = Provider::start("id_token").await;
    let hub = hub_of(&provider, &[]).await;
    let expired = "/sendry/login?error=log_in_expired";
    let callback = format!("{PUBLIC_URL}/api/v1/session/oidc/callback");
    let mut browser = Browser::new(&hub);
    let begun = format!("{PUBLIC_URL}/api/v1/session/oidc?next=//evil.example");
    let response = browser.request(Method::GET, &begun, None).await;
    let to_provider = url_of(&response, &begun).unwrap();
    for part in ["code_challenge_method=S256", "code_challenge=", "nonce=", "state=", "scope=openid"] {
        assert!(to_provider.contains(part), "{to_provider}");
    }
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/sendry/api/v1/session/oidc", "Max-Age=600"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let wrong_state = format!("{callback}?code=x&state=wrong");
    assert_eq!(page(&browser.request(Method::GET, &wrong_state, None).await), expired);
    browser.set_hub_cookie("sendry_provider", "00.00");
    assert_eq!(page(&browser.request(Method::GET, &wrong_state, None).await), expired);
    let mut without = Browser::new(&hub);
    assert_eq!(page(&without.request(Method::GET, &wrong_state, None).await), expired);
    // A page elsewhere is not gone to afterwards.
    let mut astray = Browser::new(&hub);
    assert_eq!(page(&astray.log_in("ann", "//evil.example").await), "/sendry/");
}

#[tokio::test]
async fn a_provider_that_is_down_or_does_not_know_the_hub_is_named_and_the_hub_runs_on() {
    let provider = Provider::start("id_token").await;
    let mistaken = hub_of(&provider, &[("SENDRY_OIDC__CLIENT_SECRET", "not the secret")]).await;
    let response = Browser::new(&mistaken).log_in("ann", "/").await;
    assert_eq!(page(&response), "/sendry/login?error=provider_misconfigured");
    let down = hub_of(&provider, &[("SENDRY_OIDC__ISSUER", "http://127.0.0.1:9")]).await;
    let response = Browser::new(&down).log_in("ann", "/").await;
    assert_eq!(page(&response), "/sendry/login?error=provider_unreachable");
    assert_eq!(down.request(Method::GET, "/healthz").send().await.unwrap().status(), 200);
    down.user("ann@example.com", PASSWORD, Role::Viewer).await;
    let own = cookie(&log_in(&down, "ann@example.com", PASSWORD).await);
    read(&down, &own, "/apps").await;
}

#[tokio::test]
async fn without_a_provider_there_is_no_way_to_one_and_passwords_can_be_switched_off_with_one() {
    let plain = TestHub::start().await;
    let begin = plain.request(Method::GET, "/api/v1/session/oidc").send().await.unwrap();
    problem(begin, 404).await;
    let provider = Provider::start("id_token").await;
    let hub = hub_of(&provider, &[("SENDRY_AUTH__PASSWORD_LOG_IN", "false")]).await;
    hub.user("ann@example.com", PASSWORD, Role::Viewer).await;
    let refused = problem(log_in(&hub, "ann@example.com", PASSWORD).await, 403).await;
    assert_eq!(refused["type"], "password_log_in_off");
    assert_eq!(read(&hub, "", "/session").await["log_in"]["password"], json!(false));
    let mut ann = Browser::new(&hub);
    ann.log_in("ann", "/").await;
    assert_eq!(user(&hub, &ann).await["email"], "ann@example.com");
}
