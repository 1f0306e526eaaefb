//! The table of refused requests: which field failed which rule, in every framework.

use super::{Client, ConformanceApp, Framework, Mismatch, Request, rows};
use crate::Sendry;
use crate::protocol::Report;
use crate::testing::{ManualClock, TestTransport};

/// A request that is refused, and what is recorded of it.
#[derive(Debug)]
pub struct RefusalScenario {
    /// What it is about.
    pub name: &'static str,
    /// What is sent.
    pub request: Request,
    axum: Refusal,
    actix: Refusal,
}

/// A status, and location, field, message and code of what failed.
type Refusal = (u16, [&'static str; 4]);

/// All scenarios. The frameworks answer with statuses of their own, and actix-web does not say where in a document a value stands.
pub fn refusal_scenarios() -> Vec<RefusalScenario> {
    const JSON: &[(&str, &str)] = &[("content-type", "application/json")];
    const FORM: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded")];
    const TYPE: &str = "invalid type: string, expected u32";
    const DIGIT: &str = "invalid digit found in string";
    let post = |headers, target, body| Request { method: "POST", headers, body, ..get(target) };
    let scenario = |name, request, axum, actix| RefusalScenario { name, request, axum, actix };
    vec![
        scenario(
            "a value of the wrong type",
            post(JSON, "/json", r#"[1,"secret"]"#),
            (422, ["body", "*", TYPE, "invalid_type"]),
            (400, ["body", "", TYPE, "invalid_type"]),
        ),
        scenario(
            "a body that is not JSON",
            post(JSON, "/json", "[1,"),
            (400, ["body", "", "EOF while parsing a value", "json_syntax"]),
            (400, ["body", "", "EOF while parsing a value", "json_syntax"]),
        ),
        scenario(
            "a parameter of the path",
            get("/items/secret"),
            (400, ["path", "", "cannot be parsed as u32", "parse_error"]),
            (404, ["path", "", "cannot be parsed as u32", "parse_error"]),
        ),
        scenario(
            "a parameter of the query",
            get("/query?page=secret"),
            (400, ["query", "*.*", DIGIT, "parse_error"]),
            (400, ["query", "", DIGIT, "parse_error"]),
        ),
        scenario(
            "a field of a form",
            post(FORM, "/form", "page=secret"),
            (422, ["form", "*.*", DIGIT, "parse_error"]),
            (400, ["form", "", DIGIT, "parse_error"]),
        ),
        scenario(
            "what a handler reports",
            get("/reported"),
            (409, ["body", "items.*.price", "must be above zero", "range"]),
            (409, ["body", "items.*.price", "must be above zero", "range"]),
        ),
    ]
}

const fn get(target: &'static str) -> Request {
    Request { method: "GET", target, headers: &[], body: "", client: Client::Reads }
}

/// What the handler of `/reported` does before it answers 409.
pub fn report_refusal() {
    use crate::validation::{FieldError, Location, report};
    report([FieldError::new(Location::Body, "items[3].price", "must be above zero").with_code("range")]);
}

/// Runs the whole table and returns what went otherwise.
pub async fn run_refusals<A: ConformanceApp>() -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    for scenario in refusal_scenarios() {
        mismatches.extend(run_one::<A>(scenario).await);
    }
    mismatches
}

async fn run_one<A: ConformanceApp>(scenario: RefusalScenario) -> Option<Mismatch> {
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
    let seen = app.exchange(&scenario.request).await;
    rows(&sendry, &hub, 1).await;
    let (status, fields) = match A::FRAMEWORK {
        Framework::Axum => scenario.axum,
        Framework::Actix => scenario.actix,
    };
    let wanted = vec![(status, fields.map(str::to_owned), 1)];
    let recorded: Vec<_> = hub.reports().iter().flat_map(refusals_of).collect();
    if recorded == wanted && seen.status == Some(status) {
        return None;
    }
    mismatch(format!("{wanted:?}"), format!("{recorded:?}, the client saw {:?}", seen.status))
}

fn refusals_of(report: &Report) -> Vec<(u16, [String; 4], u64)> {
    let errors = report.validation_errors.iter().cloned();
    errors
        .map(|error| (error.status, [error.location, error.field, error.message, error.code], error.count))
        .collect()
}
