//! Envelopes as rows of the queue's tables.

use bytes::Bytes;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row, Sqlite};
use uuid::Uuid;

use crate::queue::{DeadLetter, DeadLetterReason, Encoding, Envelope, Kind, QueueError, Topic};

/// The columns that [`envelope`] reads, in its order.
pub(super) const COLUMNS: &str =
    "accepted_at, version, ingest_id, ingest_sequence, app_id, kind, encoding, body";

pub(super) type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// The number of a topic in the tables.
pub(super) fn topic_id(topic: Topic) -> i64 {
    match topic {
        Topic::Reports => 0,
        Topic::RequestLogs => 1,
    }
}

fn topic(id: i64) -> Result<Topic, QueueError> {
    [Topic::Reports, Topic::RequestLogs]
        .into_iter()
        .find(|topic| topic_id(*topic) == id)
        .ok_or_else(|| QueueError::Corrupt(format!("topic {id}")))
}

/// Binds the values of [`COLUMNS`].
pub(super) fn bind_envelope<'q>(query: Query<'q>, envelope: &'q Envelope) -> Query<'q> {
    query
        .bind(envelope.accepted_at)
        .bind(i64::from(envelope.version))
        .bind(envelope.ingest_id.as_bytes().as_slice())
        .bind(envelope.ingest_sequence.cast_signed())
        .bind(envelope.app_id.as_bytes().as_slice())
        .bind(envelope.kind.as_str())
        .bind(envelope.encoding.as_str())
        .bind(envelope.body.as_ref())
}

/// Reads [`COLUMNS`], of which the first stands at `at`.
pub(super) fn envelope(row: &SqliteRow, at: usize) -> Result<Envelope, QueueError> {
    let (version, kind, encoding): (i64, String, String) =
        (row.try_get(at + 1)?, row.try_get(at + 5)?, row.try_get(at + 6)?);
    let unknown = |what: &str, value: &str| QueueError::Corrupt(format!("an envelope's {what} is {value:?}"));
    Ok(Envelope {
        accepted_at: row.try_get(at)?,
        version: u16::try_from(version).map_err(|_| unknown("version", &version.to_string()))?,
        ingest_id: uuid(row, at + 2)?,
        ingest_sequence: row.try_get::<i64, _>(at + 3)?.cast_unsigned(),
        app_id: uuid(row, at + 4)?,
        kind: Kind::parse(&kind).ok_or_else(|| unknown("kind", &kind))?,
        encoding: Encoding::parse(&encoding).ok_or_else(|| unknown("encoding", &encoding))?,
        body: Bytes::from(row.try_get::<Vec<u8>, _>(at + 7)?),
    })
}

/// Reads `dead_id, topic, reason, detail, died_at` and then [`COLUMNS`].
pub(super) fn dead_letter(row: &SqliteRow) -> Result<DeadLetter, QueueError> {
    let reason: String = row.try_get(2)?;
    Ok(DeadLetter {
        id: uuid(row, 0)?,
        topic: topic(row.try_get(1)?)?,
        reason: DeadLetterReason::parse(&reason)
            .ok_or_else(|| QueueError::Corrupt(format!("reason {reason:?}")))?,
        detail: row.try_get(3)?,
        died_at: row.try_get(4)?,
        envelope: envelope(row, 5)?,
    })
}

fn uuid(row: &SqliteRow, at: usize) -> Result<Uuid, QueueError> {
    let bytes: &[u8] = row.try_get(at)?;
    Uuid::from_slice(bytes).map_err(|error| QueueError::Corrupt(error.to_string()))
}
