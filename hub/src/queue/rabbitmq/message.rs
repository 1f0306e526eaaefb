//! Envelopes as messages: the body as it is, the rest in properties and headers.
//!
//! Reading takes what is there and never fails. A message of somebody else, or one without a header, becomes an envelope
//! that no app owns, which the worker makes a dead letter where people can look at it; one of a newer version keeps at
//! least that version, by which it is given back as it is.

use bytes::Bytes;
use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable, LongString};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::clock::UnixMillis;
use crate::queue::{DeadLetterReason, Encoding, Envelope, Kind, Topic};

const VERSION: &str = "sendry-version";
const INGEST_ID: &str = "sendry-ingest-id";
const SEQUENCE: &str = "sendry-ingest-sequence";
const ACCEPTED_AT: &str = "sendry-accepted-at-ms";
const APP_ID: &str = "sendry-app-id";
const KIND: &str = "sendry-kind";
const ATTEMPTS: &str = "sendry-attempts";
const REASON: &str = "sendry-dead-reason";
const DETAIL: &str = "sendry-dead-detail";
const DIED_AT: &str = "sendry-died-at-ms";

/// What the broker writes when it makes a dead letter by itself.
const BROKERS_REASON: &str = "x-first-death-reason";

/// Bytes of a reason's detail in a header; a frame holds all headers in 128 KiB.
const DETAIL_BYTES_MAX: usize = 4_096;

/// `delivery_mode` of a message that a classic queue writes to its disk.
const PERSISTENT: u8 = 2;

/// An envelope in a queue.
#[derive(Debug, Clone)]
pub(super) struct Message {
    /// The same wherever it goes and however often it is copied; a dead letter's id. Those of one process rise with time.
    pub(super) id: Uuid,
    pub(super) attempts: u32,
    pub(super) envelope: Envelope,
    pub(super) death: Option<Death>,
}

/// Why and when it became a dead letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Death {
    pub(super) reason: DeadLetterReason,
    pub(super) detail: String,
    pub(super) died_at: UnixMillis,
}

impl Message {
    pub(super) fn new(envelope: Envelope) -> Self {
        Self { id: Uuid::now_v7(), attempts: 0, envelope, death: None }
    }

    /// Takes a delivery's body out of it.
    pub(super) fn read(topic: Topic, delivery: &mut Delivery) -> Self {
        let body = Bytes::from(std::mem::take(&mut delivery.data));
        let properties = &delivery.properties;
        let headers = Headers(properties.headers().as_ref());
        let id = properties.message_id().as_ref().and_then(|id| id.as_str().parse().ok());
        let is_gzip = properties.content_encoding().as_ref().is_some_and(|name| name.as_str() == "gzip");
        Self {
            id: id.unwrap_or_else(|| id_of_body(&body)),
            attempts: headers.number(ATTEMPTS).and_then(|attempts| attempts.try_into().ok()).unwrap_or(0),
            death: headers.death(),
            envelope: Envelope {
                version: headers.number(VERSION).and_then(|version| version.try_into().ok()).unwrap_or(0),
                ingest_id: headers.uuid(INGEST_ID),
                ingest_sequence: headers.number(SEQUENCE).unwrap_or(0).cast_unsigned(),
                accepted_at: headers.number(ACCEPTED_AT).unwrap_or(0),
                app_id: headers.uuid(APP_ID),
                kind: headers.text(KIND).and_then(|kind| Kind::parse(&kind)).unwrap_or(kind_of(topic)),
                encoding: if is_gzip { Encoding::Gzip } else { Encoding::Identity },
                body,
            },
        }
    }

    pub(super) fn properties(&self) -> BasicProperties {
        let envelope = &self.envelope;
        let mut headers = FieldTable::default();
        let mut set = |name: &str, value: AMQPValue| _ = headers.insert(name.into(), value);
        set(VERSION, AMQPValue::LongLongInt(envelope.version.into()));
        set(INGEST_ID, text(&envelope.ingest_id.to_string()));
        set(SEQUENCE, AMQPValue::LongLongInt(envelope.ingest_sequence.cast_signed()));
        set(ACCEPTED_AT, AMQPValue::LongLongInt(envelope.accepted_at));
        set(APP_ID, text(&envelope.app_id.to_string()));
        set(KIND, text(envelope.kind.as_str()));
        set(ATTEMPTS, AMQPValue::LongLongInt(self.attempts.into()));
        if let Some(death) = &self.death {
            set(REASON, text(death.reason.as_str()));
            set(DETAIL, text(cut(&death.detail, DETAIL_BYTES_MAX)));
            set(DIED_AT, AMQPValue::LongLongInt(death.died_at));
        }
        let properties = BasicProperties::default()
            // Quorum queues keep every message on disk; a classic queue needs to be told.
            .with_delivery_mode(PERSISTENT)
            .with_message_id(self.id.to_string().into())
            // Whole seconds: for people who look with the broker's tools.
            .with_timestamp(envelope.accepted_at.div_euclid(1_000).max(0).cast_unsigned())
            .with_headers(headers);
        match envelope.encoding {
            Encoding::Gzip => properties.with_content_encoding("gzip".into()),
            Encoding::Identity => properties,
        }
    }
}

/// A table that may not be there.
struct Headers<'a>(Option<&'a FieldTable>);

impl Headers<'_> {
    fn get(&self, name: &str) -> Option<&AMQPValue> {
        self.0?.inner().get(name)
    }

    fn number(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            AMQPValue::LongLongInt(number) => Some(*number),
            _ => None,
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        match self.get(name)? {
            AMQPValue::LongString(text) => Some(text.to_string()),
            _ => None,
        }
    }

    fn uuid(&self, name: &str) -> Uuid {
        self.text(name).and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    fn death(&self) -> Option<Death> {
        let died_at = self.number(DIED_AT).unwrap_or(0);
        if let Some(reason) = self.text(REASON) {
            let detail = self.text(DETAIL).unwrap_or_default();
            let known = DeadLetterReason::parse(&reason);
            let detail = if known.is_some() { detail } else { format!("{reason}: {detail}") };
            return Some(Death { reason: known.unwrap_or(DeadLetterReason::Failed), detail, died_at });
        }
        let brokers = self.text(BROKERS_REASON)?;
        let detail = format!("the broker took it out of its queue: {brokers}");
        Some(Death { reason: DeadLetterReason::Failed, detail, died_at })
    }
}

fn kind_of(topic: Topic) -> Kind {
    match topic {
        Topic::Reports => Kind::Report,
        Topic::RequestLogs => Kind::RequestLogs,
    }
}

/// An id for a message that came without one: the same for the same bytes.
fn id_of_body(body: &[u8]) -> Uuid {
    let mut id = [0; 16];
    id.copy_from_slice(&Sha256::digest(body)[..16]);
    uuid::Builder::from_custom_bytes(id).into_uuid()
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(LongString::from(value))
}

fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(properties: BasicProperties, body: &[u8]) -> Message {
        let mut delivery = Delivery::mock(1, "x".into(), "reports".into(), false, body.to_vec());
        delivery.properties = properties;
        Message::read(Topic::Reports, &mut delivery)
    }

    fn envelope() -> Envelope {
        Envelope {
            version: 1,
            ingest_id: Uuid::from_u128(3),
            ingest_sequence: u64::MAX,
            accepted_at: 1_700_000_000_123,
            app_id: Uuid::from_u128(4),
            kind: Kind::Startup,
            encoding: Encoding::Gzip,
            body: Bytes::from_static(b"body"),
        }
    }

    #[test]
    fn a_message_is_read_as_it_was_written() {
        let death = Death { reason: DeadLetterReason::Clock, detail: "minute 3".into(), died_at: 7 };
        let message = Message { attempts: 2, death: Some(death.clone()), ..Message::new(envelope()) };
        let again = read(message.properties(), b"body");
        assert_eq!((again.id, again.attempts, again.envelope), (message.id, 2, envelope()));
        assert_eq!(again.death, Some(death));
    }

    #[test]
    fn a_message_of_somebody_else_is_an_envelope_that_no_app_owns() {
        let foreign = read(BasicProperties::default(), b"hello");
        assert_eq!((foreign.envelope.version, foreign.envelope.app_id), (0, Uuid::nil()));
        assert_eq!(foreign.envelope.body, "hello");
        assert_eq!(foreign.id, read(BasicProperties::default(), b"hello").id);
        assert_ne!(foreign.id, read(BasicProperties::default(), b"hullo").id);
    }

    #[test]
    fn a_long_detail_is_cut_between_characters() {
        let death = |detail: String| Death { reason: DeadLetterReason::Failed, detail, died_at: 0 };
        let message = Message { death: Some(death("é".repeat(9_000))), ..Message::new(envelope()) };
        let again = read(message.properties(), b"").death.unwrap();
        assert_eq!(again.detail, "é".repeat(DETAIL_BYTES_MAX / 2));
    }
}
