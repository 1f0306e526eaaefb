//! What the hub must tell of the requests.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::requests::TRACE_ID;
use super::{Example, Told};
use crate::test::tally::Tally;
use crate::workspace::say;

/// Compares all of it; each comparison is a test.
pub(super) fn compare(example: &Example, told: &Told<'_>) -> Result<Tally> {
    let mut judge = Judge { program: example.program, tally: Tally::default() };
    endpoints(&mut judge, &told.get("endpoints")?)?;
    refusals(&mut judge, example, &told.get("validation-errors")?)?;
    faults(&mut judge, example, &told.get("server-errors")?)?;
    callers(&mut judge, &told.get("consumers")?)?;
    logs(&mut judge, told)?;
    let instance = &told.get("instances")?["data"][0];
    let sdk = instance["sdk"].as_str().unwrap_or_default();
    judge.is("who reports", sdk.split(' ').next().unwrap_or_default(), example.sdk);
    let losses = told.get("losses")?;
    // Backtraces of an application that is not optimised are longer than what is kept of them.
    judge.is("losses", picked(&losses, &["reason"])?, json!([["text_cut"]]));
    let resources = told.get("resources")?;
    let sample = measured(&resources).context("no sample is whole")?;
    for value in ["cpu", "rss_bytes", "runtime_busy", "runtime_queue_depth"] {
        judge.is(value, sample[value].is_number(), true);
    }
    let everything = [
        told.get("validation-errors")?,
        told.get("server-errors")?,
        told.get("request-logs?text=my-secret")?,
    ];
    let leaks = everything.iter().filter(|answer| answer["data"].to_string().contains("my-secret"));
    judge.is("secrets that arrived", leaks.count(), 0);
    Ok(judge.tally)
}

struct Judge {
    program: &'static str,
    tally: Tally,
}

impl Judge {
    fn is(&mut self, what: &str, found: impl Into<Value>, expected: impl Into<Value>) {
        let (found, expected) = (found.into(), expected.into());
        let holds = found == expected;
        if !holds {
            say(format_args!("{}: {what}: expected {expected}, the hub tells {found}", self.program));
        }
        self.tally.add(&Tally::of(holds));
    }
}

fn endpoints(judge: &mut Judge, answer: &Value) -> Result<()> {
    let columns = ["method", "path", "requests", "client_errors", "server_errors", "validation_errors"];
    let mut rows = picked(answer, &columns)?;
    let rows_of = rows.as_array_mut().context("rows")?;
    // The example is asked until it is ready, so nobody knows how often.
    rows_of.retain(|row| row[1] != "/healthz");
    rows_of.sort_by_key(ToString::to_string);
    let expected = json!([
        ["GET", "(unmatched)", 2, 2, 0, 0],
        ["GET", "/failing", 2, 0, 2, 0],
        ["GET", "/never", 0, 0, 0, 0],
        ["GET", "/panic", 1, 0, 1, 0],
        ["GET", "/stream", 1, 0, 0, 0],
        ["GET", "/tenants/{tenant}/orders/{id}", 4, 0, 0, 0],
        ["POST", "/garde", 4, 3, 0, 5],
        ["POST", "/payments/{id}", 1, 0, 0, 0],
        ["POST", "/validator", 1, 1, 0, 2],
    ]);
    judge.is("endpoints", rows, expected);
    let stream = row(answer, "path", "/stream");
    judge.is("the bytes of a stream", stream["response_bytes"].clone(), 14);
    judge.is("a duration", stream["p99_ms"].is_number(), true);
    Ok(())
}

fn refusals(judge: &mut Judge, example: &Example, answer: &Value) -> Result<()> {
    let mut rows = picked(answer, &["path", "location", "field", "code", "count"])?;
    rows.as_array_mut().context("rows")?.sort_by_key(ToString::to_string);
    let mut expected = vec![
        json!(["/garde", "body", example.refused_field, "invalid_type", 1]),
        json!(["/garde", "unknown", "email", "email", 2]),
        json!(["/garde", "unknown", "seats", "range", 2]),
        json!(["/validator", "unknown", "email", "email", 1]),
        json!(["/validator", "unknown", "seats", "range", 1]),
    ];
    expected.sort_by_key(ToString::to_string);
    judge.is("refused fields", rows, expected);
    let rejected = row(answer, "code", "invalid_type");
    judge.is("the rule of a type", rejected["message"].clone(), "invalid type: integer, expected a string");
    Ok(())
}

fn faults(judge: &mut Judge, example: &Example, answer: &Value) -> Result<()> {
    let mut rows = picked(answer, &["path", "status", "type", "message", "count"])?;
    rows.as_array_mut().context("rows")?.sort_by_key(ToString::to_string);
    let expected = json!([
        ["/failing", 500, "AppError", "no report: No such file or directory (os error 2)", 2],
        ["/panic", 500, "panic", "no address to bill to", 1],
    ]);
    judge.is("server errors", rows, expected);
    let panic = row(answer, "type", "panic");
    let place = panic["location"].as_str().unwrap_or_default();
    judge.is("the place of a panic", place.contains(example.file), true);
    judge.is("a backtrace", panic["backtrace"].is_string(), true);
    Ok(())
}

fn callers(judge: &mut Judge, answer: &Value) -> Result<()> {
    let rows = picked(answer, &["name", "group", "requests"])?;
    judge.is("consumers", rows, json!([["A tenant", "tenants", 3], ["A tenant", "tenants", 1]]));
    judge.is("a consumer", row(answer, "identifier", "acme")["requests"].clone(), 3);
    Ok(())
}

fn logs(judge: &mut Judge, told: &Told<'_>) -> Result<()> {
    judge.is("logs of health checks", told.get("request-logs?path=/healthz")?["data"].clone(), json!([]));
    let failing = &told.get("request-logs?path=/failing&status=5xx")?["data"];
    let failing = one(told, &failing[0])?;
    judge.is("why it failed", failing["error"]["type"].clone(), "AppError");
    let found = told.get(&format!("request-logs?trace_id={TRACE_ID}"))?;
    let log = one(told, &found["data"][0])?;
    judge.is("a log's route", log["path"].clone(), "/payments/{id}");
    judge.is("a masked query", log["url"].clone(), "/payments/7?token=******");
    judge.is("a client's address", log["client_address"].clone(), "127.0.0.1");
    let masked = r#"{"amount":5,"pin":"******"}"#;
    judge.is("a request's body", log["request"]["body"]["text"].clone(), masked);
    judge.is("a response's body", log["response"]["body"]["text"].clone(), masked);
    let header = |name: &str| {
        let headers = log["request"]["headers"].as_array();
        headers
            .and_then(|all| all.iter().find(|one| one["name"] == name))
            .map_or(Value::Null, |one| one["value"].clone())
    };
    judge.is("a masked header", header("authorization"), "******");
    let events = log["logs"].as_array().context("events")?;
    let said: Vec<Value> =
        events.iter().map(|event| json!([event["level"], event["message"], event["span"]])).collect();
    judge.is("what it logged", said, json!([["info", "paying", null], ["warn", "asked the bank twice", 1]]));
    judge.is("a masked field", events[0]["fields"][1].clone(), json!({"name": "token", "value": "******"}));
    judge.is("its span", log["spans"][0]["name"].clone(), "charge");
    Ok(())
}

/// A log whole.
fn one(told: &Told<'_>, row: &Value) -> Result<Value> {
    let id = row["id"].as_str().with_context(|| format!("{} has no log", told.app_id))?;
    told.get(&format!("request-logs/{id}"))
}

/// The first sample that tells how busy the runtime was. It compares two readings, between which no runtime may have begun.
pub(super) fn measured(resources: &Value) -> Option<&Value> {
    resources["data"].as_array()?.iter().find(|sample| sample["runtime_busy"].is_number())
}

/// The row with a value, or nothing.
fn row<'a>(answer: &'a Value, column: &str, value: &str) -> &'a Value {
    let rows = answer["data"].as_array();
    rows.and_then(|rows| rows.iter().find(|row| row[column] == value)).unwrap_or(&Value::Null)
}

/// Some columns of every row.
fn picked(answer: &Value, columns: &[&str]) -> Result<Value> {
    let rows = answer["data"].as_array().with_context(|| format!("there are no rows in {answer}"))?;
    let pick =
        |row: &Value| Value::from(columns.iter().map(|column| row[*column].clone()).collect::<Vec<_>>());
    Ok(rows.iter().map(pick).collect::<Vec<_>>().into())
}
