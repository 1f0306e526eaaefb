//! Request logs: a line each, so that a bad one goes alone.

mod detail;

use sendry_sdk::protocol::limits::{BACKTRACE_BYTES_MAX, MESSAGE_CHARS_MAX, PATH_BYTES_MAX, TEXT_BYTES_MAX};
use sendry_sdk::protocol::{Consumer, LoggedError, RequestLog, RequestLogBatchHead};

use super::check::{Findings, Window, cut_consumer};
use super::{Decoded, Refusal, known, mark};
use crate::queue::{DeadLetterReason, Envelope};
use crate::store::traffic::{AcceptedRequestLogs, ConsumerKey};

/// Bytes of a line. The largest legitimate one has two bodies of 50,000 bytes, of which masking and escapes make several times
/// that, and 32 KiB of headers.
const LINE_BYTES_MAX: usize = 1024 * 1024;

/// Bytes of a URL: what an SDK keeps at the most, with room for what masking adds.
const URL_BYTES_MAX: usize = 8 * 1024;

/// The longest request that is believed. A longer one is no measurement, and its beginning would say that its consumer was seen
/// long before there was a hub.
const DURATION_US_MAX: u64 = 24 * 3_600 * 1_000_000;

/// Digits of a trace's id (W3C Trace Context).
const TRACE_ID_CHARS: usize = 32;

pub(super) fn decode(
    envelope: &Envelope,
    body: &[u8],
    key: &ConsumerKey,
) -> Result<Decoded<AcceptedRequestLogs>, Refusal> {
    let mut lines = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let head = lines.next().ok_or_else(|| Refusal::malformed("it is empty"))?;
    let head: RequestLogBatchHead = serde_json::from_slice(head).map_err(Refusal::malformed)?;
    let mut findings = Findings::default();
    let mut logs: Vec<RequestLog> = lines.filter_map(|line| parse(line, &mut findings)).collect();
    let window = Window::around(envelope.accepted_at);
    findings.keep_in_window(&mut logs, |log| window.holds(minute_of_end(log)));
    logs.iter_mut().for_each(|log| cut(log, &mut findings));
    let refusal = (findings.is_out_of_window() && logs.is_empty()).then(|| Refusal {
        reason: DeadLetterReason::Clock,
        detail: format!("batch {}: every request is outside the accepted window", head.batch_id),
    });

    let consumers: Vec<Consumer> = logs.iter().filter_map(|log| log.consumer.clone()).collect();
    let hash = |log: &RequestLog| {
        log.consumer.as_ref().map(|consumer| key.hash(envelope.app_id, &consumer.identifier))
    };
    let accepted = AcceptedRequestLogs {
        app_id: envelope.app_id,
        accepted_at: envelope.accepted_at,
        ingest: mark(envelope),
        head,
        consumer_hashes: logs.iter().map(hash).collect(),
        hub_losses: findings.losses_of("request logs"),
        logs,
    };
    Ok(Decoded { accepted, consumers: known(envelope, &consumers, key), refusal })
}

fn parse(line: &[u8], findings: &mut Findings) -> Option<RequestLog> {
    let log = if line.len() <= LINE_BYTES_MAX { serde_json::from_slice(line).ok() } else { None };
    let log = log.filter(|log: &RequestLog| {
        (100..=999).contains(&log.status)
            && !log.method.is_empty()
            && !log.path.is_empty()
            && log.duration_us <= DURATION_US_MAX
    });
    if log.is_none() {
        findings.reject(1);
    }
    log
}

/// The minute in which it was logged: the request ended then.
fn minute_of_end(log: &RequestLog) -> i64 {
    let duration = i64::try_from(log.duration_us).unwrap_or(i64::MAX);
    log.time_us.saturating_add(duration).div_euclid(60_000_000)
}

fn cut(log: &mut RequestLog, findings: &mut Findings) {
    findings.cut(&mut log.method, TEXT_BYTES_MAX);
    findings.cut(&mut log.path, PATH_BYTES_MAX);
    findings.cut(&mut log.url, URL_BYTES_MAX);
    findings.cut_some(&mut log.client_address, TEXT_BYTES_MAX);
    findings.cut_some(&mut log.span_id, TEXT_BYTES_MAX);
    // A consumer without a name is nobody.
    log.consumer = log.consumer.take().filter(|consumer| !consumer.identifier.is_empty());
    log.consumer.iter_mut().for_each(|consumer| cut_consumer(consumer, findings));
    log.error.iter_mut().for_each(|error| cut_error(error, findings));
    detail::request_log(log, findings);
    log.trace_id = log.trace_id.take().filter(|id| is_trace_id(id)).map(|id| id.to_ascii_lowercase());
}

fn cut_error(error: &mut LoggedError, findings: &mut Findings) {
    findings.cut(&mut error.kind, PATH_BYTES_MAX);
    findings.cut_chars(&mut error.message, MESSAGE_CHARS_MAX);
    findings.cut_some(&mut error.location, PATH_BYTES_MAX);
    findings.cut_some(&mut error.backtrace, BACKTRACE_BYTES_MAX);
}

fn is_trace_id(id: &str) -> bool {
    id.len() == TRACE_ID_CHARS && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests;
