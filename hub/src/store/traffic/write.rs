//! The write side: called by the worker alone.

use async_trait::async_trait;
use sendry_sdk::protocol::{Loss, Report, RequestLog, RequestLogBatchHead, Startup};
use uuid::Uuid;

use super::ConsumerHash;
use crate::clock::{UnixMillis, UnixSecs};
use crate::queue::AppId;
use crate::store::StoreError;

/// Routes of one environment. A large API has some hundreds; what is beyond is folded into `FOLDED_PATH` of its method and
/// counted as a loss, so that an app that names every URL a route cannot fill the store.
pub const ROUTES_PER_ENV_MAX: u64 = 10_000;

/// Stores what the worker decoded.
#[async_trait]
pub trait TrafficWriter: Send + Sync {
    /// Stores reports, all or none. A report whose id was stored before changes nothing.
    async fn write(&self, reports: &[AcceptedReport]) -> Result<Written, StoreError>;
    /// Stores who reports and which routes it has; again is the same as once.
    async fn write_startups(&self, startups: &[AcceptedStartup]) -> Result<(), StoreError>;
    /// Stores request logs; a batch whose id was stored before changes nothing.
    async fn write_request_logs(&self, batches: &[AcceptedRequestLogs]) -> Result<Written, StoreError>;
    /// Notes envelopes that were settled without being stored: they are dead letters, not gaps.
    async fn note_settled(&self, marks: &[IngestMark]) -> Result<(), StoreError>;
    /// Brings coarser tiers up to date that are made from finer ones, where a backend has such. No answer depends on it: it makes
    /// questions over long spans fast. Only one process need call it at a time; two do no harm.
    async fn roll_up(&self, _now: UnixSecs) -> Result<(), StoreError> {
        Ok(())
    }
    /// Deletes what is older than `retention` allows at `now`, in short transactions.
    async fn delete_expired(&self, now: UnixSecs, retention: &Retention) -> Result<(), StoreError>;
    /// Fails when nothing can be written now.
    async fn check(&self) -> Result<(), StoreError>;
    /// Waits for what is being written and lets go of the store; nothing where nothing is held.
    async fn close(&self) {}
}

/// The running number of an envelope in its line; a number never stored below another one is a message lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IngestMark {
    pub ingest_id: Uuid,
    pub sequence: u64,
    pub accepted_at: UnixMillis,
}

/// A report, decoded and checked: every index is in range, every count within its limit, every minute in the window.
#[derive(Debug, Clone)]
pub struct AcceptedReport {
    pub app_id: AppId,
    pub accepted_at: UnixMillis,
    pub ingest: IngestMark,
    pub report: Report,
    /// The keyed hash of each of the report's consumers, in their order.
    pub consumer_hashes: Vec<ConsumerHash>,
    /// What the hub found wrong with it: entries dropped, minutes out of the window.
    pub hub_losses: Vec<Loss>,
}

/// A startup message, decoded and checked.
#[derive(Debug, Clone)]
pub struct AcceptedStartup {
    pub app_id: AppId,
    pub accepted_at: UnixMillis,
    pub ingest: IngestMark,
    pub startup: Startup,
}

/// A batch of request logs, decoded and checked.
#[derive(Debug, Clone)]
pub struct AcceptedRequestLogs {
    pub app_id: AppId,
    pub accepted_at: UnixMillis,
    pub ingest: IngestMark,
    pub head: RequestLogBatchHead,
    pub logs: Vec<RequestLog>,
    /// The keyed hash of each log's consumer, where it names one.
    pub consumer_hashes: Vec<Option<ConsumerHash>>,
    /// What the hub found wrong with it: lines dropped.
    pub hub_losses: Vec<Loss>,
}

/// What a write did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    pub stored: usize,
    /// How many were stored before.
    pub duplicates: usize,
}

/// The widths in which traffic is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    Minute,
    HalfHour,
    /// A UTC day.
    Day,
}

impl Tier {
    pub const ALL: [Self; 3] = [Self::Minute, Self::HalfHour, Self::Day];

    /// The width in seconds.
    pub const fn secs(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::HalfHour => 1_800,
            Self::Day => 86_400,
        }
    }

    /// The start of the bucket that holds `time`.
    pub const fn floor(self, time: UnixSecs) -> UnixSecs {
        time - time.rem_euclid(self.secs())
    }

    /// The first bucket boundary at or after `time`.
    pub const fn ceil(self, time: UnixSecs) -> UnixSecs {
        self.floor(time + self.secs() - 1)
    }
}

/// How long things are kept, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Rows of [`Tier::Minute`].
    pub minutes_secs: i64,
    /// Rows of the coarser tiers.
    pub coarse_secs: i64,
    pub request_logs_secs: i64,
}

impl Retention {
    /// The same, as far as minutes are still there: those before `deleted_before` are gone, though they may now be kept longer.
    pub fn reaching(self, now: UnixSecs, deleted_before: UnixSecs) -> Self {
        let minutes_secs = self.minutes_secs.min(now.saturating_sub(deleted_before).max(0));
        Self { minutes_secs, ..self }
    }
}

impl Default for Retention {
    fn default() -> Self {
        const DAY: i64 = 86_400;
        Self { minutes_secs: 32 * DAY, coarse_secs: 396 * DAY, request_logs_secs: 15 * DAY }
    }
}
