//! One visitor: a connection to the shop and, after logging in, a session.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::pace::Pacer;

/// Nobody waits longer for a page.
const PATIENCE: Duration = Duration::from_secs(15);

pub(super) struct Visitor {
    http: Client<HttpConnector, Full<Bytes>>,
    target: Authority,
    pacer: Arc<Pacer>,
    pub(super) token: Option<String>,
}

/// What came back: `null` where it was no JSON.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) json: Value,
}

impl Answer {
    /// The number that a field of the answer holds.
    pub(super) fn id(&self) -> Option<u64> {
        self.json.get("id")?.as_u64().filter(|_| self.status.is_success())
    }
}

impl Visitor {
    pub(super) fn new(target: Authority, pacer: Arc<Pacer>) -> Self {
        Self { http: Client::builder(TokioExecutor::new()).build_http(), target, pacer, token: None }
    }

    pub(super) async fn get(&self, path: &str) -> Option<Answer> {
        self.send(Method::GET, path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Option<Answer> {
        self.send(Method::POST, path, Some(body.to_string())).await
    }

    /// Sends a request when its turn has come and reads the whole answer; `None` when the connection failed.
    pub(super) async fn send(&self, method: Method, path: &str, body: Option<String>) -> Option<Answer> {
        self.pacer.slot().await;
        tokio::time::timeout(PATIENCE, self.exchange(method, path, body)).await.ok()?
    }

    /// Sends a request and hangs up after `patience`, whatever has arrived by then.
    pub(super) async fn hang_up_after(&self, patience: Duration, path: &str) {
        self.pacer.slot().await;
        // Giving up is the point: the answer, if there is one, interests nobody.
        drop(tokio::time::timeout(patience, self.exchange(Method::GET, path, None)).await);
    }

    async fn exchange(&self, method: Method, path: &str, body: Option<String>) -> Option<Answer> {
        let response = self.http.request(self.request(method, path, body)?).await.ok()?;
        let status = response.status();
        let body = response.into_body().collect().await.ok()?.to_bytes();
        Some(Answer { status, json: serde_json::from_slice(&body).unwrap_or(Value::Null) })
    }

    fn request(&self, method: Method, path: &str, body: Option<String>) -> Option<Request<Full<Bytes>>> {
        let path: PathAndQuery = path.parse().ok()?;
        let uri = Uri::builder().scheme(Scheme::HTTP).authority(self.target.clone()).path_and_query(path);
        let mut request = Request::builder().method(method).uri(uri.build().ok()?);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json").header("x-signature", "t=1");
        }
        request.body(Full::from(body.unwrap_or_default())).ok()
    }
}
