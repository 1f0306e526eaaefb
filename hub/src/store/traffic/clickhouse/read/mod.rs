//! The read side: a question is planned into segments, these are moved to finer tiers where a coarser one is not up to date
//! ([`cover`]), and one statement adds everything up.

mod charts;
mod consumers;
mod cover;
mod endpoints;
mod error_counts;
mod error_group;
mod events;
mod log_scan;
mod logs;
mod processes;
mod source;
mod statuses;
mod totals;

pub(super) use totals::saturating_sum;

use std::sync::atomic::Ordering;

use async_trait::async_trait;

use super::{ClickHouseTraffic, EventClass};
use crate::clock::UnixSecs;
use crate::queue::AppId;
use crate::store::traffic::plan::{Segment, plan, plan_steps};
use crate::store::traffic::{
    ConsumerHash, ConsumerStep, ConsumerTotals, EndpointTotals, ErrorCounts, ErrorGroupDetail, Filter,
    Freshness, IngestGap, InstanceRow, LatencyBucket, LossRow, ResourceBucket, Retention, RouteStatus, Scope,
    ServerErrorRow, StatusStep, StatusTotals, Steps, TrafficBucket, TrafficReader, ValidationErrorRow,
    Window,
};
use crate::store::{StoreError, TableSize};

#[async_trait]
impl TrafficReader for ClickHouseTraffic {
    async fn endpoints(
        &self,
        scope: &Scope,
        window: Window,
        filter: &Filter,
    ) -> Result<Vec<EndpointTotals>, StoreError> {
        self.read_endpoints(scope, window, filter).await
    }

    async fn traffic(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
    ) -> Result<Vec<TrafficBucket>, StoreError> {
        self.read_traffic(scope, steps, filter).await
    }

    async fn latency(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
    ) -> Result<Vec<LatencyBucket>, StoreError> {
        self.read_latency(scope, steps, filter).await
    }

    async fn status_steps(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
        wanted: &[RouteStatus],
    ) -> Result<Vec<StatusStep>, StoreError> {
        self.read_status_steps(scope, steps, filter, wanted).await
    }

    async fn statuses(
        &self,
        scope: &Scope,
        window: Window,
        filter: &Filter,
        folded: ConsumerHash,
    ) -> Result<Vec<StatusTotals>, StoreError> {
        self.read_statuses(scope, window, filter, folded).await
    }

    async fn instances(&self, scope: &Scope, window: Window) -> Result<Vec<InstanceRow>, StoreError> {
        self.read_instances(scope, window).await
    }

    async fn losses(&self, scope: &Scope, window: Window) -> Result<Vec<LossRow>, StoreError> {
        let found = self.read_events(scope, EventClass::Loss, window, &Filter::default()).await?;
        Ok(found.into_iter().map(events::GroupRow::into_loss).collect())
    }

    async fn validation_errors(
        &self,
        scope: &Scope,
        window: Window,
        filter: &Filter,
    ) -> Result<Vec<ValidationErrorRow>, StoreError> {
        let found = self.read_events(scope, EventClass::Validation, window, filter).await?;
        Ok(found.into_iter().map(events::GroupRow::into_validation_error).collect())
    }

    async fn server_errors(
        &self,
        scope: &Scope,
        window: Window,
        filter: &Filter,
    ) -> Result<Vec<ServerErrorRow>, StoreError> {
        let found = self.read_events(scope, EventClass::Server, window, filter).await?;
        Ok(found.into_iter().map(events::GroupRow::into_server_error).collect())
    }

    async fn consumers(
        &self,
        scope: &Scope,
        window: Window,
        filter: &Filter,
    ) -> Result<Vec<ConsumerTotals>, StoreError> {
        self.read_consumers(scope, window, filter).await
    }

    async fn error_counts(&self, scope: &Scope, window: Window) -> Result<Vec<ErrorCounts>, StoreError> {
        self.count_errors(scope, window).await
    }

    async fn error_group(
        &self,
        scope: &Scope,
        id: &str,
        steps: &Steps,
    ) -> Result<Option<ErrorGroupDetail>, StoreError> {
        self.read_error_group(scope, id, steps).await
    }

    async fn consumer_steps(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
    ) -> Result<Vec<ConsumerStep>, StoreError> {
        self.read_consumer_steps(scope, steps, filter).await
    }

    async fn minutes_deleted_before(&self) -> Result<UnixSecs, StoreError> {
        Ok(self.minutes_deleted_before.load(Ordering::Relaxed))
    }

    async fn resources(&self, scope: &Scope, steps: &Steps) -> Result<Vec<ResourceBucket>, StoreError> {
        self.read_resources(scope, steps).await
    }

    async fn ingest_gaps(&self) -> Result<Vec<IngestGap>, StoreError> {
        self.read_ingest_gaps().await
    }

    async fn freshness(&self, app_id: AppId) -> Result<Vec<Freshness>, StoreError> {
        self.read_freshness(app_id).await
    }

    async fn table_sizes(&self) -> Result<Vec<TableSize>, StoreError> {
        let sql = "SELECT table, toUInt64(sum(bytes_on_disk)), toUInt64(sum(rows)) FROM system.parts \
                   WHERE database = currentDatabase() AND active GROUP BY table ORDER BY table";
        let rows = self.link.ask::<(String, u64, u64)>(sql).await?.into_iter();
        Ok(rows.map(|(table, bytes, rows)| TableSize { table, bytes, rows: Some(rows) }).collect())
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.link.ask::<u32>("SELECT max(version) FROM schema_versions").await.map(|_| ())
    }
}

impl ClickHouseTraffic {
    fn plan(&self, window: Window) -> Vec<Segment> {
        let now = self.clock.now();
        plan(window, now, &self.kept(now))
    }

    fn plan_steps(&self, steps: &Steps) -> Vec<Segment> {
        let now = self.clock.now();
        plan_steps(steps, now, &self.kept(now))
    }

    /// What is kept, and still there.
    fn kept(&self, now: UnixSecs) -> Retention {
        self.retention.reaching(now, self.minutes_deleted_before.load(Ordering::Relaxed))
    }
}
