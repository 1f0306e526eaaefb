//! What the hub answers.

use serde::{Deserialize, Serialize};

/// The body of a 202: what was sent is durable, and what the SDK shall do next.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Accepted {
    /// The hub's clock, in seconds of Unix time with a fraction.
    pub server_time: f64,
    /// How long to wait until the next report; kept within 5 to 300.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync_interval_secs: Option<u64>,
    /// Until when no request logs shall be sent, in seconds of Unix time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_logs_paused_until: Option<i64>,
}

/// An error as `application/problem+json` (RFC 9457).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// The kind of problem: the fragment of a page of the documentation.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong here and what to do about it.
    pub detail: String,
}
