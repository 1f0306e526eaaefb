//! Who may do what: every route with every role and scope, and what happens to people, links, tokens and the audit log.

mod document;
mod judging;
mod links;
mod openid;
mod people;
mod schema;
mod surface;
mod table;
mod tokens;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::harness::TestHub;

pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) async fn log_in(hub: &TestHub, email: &str, password: &str) -> Response {
    let body = json!({"email": email, "password": password});
    hub.request(Method::POST, "/api/v1/session").json(&body).send().await.unwrap()
}

/// The cookie of a fresh session, as a browser sends it back.
pub(crate) fn cookie(response: &Response) -> String {
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// A request of the dashboard whose answer must have this status; its body, or null.
async fn call(hub: &TestHub, cookie: &str, method: &str, path: &str, body: Value, status: u16) -> Value {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = hub.with_session(method, path, cookie);
    if !body.is_null() {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    let found = response.status().as_u16();
    let text = response.text().await.unwrap();
    assert_eq!(found, status, "{path}: {text}");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

async fn read(hub: &TestHub, cookie: &str, path: &str) -> Value {
    call(hub, cookie, "GET", path, Value::Null, 200).await
}

/// The actions of the audit log, the newest first.
async fn actions(hub: &TestHub, cookie: &str) -> Vec<String> {
    let log = read(hub, cookie, "/audit-log").await;
    log["data"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap().to_owned()).collect()
}
