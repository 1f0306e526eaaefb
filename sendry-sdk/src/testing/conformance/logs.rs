//! The table of request logs: what is logged of the same requests, in every framework.

use super::{Client, ConformanceApp, Mismatch, Request, Seen, rows};
use crate::Sendry;
use crate::protocol::{Consumer, LoggedBody, LoggedError, RequestLog, UNMATCHED_PATH};
use crate::request_log::RequestLogs;
use crate::testing::{ManualClock, TestTransport};

/// A request, and what is logged of it.
#[derive(Debug)]
pub struct LogScenario {
    /// What it is about.
    pub name: &'static str,
    /// What is switched on.
    pub settings: RequestLogs,
    /// What is sent.
    pub request: Request,
    /// The one entry, if any; without its id and times, and with the headers of [`HEADERS`] alone.
    pub logged: Option<RequestLog>,
}

/// The headers that are compared: all else is the framework's, the server's or the client's own.
pub const HEADERS: &[&str] = &["authorization", "x-tenant", "x-answer", "traceparent"];

const JSON: (&str, &str) = ("content-type", "application/json");

/// All scenarios.
pub fn log_scenarios() -> Vec<LogScenario> {
    [heads(), bodies(), ends(), choices(), told()].into_iter().flatten().collect()
}

/// Runs the whole table and returns what went otherwise. With the feature `tracing`, it becomes the process's subscriber.
pub async fn run_logs<A: ConformanceApp>() -> Vec<Mismatch> {
    listen();
    let mut mismatches = Vec::new();
    for scenario in log_scenarios() {
        mismatches.extend(run_one::<A>(scenario).await);
    }
    mismatches
}

async fn run_one<A: ConformanceApp>(scenario: LogScenario) -> Option<Mismatch> {
    let mismatch = |expected: String, actual: String| {
        Some(Mismatch { scenario: scenario.name, framework: A::FRAMEWORK, expected, actual })
    };
    let clock = ManualClock::at(1_800_000_000);
    let hub = TestTransport::with_clock(clock.clone());
    let spool = match tempfile::TempDir::new() {
        Ok(spool) => spool,
        Err(error) => return mismatch("a directory".to_owned(), error.to_string()),
    };
    let builder =
        Sendry::builder().transport(hub.clone()).clock(clock.clone()).spool_dir(spool.path().join("spool"));
    let sendry = match builder.request_logs(scenario.settings.clone()).build() {
        Ok(sendry) => sendry,
        Err(error) => return mismatch("a client".to_owned(), error.to_string()),
    };
    let app = A::start(sendry, clock).await;
    let seen: Seen = app.exchange(&scenario.request).await;
    // Once it is counted it has ended, but for a body that is watched for the log alone.
    rows(&sendry, &hub, 1).await;
    let wanted: Vec<_> = scenario.logged.clone().into_iter().collect();
    let logged = entries(&sendry, &hub, wanted.len()).await;
    if logged == wanted {
        return None;
    }
    let json = |logs: &[RequestLog]| serde_json::to_string(logs).unwrap_or_default();
    mismatch(json(&wanted), format!("{}, the client saw {:?}", json(&logged), seen.status))
}

async fn entries(sendry: &Sendry, hub: &TestTransport, wanted: usize) -> Vec<RequestLog> {
    for _ in 0..500 {
        _ = sendry.flush().await;
        if hub.request_logs().len() >= wanted {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    hub.request_logs().into_iter().map(comparable).collect()
}

/// Takes out what differs from run to run, and from framework to framework.
fn comparable(mut log: RequestLog) -> RequestLog {
    (log.id, log.time_us, log.duration_us) = Default::default();
    // The place of a panic is known only where somebody looks, and a backtrace is nowhere the same.
    if let Some(error) = log.error.as_mut().filter(|error| error.kind == "panic") {
        *error = LoggedError { kind: "panic".to_owned(), ..LoggedError::default() };
    }
    for headers in [&mut log.request_headers, &mut log.response_headers] {
        headers.retain(|(name, _)| HEADERS.contains(&name.as_str()));
        headers.sort();
    }
    log
}

fn heads() -> Vec<LogScenario> {
    const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let headers: &[_] = &[("x-tenant", "acme"), ("authorization", "Bearer hunter2")];
    let mirrored = RequestLog {
        request_headers: pairs(&[("authorization", "******"), ("x-tenant", "acme")]),
        ..mirrored("/mirror?page=2&token=******", LoggedBody::default())
    };
    vec![
        LogScenario {
            name: "a head, masked",
            settings: RequestLogs::new(),
            request: Request { headers, ..post("/mirror?page=2&token=hunter2", "") },
            logged: Some(RequestLog { request_body: off(0), response_body: off(0), ..mirrored }),
        },
        LogScenario {
            name: "a trace context",
            settings: RequestLogs::new().without_request_headers(),
            request: Request { headers: &[("traceparent", TRACE)], ..get("/plain") },
            logged: Some(RequestLog {
                trace_id: Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned()),
                span_id: Some("00f067aa0ba902b7".to_owned()),
                ..log("GET", "/plain", 200, 5)
            }),
        },
        LogScenario {
            name: "garbage for a trace context",
            settings: RequestLogs::new().without_query(),
            request: Request { headers: &[("traceparent", "00-zz-1-")], ..get("/nested/acme/items/7?a=b") },
            logged: Some(RequestLog {
                path: "/nested/{tenant}/items/{id}".to_owned(),
                request_headers: pairs(&[("traceparent", "00-zz-1-")]),
                ..log("GET", "/nested/acme/items/7", 200, 6)
            }),
        },
    ]
}

fn bodies() -> Vec<LogScenario> {
    let json = |name, body, settings, request_body, response_body| LogScenario {
        name,
        settings,
        request: Request { headers: &[JSON], ..post("/mirror", body) },
        logged: Some(RequestLog { response_body, ..mirrored("/mirror", request_body) }),
    };
    let text =
        |bytes, text: &str| LoggedBody { bytes: Some(bytes), text: Some(text.to_owned()), missing: None };
    let masked = || text(31, r#"{"a":[1], "password":"******"}"#);
    vec![
        json("bodies, masked", r#"{"a":[1], "password":"hunter2"}"#, both(), masked(), masked()),
        json("bodies that are not JSON", "a=1", both(), missing(3, "not_json"), missing(3, "not_json")),
        json("empty bodies", "", both(), known(0), known(0)),
        json(
            "bodies that are too large",
            "[1,2,3]",
            both().body_bytes_max(6),
            missing(7, "too_large"),
            missing(7, "too_large"),
        ),
        json("one of both", "[1]", RequestLogs::new().response_bodies(), off(3), text(3, "[1]")),
        LogScenario {
            name: "a body that nobody reads",
            settings: both(),
            request: Request { headers: &[JSON], ..post("/unread", "[1]") },
            logged: Some(RequestLog {
                request_body: missing(3, "not_read"),
                response_body: missing(2, "content_type"),
                ..log("POST", "/unread", 200, 2)
            }),
        },
        LogScenario {
            name: "a form",
            settings: both().body_content_types(["text/plain"]),
            request: Request {
                headers: &[("content-type", "application/x-www-form-urlencoded")],
                ..post("/mirror", "a=1&pwd=x")
            },
            logged: Some(RequestLog {
                response_body: missing(9, "not_json"),
                ..mirrored("/mirror", text(9, "a=1&pwd=******"))
            }),
        },
        LogScenario {
            name: "a body of an unknown length",
            settings: both().body_content_types(["text/*"]),
            request: get("/text-stream"),
            logged: Some(RequestLog {
                request_body: missing(0, "content_type"),
                response_body: text(15, "chunkchunkchunk"),
                ..log("GET", "/text-stream", 200, 15)
            }),
        },
        LogScenario {
            name: "a compressed body",
            settings: both(),
            request: get("/gzip"),
            logged: Some(RequestLog {
                request_body: missing(0, "content_type"),
                response_body: missing(super::GZIP.len() as u64, "encoded"),
                ..log("GET", "/gzip", 200, 0)
            }),
        },
    ]
}

fn ends() -> Vec<LogScenario> {
    let plain = |name, request: Request, logged| LogScenario {
        name,
        settings: RequestLogs::new().response_bodies(),
        request,
        logged: Some(logged),
    };
    let of = |path: &str, status, response_body| RequestLog { response_body, ..log("GET", path, status, 0) };
    let gone = |reason: &str| LoggedBody { missing: Some(reason.to_owned()), ..LoggedBody::default() };
    let leaves = |target, client| Request { client, ..get(target) };
    vec![
        plain(
            "a request without a route",
            get("/nowhere"),
            RequestLog { url: "/nowhere".to_owned(), ..of(UNMATCHED_PATH, 404, missing(0, "content_type")) },
        ),
        plain(
            "HEAD",
            Request { method: "HEAD", ..get("/plain") },
            RequestLog { method: "HEAD".to_owned(), ..of("/plain", 200, missing(0, "content_type")) },
        ),
        plain(
            "a panic",
            get("/panic"),
            RequestLog { error: error("panic", ""), ..of("/panic", 500, gone("not_read")) },
        ),
        plain(
            "why the server failed",
            get("/caused"),
            RequestLog {
                error: Some(LoggedError {
                    location: Some("src/stock.rs:7:3".to_owned()),
                    backtrace: Some("0: sell".to_owned()),
                    ..error("shop::NoStock", "sold out: lamps").unwrap_or_default()
                }),
                ..of("/caused", 503, missing(0, "content_type"))
            },
        ),
        plain(
            "an event stream",
            leaves("/events", Client::LeavesInTheBody),
            of("/events", 200, gone("content_type")),
        ),
        plain(
            "a client that leaves in the body",
            leaves("/stream-stuck", Client::LeavesInTheBody),
            of("/stream-stuck", 200, missing(5, "content_type")),
        ),
        plain(
            "a client that leaves before the head",
            leaves("/slow", Client::LeavesBeforeTheHead),
            of("/slow", 499, gone("not_read")),
        ),
        plain(
            "a stream that fails",
            get("/stream-error"),
            of("/stream-error", 200, missing(5, "content_type")),
        ),
    ]
}

fn choices() -> Vec<LogScenario> {
    let none = |name, settings, request| LogScenario { name, settings, request, logged: None };
    let browser = Request { headers: &[("user-agent", "Probe/1.0")], ..get("/plain") };
    vec![
        none("an excluded path", RequestLogs::new().exclude_paths(["/nested/*"]), get("/nested/acme")),
        none("an excluded user agent", RequestLogs::new().exclude_user_agents(["probe"]), browser),
        none(
            "what a function does not want",
            RequestLogs::new().exclude_if(|log| log.status == 200),
            get("/plain"),
        ),
        none("what sampling leaves out", RequestLogs::new().sample_rate(0.0), get("/plain")),
        LogScenario {
            name: "what sampling keeps because it failed",
            settings: RequestLogs::new().sample_rate(0.0),
            request: get("/error"),
            logged: Some(RequestLog { error: error("", "broken"), ..log("GET", "/error", 500, 6) }),
        },
        LogScenario {
            name: "the first of a minute",
            settings: RequestLogs::new().sample_rate(0.0).keep_first_per_minute(1),
            request: get("/plain"),
            logged: Some(log("GET", "/plain", 200, 5)),
        },
    ]
}

#[cfg(not(feature = "tracing"))]
fn listen() {}

#[cfg(not(feature = "tracing"))]
fn told() -> Vec<LogScenario> {
    Vec::new()
}

/// One subscriber for the process: servers answer on threads of their own.
#[cfg(feature = "tracing")]
fn listen() {
    use tracing_subscriber::layer::SubscriberExt;
    let subscriber = tracing_subscriber::registry().with(crate::request_log::layer());
    // Fails at the second call, when it listens already.
    _ = tracing::subscriber::set_global_default(subscriber);
}

#[cfg(feature = "tracing")]
fn told() -> Vec<LogScenario> {
    use crate::protocol::{ApplicationLog, LogLevel, Span};
    let said = |level, message: &str, span| ApplicationLog {
        level,
        target: super::tell::TARGET.to_owned(),
        message: message.to_owned(),
        span,
        ..ApplicationLog::default()
    };
    let span = |id, parent, name: &str, fields: &[_]| Span {
        id,
        parent,
        name: name.to_owned(),
        target: super::tell::TARGET.to_owned(),
        duration_us: Some(0),
        busy_us: Some(0),
        fields: pairs(fields),
        ..Span::default()
    };
    let before = ApplicationLog {
        fields: pairs(&[("tenant", "acme"), ("password", "******")]),
        ..said(LogLevel::Info, "before", None)
    };
    vec![LogScenario {
        name: "what the application logs",
        settings: RequestLogs::new(),
        request: get("/told"),
        logged: Some(RequestLog {
            logs: vec![
                before,
                said(LogLevel::Warn, "in a span", Some(1)),
                said(LogLevel::Error, "in a task", Some(2)),
                said(LogLevel::Info, "on a thread", Some(1)),
                said(LogLevel::Info, "while it is shown", None),
                ApplicationLog {
                    fields: pairs(&[("value", "shown")]),
                    ..said(LogLevel::Info, "after", None)
                },
            ],
            spans: vec![
                span(1, None, "work", &[("step", "1"), ("found", "3")]),
                Span { failed: true, ..span(2, Some(1), "task", &[]) },
            ],
            ..log("GET", "/told", 200, 4)
        }),
    }]
}

const fn get(target: &'static str) -> Request {
    Request { method: "GET", target, headers: &[], body: "", client: Client::Reads }
}

const fn post(target: &'static str, body: &'static str) -> Request {
    Request { method: "POST", body, ..get(target) }
}

fn both() -> RequestLogs {
    RequestLogs::new().request_bodies().response_bodies()
}

fn known(bytes: u64) -> LoggedBody {
    LoggedBody { bytes: Some(bytes), ..LoggedBody::default() }
}

fn missing(bytes: u64, reason: &str) -> LoggedBody {
    LoggedBody { missing: Some(reason.to_owned()), ..known(bytes) }
}

fn off(bytes: u64) -> LoggedBody {
    missing(bytes, "off")
}

/// A request without a body, whose response has `bytes`; bodies are not logged.
fn log(method: &str, url: &str, status: u16, bytes: u64) -> RequestLog {
    RequestLog {
        method: method.to_owned(),
        path: url.to_owned(),
        url: url.to_owned(),
        status,
        request_body: off(0),
        response_body: off(bytes),
        ..RequestLog::default()
    }
}

fn error(kind: &str, message: &str) -> Option<LoggedError> {
    Some(LoggedError { kind: kind.to_owned(), message: message.to_owned(), ..LoggedError::default() })
}

/// What is logged of `/mirror`.
fn mirrored(url: &str, request_body: LoggedBody) -> RequestLog {
    RequestLog {
        path: "/mirror".to_owned(),
        consumer: Some(Consumer {
            identifier: "acme".to_owned(),
            name: Some("Acme Ltd".to_owned()),
            group: None,
        }),
        response_headers: pairs(&[("x-answer", "42")]),
        request_body,
        ..log("POST", url, 200, 0)
    }
}

fn pairs(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
