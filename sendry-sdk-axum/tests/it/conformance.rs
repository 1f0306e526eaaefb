//! The table that all integrations share, in process and over a connection.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Path, Query, Request as HttpRequest, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Form, Json, Router};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use sendry_sdk::testing::ManualClock;
use sendry_sdk::testing::conformance::{
    Chunks, Client, ConformanceApp, End, Framework, GZIP, HEAD_TIME, Request, Seen, cause, exchange, huge,
    report_fault, report_refusal, run, run_faults, run_logs, run_refusals, tell,
};
use sendry_sdk_axum::{Instrumented, Sendry, instrument};
use tokio::net::TcpListener;
use tower::ServiceExt;

#[tokio::test]
async fn the_table_holds_in_process() {
    assert_holds(run::<InProcess>().await);
}

#[tokio::test]
async fn the_table_holds_over_a_connection() {
    assert_holds(run::<OverTheWire>().await);
}

#[tokio::test]
async fn the_table_of_request_logs_holds_in_process() {
    assert_holds(run_logs::<InProcess>().await);
}

#[tokio::test]
async fn the_table_of_request_logs_holds_over_a_connection() {
    assert_holds(run_logs::<OverTheWire>().await);
}

#[tokio::test]
async fn the_table_of_refusals_holds_in_process() {
    assert_holds(run_refusals::<InProcess>().await);
}

#[tokio::test]
async fn the_table_of_refusals_holds_over_a_connection() {
    assert_holds(run_refusals::<OverTheWire>().await);
}

#[tokio::test]
async fn the_table_of_faults_holds_in_process() {
    assert_holds(run_faults::<InProcess>().await);
}

#[tokio::test]
async fn the_table_of_faults_holds_over_a_connection() {
    assert_holds(run_faults::<OverTheWire>().await);
}

fn assert_holds(mismatches: Vec<impl std::fmt::Display>) {
    let lines: Vec<_> = mismatches.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

struct InProcess(Instrumented);

impl ConformanceApp for InProcess {
    const FRAMEWORK: Framework = Framework::Axum;

    async fn start(sendry: Sendry, clock: Arc<ManualClock>) -> Self {
        Self(instrument(router(clock), &sendry))
    }

    async fn exchange(&self, request: &Request) -> Seen {
        let mut builder = HttpRequest::builder().method(request.method).uri(request.target);
        for (name, value) in request.headers {
            builder = builder.header(*name, *value);
        }
        let response = self.0.clone().oneshot(builder.body(Body::from(request.body)).unwrap());
        let patience = match request.client {
            Client::LeavesBeforeTheHead => Duration::from_millis(10),
            _ => Duration::from_secs(10),
        };
        // A task, because a panic ends the one it is in.
        let response = tokio::spawn(tokio::time::timeout(patience, response)).await;
        match response {
            Ok(Ok(Ok(response))) => see(response, request.client).await,
            _ => Seen::default(),
        }
    }
}

async fn see(response: Response, client: Client) -> Seen {
    let status = Some(response.status().as_u16());
    let mut body = response.into_body();
    let read = tokio::spawn(async move {
        let mut read = Vec::new();
        while let Some(Ok(frame)) = body.frame().await {
            read.extend_from_slice(frame.data_ref().unwrap());
            if client == Client::LeavesInTheBody {
                break;
            }
        }
        read
    });
    Seen { status, body: read.await.unwrap_or_default() }
}

struct OverTheWire(SocketAddr, Arc<ManualClock>);

impl ConformanceApp for OverTheWire {
    const FRAMEWORK: Framework = Framework::Axum;

    async fn start(sendry: Sendry, clock: Arc<ManualClock>) -> Self {
        let app = instrument(router(clock.clone()), &sendry);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self(address, clock)
    }

    async fn exchange(&self, request: &Request) -> Seen {
        exchange(self.0, request, &self.1).await.unwrap()
    }
}

fn router(clock: Arc<ManualClock>) -> Router {
    Router::new()
        .route("/plain", get(async || "plain"))
        .route("/both", get(async || "both").post(async || "both"))
        .route("/any", any(async || "any"))
        .route("/items/{id}", get(async |Path(id): Path<u32>| id.to_string()))
        .route("/json", post(async |Json(_): Json<Vec<u32>>| "json"))
        .route("/echo", post(async |body: Bytes| body))
        .route("/mirror", post(mirror))
        .route("/unread", post(async || Body::from("no")))
        .route("/query", get(async |_: Query<Vec<(String, u32)>>| "pairs"))
        .route("/form", post(async |_: Form<Vec<(String, u32)>>| "pairs"))
        .route("/reported", get(reported))
        .route("/told", get(told))
        .route("/caused", get(caused))
        .route("/failing", get(failing))
        .merge(answers())
        .merge(streams())
        .nest("/nested/{tenant}", nested())
        .merge(Router::new().route("/merged", get(async || "merged")))
        .nest_service("/opaque", Router::new().route("/{*path}", get(async || "opaque")))
        .with_state(clock)
}

async fn reported() -> StatusCode {
    report_refusal();
    StatusCode::CONFLICT
}

async fn caused() -> impl IntoResponse {
    (StatusCode::SERVICE_UNAVAILABLE, axum::Extension(cause()))
}

async fn failing() -> StatusCode {
    report_fault();
    StatusCode::INTERNAL_SERVER_ERROR
}

async fn told() -> &'static str {
    tell().await;
    "told"
}

async fn mirror(body: Bytes) -> Response {
    sendry_sdk::set_consumer("acme", Some("Acme Ltd"), None);
    ([(header::CONTENT_TYPE, "application/json"), (HeaderName::from_static("x-answer"), "42")], body)
        .into_response()
}

fn answers() -> Router<Arc<ManualClock>> {
    let refused = async |_: HttpRequest, _: Next| (StatusCode::FORBIDDEN, "refused").into_response();
    let refused = Router::new().route("/refused", get(async || "never")).layer(from_fn(refused));
    let upgrade = async || {
        let upgrade = [(header::CONNECTION, "upgrade"), (header::UPGRADE, "conformance")];
        (StatusCode::SWITCHING_PROTOCOLS, upgrade)
    };
    let gzip =
        async || ([(header::CONTENT_TYPE, "application/json"), (header::CONTENT_ENCODING, "gzip")], GZIP);
    Router::new()
        .route("/none", get(async || StatusCode::NO_CONTENT))
        .route("/cached", get(async || StatusCode::NOT_MODIFIED))
        .route("/empty", get(async || ()))
        .route("/panic", get(async || -> () { panic!("on purpose") }))
        .route("/error", get(async || (StatusCode::INTERNAL_SERVER_ERROR, "broken")))
        .route("/upgrade", get(upgrade))
        .route("/huge", get(async || huge()))
        .route("/gzip", get(gzip))
        .merge(refused)
}

fn streams() -> Router<Arc<ManualClock>> {
    let stream = |end| {
        get(async move |State(clock): State<Arc<ManualClock>>| Body::new(Streamed(Chunks::new(clock, end))))
    };
    let events = async |State(clock): State<Arc<ManualClock>>| {
        let mut response = Body::new(Streamed(Chunks::new(clock, End::Never))).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        response
    };
    let text = async |State(clock): State<Arc<ManualClock>>| {
        let mut response = Body::new(Streamed(Chunks::new(clock, End::Well))).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        response
    };
    let slow = async |State(clock): State<Arc<ManualClock>>| {
        clock.advance(HEAD_TIME);
        std::future::pending::<()>().await;
    };
    Router::new()
        .route("/stream", stream(End::Well))
        .route("/stream-error", stream(End::Error))
        .route("/stream-panic", stream(End::Panic))
        .route("/stream-stuck", stream(End::Never))
        .route("/sized", stream(End::Sized))
        .route("/events", get(events))
        .route("/text-stream", get(text))
        .route("/slow", get(slow))
}

fn nested() -> Router<Arc<ManualClock>> {
    Router::new()
        .route("/", get(async |Path(tenant): Path<String>| tenant))
        .route("/items/{id}", get(async |Path((tenant, id)): Path<(String, u32)>| format!("{tenant} {id}")))
        .route("/files/{*rest}", get(async |Path((_, rest)): Path<(String, String)>| rest))
        .fallback(async || (StatusCode::GONE, "gone"))
}

/// The chunks as a body of `http_body`.
struct Streamed(Chunks);

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.0.poll_next().map_ok(Frame::data)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.length().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
