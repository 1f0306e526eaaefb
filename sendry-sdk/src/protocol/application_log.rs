//! What an application said while it served one request: its log events and its spans. Both are parts of a
//! [`RequestLog`](super::RequestLog) and bounded by [`limits`](super::limits).

use serde::{Deserialize, Serialize};

/// A name and a value, masked where the name is a secret's.
pub type LogField = (String, String);

/// One event that the application logged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationLog {
    /// When, in microseconds since the request arrived.
    pub offset_us: u64,
    /// How grave it is.
    #[serde(default)]
    pub level: LogLevel,
    /// The part of the program that speaks, in Rust the module's path.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// What it says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The [`Span::id`] of the innermost span around it that is in the same log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<u32>,
    /// What else it says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<LogField>,
}

/// How grave an event is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", from = "String")]
#[non_exhaustive]
pub enum LogLevel {
    /// What is followed step by step.
    Trace,
    /// What a developer looks for.
    Debug,
    /// What an operator reads; also any level that this version does not know.
    #[default]
    Info,
    /// What went wrong and was mended.
    Warn,
    /// What went wrong.
    Error,
}

impl From<String> for LogLevel {
    fn from(word: String) -> Self {
        match word.as_str() {
            "trace" => Self::Trace,
            "debug" => Self::Debug,
            "warn" => Self::Warn,
            "error" => Self::Error,
            _ => Self::Info,
        }
    }
}

/// A span of time that the application named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Names it within the request, from 1 in the order of their beginnings.
    pub id: u32,
    /// The span around it; none for what stands directly under the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    /// Its name.
    pub name: String,
    /// The part of the program that it belongs to, in Rust the module's path.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// When it began, in microseconds since the request arrived.
    pub offset_us: u64,
    /// How long it lasted in microseconds; none for one that had not ended when the request had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_us: Option<u64>,
    /// How much of that something ran in it, in microseconds: the rest it waited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busy_us: Option<u64>,
    /// Whether it failed: an error was logged in it, or it says so by `otel.status_code`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
    /// What it says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<LogField>,
}
