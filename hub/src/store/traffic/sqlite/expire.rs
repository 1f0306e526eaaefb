//! Ageing: deletes what is too old, in transactions of a few hundred rows, so that a write never waits long for one.

use std::sync::atomic::Ordering;

use sqlx::sqlite::SqliteArguments;
use sqlx::{Sqlite, SqlitePool};

use super::write::Doomed;
use super::{MINUTES_DELETED_BEFORE, SqliteTraffic, tier_id};
use crate::clock::UnixSecs;
use crate::sqlite::reclaim;
use crate::store::StoreError;
use crate::store::traffic::plan::delete_before;
use crate::store::traffic::{Retention, Tier};

/// Rows in one transaction: some milliseconds.
const ROWS_AT_ONCE: i64 = 500;

/// Free pages that stay for new rows (8 KiB each), and how many are handed back at once.
const PAGES_KEPT: i64 = 1_024;
const PAGES_AT_ONCE: i64 = 256;

type Query = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

impl SqliteTraffic {
    pub(super) async fn expire(&self, now: UnixSecs, retention: &Retention) -> Result<(), StoreError> {
        self.mark_minutes(delete_before(Tier::Minute, now, retention)).await?;
        for tier in Tier::ALL {
            self.expire_tier(tier, delete_before(tier, now, retention)).await?;
        }
        self.expire_rest(now, retention).await?;
        while self.hand_pages_back().await? {}
        Ok(())
    }

    /// Remembers how far minutes are deleted, before they are.
    async fn mark_minutes(&self, before: UnixSecs) -> Result<(), StoreError> {
        let _held = self.ids.lock().await;
        let sql = "INSERT INTO marks (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)";
        sqlx::query(sql).bind(MINUTES_DELETED_BEFORE).bind(before).execute(&self.database.writer).await?;
        self.minutes_deleted_before.fetch_max(before, Ordering::Relaxed);
        Ok(())
    }

    async fn expire_tier(&self, tier: Tier, before: UnixSecs) -> Result<(), StoreError> {
        let mut at = (i64::MIN, i64::MIN);
        while let Some((route, consumer, oldest)) = next_series(&self.database.readers, tier, at).await? {
            at = (route, consumer);
            if oldest < before {
                let sql = "DELETE FROM traffic WHERE (tier, route_id, consumer_id, bucket) IN (SELECT tier, route_id, consumer_id, \
                           bucket FROM traffic WHERE tier = ? AND route_id = ? AND consumer_id = ? AND bucket < ? \
                           ORDER BY bucket LIMIT ?)";
                self.delete(|| sqlx::query(sql).bind(tier_id(tier)).bind(route).bind(consumer).bind(before))
                    .await?;
            }
        }
        for sql in [
            "DELETE FROM event_counts WHERE (tier, group_id, bucket, consumer_id) IN (SELECT tier, group_id, bucket, consumer_id \
             FROM event_counts WHERE tier = ? AND bucket < ? LIMIT ?)",
            "DELETE FROM resources WHERE (tier, instance, bucket) IN (SELECT tier, instance, bucket FROM resources \
             WHERE tier = ? AND bucket < ? LIMIT ?)",
        ] {
            self.delete(|| sqlx::query(sql).bind(tier_id(tier)).bind(before)).await?;
        }
        Ok(())
    }

    /// What belongs to no tier. Routes stay: a route that nobody calls any more is worth knowing.
    async fn expire_rest(&self, now: UnixSecs, retention: &Retention) -> Result<(), StoreError> {
        let coarse = delete_before(Tier::Day, now, retention);
        let expired = [
            (
                "DELETE FROM event_groups WHERE id IN (SELECT id FROM event_groups WHERE last_seen < ? LIMIT ?)",
                coarse,
            ),
            (
                "DELETE FROM event_versions WHERE (group_id, version) IN (SELECT group_id, version FROM event_versions \
                 WHERE last_seen < ? LIMIT ?)",
                coarse,
            ),
            (
                "DELETE FROM consumers WHERE id IN (SELECT id FROM consumers WHERE last_seen < ? LIMIT ?)",
                coarse,
            ),
            (
                "DELETE FROM instances WHERE id IN (SELECT id FROM instances WHERE seen_at < ? LIMIT ?)",
                coarse * 1_000,
            ),
            (
                "DELETE FROM stored WHERE (class, id) IN (SELECT class, id FROM stored WHERE accepted_at < ? LIMIT ?)",
                now * 1_000 - Self::ids_kept_ms(retention),
            ),
            (
                "DELETE FROM ingests WHERE ingest_id IN (SELECT ingest_id FROM ingests WHERE last_accepted_at < ? LIMIT ?)",
                now * 1_000 - Self::ids_kept_ms(retention),
            ),
        ];
        for (sql, before) in expired {
            self.delete(|| sqlx::query(sql).bind(before)).await?;
        }
        self.expire_logs((now - retention.request_logs_secs) * 1_000_000).await
    }

    async fn expire_logs(&self, time_us: i64) -> Result<(), StoreError> {
        let scopes: Vec<i64> =
            sqlx::query_scalar("SELECT id FROM scopes").fetch_all(&self.database.readers).await?;
        for scope in scopes {
            self.delete_logs(Doomed::Before { scope, time_us }).await?;
        }
        Ok(())
    }

    /// Runs `query` with a limit until it finds nothing more; writes get their turn in between.
    pub(super) async fn delete(&self, query: impl Fn() -> Query) -> Result<(), StoreError> {
        loop {
            let mut ids = self.ids.lock().await;
            let deleted = query().bind(ROWS_AT_ONCE).execute(&self.database.writer).await?.rows_affected();
            if deleted > 0 {
                // A consumer or an instance among them must not be remembered.
                *ids = Default::default();
            }
            if deleted < ROWS_AT_ONCE.unsigned_abs() {
                return Ok(());
            }
        }
    }

    async fn hand_pages_back(&self) -> Result<bool, StoreError> {
        let _held = self.ids.lock().await;
        Ok(reclaim(&self.database.writer, PAGES_KEPT, PAGES_AT_ONCE).await?)
    }
}

/// The first series of `tier` after `at`, with its oldest bucket. It is one seek, because the key begins with them.
pub(super) async fn next_series(
    readers: &SqlitePool,
    tier: Tier,
    at: (i64, i64),
) -> Result<Option<(i64, i64, UnixSecs)>, StoreError> {
    let sql = "SELECT route_id, consumer_id, bucket FROM traffic WHERE tier = ? AND (route_id, consumer_id) > (?, ?) \
               ORDER BY route_id, consumer_id, bucket LIMIT 1";
    Ok(sqlx::query_as(sql).bind(tier_id(tier)).bind(at.0).bind(at.1).fetch_optional(readers).await?)
}
