//! The traffic store: what happened, by route and minute. A seam with one contract and several backends.
//!
//! The worker writes ([`TrafficWriter`]), query reads ([`TrafficReader`]), nobody does both, but for forgetting a person
//! ([`TrafficEraser`]), which query does at once, and for erasing an app, which a job of the worker's does. Three tiers (1 minute,
//! 30 minutes, 1 UTC day) are kept from the first report on, and ageing only deletes ([`Retention`]). A question takes its
//! middle from the coarsest tier that fits and its edges from finer ones ([`plan`]), so sums are exact.
//!
//! INVARIANT: a report is counted once, whatever is delivered twice: [`TrafficWriter::write`] is idempotent by `report_id`,
//! for as long as the minutes of a report can be accepted and at least 24 hours.
//! INVARIANT: stores only add buckets; quantiles and Apdex are computed by `query`, so every backend gives one answer.
//! Consumers are kept as keyed hashes; who they are stands in the metadata.
//!
//! To add a backend: 1. a folder here that implements the four traits; 2. a URL scheme in `app`; 3. its line in the contract
//! suite `hub/tests/it/traffic_contract.rs`, which must pass unchanged.

pub mod clickhouse;
mod consumer;
pub(crate) mod copied;
mod details;
mod logs;
pub mod plan;
mod read;
pub mod sqlite;
mod write;

pub use consumer::{ConsumerHash, ConsumerKey};
pub use details::{
    ConsumerStep, ConsumerTotals, ERROR_VERSIONS_MAX, ErrorClass, ErrorCounts, ErrorGroupDetail,
    ErrorGroupId, IngestGap, ResourceBucket, RouteStatus, ServerErrorRow, StatusStep, StatusTotals,
    ValidationErrorRow, VersionSpan,
};
pub use logs::{
    CountedLogs, FoundLogs, LogBudget, LogGroup, LogPage, LogPosition, LogSearch, LogStep, RequestLogReader,
    SETTLED_AFTER_SECS, StoredLog, TrafficEraser, holds_text, json_needle,
};
pub use read::{
    EndpointTotals, Filter, Freshness, InstanceRow, LatencyBucket, LossRow, RouteKey, Scope, StatusClass,
    Steps, Totals, TrafficBucket, TrafficReader, Window,
};
pub use write::{
    AcceptedReport, AcceptedRequestLogs, AcceptedStartup, IngestMark, ROUTES_PER_ENV_MAX, Retention, Tier,
    TrafficWriter, Written,
};
