//! The table of server errors: what is told of why the server failed, in every framework.

use super::{Client, ConformanceApp, Mismatch, Request, rows};
use crate::protocol::Report;
use crate::testing::{ManualClock, TestTransport};
use crate::{ErrorCause, Sendry};

/// A request that fails, and what is recorded of it.
#[derive(Debug)]
pub struct FaultScenario {
    /// What it is about.
    pub name: &'static str,
    /// What is asked for.
    pub target: &'static str,
    /// The status that is counted, the type and the message.
    pub told: (u16, &'static str, &'static str),
    /// Whether the place in the source is told too.
    pub has_place: bool,
}

/// All scenarios.
pub fn fault_scenarios() -> Vec<FaultScenario> {
    let scenario = |name, target, told, has_place| FaultScenario { name, target, told, has_place };
    vec![
        scenario("a handler's error", "/error", (500, "", "broken"), false),
        scenario(
            "what the response's extensions say",
            "/caused",
            (503, "shop::NoStock", "sold out: lamps"),
            true,
        ),
        scenario("what the handler says", "/failing", (500, "Timeout", "no answer"), false),
        scenario("a panic", "/panic", (500, "panic", "on purpose"), true),
        scenario("a panic in the body", "/stream-panic", (200, "panic", "on purpose"), true),
    ]
}

/// What stands in the extensions of the response of `/caused`.
pub fn cause() -> ErrorCause {
    ErrorCause::of("shop::NoStock", "sold out: lamps")
        .with_location("src/stock.rs:7:3")
        .with_backtrace("0: sell")
}

/// What the handler of `/failing` says before it answers 500.
pub fn report_fault() {
    crate::report_error_as("Timeout", "no answer");
}

/// Runs the whole table and returns what went otherwise. It puts [`crate::capture_panics`] in front of the process's panic hook.
pub async fn run_faults<A: ConformanceApp>() -> Vec<Mismatch> {
    crate::capture_panics();
    let mut mismatches = Vec::new();
    for scenario in fault_scenarios() {
        mismatches.extend(run_one::<A>(scenario).await);
    }
    mismatches
}

async fn run_one<A: ConformanceApp>(scenario: FaultScenario) -> Option<Mismatch> {
    let mismatch = |expected: String, actual: String| {
        Some(Mismatch { scenario: scenario.name, framework: A::FRAMEWORK, expected, actual })
    };
    let clock = ManualClock::at(1_800_000_000);
    let hub = TestTransport::with_clock(clock.clone());
    let sendry = match Sendry::builder().transport(hub.clone()).clock(clock.clone()).build() {
        Ok(sendry) => sendry,
        Err(error) => return mismatch("a client".to_owned(), error.to_string()),
    };
    let app = A::start(sendry, clock).await;
    let request =
        Request { method: "GET", target: scenario.target, headers: &[], body: "", client: Client::Reads };
    let seen = app.exchange(&request).await;
    rows(&sendry, &hub, 1).await;
    let (status, kind, message) = scenario.told;
    let place = scenario.has_place;
    let wanted = vec![(status, kind.to_owned(), message.to_owned(), (place, place), 1)];
    let recorded: Vec<_> = hub.reports().iter().flat_map(faults_of).collect();
    if recorded == wanted {
        return None;
    }
    mismatch(format!("{wanted:?}"), format!("{recorded:?}, the client saw {:?}", seen.status))
}

type Told = (u16, String, String, (bool, bool), u64);

fn faults_of(report: &Report) -> Vec<Told> {
    let told = |error: &crate::protocol::ServerError| {
        let place = (error.location.is_some(), error.backtrace.is_some());
        (error.status, error.kind.clone(), error.message.clone(), place, error.count)
    };
    report.server_errors.iter().map(told).collect()
}
