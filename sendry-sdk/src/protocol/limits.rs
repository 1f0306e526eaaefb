//! Every limit of the protocol, with the reason for its number. The SDK keeps them, the hub enforces them.

/// Route series (route × status) that one instance keeps apart in one minute; further routes are folded and counted as lost.
/// Large APIs have a few hundred routes with three or four statuses each.
pub const ROUTE_SERIES_PER_MINUTE_MAX: usize = 2_000;

/// Consumer rows (route × status × consumer) of one instance in one minute; further consumers are folded into one.
pub const CONSUMER_ROWS_PER_MINUTE_MAX: usize = 2_000;

/// Groups of validation errors in one report.
pub const VALIDATION_ERRORS_MAX: usize = 500;

/// Groups of server errors in one report.
pub const SERVER_ERRORS_MAX: usize = 100;

/// Characters of an error's message; what is longer is cut.
pub const MESSAGE_CHARS_MAX: usize = 2_048;

/// Bytes of a backtrace; what is longer is cut.
pub const BACKTRACE_BYTES_MAX: usize = 64 * 1024;

/// Bytes of a path template. Longer ones are cut at a character boundary, so that one absurd route cannot fill a report.
pub const PATH_BYTES_MAX: usize = 1_024;

/// Characters of an environment's name, of the alphabet `[A-Za-z0-9_-]`.
pub const ENV_CHARS_MAX: usize = 32;

/// Environments of one app: enough for every stage and region, few enough that a mistyped variable is noticed.
pub const ENVS_PER_APP_MAX: usize = 20;

/// Bytes of `app_version` and other short texts.
pub const TEXT_BYTES_MAX: usize = 128;

/// Application logs in one request's log: handlers write a handful. A loop that logs each of its turns is cut.
pub const APPLICATION_LOGS_MAX: usize = 200;

/// How many of these are left to warnings and errors, so that an error at the end of much chatter is seen.
pub const GRAVE_LOGS_RESERVED: usize = 50;

/// Spans in one request's log: each call of a database or a service is one, and a request that makes more has a loop.
pub const SPANS_MAX: usize = 200;

/// Fields of one application log or span.
pub const LOG_FIELDS_MAX: usize = 32;

/// Bytes of the value of a field. Their names, and those of spans and targets, have [`TEXT_BYTES_MAX`].
pub const LOG_FIELD_BYTES_MAX: usize = 1_024;

/// Bytes of the texts of all application logs and spans of one request: about as much as both bodies may take.
pub const REQUEST_DETAIL_BYTES_MAX: usize = 64 * 1024;

/// Bytes of a report as sent. The largest legitimate one (2,000 series, 2,000 consumer rows) is below 1 MiB gzipped.
pub const REPORT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes of a report after decompression: what the hub unpacks at the most.
pub const REPORT_DECOMPRESSED_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Minutes that a report may be late: one hour of retries and five minutes of slack.
pub const MINUTES_LATE_MAX: i64 = 65;

/// Minutes that a report may be ahead of the hub's clock.
pub const MINUTES_AHEAD_MAX: i64 = 5;

/// The largest count that one entry of a report may hold. No process answers a trillion requests in an hour.
pub const COUNT_MAX: u64 = 1_000_000_000_000;

/// The shortest sync interval that a hub may ask for, in seconds.
pub const SYNC_INTERVAL_SECS_MIN: u64 = 5;

/// The longest sync interval that a hub may ask for, in seconds.
pub const SYNC_INTERVAL_SECS_MAX: u64 = 300;

/// Tells whether `name` may name an environment: 1 to 32 characters of `[A-Za-z0-9_-]`.
pub fn is_env_name(name: &str) -> bool {
    (1..=ENV_CHARS_MAX).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}
