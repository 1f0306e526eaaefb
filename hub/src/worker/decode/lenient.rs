//! The slow path: a report whose one entry is bad, parsed entry by entry.

use sendry_sdk::protocol::{Consumer, Minute, Report, ReportHead, Route};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::check::Findings;

/// A report whose lists are not looked into yet. Its head is a [`ReportHead`].
#[derive(Deserialize)]
struct LooseReport<'a> {
    #[serde(borrow)]
    app_version: Option<&'a RawValue>,
    #[serde(borrow)]
    created_at_ms: Option<&'a RawValue>,
    #[serde(borrow)]
    clock_offset_ms: Option<&'a RawValue>,
    #[serde(borrow, rename = "final")]
    is_final: Option<&'a RawValue>,
    #[serde(borrow, default)]
    routes: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    consumers: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    minutes: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    validation_errors: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    server_errors: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    resources: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    losses: Vec<&'a RawValue>,
}

/// A minute whose lists are not looked into yet.
#[derive(Deserialize)]
struct LooseMinute<'a> {
    minute: i64,
    #[serde(borrow, default)]
    routes: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    consumers: Vec<&'a RawValue>,
}

/// Parses what can be parsed; fails when the head or the form is not that of a report.
pub(super) fn report(body: &[u8], findings: &mut Findings) -> Result<Report, serde_json::Error> {
    let head: ReportHead = serde_json::from_slice(body)?;
    let loose: LooseReport<'_> = serde_json::from_slice(body)?;
    Ok(Report {
        version: head.version,
        report_id: head.report_id,
        instance_id: head.instance_id,
        sequence: head.sequence,
        env: head.env,
        app_version: field(loose.app_version, findings),
        created_at_ms: field(loose.created_at_ms, findings),
        clock_offset_ms: field(loose.clock_offset_ms, findings),
        is_final: field(loose.is_final, findings),
        // The places of bad ones are kept, because entries refer to them by index; `check` takes them out.
        routes: in_place(&loose.routes, Route { method: String::new(), path: String::new() }),
        consumers: in_place(&loose.consumers, Consumer::default()),
        minutes: minutes(&loose.minutes, findings),
        validation_errors: entries(&loose.validation_errors, findings),
        server_errors: entries(&loose.server_errors, findings),
        resources: entries(&loose.resources, findings),
        losses: entries(&loose.losses, findings),
    })
}

fn minutes(raw: &[&RawValue], findings: &mut Findings) -> Vec<Minute> {
    let mut minutes = Vec::with_capacity(raw.len());
    for raw in raw {
        match serde_json::from_str::<LooseMinute<'_>>(raw.get()) {
            Ok(loose) => minutes.push(Minute {
                minute: loose.minute,
                routes: entries(&loose.routes, findings),
                consumers: entries(&loose.consumers, findings),
            }),
            Err(_) => findings.reject(1),
        }
    }
    minutes
}

fn entries<T: DeserializeOwned>(raw: &[&RawValue], findings: &mut Findings) -> Vec<T> {
    let mut entries = Vec::with_capacity(raw.len());
    for raw in raw {
        match serde_json::from_str(raw.get()) {
            Ok(entry) => entries.push(entry),
            Err(_) => findings.reject(1),
        }
    }
    entries
}

fn in_place<T: DeserializeOwned + Clone>(raw: &[&RawValue], bad: T) -> Vec<T> {
    raw.iter().map(|raw| serde_json::from_str(raw.get()).unwrap_or_else(|_| bad.clone())).collect()
}

fn field<T: DeserializeOwned + Default>(raw: Option<&RawValue>, findings: &mut Findings) -> T {
    let Some(raw) = raw else { return T::default() };
    serde_json::from_str(raw.get()).unwrap_or_else(|_| {
        findings.reject(1);
        T::default()
    })
}
