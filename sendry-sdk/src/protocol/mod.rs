//! The wire protocol, version 1: what an SDK sends to a hub and what the hub answers.
//!
//! The SDK writes these types, the hub reads them; both compile this one module. It is serde and arithmetic only:
//! no I/O, no clock, no randomness. `docs/protocol.md` describes the same bytes for other languages.
//!
//! Structs here get fields in minor versions, as the protocol grows: build them with `..Default::default()`.
//!
//! INVARIANT: reports hold deltas, never totals, and unknown fields are accepted: a newer SDK may speak to an older hub.

mod application_log;
mod buckets;
mod histogram;
pub mod limits;
mod report;
mod request_log;
mod response;
mod startup;
#[cfg(all(test, feature = "client"))]
mod tests;

pub use application_log::{ApplicationLog, LogField, LogLevel, Span};
pub use buckets::Buckets;
pub use histogram::{Histogram, Scale, WORST_QUANTILE_ERROR};
pub use report::{
    Consumer, ConsumerSeries, Durations, Loss, LossReason, Minute, Outcomes, Report, ReportHead, Resources,
    Route, RouteSeries, ServerError, Sizes, ValidationError,
};
pub use request_log::{LoggedBody, LoggedError, RequestLog, RequestLogBatchHead};
pub use response::{Accepted, Problem};
pub use startup::{Framework, Sdk, Startup, StartupHead};

/// The version of the protocol that this crate speaks; the field `v` of every message.
pub const VERSION: u16 = 1;

/// The path template under which requests are counted that matched no route.
pub const UNMATCHED_PATH: &str = "(unmatched)";

/// The path template into which routes beyond [`limits::ROUTE_SERIES_PER_MINUTE_MAX`] are folded.
pub const FOLDED_PATH: &str = "(other)";

/// The method under which requests with a method unknown to HTTP are counted, as OpenTelemetry names it.
pub const OTHER_METHOD: &str = "_OTHER";

/// The consumer into which consumers beyond [`limits::CONSUMER_ROWS_PER_MINUTE_MAX`] are folded.
pub const FOLDED_CONSUMER: &str = "(other)";
