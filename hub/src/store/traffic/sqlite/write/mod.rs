//! The write side: one transaction for a batch.

mod cells;
mod events;
mod ids;
mod instances;
mod logs;
mod marks;
mod reports;

pub(super) use cells::{EVERYBODY, all_routes};
pub(super) use ids::IdCache;
pub(super) use logs::Doomed;

use async_trait::async_trait;
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::SqliteTraffic;
use crate::clock::{UnixMillis, UnixSecs};
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::traffic::{
    AcceptedReport, AcceptedRequestLogs, AcceptedStartup, ConsumerHash, IngestMark, Retention, Scope,
    TrafficEraser, TrafficWriter, Written,
};

/// Whose ids [`store_id`] keeps apart.
#[derive(Clone, Copy)]
enum StoredClass {
    Report = 0,
    RequestLogs = 1,
}

#[async_trait]
impl TrafficWriter for SqliteTraffic {
    async fn write(&self, reports: &[AcceptedReport]) -> Result<Written, StoreError> {
        self.refuse_too_old(reports)?;
        let mut held = self.ids.lock().await;
        // What a failed or cancelled write learned is not true: it keeps its own, and only a commit puts it back.
        let mut ids = std::mem::take(&mut *held);
        let mut tx = self.database.writer.begin_with("BEGIN IMMEDIATE").await?;
        let written = reports::store(&mut tx, &mut ids, reports).await?;
        marks::store(&mut tx, reports.iter().map(|report| report.ingest)).await?;
        tx.commit().await?;
        ids.trim();
        *held = ids;
        Ok(written)
    }

    async fn write_startups(&self, startups: &[AcceptedStartup]) -> Result<(), StoreError> {
        let mut held = self.ids.lock().await;
        let mut ids = std::mem::take(&mut *held);
        let mut tx = self.database.writer.begin_with("BEGIN IMMEDIATE").await?;
        for startup in startups {
            instances::store_startup(&mut tx, &mut ids, startup).await?;
        }
        marks::store(&mut tx, startups.iter().map(|startup| startup.ingest)).await?;
        tx.commit().await?;
        *held = ids;
        Ok(())
    }

    async fn write_request_logs(&self, batches: &[AcceptedRequestLogs]) -> Result<Written, StoreError> {
        let mut held = self.ids.lock().await;
        let mut ids = std::mem::take(&mut *held);
        let mut tx = self.database.writer.begin_with("BEGIN IMMEDIATE").await?;
        let written = logs::store(&mut tx, &mut ids, batches).await?;
        marks::store(&mut tx, batches.iter().map(|batch| batch.ingest)).await?;
        tx.commit().await?;
        *held = ids;
        Ok(written)
    }

    async fn note_settled(&self, marks: &[IngestMark]) -> Result<(), StoreError> {
        let _held = self.ids.lock().await;
        let mut tx = self.database.writer.begin_with("BEGIN IMMEDIATE").await?;
        marks::store(&mut tx, marks.iter().copied()).await?;
        Ok(tx.commit().await?)
    }

    async fn delete_expired(&self, now: UnixSecs, retention: &Retention) -> Result<(), StoreError> {
        self.expire(now, retention).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        let _held = self.ids.lock().await;
        let sql = "INSERT INTO ingests (ingest_id, ranges, last_accepted_at) VALUES (x'', x'', 0) \
                   ON CONFLICT DO UPDATE SET ranges = x''";
        sqlx::query(sql).execute(&self.database.writer).await?;
        Ok(())
    }

    async fn close(&self) {
        Self::close(self).await;
    }
}

#[async_trait]
impl TrafficEraser for SqliteTraffic {
    async fn erase_request_logs(&self, app_id: AppId, consumer: ConsumerHash) -> Result<u64, StoreError> {
        let numbers =
            logs::numbers_of(&mut *self.database.readers.acquire().await?, app_id, consumer).await?;
        let mut erased = 0;
        for consumer in numbers {
            erased += self.delete_logs(Doomed::Of { consumer }).await?;
        }
        Ok(erased)
    }

    async fn erase_environment(&self, scope: &Scope) -> Result<(), StoreError> {
        match self.scope_id(scope).await? {
            Some(scope) => self.erase_scope(scope).await,
            None => Ok(()),
        }
    }

    async fn erase_app(&self, app_id: AppId) -> Result<(), StoreError> {
        let query = sqlx::query_scalar("SELECT id FROM scopes WHERE app_id = ?");
        let scopes: Vec<i64> =
            query.bind(app_id.as_bytes().as_slice()).fetch_all(&self.database.readers).await?;
        for scope in scopes {
            self.erase_scope(scope).await?;
        }
        Ok(())
    }
}

impl SqliteTraffic {
    /// Deletes request logs in short transactions; writes get their turn in between.
    pub(super) async fn delete_logs(&self, doomed: Doomed) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            let _held = self.ids.lock().await;
            let mut tx = self.database.writer.begin_with("BEGIN IMMEDIATE").await?;
            let deleted = logs::delete_some(&mut tx, doomed).await?;
            tx.commit().await?;
            all += deleted;
            if deleted == 0 {
                return Ok(all);
            }
        }
    }

    /// How long the ids of what was stored are kept, in milliseconds: as long as minutes, and two days at the least.
    pub(super) fn ids_kept_ms(retention: &Retention) -> i64 {
        retention.minutes_secs.max(2 * 86_400) * 1_000
    }

    /// A report that was accepted before the oldest id that is still known may have been counted: better once too few than
    /// a number that is wrong. It is kept as a dead letter.
    fn refuse_too_old(&self, reports: &[AcceptedReport]) -> Result<(), StoreError> {
        let oldest = self.clock.now_ms() - Self::ids_kept_ms(&self.retention);
        match reports.iter().find(|report| report.accepted_at < oldest) {
            Some(report) => Err(StoreError::Refused(format!(
                "report {} was accepted so long ago that it is not known any more whether it was counted",
                report.report.report_id
            ))),
            None => Ok(()),
        }
    }
}

/// Notes that something is stored; false when it was before.
async fn store_id(
    tx: &mut SqliteConnection,
    class: StoredClass,
    id: Uuid,
    accepted_at: UnixMillis,
) -> Result<bool, StoreError> {
    let query = sqlx::query("INSERT OR IGNORE INTO stored (class, id, accepted_at) VALUES (?, ?, ?)");
    let query = query.bind(class as i64).bind(id.as_bytes().as_slice()).bind(accepted_at);
    Ok(query.execute(tx).await?.rows_affected() == 1)
}
