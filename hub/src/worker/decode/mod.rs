//! From an envelope's bytes to what the store takes.
//!
//! A report is parsed in one go, typed, into vectors. Only when that fails is it parsed entry by entry ([`lenient`]), so that
//! a bad entry is dropped alone. Either way everything is checked ([`check`]): what leaves this module keeps the promises that
//! `AcceptedReport` makes. It knows no store and no clock: the answer follows from the envelope alone, so a second delivery
//! gives the same.

mod check;
mod lenient;
mod logs;
mod unpack;

use bytes::Bytes;
use sendry_sdk::protocol::{Consumer, Report, Startup, limits};

use self::check::Findings;
use self::unpack::unpack;
use super::directory::KnownConsumer;
use crate::queue::{DeadLetterReason, Envelope, Kind};
use crate::store::traffic::{AcceptedReport, AcceptedRequestLogs, AcceptedStartup, ConsumerKey, IngestMark};

/// Routes that one startup message may declare; the rest is left to be learned. An SDK names a few hundred.
const STARTUP_ROUTES_MAX: usize = 10_000;

/// What an envelope held.
#[derive(Debug)]
pub enum Message {
    Startup(AcceptedStartup),
    Report(Decoded<AcceptedReport>),
    RequestLogs(Decoded<AcceptedRequestLogs>),
}

/// A message that names consumers.
#[derive(Debug)]
pub struct Decoded<T> {
    pub accepted: T,
    /// Who stands behind the hashes in it.
    pub consumers: Vec<KnownConsumer>,
    /// Set when nothing of its traffic could be accepted: `accepted` holds the rest, and the envelope is a dead letter.
    pub refusal: Option<Refusal>,
}

/// Why an envelope cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub reason: DeadLetterReason,
    pub detail: String,
}

impl Refusal {
    fn malformed(detail: impl std::fmt::Display) -> Self {
        Self { reason: DeadLetterReason::Malformed, detail: detail.to_string() }
    }
}

impl Message {
    pub fn app_id(&self) -> crate::queue::AppId {
        match self {
            Self::Startup(startup) => startup.app_id,
            Self::Report(report) => report.accepted.app_id,
            Self::RequestLogs(logs) => logs.accepted.app_id,
        }
    }

    pub fn env(&self) -> &str {
        match self {
            Self::Startup(startup) => &startup.startup.env,
            Self::Report(report) => &report.accepted.report.env,
            Self::RequestLogs(logs) => &logs.accepted.head.env,
        }
    }

    /// Who stands behind the hashes in it.
    pub fn consumers(&self) -> &[KnownConsumer] {
        match self {
            Self::Startup(_) => &[],
            Self::Report(report) => &report.consumers,
            Self::RequestLogs(logs) => &logs.consumers,
        }
    }
}

/// Unpacks and decodes an envelope; tells how many bytes it unpacked to.
pub fn open(envelope: &Envelope, key: &ConsumerKey) -> Result<(usize, Message), Refusal> {
    let body = unpack(envelope)?;
    Ok((body.len(), decode(envelope, &body, key)?))
}

/// Decodes an envelope whose body was unpacked to `body`.
fn decode(envelope: &Envelope, body: &Bytes, key: &ConsumerKey) -> Result<Message, Refusal> {
    let message = match envelope.kind {
        Kind::Startup => Message::Startup(decode_startup(envelope, body)?),
        Kind::Report => Message::Report(decode_report(envelope, body, key)?),
        Kind::RequestLogs => Message::RequestLogs(logs::decode(envelope, body, key)?),
    };
    match limits::is_env_name(message.env()) {
        true => Ok(message),
        false => {
            Err(Refusal::malformed("the environment's name is not 1 to 32 characters of A-Z a-z 0-9 _ -"))
        }
    }
}

/// The number under which ingest accepted `envelope`.
pub fn mark(envelope: &Envelope) -> IngestMark {
    let Envelope { ingest_id, ingest_sequence, accepted_at, .. } = *envelope;
    IngestMark { ingest_id, sequence: ingest_sequence, accepted_at }
}

fn decode_report(
    envelope: &Envelope,
    body: &[u8],
    key: &ConsumerKey,
) -> Result<Decoded<AcceptedReport>, Refusal> {
    let mut findings = Findings::default();
    let mut report = match serde_json::from_slice::<Report>(body) {
        Ok(report) => report,
        Err(_) => lenient::report(body, &mut findings).map_err(Refusal::malformed)?,
    };
    check::report(&mut report, envelope.accepted_at, &mut findings);
    let consumers = known(envelope, &report.consumers, key);
    let refusal = findings.nothing_in_window(&report).then(|| Refusal {
        reason: DeadLetterReason::Clock,
        detail: format!("report {}: every minute is outside the accepted window", report.report_id),
    });
    let accepted = AcceptedReport {
        app_id: envelope.app_id,
        accepted_at: envelope.accepted_at,
        ingest: mark(envelope),
        consumer_hashes: consumers.iter().map(|consumer| consumer.hash).collect(),
        hub_losses: findings.losses(),
        report,
    };
    Ok(Decoded { accepted, consumers, refusal })
}

fn known(envelope: &Envelope, consumers: &[Consumer], key: &ConsumerKey) -> Vec<KnownConsumer> {
    let known = |consumer: &Consumer| KnownConsumer {
        hash: key.hash(envelope.app_id, &consumer.identifier),
        consumer: consumer.clone(),
    };
    consumers.iter().map(known).collect()
}

fn decode_startup(envelope: &Envelope, body: &[u8]) -> Result<AcceptedStartup, Refusal> {
    let mut startup: Startup = serde_json::from_slice(body).map_err(Refusal::malformed)?;
    startup.routes.truncate(STARTUP_ROUTES_MAX);
    check::startup(&mut startup);
    Ok(AcceptedStartup {
        app_id: envelope.app_id,
        accepted_at: envelope.accepted_at,
        ingest: mark(envelope),
        startup,
    })
}

#[cfg(test)]
mod tests;
