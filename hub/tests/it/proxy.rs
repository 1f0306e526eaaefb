//! A proxy in front of ClickHouse's HTTP interface that counts and keeps what passes, and can swallow it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http_body_util::BodyExt;
use tokio::net::TcpListener;

/// A request to this path makes the proxy answer everything after it with nothing, as an empty server would.
pub(crate) const SWALLOW: &str = "/swallow";

/// One request that came.
#[derive(Clone)]
pub(crate) struct Passed {
    /// Path and query.
    pub(crate) target: String,
    pub(crate) body: Bytes,
}

impl Passed {
    /// The statement that it runs.
    pub(crate) fn sql(&self) -> String {
        let url = reqwest::Url::parse(&format!("http://proxy{}", self.target)).unwrap();
        let query = url.query_pairs().find(|(name, _)| name == "query").map(|(_, sql)| sql.into_owned());
        query.unwrap_or_else(|| String::from_utf8_lossy(&self.body).into_owned())
    }
}

/// Dropping it leaves it to the end of the runtime.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    inner: Arc<Inner>,
}

struct Inner {
    server: String,
    client: reqwest::Client,
    swallows: AtomicBool,
    passed: Mutex<Vec<Passed>>,
}

impl Proxy {
    /// In front of `server`, as `127.0.0.1:8123`.
    pub(crate) async fn to(server: &str) -> Self {
        let client = crate::harness::client_builder().no_proxy().build().unwrap();
        let inner = Arc::new(Inner {
            server: server.to_owned(),
            client,
            swallows: AtomicBool::default(),
            passed: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(pass).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, inner }
    }

    /// Takes out what passed since the last time.
    pub(crate) fn take(&self) -> Vec<Passed> {
        std::mem::take(&mut self.inner.passed.lock().unwrap())
    }
}

async fn pass(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    // A client that gives an insert up sends half a body, and nothing may come of it.
    let Ok(body) = body.collect().await else { return StatusCode::BAD_REQUEST.into_response() };
    let body = body.to_bytes();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    if target == SWALLOW {
        inner.swallows.store(true, Ordering::Relaxed);
        return StatusCode::OK.into_response();
    }
    inner.passed.lock().unwrap().push(Passed { target: target.clone(), body: body.clone() });
    if inner.swallows.load(Ordering::Relaxed) {
        return StatusCode::OK.into_response();
    }
    let mut headers = parts.headers;
    headers.remove(http::header::HOST);
    headers.remove(http::header::TRANSFER_ENCODING);
    headers.remove(http::header::CONTENT_LENGTH);
    let url = format!("http://{}{target}", inner.server);
    let forwarded = inner.client.request(parts.method, url).headers(headers).body(body);
    let Ok(answer) = forwarded.send().await else { return StatusCode::BAD_GATEWAY.into_response() };
    let (status, headers) = (answer.status(), answer.headers().clone());
    let Ok(body) = answer.bytes().await else { return StatusCode::BAD_GATEWAY.into_response() };
    (status, headers, body).into_response()
}
