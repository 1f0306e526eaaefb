//! What stands beside the counts, as query reads it: errors in groups, consumers, resources, and what ingest accepted.

use sendry_sdk::protocol::Histogram;
use uuid::Uuid;

use super::{ConsumerHash, RouteKey, Totals};
use crate::clock::{UnixMillis, UnixSecs};

/// Names a group of errors within its environment; what it is made of is the backend's own affair.
pub type ErrorGroupId = String;

/// A group of failed validations of one field of one route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidationErrorRow {
    pub id: ErrorGroupId,
    pub route: RouteKey,
    pub status: u16,
    pub location: String,
    pub field: String,
    pub message: String,
    pub code: String,
    pub count: u64,
    /// How many different consumers, of those that have a name.
    pub consumers: u64,
    /// The minutes of the first and the last one, ever.
    pub first_seen_at: UnixSecs,
    pub last_seen_at: UnixSecs,
    /// The versions of the app with which it was seen first and last, ever; none when the app says none.
    pub first_version: Option<String>,
    pub last_version: Option<String>,
}

/// A group of server errors of one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerErrorRow {
    pub id: ErrorGroupId,
    pub route: RouteKey,
    pub status: u16,
    /// The type of the error, or `panic`.
    pub kind: String,
    pub message: String,
    /// Source location of a panic.
    pub location: Option<String>,
    /// That of the first one that had one.
    pub backtrace: Option<String>,
    pub count: u64,
    /// How many different consumers, of those that have a name.
    pub consumers: u64,
    /// The minutes of the first and the last one, ever.
    pub first_seen_at: UnixSecs,
    pub last_seen_at: UnixSecs,
    /// The versions of the app with which it was seen first and last, ever; none when the app says none.
    pub first_version: Option<String>,
    pub last_version: Option<String>,
}

/// What kind of error a group is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorClass {
    Validation,
    Server,
}

/// How many groups of errors one route and status have, without their texts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ErrorCounts {
    pub class: ErrorClass,
    pub route: RouteKey,
    pub status: u16,
    pub groups: u64,
    /// How often they happened together.
    pub count: u64,
}

/// What is known of one group of errors, beside its row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorGroupDetail {
    /// The starts of steps, and how often in each; steps without any are left out.
    pub counts: Vec<(UnixSecs, u64)>,
    /// Whom it hit how often, the most frequent first; nobody in particular is left out.
    pub consumers: Vec<(ConsumerHash, u64)>,
    /// With which versions of the app, the one seen last first. A store may keep the newest [`ERROR_VERSIONS_MAX`] alone.
    pub versions: Vec<VersionSpan>,
}

/// Versions that are kept of one group of errors: more than anybody compares.
pub const ERROR_VERSIONS_MAX: usize = 100;

/// From when until when something was seen with a version of the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionSpan {
    pub version: String,
    pub first_seen_at: UnixSecs,
    pub last_seen_at: UnixSecs,
}

/// A status of a route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteStatus {
    pub route: RouteKey,
    pub status: u16,
}

/// What one status of one route has in one step.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusStep {
    pub start: UnixSecs,
    pub of: RouteStatus,
    pub requests: u64,
    /// At [`Filter::duration_scale`](super::Filter::duration_scale).
    pub durations: Histogram,
}

/// How often a route answered a status, and whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusTotals {
    pub of: RouteStatus,
    pub requests: u64,
    /// All requests of the route, whatever they were answered with.
    pub route_requests: u64,
    /// How many different consumers, of those that have a name.
    pub consumers: u64,
    /// Whether consumers that were folded into one are not among them.
    pub has_folded: bool,
    /// The beginning of the last bucket that has it, and how wide that is.
    pub last_seen_at: UnixSecs,
    pub last_seen_secs: i64,
}

/// How many consumers called within one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsumerStep {
    pub start: UnixSecs,
    pub active: u64,
    /// Those of them whose first request ever lies in it.
    pub new: u64,
}

/// What one consumer did. Its durations are at `Scale::SIZE`.
#[derive(Debug, Clone, PartialEq)]
pub struct ConsumerTotals {
    pub consumer: ConsumerHash,
    pub totals: Totals,
    /// The minutes of its first and last request, ever.
    pub first_seen_at: UnixSecs,
    pub last_seen_at: UnixSecs,
}

/// One step of an instance's resources: means over the samples that have the figure.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceBucket {
    pub start: UnixSecs,
    pub instance_id: Uuid,
    /// 1.0 is one core.
    pub cpu: Option<f64>,
    pub rss_bytes: Option<f64>,
    /// From 0 to 1.
    pub runtime_busy: Option<f64>,
    pub runtime_queue_depth: Option<f64>,
    pub runtime_blocking_threads: Option<f64>,
}

/// A line of an ingest process of which running numbers are missing: messages that were accepted and neither stored nor dead-lettered.
/// Those that still wait in a queue are among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestGap {
    pub ingest_id: Uuid,
    /// The highest running number that arrived, from 0.
    pub highest: u64,
    /// How many at or below it never arrived.
    pub missing: u64,
    /// When the newest that arrived was accepted.
    pub last_accepted_at: UnixMillis,
}
