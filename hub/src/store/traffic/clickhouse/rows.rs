//! What is inserted: one type a table, its fields in the names of the columns.
//!
//! INVARIANT: the key of a row that tells of a report is a function of the report's bytes: `bucket`, `report_id` and an `ordinal`
//! that counts within the bucket, so that neither the batch, nor the worker, nor what else of the report was dropped changes it.

use std::borrow::Cow;

use clickhouse::Row;
use sendry_sdk::protocol::Buckets;
use serde::Serialize;
use uuid::Uuid;

use crate::store::traffic::ConsumerHash;

/// The index under which zeros are counted; durations and sizes never reach it.
pub(super) const ZEROS: i16 = i16::MIN;

/// The consumer that stands for everybody.
pub(super) const EVERYBODY: ConsumerHash = [0; 16];

/// Goes by [`columns`](super::columns).
pub(super) struct TrafficRow<'a> {
    pub(super) app_id: Uuid,
    pub(super) env: &'a str,
    pub(super) by_consumer: bool,
    pub(super) bucket: u32,
    pub(super) report_id: Uuid,
    pub(super) ordinal: u32,
    pub(super) consumer: ConsumerHash,
    pub(super) route: u64,
    pub(super) status: u16,
    pub(super) headers_apart: bool,
    pub(super) requests: u64,
    pub(super) aborted: u64,
    pub(super) body_errors: u64,
    pub(super) panics: u64,
    pub(super) duration_sum_us: u64,
    pub(super) duration_max_us: u64,
    pub(super) request_bytes: u64,
    pub(super) response_bytes: u64,
    pub(super) durations: Option<&'a Buckets>,
    pub(super) headers: Option<&'a Buckets>,
    pub(super) request_sizes: Option<&'a Buckets>,
    pub(super) response_sizes: Option<&'a Buckets>,
}

#[derive(Row, Serialize)]
pub(super) struct EventRow<'a> {
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) app_id: Uuid,
    pub(super) env: &'a str,
    pub(super) class: u8,
    pub(super) bucket: u32,
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) report_id: Uuid,
    pub(super) ordinal: u32,
    pub(super) fingerprint: [u8; 16],
    pub(super) consumer: ConsumerHash,
    pub(super) route: u64,
    pub(super) status: u16,
    pub(super) count: u64,
}

#[derive(Row, Serialize)]
pub(super) struct ResourceRow<'a> {
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) app_id: Uuid,
    pub(super) env: &'a str,
    pub(super) bucket: u32,
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) report_id: Uuid,
    pub(super) ordinal: u32,
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) instance_id: Uuid,
    pub(super) cpu: f64,
    pub(super) cpus: u64,
    pub(super) rss: f64,
    pub(super) rsss: u64,
    pub(super) busy: f64,
    pub(super) busys: u64,
    pub(super) depth: f64,
    pub(super) depths: u64,
    pub(super) blocking: f64,
    pub(super) blockings: u64,
}

#[derive(Row, Serialize)]
pub(super) struct MarkRow<'a> {
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) app_id: Uuid,
    pub(super) env: &'a str,
    pub(super) bucket: u32,
    pub(super) n: u64,
    pub(super) x: u64,
}

#[derive(Row, Serialize)]
pub(super) struct StoredRow {
    pub(super) class: u8,
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) id: Uuid,
    pub(super) accepted_at: u32,
}

#[derive(Row, Serialize)]
pub(super) struct RouteRow<'a> {
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) app_id: Uuid,
    pub(super) env: &'a str,
    pub(super) route: u64,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) declared: bool,
    pub(super) first_seen: u32,
    pub(super) last_seen: u32,
}

#[derive(Row, Serialize)]
pub(super) struct ConsumerRow<'a> {
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) app_id: Uuid,
    pub(super) env: &'a str,
    pub(super) consumer: ConsumerHash,
    pub(super) period: u16,
    pub(super) first_seen: u32,
    pub(super) last_seen: u32,
}

#[derive(Row, Serialize)]
pub(super) struct EventGroupRow<'a> {
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) app_id: Uuid,
    pub(super) env: &'a str,
    pub(super) class: u8,
    pub(super) fingerprint: [u8; 16],
    pub(super) period: u16,
    pub(super) route: u64,
    pub(super) status: u16,
    pub(super) code: Cow<'a, str>,
    pub(super) message: &'a str,
    pub(super) location: &'a str,
    pub(super) field: &'a str,
    pub(super) backtrace: String,
    pub(super) first_seen: u32,
    pub(super) last_seen: u32,
}

#[derive(Row, Serialize)]
pub(super) struct EventVersionRow<'a> {
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) app_id: Uuid,
    pub(super) env: &'a str,
    pub(super) class: u8,
    pub(super) fingerprint: [u8; 16],
    pub(super) version: &'a str,
    pub(super) period: u16,
    pub(super) first_seen: u32,
    pub(super) last_seen: u32,
}

#[derive(Row, Serialize)]
pub(super) struct RememberedRow<'a> {
    pub(super) name: &'a str,
    pub(super) value: i64,
}

#[derive(Row, Serialize)]
pub(super) struct InstanceRow<'a> {
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) app_id: Uuid,
    pub(super) env: &'a str,
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) instance_id: Uuid,
    pub(super) period: u16,
    pub(super) app_version: &'a str,
    pub(super) sdk: String,
    pub(super) framework: String,
    pub(super) host: &'a str,
    pub(super) started_at: i64,
    pub(super) first_report_at: i64,
    pub(super) last_report_at: i64,
    pub(super) last_sequence: i64,
    pub(super) clock_offset_ms: (i64, i64),
    pub(super) ended: bool,
    pub(super) seen_at: i64,
}

#[derive(Row, Serialize)]
pub(super) struct InstanceReportsRow<'a> {
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) app_id: Uuid,
    pub(super) env: &'a str,
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) instance_id: Uuid,
    pub(super) block: u64,
    pub(super) period: u16,
    pub(super) bits: u64,
}

#[derive(Row, Serialize)]
pub(super) struct ArrivalRow {
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) ingest_id: Uuid,
    pub(super) block: u64,
    pub(super) day: u16,
    pub(super) bits: u64,
    pub(super) accepted_at: i64,
}

#[derive(Row, Serialize)]
pub(super) struct RequestLogRow<'a> {
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) app_id: Uuid,
    pub(super) env: &'a str,
    pub(super) time_us: i64,
    pub(super) id: [u8; 16],
    pub(super) accepted_at: u32,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) status: u16,
    pub(super) duration_us: u64,
    pub(super) consumer: ConsumerHash,
    pub(super) trace_id: &'a str,
    pub(super) bytes: u32,
    pub(super) log: String,
}

#[derive(Row, Serialize)]
pub(super) struct RollupRow<'a> {
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) app_id: Uuid,
    pub(super) env: &'a str,
    pub(super) tier: u8,
    pub(super) bucket: u32,
    pub(super) n: u64,
    pub(super) run: u64,
    pub(super) x: u64,
}
