//! What a process says about itself: a document in the metadata that any version must be able to read, so every field has a default.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a process says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ProcessState {
    /// The queue as it sees it; none where it is not connected to it or gets no answer.
    pub queue: Option<QueueState>,
    /// Why the queue, which this process needs, gives no answer.
    pub queue_error: Option<String>,
    /// The worse of the breakers before the queues: `closed` (all is well), `open` or `half_open`; none where there is none.
    pub breaker: Option<String>,
    /// Its workers, by topic.
    pub workers: Vec<WorkerState>,
    /// Its other tasks that are not running, after a panic.
    pub tasks_down: Vec<String>,
    /// The disk under the embedded stores; none where nothing is embedded.
    pub disk: Option<DiskState>,
    /// The files of embedded stores.
    pub files: Vec<FileState>,
}

/// The queue's figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct QueueState {
    pub topics: Vec<TopicState>,
}

/// The figures of one topic.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TopicState {
    /// `reports` or `request_logs`.
    pub topic: String,
    /// Envelopes waiting or being stored.
    pub depth: u64,
    /// Age of the oldest of them; none when the queue is empty or cannot tell.
    pub oldest_age_ms: Option<i64>,
    pub consumers: u64,
    /// Dead letters that nobody replayed or dropped.
    pub dead_letters: u64,
}

/// What a worker did since its process started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct WorkerState {
    /// `reports` or `request_logs`.
    pub topic: String,
    /// Messages stored.
    pub stored: u64,
    /// Messages that were stored before.
    pub duplicates: u64,
    /// Messages that can never be stored, by reason; reasons that did not occur are left out.
    pub dead_letters: BTreeMap<String, u64>,
    /// How often it paused because a store was down.
    pub outages: u64,
    pub panics: u64,
    /// It waits for a store to come back.
    pub paused: bool,
    /// It is not running, after a panic.
    pub down: bool,
    /// From the acceptance of the message that was stored last to its storing.
    pub insert_lag_ms: Option<i64>,
}

/// Room on a disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct DiskState {
    pub path: String,
    /// What the hub's user may still write.
    pub free_bytes: u64,
    pub total_bytes: u64,
}

/// The size of an embedded store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct FileState {
    /// `queue`, `traffic` or `metadata`.
    pub store: String,
    /// With the write-ahead log.
    pub bytes: u64,
}
