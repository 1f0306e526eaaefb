//! Request logs of the seeded API: a few of every series, with headers, bodies, and what the application logged meanwhile.
//!
//! Each tells of a request that the minutes counted; all that failed with 5xx are there, as the SDK's sampling would keep them.

use sendry_sdk::protocol::{
    ApplicationLog, LogLevel, LoggedBody, Minute, RequestLog, RequestLogBatchHead, RouteSeries, Span,
};
use uuid::Uuid;

use super::random::Random;
use super::routes::{CALLED, Profile};
use super::{callers, failures};

/// Requests of a series and minute that are logged, where they did not fail.
const LOGGED_PER_SERIES: u64 = 2;

/// A batch of the minutes' logs, as lines.
pub(super) fn batch(
    head: &RequestLogBatchHead,
    random: &mut Random,
    minutes: &[Minute],
) -> serde_json::Result<Vec<u8>> {
    let mut lines = serde_json::to_vec(head)?;
    for minute in minutes {
        for series in &minute.routes {
            let most = if series.status >= 500 { series.count } else { LOGGED_PER_SERIES };
            for _ in 0..series.count.min(most) {
                let Some(profile) = CALLED.get(series.route as usize) else { continue };
                lines.push(b'\n');
                serde_json::to_writer(&mut lines, &log(random, minute.minute, series, profile))?;
            }
        }
    }
    Ok(lines)
}

fn log(random: &mut Random, minute: i64, series: &RouteSeries, profile: &Profile) -> RequestLog {
    let slower = if series.status >= 500 { 4.0 } else { 1.0 };
    let duration_us = (random.log_normal(profile.median_ms * slower, profile.spread) * 1e3) as u64 + 80;
    let consumer =
        callers::draw(random, series.status >= 400).and_then(|at| callers::all().into_iter().nth(at));
    let request = Request { profile, status: series.status, duration_us };
    let (logs, spans) = (request.logs(), request.spans());
    RequestLog {
        id: Uuid::new_v4(),
        time_us: minute * 60_000_000 + (random.unit() * 59e6) as i64,
        method: profile.method.to_owned(),
        path: profile.path.to_owned(),
        url: url(random, profile.path),
        status: series.status,
        duration_us,
        consumer,
        client_address: Some(format!("203.0.113.{}", (random.unit() * 250.0) as u8)),
        trace_id: Some(format!("{:016x}{:016x}", bits(random), bits(random))),
        span_id: Some(format!("{:016x}", bits(random))),
        request_headers: pairs(&[
            ("accept", "application/json"),
            ("authorization", "******"),
            ("user-agent", "shop-client/4.2"),
            ("x-request-id", &format!("{:08x}", bits(random) as u32)),
        ]),
        request_body: request.body_in(),
        response_headers: pairs(&[("content-type", "application/json"), ("cache-control", "no-store")]),
        response_body: request.body_out(random),
        error: failures::error_of(profile.path, series.status),
        logs,
        spans,
        ..RequestLog::default()
    }
}

fn bits(random: &mut Random) -> u64 {
    (random.unit() * 2f64.powi(63)) as u64 | 1
}

/// A URL of a template: a number for each parameter.
fn url(random: &mut Random, template: &str) -> String {
    if template == sendry_sdk::protocol::UNMATCHED_PATH {
        return "/wp-login.php".to_owned();
    }
    let mut url = String::new();
    for part in template.split('/').skip(1) {
        url.push('/');
        match part.starts_with('{') {
            true => url.push_str(&format!("{}", (random.unit() * 9_000.0) as u32 + 1)),
            false => url.push_str(part),
        }
    }
    if template == "/v1/search" {
        url.push_str("?q=espresso%20cups&page_size=20&session_token=******");
    }
    url
}

/// What the parts of a log are told from.
struct Request<'a> {
    profile: &'a Profile,
    status: u16,
    duration_us: u64,
}

impl Request<'_> {
    /// A point of its time, in hundredths.
    fn at(&self, hundredths: u64) -> u64 {
        self.duration_us * hundredths / 100
    }

    fn body_in(&self) -> LoggedBody {
        let text = match self.profile.path {
            _ if !matches!(self.profile.method, "POST" | "PATCH") => return body(""),
            "/v1/sessions" => r#"{"email":"kim@example.com","password":"******"}"#,
            "/v1/payments" => {
                r#"{"order_id":4711,"amount_cents":8490,"card_number":"******","cvc":"******"}"#
            }
            "/v1/customers/me" => r#"{"phone":"12","address":{"street":"Lindenweg 4"}}"#,
            _ => r#"{"product_id":118,"quantity":2,"note":"as a gift, please"}"#,
        };
        body(text)
    }

    fn body_out(&self, random: &mut Random) -> LoggedBody {
        match self.status {
            204 | 304 => body(""),
            status @ 400.. => body(&format!(
                r#"{{"type":"about:blank","status":{status},"detail":"{}"}}"#,
                failures::detail_of(self.profile.path, status)
            )),
            _ if self.profile.response_bytes > 8_000.0 => LoggedBody {
                bytes: Some(random.log_normal(self.profile.response_bytes, 0.3) as u64),
                text: None,
                missing: Some("too_large".to_owned()),
            },
            _ => body(r#"{"id":4711,"state":"open","total_cents":8490}"#),
        }
    }

    fn spans(&self) -> Vec<Span> {
        let span = |id, parent, name: &str, from, to, fields: &[_]| Span {
            id,
            parent,
            name: name.to_owned(),
            target: "shop::db".to_owned(),
            offset_us: self.at(from),
            duration_us: Some(self.at(to) - self.at(from)),
            busy_us: Some((self.at(to) - self.at(from)) / 8),
            fields: pairs(fields),
            ..Span::default()
        };
        let sql = [("db.system", "postgresql"), ("db.operation", "SELECT")];
        let mut spans =
            vec![span(1, None, "authenticate", 3, 12, &[]), span(2, Some(1), "query", 5, 11, &sql)];
        spans.push(span(3, None, "load", 14, 60, &[]));
        spans.push(span(4, Some(3), "query", 16, 55, &sql));
        if self.profile.path == "/v1/payments" {
            let fields = [("peer.service", "payment gateway"), ("http.method", "POST")];
            let mut call = span(5, None, "charge", 61, 98, &fields);
            (call.target, call.failed) = ("shop::payments".to_owned(), self.status >= 500);
            spans.push(call);
        }
        spans
    }

    fn logs(&self) -> Vec<ApplicationLog> {
        let log = |at, level, message: &str, span, fields: &[_]| ApplicationLog {
            offset_us: self.at(at),
            level,
            target: "shop::api".to_owned(),
            message: message.to_owned(),
            span,
            fields: pairs(fields),
        };
        let mut logs = vec![
            log(4, LogLevel::Debug, "the session is valid", Some(1), &[("session_id", "******")]),
            log(57, LogLevel::Info, "loaded", Some(3), &[("rows", "12"), ("cache", "miss")]),
        ];
        let why = failures::detail_of(self.profile.path, self.status);
        match self.status {
            500.. => logs.push(log(97, LogLevel::Error, why, (self.status == 502).then_some(5), &[])),
            400.. => logs.push(log(70, LogLevel::Warn, why, None, &[("status", &self.status.to_string())])),
            _ => {}
        }
        logs
    }
}

fn body(text: &str) -> LoggedBody {
    let kept = (!text.is_empty()).then(|| text.to_owned());
    LoggedBody { bytes: Some(text.len() as u64), text: kept, missing: None }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::hour::Hour;
    use super::*;

    #[test]
    fn every_line_is_a_log_of_a_request_that_was_counted() {
        let minutes = Hour::new(0, 1_000).next_minutes(40);
        let batch = batch(&RequestLogBatchHead::default(), &mut Random::new(1), &minutes).unwrap();
        let logs = batch.split(|byte| *byte == b'\n').skip(1);
        let logs: Vec<RequestLog> = logs.map(|line| serde_json::from_slice(line).unwrap()).collect();
        assert!(logs.len() > 1_000, "{}", logs.len());
        for log in &logs {
            let minute = minutes.iter().find(|minute| minute.minute == log.time_us / 60_000_000).unwrap();
            let counted = minute
                .routes
                .iter()
                .any(|series| series.status == log.status && CALLED[series.route as usize].path == log.path);
            assert!(counted && !log.url.contains('{') && !log.spans.is_empty(), "{log:?}");
            assert!(
                log.logs.iter().all(|entry| entry.span.is_none_or(|span| span as usize <= log.spans.len()))
            );
        }
        assert!(logs.iter().any(|log| log.logs.iter().any(|entry| entry.level == LogLevel::Error)));
    }
}
