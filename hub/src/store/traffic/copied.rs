//! What is copied from one store into another: everything of an environment, under the numbers that its source gives it.

use std::collections::BTreeMap;

use sendry_sdk::protocol::{Buckets, RequestLog};
use uuid::Uuid;

use super::{ConsumerHash, RouteKey};
use crate::clock::{UnixMillis, UnixSecs};

/// The first and the last minute.
pub(crate) type Span = (UnixSecs, UnixSecs);

/// What counts refer to, by number.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) routes: BTreeMap<i64, CopiedRoute>,
    pub(crate) consumers: BTreeMap<i64, (ConsumerHash, Span)>,
    pub(crate) groups: BTreeMap<i64, CopiedGroup>,
    pub(crate) instances: BTreeMap<i64, CopiedInstance>,
    /// Of groups: with which versions of the app they were seen.
    pub(crate) versions: Vec<(i64, String, Span)>,
}

#[derive(Debug)]
pub(crate) struct CopiedRoute {
    pub(crate) key: RouteKey,
    pub(crate) declared: bool,
    pub(crate) seen: Option<Span>,
}

#[derive(Debug)]
pub(crate) struct CopiedGroup {
    /// 0: failed validations, 1: server errors, 2: losses.
    pub(crate) class: u8,
    /// None for losses.
    pub(crate) route: Option<i64>,
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) location: String,
    pub(crate) field: String,
    pub(crate) backtrace: Option<String>,
    pub(crate) seen: Span,
}

#[derive(Debug)]
pub(crate) struct CopiedInstance {
    pub(crate) id: Uuid,
    /// Version of the app, SDK, framework, host.
    pub(crate) texts: [Option<String>; 4],
    pub(crate) started_at: Option<UnixMillis>,
    pub(crate) first_report_at: Option<UnixMillis>,
    pub(crate) last_report_at: Option<UnixMillis>,
    pub(crate) reports: u64,
    pub(crate) last_sequence: Option<u64>,
    pub(crate) clock_offset_ms: i64,
    pub(crate) ended: bool,
    pub(crate) seen_at: UnixMillis,
}

/// What was counted in a span of time.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) traffic: Vec<CopiedTraffic>,
    pub(crate) events: Vec<CopiedEvent>,
    pub(crate) resources: Vec<CopiedResources>,
}

impl Counts {
    pub(crate) fn len(&self) -> usize {
        self.traffic.len() + self.events.len() + self.resources.len()
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.traffic.append(&mut other.traffic);
        self.events.append(&mut other.events);
        self.resources.append(&mut other.resources);
    }
}

/// A bucket of a route, or of a route's consumer, and one status.
#[derive(Debug)]
pub(crate) struct CopiedTraffic {
    pub(crate) route: i64,
    pub(crate) consumer: Option<i64>,
    pub(crate) bucket: UnixSecs,
    pub(crate) facts: StatusFacts,
}

#[derive(Debug)]
pub(crate) struct StatusFacts {
    pub(crate) status: u16,
    pub(crate) requests: u64,
    pub(crate) aborted: u64,
    pub(crate) body_errors: u64,
    pub(crate) panics: u64,
    pub(crate) duration_sum_us: u64,
    pub(crate) duration_max_us: u64,
    pub(crate) request_bytes: u64,
    pub(crate) response_bytes: u64,
    pub(crate) durations: Buckets,
    /// None: equal to `durations`.
    pub(crate) headers: Option<Buckets>,
    pub(crate) request_sizes: Buckets,
    pub(crate) response_sizes: Buckets,
}

#[derive(Debug)]
pub(crate) struct CopiedEvent {
    pub(crate) group: i64,
    pub(crate) consumer: Option<i64>,
    pub(crate) bucket: UnixSecs,
    pub(crate) count: u64,
}

#[derive(Debug)]
pub(crate) struct CopiedResources {
    pub(crate) instance: i64,
    pub(crate) bucket: UnixSecs,
    /// CPU, memory, busy, depth and blocking: the sum, and of how many samples.
    pub(crate) figures: [(f64, u64); 5],
}

#[derive(Debug)]
pub(crate) struct CopiedLog {
    pub(crate) route: i64,
    pub(crate) consumer: Option<i64>,
    pub(crate) log: RequestLog,
    /// As it is stored.
    pub(crate) text: String,
}

/// The id of a message that was stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CopiedId {
    /// 0: reports, 1: batches of request logs.
    pub(crate) class: u8,
    pub(crate) id: Uuid,
    pub(crate) accepted_at: UnixMillis,
}

/// Which running numbers of an ingest process arrived: ranges `[from, to)`.
#[derive(Debug)]
pub(crate) struct CopiedIngest {
    pub(crate) id: Uuid,
    pub(crate) ranges: Vec<(u64, u64)>,
    pub(crate) last_accepted_at: UnixMillis,
}
