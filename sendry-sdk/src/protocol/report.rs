//! The report: what one process saw since its last one.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Buckets;

/// What one instance counted since its last report. An empty report is the heartbeat.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of the protocol; see [`super::VERSION`].
    #[serde(rename = "v")]
    pub version: u16,
    /// Names this report for ever: constant over retries, and what makes storing it idempotent.
    pub report_id: Uuid,
    /// Names the process; new at every start.
    pub instance_id: Uuid,
    /// The running number of this report within its instance, from 0. A gap is a report that was lost.
    pub sequence: u64,
    /// The environment, of `[A-Za-z0-9_-]{1,32}`.
    pub env: String,
    /// The version of the application, where it was configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
    /// When the report was frozen, in milliseconds of Unix time by the corrected clock.
    pub created_at_ms: i64,
    /// How far the corrected clock was ahead of the machine's, in milliseconds.
    #[serde(default)]
    pub clock_offset_ms: i64,
    /// Whether the process is ending and this is its last report.
    #[serde(default, rename = "final")]
    pub is_final: bool,
    /// The routes that this report speaks of; entries refer to them by index.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
    /// The consumers that this report speaks of; entries refer to them by index.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consumers: Vec<Consumer>,
    /// The traffic, minute by minute.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub minutes: Vec<Minute>,
    /// Validation errors, grouped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validation_errors: Vec<ValidationError>,
    /// Server errors and panics, grouped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub server_errors: Vec<ServerError>,
    /// Samples of the process's resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Resources>,
    /// Everything that was dropped, folded, cut or expired since the last report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<Loss>,
}

/// The part of a [`Report`] that the hub reads before it accepts one. The rest is checked to be JSON and forwarded.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ReportHead {
    /// See [`Report::version`].
    #[serde(rename = "v")]
    pub version: u16,
    /// See [`Report::report_id`].
    pub report_id: Uuid,
    /// See [`Report::instance_id`].
    pub instance_id: Uuid,
    /// See [`Report::sequence`].
    pub sequence: u64,
    /// See [`Report::env`].
    pub env: String,
}

/// A method and a path template: what a request is counted under.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Route {
    /// The method in upper case, or [`super::OTHER_METHOD`].
    pub method: String,
    /// The template as the framework writes it, [`super::UNMATCHED_PATH`] or [`super::FOLDED_PATH`].
    pub path: String,
}

/// Who called, as far as the application says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Consumer {
    /// The application's own name for the caller; the hub stores a keyed hash of it with the traffic.
    pub identifier: String,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The group that the caller belongs to: a plan, a tenant, a region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// The traffic of one minute: that in which the requests ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Minute {
    /// Unix time divided by 60.
    pub minute: i64,
    /// Exact counts per route and status; all totals come from here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<RouteSeries>,
    /// The same requests by consumer, where the application names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consumers: Vec<ConsumerSeries>,
}

/// What one route answered with one status in one minute.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RouteSeries {
    /// Index into [`Report::routes`].
    #[serde(rename = "r")]
    pub route: u32,
    /// The response's status; 499 and 500 stand for an abort and a panic without one.
    #[serde(rename = "s")]
    pub status: u16,
    /// How many requests ended.
    #[serde(rename = "n")]
    pub count: u64,
    /// How many of them did not end as they should.
    #[serde(default, rename = "o", skip_serializing_if = "Outcomes::is_complete")]
    pub outcomes: Outcomes,
    /// From the arrival of the request to the end of the response's body.
    #[serde(default, rename = "d", skip_serializing_if = "Durations::is_empty")]
    pub durations: Durations,
    /// From the arrival of the request to the response's head; absent where it equals the histogram of `durations`.
    #[serde(default, rename = "h", skip_serializing_if = "Option::is_none")]
    pub headers: Option<Buckets>,
    /// Sizes of request bodies.
    #[serde(default, rename = "i", skip_serializing_if = "Sizes::is_empty")]
    pub request: Sizes,
    /// Sizes of response bodies.
    #[serde(default, rename = "b", skip_serializing_if = "Sizes::is_empty")]
    pub response: Sizes,
}

impl RouteSeries {
    /// The histogram of the time to headers, whether written out or equal to that of the durations.
    pub fn header_buckets(&self) -> &Buckets {
        self.headers.as_ref().unwrap_or(&self.durations.buckets)
    }
}

/// What one consumer got from one route with one status in one minute.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ConsumerSeries {
    /// Index into [`Report::consumers`].
    #[serde(rename = "c")]
    pub consumer: u32,
    /// Index into [`Report::routes`].
    #[serde(rename = "r")]
    pub route: u32,
    /// The response's status.
    #[serde(rename = "s")]
    pub status: u16,
    /// How many requests ended.
    #[serde(rename = "n")]
    pub count: u64,
    /// Durations at [`super::Scale::SIZE`], the coarser scale.
    #[serde(default, rename = "d", skip_serializing_if = "Durations::is_empty")]
    pub durations: Durations,
    /// The sum of the known sizes of request bodies, in bytes.
    #[serde(default, rename = "i", skip_serializing_if = "is_zero")]
    pub request_bytes: u64,
    /// The sum of the known sizes of response bodies, in bytes.
    #[serde(default, rename = "b", skip_serializing_if = "is_zero")]
    pub response_bytes: u64,
}

/// How many requests of a series ended otherwise than complete.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    /// The client went away before the end of the body.
    #[serde(default, rename = "a", skip_serializing_if = "is_zero")]
    pub aborted: u64,
    /// The body ended with an error.
    #[serde(default, rename = "e", skip_serializing_if = "is_zero")]
    pub body_error: u64,
    /// The handler or the body panicked.
    #[serde(default, rename = "p", skip_serializing_if = "is_zero")]
    pub panic: u64,
}

impl Outcomes {
    /// Tells whether every request ended complete.
    pub fn is_complete(&self) -> bool {
        *self == Self::default()
    }
}

/// Sum, maximum and histogram of durations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Durations {
    /// The sum in microseconds.
    #[serde(rename = "s")]
    pub sum_us: u64,
    /// The longest in microseconds.
    #[serde(rename = "m")]
    pub max_us: u64,
    /// The histogram in seconds. Its count may be below that of the series: upgrades and event streams have no duration.
    #[serde(rename = "k")]
    pub buckets: Buckets,
}

impl Durations {
    /// Tells whether no duration was recorded.
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }
}

/// Sum and histogram of the sizes that were known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sizes {
    /// The sum in bytes.
    #[serde(rename = "s")]
    pub sum: u64,
    /// The histogram in bytes at [`super::Scale::SIZE`]; its count is how many sizes were known.
    #[serde(rename = "k")]
    pub buckets: Buckets,
}

impl Sizes {
    /// Tells whether no size was known.
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }
}

/// A group of failed validations of one field. It never holds the value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ValidationError {
    /// The minute, as in [`Minute::minute`].
    pub minute: i64,
    /// Index into [`Report::routes`].
    pub route: u32,
    /// The status that was answered: 400, 422, or another 4xx where the application or framework says which field it was.
    pub status: u16,
    /// Index into [`Report::consumers`], where the caller was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer: Option<u32>,
    /// Where the field stands: `body`, `query`, `path`, `header`, `form`.
    pub location: String,
    /// The path of the field, with `*` for the indexes of arrays.
    pub field: String,
    /// What is wrong, without the value.
    pub message: String,
    /// The rule that failed, where it has a name.
    #[serde(default)]
    pub code: String,
    /// How often.
    pub count: u64,
}

/// A group of 5xx responses or panics of one cause.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ServerError {
    /// The minute, as in [`Minute::minute`].
    pub minute: i64,
    /// Index into [`Report::routes`].
    pub route: u32,
    /// The status that was answered.
    pub status: u16,
    /// Index into [`Report::consumers`], where the caller was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer: Option<u32>,
    /// The type of the error, or `panic`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its message, at most [`super::limits::MESSAGE_CHARS_MAX`] characters.
    pub message: String,
    /// Source location of a panic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Backtrace, at most [`super::limits::BACKTRACE_BYTES_MAX`] bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backtrace: Option<String>,
    /// How often.
    pub count: u64,
}

/// The process's resources over one minute.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Resources {
    /// The minute, as in [`Minute::minute`].
    pub minute: i64,
    /// Mean CPU time per wall time; 1.0 is one core.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<f64>,
    /// Resident memory in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rss_bytes: Option<u64>,
    /// Share of the tokio workers' time that was busy, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_busy: Option<f64>,
    /// Tasks waiting in the runtime's queues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_queue_depth: Option<u64>,
    /// Threads of the runtime's blocking pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_blocking_threads: Option<u64>,
}

/// Something that was not reported as it happened, and how much of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// What happened to it.
    pub reason: LossReason,
    /// How many requests, rows or reports, as [`LossReason`] says.
    pub count: u64,
    /// More for the operator: a route, a file, an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Why something was not reported as it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LossReason {
    /// Requests whose route was folded into [`super::FOLDED_PATH`] because a minute held too many series.
    RoutesFolded,
    /// Requests whose consumer was folded into [`super::FOLDED_CONSUMER`].
    ConsumersFolded,
    /// Groups of validation errors beyond the limit of a report.
    ValidationErrorsDropped,
    /// Groups of server errors beyond the limit of a report.
    ServerErrorsDropped,
    /// Texts that were cut to their limit.
    TextCut,
    /// Requests in reports that outlived the retry window.
    ReportsExpired,
    /// Requests in reports that were dropped because the retry window was full.
    ReportsEvicted,
    /// Requests in reports that the hub refused for good.
    ReportsRefused,
    /// Reports that could not be handed to the next process at shutdown.
    ReportsNotSpooled,
    /// Request-log entries that were dropped.
    RequestLogsDropped,
    /// Callbacks of the application that panicked.
    CallbackPanicked,
    /// Entries of a report that the hub found malformed.
    RejectedByHub,
    /// A reason that this version does not know.
    #[serde(other)]
    Unknown,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
