//! The table that all integrations share, in process and over a connection.

use std::future::ready;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{
    AppService, HttpServiceFactory, ResourceDef, ServerHandle, Service, ServiceFactory, ServiceRequest,
    ServiceResponse, fn_service,
};
use actix_web::http::Method;
use actix_web::http::header;
use actix_web::middleware::{Next, from_fn};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error, HttpResponse, HttpServer, error, rt, web};
use sendry_sdk::testing::ManualClock;
use sendry_sdk::testing::conformance::{
    Chunks, Client, ConformanceApp, End, Framework, GZIP, HEAD_TIME, Request, Seen, cause, exchange, huge,
    report_fault, report_refusal, run, run_faults, run_logs, run_refusals, tell,
};
use sendry_sdk_actix::{Sendry, SendryMiddleware, TrackedBody};

type Clock = web::Data<ManualClock>;

#[actix_web::test]
async fn the_table_holds_in_process() {
    assert_holds(run::<InProcess>().await);
}

#[actix_web::test]
async fn the_table_holds_over_a_connection() {
    assert_holds(run::<OverTheWire>().await);
}

#[actix_web::test]
async fn the_table_of_request_logs_holds_in_process() {
    assert_holds(run_logs::<InProcess>().await);
}

#[actix_web::test]
async fn the_table_of_request_logs_holds_over_a_connection() {
    assert_holds(run_logs::<OverTheWire>().await);
}

#[actix_web::test]
async fn the_table_of_refusals_holds_in_process() {
    assert_holds(run_refusals::<InProcess>().await);
}

#[actix_web::test]
async fn the_table_of_refusals_holds_over_a_connection() {
    assert_holds(run_refusals::<OverTheWire>().await);
}

#[actix_web::test]
async fn the_table_of_faults_holds_in_process() {
    assert_holds(run_faults::<InProcess>().await);
}

#[actix_web::test]
async fn the_table_of_faults_holds_over_a_connection() {
    assert_holds(run_faults::<OverTheWire>().await);
}

fn assert_holds(mismatches: Vec<impl std::fmt::Display>) {
    let lines: Vec<_> = mismatches.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

struct InProcess {
    sendry: Sendry,
    clock: Arc<ManualClock>,
}

impl ConformanceApp for InProcess {
    const FRAMEWORK: Framework = Framework::Actix;

    async fn start(sendry: Sendry, clock: Arc<ManualClock>) -> Self {
        Self { sendry, clock }
    }

    async fn exchange(&self, request: &Request) -> Seen {
        let patience = match request.client {
            Client::LeavesBeforeTheHead => Duration::from_millis(10),
            _ => Duration::from_secs(10),
        };
        let asked = ask(self.sendry, self.clock.clone(), *request);
        // A task, because a panic ends the one it is in.
        let seen = rt::spawn(rt::time::timeout(patience, asked)).await;
        seen.ok().and_then(Result::ok).unwrap_or_default()
    }
}

/// Sends a request and reads the answer as a server does: the body of `HEAD` is dropped unread.
async fn ask(sendry: Sendry, clock: Arc<ManualClock>, request: Request) -> Seen {
    let app = init_service(app(sendry, clock)).await;
    let response = match app.call(test_request(&request).to_request()).await {
        Ok(response) => response.map_into_boxed_body().into_parts().1,
        Err(error) => error.error_response(),
    };
    let mut seen = Seen { status: Some(response.status().as_u16()), body: Vec::new() };
    let mut body = response.into_body();
    while request.method != "HEAD"
        && let Some(Ok(chunk)) = std::future::poll_fn(|cx| body.as_pin_mut().poll_next(cx)).await
    {
        seen.body.extend_from_slice(&chunk);
        if request.client == Client::LeavesInTheBody {
            break;
        }
    }
    seen
}

fn test_request(request: &Request) -> TestRequest {
    let method = Method::from_bytes(request.method.as_bytes()).unwrap();
    let mut builder = TestRequest::with_uri(request.target).method(method);
    for header in request.headers {
        builder = builder.insert_header(*header);
    }
    if !request.body.is_empty() {
        builder =
            builder.insert_header((header::CONTENT_LENGTH, request.body.len())).set_payload(request.body);
    }
    builder
}

struct OverTheWire {
    address: SocketAddr,
    clock: Arc<ManualClock>,
    server: ServerHandle,
}

impl ConformanceApp for OverTheWire {
    const FRAMEWORK: Framework = Framework::Actix;

    async fn start(sendry: Sendry, clock: Arc<ManualClock>) -> Self {
        let for_workers = clock.clone();
        let server = HttpServer::new(move || app(sendry, for_workers.clone())).workers(1).disable_signals();
        let server = server.bind("127.0.0.1:0").unwrap();
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        rt::spawn(server);
        Self { address, clock, server: handle }
    }

    async fn exchange(&self, request: &Request) -> Seen {
        exchange(self.address, request, &self.clock).await.unwrap()
    }
}

impl Drop for OverTheWire {
    fn drop(&mut self) {
        // The command is sent at the call; the answer interests nobody.
        drop(self.server.stop(false));
    }
}

type TrackedResponse = ServiceResponse<TrackedBody<BoxBody>>;

fn app(
    sendry: Sendry,
    clock: Arc<ManualClock>,
) -> App<
    impl ServiceFactory<ServiceRequest, Response = TrackedResponse, Error = Error, Config = (), InitError = ()>,
> {
    App::new()
        .app_data(Clock::from(clock))
        .route("/plain", web::get().to(async || "plain"))
        .route("/plain", web::head().to(async || "plain"))
        .service(
            web::resource("/both")
                .route(web::get().to(async || "both"))
                .route(web::post().to(async || "both")),
        )
        .route("/any", web::to(async || "any"))
        .route("/items/{id}", web::get().to(async |id: web::Path<u32>| id.to_string()))
        .route("/json", web::post().to(async |_: web::Json<Vec<u32>>| "json"))
        .route("/echo", web::post().to(async |body: web::Bytes| body))
        .route("/mirror", web::post().to(mirror))
        .route("/unread", web::post().to(async || HttpResponse::Ok().body("no")))
        .route("/query", web::get().to(async |_: web::Query<Vec<(String, u32)>>| "pairs"))
        .route("/form", web::post().to(async |_: web::Form<Vec<(String, u32)>>| "pairs"))
        .route("/reported", web::get().to(reported))
        .route("/told", web::get().to(told))
        .route("/caused", web::get().to(caused))
        .route("/failing", web::get().to(failing))
        .configure(answers)
        .configure(streams)
        .service(nested())
        .configure(|app| _ = app.route("/merged", web::get().to(async || "merged")))
        .service(Opaque)
        .wrap(SendryMiddleware::new(&sendry))
}

async fn reported() -> HttpResponse {
    report_refusal();
    HttpResponse::Conflict().finish()
}

async fn caused() -> HttpResponse {
    let mut response = HttpResponse::ServiceUnavailable().finish();
    response.extensions_mut().insert(cause());
    response
}

async fn failing() -> HttpResponse {
    report_fault();
    HttpResponse::InternalServerError().finish()
}

async fn told() -> &'static str {
    tell().await;
    "told"
}

async fn mirror(body: web::Bytes) -> HttpResponse {
    sendry_sdk::set_consumer("acme", Some("Acme Ltd"), None);
    HttpResponse::Ok().content_type("application/json").insert_header(("x-answer", "42")).body(body)
}

fn answers(app: &mut web::ServiceConfig) {
    let refused = async |_: ServiceRequest, _: Next<BoxBody>| {
        Err::<ServiceResponse, _>(error::ErrorForbidden("refused"))
    };
    let refused = web::resource("/refused").wrap(from_fn(refused)).route(web::get().to(async || "never"));
    let gzip = async || {
        HttpResponse::Ok()
            .content_type("application/json")
            .insert_header((header::CONTENT_ENCODING, "gzip"))
            .body(GZIP)
    };
    app.route("/none", web::get().to(async || HttpResponse::NoContent()))
        .route("/cached", web::get().to(async || HttpResponse::NotModified()))
        .route("/empty", web::get().to(async || HttpResponse::Ok()))
        .route("/panic", web::get().to(async || -> &'static str { panic!("on purpose") }))
        .route("/error", web::get().to(async || Err::<&str, _>(error::ErrorInternalServerError("broken"))))
        .route(
            "/upgrade",
            web::get().to(async || HttpResponse::SwitchingProtocols().upgrade("conformance").finish()),
        )
        .route("/huge", web::get().to(async || huge()))
        .route("/gzip", web::get().to(gzip))
        .service(refused);
}

fn streams(app: &mut web::ServiceConfig) {
    let stream = |end| {
        web::get().to(move |clock: Clock| {
            ready(HttpResponse::Ok().body(Streamed(Chunks::new(clock.into_inner(), end))))
        })
    };
    let events = async |clock: Clock| {
        let chunks = Chunks::new(clock.into_inner(), End::Never);
        HttpResponse::Ok().content_type("text/event-stream").body(Streamed(chunks))
    };
    let text = async |clock: Clock| {
        let chunks = Chunks::new(clock.into_inner(), End::Well);
        HttpResponse::Ok().content_type("text/plain").body(Streamed(chunks))
    };
    let slow = async |clock: Clock| {
        clock.advance(HEAD_TIME);
        std::future::pending::<&str>().await
    };
    app.route("/stream", stream(End::Well))
        .route("/stream-error", stream(End::Error))
        .route("/stream-panic", stream(End::Panic))
        .route("/stream-stuck", stream(End::Never))
        .route("/sized", stream(End::Sized))
        .route("/events", web::get().to(events))
        .route("/text-stream", web::get().to(text))
        .route("/slow", web::get().to(slow));
}

fn nested() -> actix_web::Scope {
    let item = async |path: web::Path<(String, u32)>| format!("{} {}", path.0, path.1);
    web::scope("/nested/{tenant}")
        .route("", web::get().to(async |tenant: web::Path<String>| tenant.into_inner()))
        .route("/items/{id}", web::get().to(item))
        .route("/files/{rest:.*}", web::get().to(async |path: web::Path<(String, String)>| path.1.clone()))
        .default_service(web::to(async || HttpResponse::Gone().body("gone")))
}

/// A service behind a prefix, registered as that of static files is.
struct Opaque;

impl HttpServiceFactory for Opaque {
    fn register(self, config: &mut AppService) {
        let answer =
            |request: ServiceRequest| ready(Ok(request.into_response(HttpResponse::Ok().body("opaque"))));
        config.register_service(ResourceDef::root_prefix("/opaque"), None, fn_service(answer), None);
    }
}

/// The chunks as a body of actix-web.
struct Streamed(Chunks);

impl MessageBody for Streamed {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        self.0.length().map_or(BodySize::Stream, BodySize::Sized)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<web::Bytes, std::io::Error>>> {
        self.0.poll_next()
    }
}
