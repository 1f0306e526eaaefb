//! Ageing: whole partitions are dropped, by the hub's clock and what is configured now. That is cheap, needs no merge, and a changed
//! retention reaches what is stored. What of a partition is too old and still there is never asked for.

use std::sync::atomic::Ordering;

use clickhouse::Row;
use serde::Deserialize;

use super::link::{quote, time};
use super::rows::RememberedRow;
use super::{ARRIVALS_KEPT_SECS, ClickHouseTraffic, DAY, MINUTES_DELETED_BEFORE, period};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::plan::delete_before;
use crate::store::traffic::{Retention, Tier};

/// Marks go before the minutes that they tell of: a half hour with marks and without minutes would be computed as empty.
const BY_MINUTES: [&str; 4] = ["marks", "traffic_minutes", "events_minutes", "resources_minutes"];

/// Rows go before the runs that made them count.
const BY_COARSE: [&str; 4] = ["traffic_coarse", "events_coarse", "resources_coarse", "rollups"];

const BY_PERIOD: [&str; 5] = ["consumers", "event_groups", "event_versions", "instances", "instance_reports"];

#[derive(Row, Deserialize)]
struct Partition {
    id: String,
}

impl ClickHouseTraffic {
    /// Computes what is behind, because its minutes may go now, and drops what is too old.
    pub(super) async fn expire(&self, now: UnixSecs, retention: &Retention) -> Result<(), StoreError> {
        self.roll_up_all(now).await?;
        let of_day = |at: UnixSecs| format!("toYYYYMMDD({})", time(at));
        self.remember_minutes(Self::minutes_there_from(now, retention)).await?;
        let minutes = of_day(Self::minutes_there_from(now, retention));
        for table in BY_MINUTES {
            self.drop_before(table, &minutes).await?;
        }
        let coarse = delete_before(Tier::Day, now, retention);
        for table in BY_COARSE {
            self.drop_before(table, &format!("toYYYYMM({})", time(coarse))).await?;
        }
        for table in BY_PERIOD {
            self.drop_before(table, &period(coarse).to_string()).await?;
        }
        let ids = now - Self::ids_kept_secs(retention) - 2 * DAY;
        self.drop_before("stored", &of_day(ids)).await?;
        self.drop_before("request_logs", &of_day(now - retention.request_logs_secs)).await?;
        self.drop_before("arrivals", &of_day(now - ARRIVALS_KEPT_SECS)).await
    }

    /// Remembers how far minutes are deleted, before they are.
    pub(super) async fn remember_minutes(&self, before: UnixSecs) -> Result<(), StoreError> {
        let row = RememberedRow { name: MINUTES_DELETED_BEFORE, value: before };
        self.link.insert::<RememberedRow<'static>>("remembered", &[row]).await?;
        self.minutes_deleted_before.fetch_max(before, Ordering::Relaxed);
        Ok(())
    }

    /// Drops the partitions of `table` whose number is below `first`.
    async fn drop_before(&self, table: &str, first: &str) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT DISTINCT partition_id FROM system.parts WHERE database = currentDatabase() AND table = {} AND active \
             AND toUInt32OrZero(partition_id) < {first} ORDER BY partition_id",
            quote(table)
        );
        for Partition { id } in self.link.ask(&sql).await? {
            self.link.run(&format!("ALTER TABLE {table} DROP PARTITION ID {}", quote(&id))).await?;
        }
        Ok(())
    }
}
