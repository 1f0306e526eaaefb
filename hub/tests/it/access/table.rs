//! Every route of the OpenAPI document, tried by everybody there is: roles on the whole hub, on the app, on another app, as a
//! person and as a program, and by nobody.

use reqwest::{Method, StatusCode};
use sendry_hub::auth::access::RULES;
use sendry_hub::store::metadata::{Grant, Role};
use uuid::Uuid;

use crate::harness::TestHub;

/// What is expected of a route, said a second time and in other words than in the hub.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Open {
    /// To everybody.
    All,
    /// To whoever has a session.
    People,
    /// To whoever is known; lists are narrowed.
    Known,
    /// To who has this role on the app of the path.
    OnApp(Role),
    /// To who has this role on any scope.
    OnAny(Role),
    /// To who has this role on the whole hub.
    OnHub(Role),
}

const ROUTES: &[(&str, &str, Open)] = &[
    ("GET", "/session", Open::All),
    ("POST", "/session", Open::All),
    ("DELETE", "/session", Open::All),
    ("GET", "/session/oidc", Open::All),
    ("GET", "/session/oidc/callback", Open::All),
    ("POST", "/setup", Open::All),
    ("POST", "/invitations/look", Open::All),
    ("POST", "/invitations/accept", Open::All),
    ("POST", "/password-reset", Open::All),
    ("PUT", "/account/password", Open::People),
    ("GET", "/account/sessions", Open::People),
    ("DELETE", "/account/sessions", Open::People),
    ("DELETE", "/account/sessions/{session_id}", Open::People),
    ("GET", "/users", Open::OnHub(Role::Admin)),
    ("PATCH", "/users/{user_id}", Open::OnHub(Role::Admin)),
    ("DELETE", "/users/{user_id}", Open::OnHub(Role::Admin)),
    ("POST", "/users/{user_id}/password-reset", Open::OnHub(Role::Admin)),
    ("GET", "/users/{user_id}/sessions", Open::OnHub(Role::Admin)),
    ("DELETE", "/users/{user_id}/sessions", Open::OnHub(Role::Admin)),
    ("DELETE", "/users/{user_id}/sessions/{session_id}", Open::OnHub(Role::Admin)),
    ("GET", "/invitations", Open::OnAny(Role::Admin)),
    ("POST", "/invitations", Open::OnAny(Role::Admin)),
    ("DELETE", "/invitations/{invitation_id}", Open::OnAny(Role::Admin)),
    ("GET", "/tokens", Open::OnAny(Role::Admin)),
    ("POST", "/tokens", Open::OnAny(Role::Admin)),
    ("DELETE", "/tokens/{token_id}", Open::OnAny(Role::Admin)),
    ("GET", "/audit-log", Open::OnAny(Role::Admin)),
    ("GET", "/system", Open::OnHub(Role::Viewer)),
    ("GET", "/apps", Open::Known),
    ("GET", "/overview", Open::Known),
    ("POST", "/apps", Open::OnHub(Role::Editor)),
    ("PATCH", "/apps/{app_id}", Open::OnApp(Role::Editor)),
    ("DELETE", "/apps/{app_id}", Open::OnApp(Role::Admin)),
    ("GET", "/apps/{app_id}/environments", Open::OnApp(Role::Viewer)),
    ("DELETE", "/apps/{app_id}/environments/{env}", Open::OnApp(Role::Admin)),
    ("GET", "/apps/{app_id}/keys", Open::OnApp(Role::Editor)),
    ("POST", "/apps/{app_id}/keys", Open::OnApp(Role::Editor)),
    ("DELETE", "/apps/{app_id}/keys/{key_id}", Open::OnApp(Role::Editor)),
    ("GET", "/apps/{app_id}/apdex", Open::OnApp(Role::Viewer)),
    ("PUT", "/apps/{app_id}/apdex", Open::OnApp(Role::Editor)),
    ("GET", "/apps/{app_id}/expected-errors", Open::OnApp(Role::Viewer)),
    ("POST", "/apps/{app_id}/expected-errors", Open::OnApp(Role::Editor)),
    ("DELETE", "/apps/{app_id}/expected-errors/{expected_error_id}", Open::OnApp(Role::Editor)),
    ("GET", "/settings", Open::Known),
    ("GET", "/views", Open::Known),
    ("POST", "/views", Open::Known),
    ("PUT", "/views/{view_id}", Open::Known),
    ("DELETE", "/views/{view_id}", Open::Known),
    ("GET", "/apps/{app_id}/summary", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/endpoints", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/traffic", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/latency", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/instances", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/losses", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/validation-errors", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/server-errors", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/error-statuses", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/consumers", Open::OnApp(Role::Viewer)),
    ("DELETE", "/apps/{app_id}/consumers/{consumer_id}", Open::OnApp(Role::Admin)),
    ("GET", "/apps/{app_id}/consumers/activity", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/consumer-groups", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/error-groups/{group_id}", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/releases", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/sizes", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/latency/heatmap", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/request-logs", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/request-logs/timeline", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/request-logs/facets", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/request-logs/export", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/request-logs/{log_id}", Open::OnApp(Role::Viewer)),
    ("GET", "/apps/{app_id}/resources", Open::OnApp(Role::Viewer)),
];

/// Methods and paths of the OpenAPI document.
fn documented() -> Vec<(String, String)> {
    let document = serde_json::to_value(sendry_hub::query::document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, operations)| {
        operations.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.clone()))
    });
    operations.collect()
}

#[test]
fn every_documented_route_has_a_rule_and_is_in_this_table() {
    for (method, path) in documented() {
        assert!(
            RULES.iter().any(|rule| rule.method == method && rule.path == path),
            "{method} {path} has no line in RULES (hub/src/auth/access/rules.rs): it answers nobody"
        );
        assert!(
            ROUTES.iter().any(|route| (route.0, route.1) == (method.as_str(), path.as_str())),
            "{method} {path} has no line in ROUTES (hub/tests/it/access/table.rs)"
        );
    }
    for (method, path, _) in ROUTES {
        assert!(documented().iter().any(|route| route.0 == *method && route.1 == *path), "{method} {path}");
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Scope {
    Hub,
    App,
    OtherApp,
}

/// Somebody who asks.
#[derive(Debug)]
struct Asker {
    is_person: bool,
    grants: Vec<(Role, Scope)>,
}

/// Nobody is None. Tokens are never admins.
fn askers() -> Vec<Option<Asker>> {
    let mut askers = vec![None, Some(Asker { is_person: true, grants: Vec::new() })];
    for role in [Role::Viewer, Role::Editor, Role::Admin] {
        for scope in [Scope::Hub, Scope::App, Scope::OtherApp] {
            askers.push(Some(Asker { is_person: true, grants: vec![(role, scope)] }));
            if role != Role::Admin {
                askers.push(Some(Asker { is_person: false, grants: vec![(role, scope)] }));
            }
        }
    }
    // A low role everywhere and a high one on the app.
    let both = vec![(Role::Viewer, Scope::Hub), (Role::Admin, Scope::App)];
    askers.push(Some(Asker { is_person: true, grants: both }));
    askers
}

/// Whether the door is open, and how it is shut otherwise.
fn expected(open: Open, asker: Option<&Asker>) -> Result<(), &'static [u16]> {
    if open == Open::All {
        return Ok(());
    }
    let Some(asker) = asker else { return Err(&[401]) };
    let holds = |role: Role, scopes: &[Scope]| {
        asker.grants.iter().any(|(held, scope)| *held >= role && scopes.contains(scope))
    };
    let allowed = match open {
        Open::All | Open::Known => true,
        Open::People => asker.is_person,
        Open::OnApp(role) => holds(role, &[Scope::Hub, Scope::App]),
        Open::OnAny(role) => holds(role, &[Scope::Hub, Scope::App, Scope::OtherApp]),
        Open::OnHub(role) => holds(role, &[Scope::Hub]),
    };
    match (allowed, open) {
        (true, _) => Ok(()),
        // An app that one does not see does not exist.
        (false, Open::OnApp(_)) if !holds(Role::Viewer, &[Scope::Hub, Scope::App]) => Err(&[404]),
        (false, _) => Err(&[403]),
    }
}

/// Sends the request without a body, so that nothing but the decision matters, and answers with its status and kind.
async fn ask(hub: &TestHub, method: &str, path: &str, asker: Option<&Asker>) -> (StatusCode, String) {
    let (app, other) = (hub.app().await.app_id, hub.app().await.app_id);
    let grant = |(role, scope): &(Role, Scope)| {
        let app_id = match scope {
            Scope::Hub => None,
            Scope::App => Some(app),
            Scope::OtherApp => Some(other),
        };
        Grant { role: *role, app_id }
    };
    let path = path.replace("{app_id}", &app.to_string());
    let parts = path.split('/').map(|part| match part.starts_with('{') {
        true => Uuid::new_v4().to_string(),
        false => part.to_owned(),
    });
    let path = parts.collect::<Vec<_>>().join("/");
    let method: Method = method.parse().unwrap();
    let mut request = hub.request(method, &format!("/api/v1{path}?env=prod"));
    if let Some(asker) = asker {
        let grants: Vec<_> = asker.grants.iter().map(grant).collect();
        request = match asker.is_person {
            true => {
                let cookie = hub.session_with(&grants).await;
                request.header("cookie", cookie).header("x-sendry-request", "1")
            }
            false => request.bearer_auth(hub.token_with(grants[0]).await),
        };
    }
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    let body: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    (status, format!("{} {}", body["type"].as_str().unwrap_or_default(), body["detail"]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_lets_in_whom_it_should_and_nobody_else() {
    let hub = TestHub::start().await;
    let document = serde_json::to_value(sendry_hub::query::document()).unwrap();
    for (method, path, open) in ROUTES {
        for asker in &askers() {
            let (status, problem) = ask(&hub, method, path, asker.as_ref()).await;
            let shown = format!("{method} {path} for {asker:?}: {status} {problem}");
            let said = &document["paths"][path][method.to_lowercase()]["responses"];
            assert!(said.get(status.as_str()).is_some(), "{shown} is not documented");
            match expected(*open, asker.as_ref()) {
                Ok(()) => {
                    assert!(!problem.starts_with("role") && !problem.starts_with("no_account"), "{shown}");
                    assert!(!problem.contains("There is no app"), "{shown}");
                    assert!(!status.is_server_error() && status != 401, "{shown}");
                }
                Err(statuses) => assert!(statuses.contains(&status.as_u16()), "{shown}"),
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_method_and_an_id_that_is_none_are_refused_in_words() {
    let hub = TestHub::start().await;
    let token = hub.token().await;
    let ask = |method: Method, path: &str| hub.request(method, path).bearer_auth(&token).send();
    crate::harness::problem(ask(Method::PUT, "/api/v1/apps").await.unwrap(), 405).await;
    crate::harness::problem(ask(Method::GET, "/api/v1/apps/x/traffic?env=prod").await.unwrap(), 404).await;
    crate::harness::problem(ask(Method::GET, "/api/v1/apps/%ff/traffic?env=prod").await.unwrap(), 404).await;
    assert_eq!(ask(Method::HEAD, "/api/v1/apps").await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_list_of_apps_has_those_that_one_may_see() {
    let hub = TestHub::start().await;
    let (shop, blog) = (hub.app().await.app_id, hub.app().await.app_id);
    let ids = async |cookie: String| -> Vec<String> {
        let answer = super::read(&hub, &cookie, "/apps").await;
        let mut ids: Vec<_> = answer["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|app| app["app_id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    };
    let own = hub.session_with(&[Grant { role: Role::Viewer, app_id: Some(shop) }]).await;
    assert_eq!(ids(own).await, [shop.to_string()]);
    assert_eq!(ids(hub.session_with(&[]).await).await, [] as [String; 0]);
    let mut both = [shop.to_string(), blog.to_string()];
    both.sort();
    assert_eq!(ids(hub.session_with(&[Role::Viewer.into()]).await).await, both);
}
