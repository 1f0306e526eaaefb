//! What is particular to actix-web: guards, patterns, middlewares, workers.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpResponse, HttpServer, ResponseError, get, guard, rt, web};
use sendry_sdk::protocol::ServerError;
use sendry_sdk::testing::conformance::{Client, Request, exchange};
use sendry_sdk::testing::{ManualClock, TestTransport};
use sendry_sdk_actix::{Sendry, SendryMiddleware};

use crate::harness::{TestHub, call, row};

#[get("/macro/{id}")]
async fn by_macro(id: web::Path<u32>) -> String {
    id.to_string()
}

fn guarded(app: &mut ServiceConfig) {
    let widgets = web::scope("/widgets")
        .service(web::resource("/{id}").guard(guard::Get()).to(async || "a widget"))
        .service(web::resource("/action").guard(guard::Post()).to(async || "done"));
    app.service(by_macro).service(widgets);
}

#[actix_web::test]
async fn guards_choose_the_route_that_is_counted() {
    let hub = TestHub::new();
    let app = init_service(App::new().configure(guarded).wrap(SendryMiddleware::new(&hub.sendry))).await;
    call(&app, TestRequest::get().uri("/widgets/1")).await;
    call(&app, TestRequest::post().uri("/widgets/action")).await;
    assert_eq!(call(&app, TestRequest::post().uri("/macro/1")).await.0, 404);
    assert_eq!(
        hub.summary().await,
        [
            row("GET", "/widgets/{id}", 200, 1),
            row("POST", "/macro/{id}", 404, 1),
            row("POST", "/widgets/action", 200, 1),
        ]
    );
}

#[actix_web::test]
async fn a_resource_with_several_patterns_is_counted_under_the_first() {
    let hub = TestHub::new();
    let configure = |app: &mut ServiceConfig| {
        app.service(web::resource(["/deep/one", "/two/{id}"]).to(async || "either"));
    };
    hub.ask(configure, ["/deep/one", "/two/9"]).await;
    assert_eq!(hub.summary().await, [row("GET", "/deep/one", 200, 2)]);
}

#[actix_web::test]
async fn an_app_wide_fallback_is_unmatched_and_ten_thousand_paths_share_one_bucket() {
    let hub = TestHub::new();
    let app = App::new().default_service(web::to(async || "the single page"));
    let app = init_service(app.wrap(SendryMiddleware::new(&hub.sendry))).await;
    for n in 0..10_000 {
        call(&app, TestRequest::with_uri(&format!("/nowhere/{n}"))).await;
    }
    assert_eq!(hub.summary().await, [row("GET", "(unmatched)", 200, 10_000)]);
}

#[actix_web::test]
async fn bodies_are_the_same_bit_for_bit_with_middlewares_on_both_sides() {
    let hub = TestHub::new();
    let text = "Sendry ".repeat(20_000);
    let sent = text.clone();
    let app = App::new()
        .route("/long", web::get().to(move || std::future::ready(sent.clone())))
        .route("/short", web::get().to(async || "short"));
    let outer = from_fn(async |request: ServiceRequest, next: Next<_>| {
        Ok::<_, actix_web::Error>(next.call(request).await?.map_into_boxed_body())
    });
    let app = app.wrap(Compress::default()).wrap(SendryMiddleware::new(&hub.sendry)).wrap(outer);
    let app = init_service(app).await;
    assert_eq!(call(&app, TestRequest::with_uri("/long")).await, (200, text.into_bytes()));
    assert_eq!(call(&app, TestRequest::with_uri("/short")).await, (200, b"short".to_vec()));
    let gzip = TestRequest::with_uri("/long").insert_header(("accept-encoding", "gzip"));
    let compressed = call(&app, gzip).await.1;
    assert_eq!(compressed[..2], [0x1f, 0x8b]);
    hub.sendry.flush().await.unwrap();
    let bytes: u64 = hub.hub.counted().iter().map(|counted| counted.series.response.sum).sum();
    assert_eq!(bytes, 140_000 + 5 + compressed.len() as u64);
}

#[actix_web::test]
async fn a_second_middleware_of_the_same_client_counts_nothing() {
    let hub = TestHub::new();
    let inner = web::scope("/in")
        .route("/once", web::get().to(async || "once"))
        .wrap(SendryMiddleware::new(&hub.sendry));
    let app = init_service(App::new().service(inner).wrap(SendryMiddleware::new(&hub.sendry))).await;
    call(&app, TestRequest::with_uri("/in/once")).await;
    assert_eq!(hub.summary().await, [row("GET", "/in/once", 200, 1)]);
}

#[actix_web::test]
async fn around_a_scope_it_counts_what_goes_through_that() {
    let hub = TestHub::new();
    let watched = web::scope("/watched/{id}")
        .route("/x", web::get().to(async || "x"))
        .wrap(SendryMiddleware::new(&hub.sendry));
    let app = App::new().service(watched).route("/other", web::get().to(async || "other"));
    let app = init_service(app).await;
    call(&app, TestRequest::with_uri("/watched/1/x")).await;
    call(&app, TestRequest::with_uri("/other")).await;
    assert_eq!(hub.summary().await, [row("GET", "/watched/{id}/x", 200, 1)]);
}

#[actix_web::test]
async fn without_a_key_the_application_answers_as_before() {
    let sendry = Sendry::builder().write_key("").build().unwrap();
    let app = App::new().configure(guarded).wrap(SendryMiddleware::new(&sendry));
    let app = init_service(app).await;
    assert_eq!(call(&app, TestRequest::with_uri("/macro/7")).await, (200, b"7".to_vec()));
    assert!(sendry.flush().await.is_ok() && sendry.shutdown().await.is_ok());
}

#[derive(Debug)]
struct Gone;

impl std::fmt::Display for Gone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the payment gateway is gone")
    }
}

impl std::error::Error for Gone {}

impl ResponseError for Gone {
    fn status_code(&self) -> StatusCode {
        StatusCode::BAD_GATEWAY
    }

    fn error_response(&self) -> HttpResponse {
        sendry_sdk_actix::report_error(self);
        HttpResponse::BadGateway().body("sorry")
    }
}

async fn server_errors(hub: &TestHub) -> Vec<ServerError> {
    hub.sendry.flush().await.unwrap();
    hub.hub.reports().iter().flat_map(|report| report.server_errors.clone()).collect()
}

#[actix_web::test]
async fn a_handlers_error_is_told_with_its_type_and_message() {
    let hub = TestHub::new();
    let configure = |app: &mut ServiceConfig| {
        app.route("/pay", web::get().to(async || Err::<&str, _>(Gone)));
    };
    assert_eq!(hub.ask(configure, ["/pay"]).await, [(502, b"sorry".to_vec())]);
    let error = server_errors(&hub).await.remove(0);
    assert_eq!((error.status, error.message.as_str()), (502, "the payment gateway is gone"));
    assert!(error.kind.ends_with("Gone"), "{}", error.kind);
}

#[actix_web::test]
async fn an_error_that_a_middleware_returns_is_told_and_its_response_reaches_the_client() {
    let hub = TestHub::new();
    let fails = from_fn(async |_: ServiceRequest, _: Next<BoxBody>| {
        let response = HttpResponse::BadGateway().body("x");
        let error = actix_web::error::InternalError::from_response("no database", response);
        Err::<ServiceResponse, actix_web::Error>(error.into())
    });
    let app = App::new().service(web::resource("/db").wrap(fails).to(async || "never"));
    let app = init_service(app.wrap(SendryMiddleware::new(&hub.sendry))).await;
    let response = actix_web::test::try_call_service(&app, TestRequest::with_uri("/db").to_request()).await;
    let response = response.err().unwrap().error_response();
    assert_eq!(actix_web::body::to_bytes(response.into_body()).await.unwrap(), "x");
    let error = server_errors(&hub).await.remove(0);
    assert_eq!((error.status, error.message.as_str()), (502, "no database"));
    assert_eq!(hub.summary().await, [row("GET", "/db", 502, 1)]);
}

#[actix_web::test]
async fn a_handler_names_the_caller() {
    let hub = TestHub::new();
    let configure = |app: &mut ServiceConfig| {
        let named = async |user: web::Path<String>| {
            rt::task::yield_now().await;
            sendry_sdk_actix::set_consumer(&user, None, Some("people"));
            "hello"
        };
        app.route("/anonymous", web::get().to(async || "who")).route("/users/{user}", web::get().to(named));
    };
    hub.ask(configure, ["/anonymous", "/users/ann", "/users/ann"]).await;
    hub.sendry.flush().await.unwrap();
    let report = hub.hub.reports().pop().unwrap();
    assert_eq!(report.consumers.len(), 1);
    assert_eq!((report.consumers[0].identifier.as_str(), report.minutes[0].consumers[0].count), ("ann", 2));
}

#[actix_web::test]
async fn all_workers_count_for_one_client() {
    let (clock, hub) = (ManualClock::at(1_800_000_000), TestTransport::new());
    let sendry = Sendry::builder().transport(hub.clone()).build().unwrap();
    let app = move || App::new().configure(guarded).wrap(SendryMiddleware::new(&sendry));
    let server = HttpServer::new(app).workers(3).disable_signals().bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    rt::spawn(server);
    let request =
        Request { method: "GET", target: "/macro/5", headers: &[], body: "", client: Client::Reads };
    for _ in 0..30 {
        assert_eq!(exchange(address, &request, &clock).await.unwrap().body, b"5");
    }
    handle.stop(true).await;
    sendry.shutdown().await.unwrap();
    assert_eq!(hub.requests(), 30);
    assert!(hub.startups().len() <= 2, "{:?}", hub.startups());
}
