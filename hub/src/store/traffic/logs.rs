//! Request logs: what is searched for, and what is found. The same for every backend.

use async_trait::async_trait;
use sendry_sdk::protocol::RequestLog;
use serde_json::Value;
use uuid::Uuid;

use super::{ConsumerHash, Filter, RouteKey, Scope, Steps};
use crate::clock::UnixSecs;
use crate::queue::AppId;
use crate::store::StoreError;

/// How much one question looks at, about: it bounds the time of a question that finds little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogBudget {
    /// Logs, the newest first.
    pub logs: u64,
    /// Bytes of the logs in which a text is looked for.
    pub text_bytes: u64,
}

impl Default for LogBudget {
    /// Some tenths of a second each, from memory: a slim row is passed in less than a microsecond, a gigabyte of text in less
    /// than a second.
    fn default() -> Self {
        Self { logs: 500_000, text_bytes: 256 * 1024 * 1024 }
    }
}

/// Answers questions about request logs.
///
/// A question looks at about as much as its [`LogBudget`] allows, and says how far it came.
#[async_trait]
pub trait RequestLogReader: Send + Sync {
    /// The logs that `search` covers, the newest first; among those of one microsecond, the highest id.
    async fn request_logs(
        &self,
        scope: &Scope,
        search: &LogSearch,
        page: &LogPage,
    ) -> Result<FoundLogs, StoreError>;
    /// The log of this id, in whichever environment.
    async fn request_log(&self, app_id: AppId, id: Uuid) -> Result<Option<StoredLog>, StoreError>;
    /// How many logs each step has, by status; steps without logs are left out. The steps span the time of `search`.
    async fn request_log_steps(
        &self,
        scope: &Scope,
        search: &LogSearch,
        steps: &Steps,
    ) -> Result<CountedLogs<LogStep>, StoreError>;
    /// How many logs there are of each route, status and consumer.
    async fn request_log_groups(
        &self,
        scope: &Scope,
        search: &LogSearch,
    ) -> Result<CountedLogs<LogGroup>, StoreError>;
}

/// How long nothing may have been written of what is erased for good: as long as SDKs keep what they could not send, and a little
/// more. By then writers have forgotten it, and nothing of it is under way.
pub const SETTLED_AFTER_SECS: i64 = 3_900;

/// Forgets people, environments and apps. Query does the first two at once, when an admin asks for it: it is the one thing that
/// query writes.
#[async_trait]
pub trait TrafficEraser: Send + Sync {
    /// Deletes the consumer's request logs in all environments; how many there were. Counts stay: they name nobody.
    async fn erase_request_logs(&self, app_id: AppId, consumer: ConsumerHash) -> Result<u64, StoreError>;
    /// Deletes everything that is stored of an environment. Nothing of it may have been written for [`SETTLED_AFTER_SECS`]: what
    /// writers remember of it is forgotten by then.
    async fn erase_environment(&self, scope: &Scope) -> Result<(), StoreError>;
    /// Deletes everything that is stored of an app. What is written meanwhile may stay.
    async fn erase_app(&self, app_id: AppId) -> Result<(), StoreError>;
}

/// What to look for; a log must fit everything that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogSearch {
    /// When the request arrived: the first moment, included, and the last, excluded.
    pub from: UnixSecs,
    pub to: UnixSecs,
    pub filter: Filter,
    /// How long it took at the least and at the most.
    pub duration_us_min: Option<u64>,
    pub duration_us_max: Option<u64>,
    pub trace_id: Option<String>,
    /// Stands in some text of the log, whatever the case of ASCII letters: see [`holds_text`].
    pub text: Option<String>,
    pub budget: LogBudget,
}

/// Which part of what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogPage {
    /// The page begins after this one.
    pub after: Option<LogPosition>,
    pub limit: usize,
}

/// A place in the order of request logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogPosition {
    pub time_us: i64,
    pub id: Uuid,
}

/// A page of logs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FoundLogs {
    pub logs: Vec<StoredLog>,
    /// Where to go on; none when there is nothing more.
    pub next: Option<LogPosition>,
    /// Whether the page ends because enough was looked at, not because it is full.
    pub stopped: bool,
    /// How many logs were looked at.
    pub searched: u64,
}

/// A request log. Its consumer is a hash; who it is stands in the metadata.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredLog {
    pub env: String,
    pub consumer: Option<ConsumerHash>,
    pub log: RequestLog,
}

impl StoredLog {
    /// Where it stands.
    pub fn position(&self) -> LogPosition {
        LogPosition { time_us: self.log.time_us, id: self.log.id }
    }
}

/// Counts of logs, and how far back they go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedLogs<T> {
    pub counts: Vec<T>,
    /// Nothing before this was looked at, because enough was; none when everything was.
    pub stopped_at_us: Option<i64>,
}

/// The logs of one status in one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogStep {
    pub start: UnixSecs,
    pub status: u16,
    pub count: u64,
}

/// The logs of one route, status and consumer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogGroup {
    pub route: RouteKey,
    pub status: u16,
    pub consumer: Option<ConsumerHash>,
    pub count: u64,
}

/// Whether `text` stands in some text of the log `json`: its URL, headers, bodies, messages, ids; not in the names of fields. ASCII
/// letters are equal in either case. A backend may look for [`json_needle`] first: where that is not, this is false.
pub fn holds_text(json: &str, text: &str) -> bool {
    let needle = text.to_ascii_lowercase();
    serde_json::from_str::<Value>(json).is_ok_and(|log| value_holds(&log, &needle))
}

fn value_holds(value: &Value, needle: &str) -> bool {
    match value {
        Value::String(text) => text.to_ascii_lowercase().contains(needle),
        Value::Array(values) => values.iter().any(|value| value_holds(value, needle)),
        Value::Object(fields) => fields.values().any(|value| value_holds(value, needle)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// `text` as it stands within a string of JSON.
pub fn json_needle(text: &str) -> String {
    let quoted = Value::String(text.to_owned()).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_looked_for_in_values_and_not_in_names() {
        let log = r#"{"url":"/Orders?q=ab","status":200,"request_headers":[["X-Key","say \"Hi\"\n"]],"span":{"name":"ÄB"}}"#;
        for (text, found) in [
            ("/orders", true),
            ("ORDERS?", true),
            ("x-key", true),
            ("\"hi\"\n", true),
            ("Äb", true),
            ("äb", false),
            ("url", false),
            ("200", false),
            ("request_headers", false),
            ("Hi\\", false),
        ] {
            assert_eq!(holds_text(log, text), found, "{text}");
            let needle = json_needle(text).to_ascii_lowercase();
            assert!(!found || log.to_ascii_lowercase().contains(&needle), "{text}");
        }
        assert!(!holds_text("no json", "no"));
    }
}
