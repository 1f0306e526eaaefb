//! What was stored already, and what ingest accepted.

use super::names::bits_between;
use crate::store::StoreError;
use crate::store::traffic::clickhouse::link::date_time;
use crate::store::traffic::clickhouse::rows::{ArrivalRow, StoredRow};
use crate::store::traffic::clickhouse::{ARRIVALS_KEPT_SECS, BLOCK, ClickHouseTraffic, DAY};
use crate::store::traffic::copied::{CopiedId, CopiedIngest};

impl ClickHouseTraffic {
    /// Makes further copies of these messages known as such.
    pub(crate) async fn import_ids(&self, ids: &[CopiedId]) -> Result<(), StoreError> {
        let rows = ids.iter().map(|copied| StoredRow {
            class: copied.class,
            id: copied.id,
            accepted_at: date_time(copied.accepted_at.div_euclid(1_000)),
        });
        self.link.insert::<StoredRow>("stored", &rows.collect::<Vec<_>>()).await
    }

    /// Notes which running numbers arrived, of processes that accepted something lately.
    pub(crate) async fn import_ingests(&self, ingests: &[CopiedIngest]) -> Result<(), StoreError> {
        let oldest = (self.clock.now() - ARRIVALS_KEPT_SECS) * 1_000;
        for ingest in ingests.iter().filter(|ingest| ingest.last_accepted_at >= oldest) {
            let day = u16::try_from(ingest.last_accepted_at.div_euclid(1_000 * DAY)).unwrap_or(u16::MAX);
            let blocks = ingest.ranges.iter().flat_map(|&range| {
                (range.0 / BLOCK..range.1.div_ceil(BLOCK))
                    .map(move |block| (block, bits_between(block, range)))
            });
            let rows = blocks.map(|(block, bits)| ArrivalRow {
                ingest_id: ingest.id,
                block,
                day,
                bits,
                accepted_at: ingest.last_accepted_at,
            });
            self.link.insert::<ArrivalRow>("arrivals", &rows.collect::<Vec<_>>()).await?;
        }
        Ok(())
    }
}
