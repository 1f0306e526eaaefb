//! `GET /apps/{app_id}/consumers`: who called, the most frequent first.
//!
//! The traffic store knows consumers by keyed hashes; who they are stands in the metadata. One that was forgotten there keeps
//! its figures and has no name.

use std::collections::HashMap;

use sendry_sdk::protocol::Scale;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{AppPath, EnvParams, FilterParams, List, PageParams, RangeParams, ReadErrors};
use super::asked::{Answer, Asked};
use super::page::{Page, by_count};
use super::statistics::{Percentiles, errors};
use crate::store::metadata::ConsumerRecord;
use crate::store::traffic::{ConsumerHash, ConsumerTotals};

/// What one consumer did. Percentiles are within 9.1 %: consumers' durations are kept coarser than those of endpoints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ConsumerRow {
    /// Names the consumer where its identifier was forgotten.
    pub consumer_id: String,
    /// The application's own name for the caller; null when it was forgotten.
    pub identifier: Option<String>,
    pub name: Option<String>,
    pub group: Option<String>,
    pub requests: u64,
    pub client_errors: u64,
    pub server_errors: u64,
    pub p50_ms: Option<f64>,
    pub p95_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    pub request_bytes: u64,
    pub response_bytes: u64,
    /// When it called first, ever.
    pub first_seen_at: i64,
    pub last_seen_at: i64,
}

/// The consumers that called within the range, the most frequent first.
#[utoipa::path(
    get, path = "/apps/{app_id}/consumers", tag = "consumers",
    params(AppPath, EnvParams, RangeParams, FilterParams, PageParams),
    responses((status = 200, description = "The answer", body = List<ConsumerRow>), ReadErrors)
)]
pub async fn consumers(asked: Asked, page: Page) -> Answer<List<ConsumerRow>> {
    let totals = asked.query.traffic.consumers(&asked.scope, asked.range.window, &asked.filter).await?;
    let (totals, next) = page.of(totals, key);
    let hashes: Vec<_> = totals.iter().map(|one| one.consumer).collect();
    let known = asked.query.metadata.consumers(asked.scope.app_id, &hashes).await?;
    let mut known: HashMap<_, _> = known.into_iter().map(|record| (record.hash, record)).collect();
    let data = totals.into_iter().map(|totals| row(known.remove(&totals.consumer), &totals)).collect();
    asked.page((data, next)).await
}

fn key(one: &ConsumerTotals) -> String {
    by_count(one.totals.requests, &[&name(&one.consumer)])
}

fn name(hash: &ConsumerHash) -> String {
    hex::encode(hash)
}

fn row(known: Option<ConsumerRecord>, one: &ConsumerTotals) -> ConsumerRow {
    let totals = &one.totals;
    let (client_errors, server_errors) = errors(&totals.by_status);
    let percentiles = Percentiles::of(&totals.durations, Scale::SIZE, totals.duration_max_us);
    let (identifier, name_given, group) =
        known.map_or((None, None, None), |record| (Some(record.identifier), record.name, record.group));
    ConsumerRow {
        consumer_id: name(&one.consumer),
        identifier,
        name: name_given,
        group,
        requests: totals.requests,
        client_errors,
        server_errors,
        p50_ms: percentiles.p50_ms,
        p95_ms: percentiles.p95_ms,
        p99_ms: percentiles.p99_ms,
        request_bytes: totals.request_bytes,
        response_bytes: totals.response_bytes,
        first_seen_at: one.first_seen_at,
        last_seen_at: one.last_seen_at,
    }
}
