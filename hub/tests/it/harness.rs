//! A hub in this process: real routes, real embedded stores in a directory of its own, a free port, a clock to choose.

use std::io::Write;
use std::sync::{Arc, Once};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use sendry_hub::app::{Hub, Stores};
use sendry_hub::auth::secret;
use sendry_hub::clock::{SharedClock, SystemClock};
use sendry_hub::config::{self, Sources};
use sendry_hub::query::keys::{CreatedApp, make_app};
use sendry_hub::store::metadata::{Grant, Metadata, NewSession, NewToken, Role, User};
use sendry_sdk::protocol::{Buckets, Durations, Minute, Report, Route, RouteSeries};
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

/// How long anything may take that happens on its own.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How a hub is made.
pub(crate) struct Builder {
    variables: Vec<(String, String)>,
    clock: SharedClock,
    change: Box<dyn FnOnce(&mut Stores)>,
}

impl Builder {
    /// Sets a variable of the environment, as the hub would see it.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn clock(mut self, clock: SharedClock) -> Self {
        self.clock = clock;
        self
    }

    /// Changes the stores before the roles are put on them: a part that fails, for instance.
    pub(crate) fn stores(mut self, change: impl FnOnce(&mut Stores) + 'static) -> Self {
        self.change = Box::new(change);
        self
    }

    pub(crate) async fn start(self) -> TestHub {
        let dir = tempfile::tempdir().unwrap();
        let mut variables = self.variables;
        variables.push(("SENDRY_LISTEN".into(), "127.0.0.1:0".into()));
        variables.push(("SENDRY_DATA_DIR".into(), dir.path().join("data").display().to_string()));
        let config = config::load(&Sources { file: None, variables }).unwrap().config;
        let mut stores = Stores::connect(&config, &self.clock).await.unwrap();
        (self.change)(&mut stores);
        let metadata = stores.metadata.clone();
        let hub = Hub::start(config, stores, self.clock.clone()).await.unwrap();
        let url = format!("http://{}", hub.address);
        TestHub { url, metadata, clock: self.clock, hub, client: client(), _dir: dir }
    }
}

/// A client that keeps no cookies and follows nothing.
pub(crate) fn client() -> reqwest::Client {
    client_builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// A client's builder. Our clients bring no TLS of their own, so the process is given one.
pub(crate) fn client_builder() -> reqwest::ClientBuilder {
    static TLS: Once = Once::new();
    TLS.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
}

pub(crate) struct TestHub {
    pub(crate) url: String,
    pub(crate) metadata: Metadata,
    pub(crate) clock: SharedClock,
    pub(crate) client: reqwest::Client,
    hub: Hub,
    _dir: TempDir,
}

impl TestHub {
    pub(crate) fn builder() -> Builder {
        Builder { variables: Vec::new(), clock: Arc::new(SystemClock), change: Box::new(|_| ()) }
    }

    pub(crate) async fn start() -> Self {
        Self::builder().start().await
    }

    pub(crate) fn setup_path(&self) -> Option<&str> {
        self.hub.setup_path.as_deref()
    }

    pub(crate) async fn shutdown(self) {
        self.hub.shutdown().await;
    }

    pub(crate) async fn app(&self) -> CreatedApp {
        make_app(&self.metadata, "shop", self.clock.now()).await.unwrap()
    }

    /// A token that reads the whole hub.
    pub(crate) async fn token(&self) -> String {
        self.token_with(Role::Viewer.into()).await
    }

    pub(crate) async fn token_with(&self, grant: Grant) -> String {
        let token = secret::generate(secret::TOKEN_PREFIX);
        let new = NewToken {
            id: Uuid::new_v4(),
            name: "test".into(),
            hash: secret::hash(&token),
            prefix: secret::shown(&token),
            grant,
            created_by: None,
            created_at: 0,
            expires_at: None,
        };
        self.metadata.create_token(&new).await.unwrap();
        token
    }

    pub(crate) async fn user(&self, email: &str, password: &str, grant: impl Into<Grant>) -> User {
        let hash = sendry_hub::auth::password::hash(password).unwrap();
        let user = sendry_hub::auth::new_user(email, grant, hash, self.clock.now());
        assert!(self.metadata.create_user(&user).await.unwrap());
        user
    }

    /// The cookie of a new session of a new user with these grants, without the time that a password costs.
    pub(crate) async fn session_with(&self, grants: &[Grant]) -> String {
        let email = format!("{}@example.com", Uuid::new_v4());
        let mut user = sendry_hub::auth::new_user(&email, Role::Viewer, String::new(), self.clock.now());
        user.grants = grants.to_vec();
        assert!(self.metadata.create_user(&user).await.unwrap());
        let id = secret::generate_session();
        let session = NewSession {
            id: Uuid::new_v4(),
            hash: secret::hash(&id),
            user_id: Some(user.id),
            address: None,
            user_agent: None,
            created_at: self.clock.now(),
        };
        self.metadata.create_session(&session).await.unwrap();
        format!("{}={id}", sendry_hub::auth::SESSION_COOKIE)
    }

    /// A request of the dashboard with a session.
    pub(crate) fn with_session(&self, method: Method, path: &str, cookie: &str) -> RequestBuilder {
        let request = self.request(method, &format!("/api/v1{path}"));
        request.header("cookie", cookie).header("x-sendry-request", "1")
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// A message to ingest, as JSON.
    pub(crate) fn post(&self, kind: &str, key: &str) -> RequestBuilder {
        let request = self.request(Method::POST, &format!("/ingest/v1/{kind}"));
        request.bearer_auth(key).header("content-type", "application/json")
    }

    pub(crate) async fn send(&self, key: &str, report: &Report) -> Response {
        self.post("report", key).body(serde_json::to_vec(report).unwrap()).send().await.unwrap()
    }

    /// A read, which must succeed.
    pub(crate) async fn get(&self, token: &str, path: &str) -> Value {
        let response =
            self.request(Method::GET, &format!("/api/v1{path}")).bearer_auth(token).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Reads until the answer is as it should be.
    pub(crate) async fn get_until(&self, token: &str, path: &str, done: impl Fn(&Value) -> bool) -> Value {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            let answer = self.get(token, path).await;
            if done(&answer) {
                return answer;
            }
            assert!(tokio::time::Instant::now() < until, "{path} stays {answer}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The problem of a refused request, after its status and type were checked.
pub(crate) async fn problem(response: Response, status: u16) -> Value {
    assert_eq!(response.status().as_u16(), status, "{response:?}");
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["status"], status);
    assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
    problem
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A report without traffic.
pub(crate) fn report(env: &str) -> Report {
    Report {
        version: 1,
        report_id: Uuid::new_v4(),
        instance_id: Uuid::new_v4(),
        env: env.to_owned(),
        ..Report::default()
    }
}

/// `count` requests to one route with one status within one minute, of 8 ms each.
pub(crate) fn traffic(method: &str, path: &str, status: u16, count: u64) -> (Route, RouteSeries) {
    let route = Route { method: method.to_owned(), path: path.to_owned() };
    let buckets = Buckets { zero: 0, counts: vec![(-112, count)] };
    let durations = Durations { sum_us: count * 8_000, max_us: 8_000, buckets };
    (route, RouteSeries { status, count, durations, ..RouteSeries::default() })
}

/// A report of one minute.
pub(crate) fn report_of(env: &str, minute: i64, traffic: Vec<(Route, RouteSeries)>) -> Report {
    let mut report = report(env);
    let mut series = Vec::new();
    for (at, (route, mut one)) in traffic.into_iter().enumerate() {
        report.routes.push(route);
        one.route = at as u32;
        series.push(one);
    }
    report.minutes.push(Minute { minute, routes: series, consumers: Vec::new() });
    report
}
