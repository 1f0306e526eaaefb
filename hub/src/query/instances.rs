//! `GET /apps/{app_id}/instances` and `/losses`: who reports, and what did not arrive as it happened.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{AppPath, EnvParams, List, RangeParams, ReadErrors};
use super::asked::{Answer, Asked};
use crate::clock::UnixMillis;
use crate::store::traffic::{InstanceRow, LossRow};

/// A process that reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Instance {
    pub instance_id: Uuid,
    pub app_version: Option<String>,
    /// Name and version of the SDK.
    pub sdk: Option<String>,
    /// Name and version of the web framework.
    pub framework: Option<String>,
    pub host: Option<String>,
    pub started_at: Option<i64>,
    pub first_report_at: Option<i64>,
    pub last_report_at: Option<i64>,
    /// Reports stored.
    pub reports: u64,
    /// Reports that were sent, by their running numbers, and not stored.
    pub missing_reports: u64,
    /// How far its clock was behind the hub's when it was corrected last.
    pub clock_offset_ms: i64,
    /// Whether it said that it ends.
    pub ended: bool,
}

/// What was lost for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LossEntry {
    /// As the protocol names it: `routes_folded`, `rejected_by_hub`, …
    pub reason: String,
    pub detail: String,
    pub count: u64,
    pub first_seen_at: i64,
    pub last_seen_at: i64,
}

/// The instances that reported within the range.
#[utoipa::path(
    get, path = "/apps/{app_id}/instances", tag = "health", params(AppPath, EnvParams, RangeParams),
    responses((status = 200, description = "The answer", body = List<Instance>), ReadErrors)
)]
pub async fn instances(asked: Asked) -> Answer<List<Instance>> {
    let rows = asked.query.traffic.instances(&asked.scope, asked.range.window).await?;
    asked.list(rows.into_iter().map(instance).collect()).await
}

fn instance(row: InstanceRow) -> Instance {
    let secs = |millis: Option<UnixMillis>| millis.map(|millis| millis.div_euclid(1_000));
    Instance {
        missing_reports: row.missing_reports(),
        instance_id: row.instance_id,
        app_version: row.app_version,
        sdk: row.sdk,
        framework: row.framework,
        host: row.host,
        started_at: secs(row.started_at),
        first_report_at: secs(row.first_report_at),
        last_report_at: secs(row.last_report_at),
        reports: row.reports,
        clock_offset_ms: row.clock_offset_ms,
        ended: row.ended,
    }
}

/// What was lost within the range, by reason.
#[utoipa::path(
    get, path = "/apps/{app_id}/losses", tag = "health", params(AppPath, EnvParams, RangeParams),
    responses((status = 200, description = "The answer", body = List<LossEntry>), ReadErrors)
)]
pub async fn losses(asked: Asked) -> Answer<List<LossEntry>> {
    let rows = asked.query.traffic.losses(&asked.scope, asked.range.window).await?;
    asked.list(rows.into_iter().map(loss).collect()).await
}

fn loss(row: LossRow) -> LossEntry {
    LossEntry {
        reason: row.reason,
        detail: row.detail,
        count: row.count,
        first_seen_at: row.first_seen_at,
        last_seen_at: row.last_seen_at,
    }
}
