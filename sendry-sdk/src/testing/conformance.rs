//! Four tables of what requests are counted as, of what is logged of them, of why they are refused and of why the server failed, which
//! the tests of every integration run: that the integrations do the same is tested, not hoped.
//!
//! It grows with every release, as what an integration has to do does: it is no part of what stays compatible.
//!
//! Each integration builds one application, in its framework's own way, and asks it in process and over a connection
//! ([`exchange`]). Where frameworks answer differently, the table says so and why.
//!
//! | route | what it does |
//! |---|---|
//! | `GET`, `HEAD /plain` | answers `plain`; each method a route of its own |
//! | `GET`, `POST /both` | answers `both`; one resource that knows its methods |
//! | any `/any` | answers `any` |
//! | `GET /items/{id}` | takes a `u32` and answers it |
//! | `POST /json` | takes a JSON array of numbers and answers `json` |
//! | `GET /query`, `POST /form` | take pairs of a name and a number; answer `pairs` |
//! | `GET /reported` | calls [`report_refusal`] and answers 409 |
//! | `GET /caused` | answers 503 with [`cause()`] in the response's extensions |
//! | `GET /failing` | calls [`report_fault`] and answers 500 |
//! | `POST /echo` | answers what it was sent |
//! | `POST /mirror` | names the caller `acme`, `Acme Ltd`; answers what it was sent, as JSON with `x-answer: 42` |
//! | `POST /unread` | answers `no` without a content type and reads nothing |
//! | `GET /none`, `/cached`, `/empty` | answer 204, 304 and 200 without a body |
//! | `GET /panic`, `/error` | panics; fails with 500 and `broken` |
//! | `GET /refused` | stands behind a middleware that fails with 403 and `refused` |
//! | `GET /stream`, `/stream-error`, `/stream-panic`, `/stream-stuck` | stream [`Chunks`], each with its [`End`] |
//! | `GET /text-stream` | the stream that ends well, as `text/plain` |
//! | `GET /told` | calls [`tell()`] and answers `told` |
//! | `GET /sized` | streams [`SIZED_CHUNK`] four times, its length told before |
//! | `GET /events` | the stream that gets stuck, as `text/event-stream` |
//! | `GET /slow` | passes [`HEAD_TIME`] and never answers |
//! | `GET /upgrade` | answers 101, to the protocol `conformance` |
//! | `GET /huge`, `/gzip` | answer [`huge`]; [`GZIP`] as JSON with `content-encoding: gzip` |
//! | `GET /nested/{tenant}`, `/nested/{tenant}/items/{id}`, `/nested/{tenant}/files/{*rest}` | a nested router or scope; what it lacks is its own 410 |
//! | `GET /merged` | merged or configured from elsewhere |
//! | `/opaque/…` | a service that the framework does not look into; answers `opaque` |

mod chunks;
mod expected;
mod faults;
mod logs;
mod refusals;
mod scenarios;
mod tell;
mod wire;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

pub use chunks::{CHUNK_TIME, Chunks, End, GZIP, HEAD_TIME, SIZED_CHUNK, SIZED_CHUNKS, huge};
pub use expected::{Answer, Ending, Expected, Row, Timed};
pub use faults::{FaultScenario, cause, fault_scenarios, report_fault, run_faults};
pub use logs::{HEADERS, LogScenario, log_scenarios, run_logs};
pub use refusals::{RefusalScenario, refusal_scenarios, report_refusal, run_refusals};
pub use scenarios::scenarios;
pub use tell::tell;
pub use wire::exchange;

use super::{ManualClock, TestTransport};
use crate::Sendry;

/// An application as the head of this module describes it, instrumented, and how it is asked.
pub trait ConformanceApp: Sized {
    /// The column of the table.
    const FRAMEWORK: Framework;

    /// Builds and starts the application. Its handlers move `clock`.
    fn start(sendry: Sendry, clock: Arc<ManualClock>) -> impl Future<Output = Self>;

    /// Sends a request, and reads the response or leaves, as it says.
    fn exchange(&self, request: &Request) -> impl Future<Output = Seen>;
}

/// Whose application is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framework {
    /// axum.
    Axum,
    /// actix-web.
    Actix,
}

/// A request, and how its client behaves.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// The method.
    pub method: &'static str,
    /// Path and query.
    pub target: &'static str,
    /// Headers but `host`, `connection` and `content-length`.
    pub headers: &'static [(&'static str, &'static str)],
    /// The body.
    pub body: &'static str,
    /// Whether the response is awaited.
    pub client: Client,
}

/// How a client behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// It reads the response to its end.
    Reads,
    /// It goes away once the handler has begun, before there is a response.
    LeavesBeforeTheHead,
    /// It goes away when the first piece of the body is there.
    LeavesInTheBody,
}

/// What a client saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The status, where a response came.
    pub status: Option<u16>,
    /// The body, as far as it came.
    pub body: Vec<u8>,
}

/// A request, what is answered, and what is counted.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What it is about.
    pub name: &'static str,
    /// What is sent.
    pub request: Request,
    axum: Expected,
    actix: Expected,
    /// Why the two differ, where they do.
    pub why: Option<&'static str>,
}

impl Scenario {
    /// What is expected of the application of `framework`.
    pub fn expected(&self, framework: Framework) -> &Expected {
        match framework {
            Framework::Axum => &self.axum,
            Framework::Actix => &self.actix,
        }
    }
}

/// A scenario that went otherwise.
#[derive(Debug, thiserror::Error)]
#[error("{scenario} ({framework:?}): expected {expected}, got {actual}")]
pub struct Mismatch {
    scenario: &'static str,
    framework: Framework,
    expected: String,
    actual: String,
}

/// Runs the whole table and returns what went otherwise.
pub async fn run<A: ConformanceApp>() -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    for scenario in scenarios() {
        mismatches.extend(run_one::<A>(&scenario).await);
    }
    mismatches
}

async fn run_one<A: ConformanceApp>(scenario: &Scenario) -> Option<Mismatch> {
    const START: i64 = 1_800_000_000;
    let expected = scenario.expected(A::FRAMEWORK);
    let mismatch = |expected: String, actual: String| {
        Some(Mismatch { scenario: scenario.name, framework: A::FRAMEWORK, expected, actual })
    };
    let clock = ManualClock::at(START);
    let hub = TestTransport::with_clock(clock.clone());
    let sendry = match Sendry::builder().transport(hub.clone()).clock(clock.clone()).build() {
        Ok(sendry) => sendry,
        Err(error) => return mismatch("a client".to_owned(), error.to_string()),
    };
    let app = A::start(sendry, clock).await;
    let seen = app.exchange(&scenario.request).await;
    if !expected.answer.is(&seen) {
        return mismatch(format!("{:?}", expected.answer), abbreviate(&seen));
    }
    let wanted = expected.rows(A::FRAMEWORK, &seen);
    let counted = rows(&sendry, &hub, wanted.len()).await;
    if counted == wanted { None } else { mismatch(format!("{wanted:#?}"), format!("{counted:#?}")) }
}

/// What was counted. A server notices some ends a moment later than the client, so it is asked until there is enough.
async fn rows(sendry: &Sendry, hub: &TestTransport, wanted: usize) -> Vec<Row> {
    const ATTEMPTS: u32 = 500;
    const PAUSE: Duration = Duration::from_millis(10);
    for _ in 0..ATTEMPTS {
        // A hub that is not there shows as rows that are missing.
        _ = sendry.flush().await;
        if hub.counted().len() >= wanted {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    hub.counted().iter().map(Row::of).collect()
}

fn abbreviate(seen: &Seen) -> String {
    let shown = &seen.body[..seen.body.len().min(100)];
    format!("{:?} with {} bytes: {:?}", seen.status, seen.body.len(), String::from_utf8_lossy(shown))
}
