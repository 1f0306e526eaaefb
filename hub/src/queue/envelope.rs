//! The envelope: a message of an SDK as it waits in the queue, its bytes as they came.

use bytes::Bytes;
use uuid::Uuid;

use crate::clock::UnixMillis;

/// The public id of an app; all traffic is keyed by it.
pub type AppId = Uuid;

/// The version of the envelope's format. A worker gives back what is newer than it knows.
pub const ENVELOPE_VERSION: u16 = 1;

/// A message with what ingest knows about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// See [`ENVELOPE_VERSION`].
    pub version: u16,
    /// The line of running numbers that it is in; an ingest process has some, new at every start.
    pub ingest_id: Uuid,
    /// Its running number there, from 0 and without gaps: a number below another that never arrives is a message lost.
    pub ingest_sequence: u64,
    pub accepted_at: UnixMillis,
    pub app_id: AppId,
    pub kind: Kind,
    pub encoding: Encoding,
    /// The body as the SDK sent it.
    pub body: Bytes,
}

/// What kind of message an envelope holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Startup,
    Report,
    RequestLogs,
}

/// How an envelope's body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    Identity,
    Gzip,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Startup, Self::Report, Self::RequestLogs];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Startup => "startup",
            Self::Report => "report",
            Self::RequestLogs => "request_logs",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl Encoding {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Identity, Self::Gzip].into_iter().find(|encoding| encoding.as_str() == text)
    }
}
