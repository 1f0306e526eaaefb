//! Which running numbers of ingest arrived, as bits: to set one again changes nothing.

use std::collections::HashMap;

use uuid::Uuid;

use super::super::rows::ArrivalRow;
use super::super::{ARRIVALS_KEPT_SECS, BLOCK, ClickHouseTraffic, DAY};
use crate::store::StoreError;
use crate::store::traffic::IngestMark;

impl ClickHouseTraffic {
    /// Notes numbers. Those of a message that waited for very long are not: what they would close is not told any more.
    pub(super) async fn note_arrivals(
        &self,
        marks: impl Iterator<Item = IngestMark>,
    ) -> Result<(), StoreError> {
        let oldest = (self.clock.now() - ARRIVALS_KEPT_SECS) * 1_000;
        let mut blocks: HashMap<(Uuid, u64, u16), (u64, i64)> = HashMap::new();
        for mark in marks.filter(|mark| mark.accepted_at >= oldest) {
            let day = u16::try_from(mark.accepted_at.div_euclid(1_000 * DAY)).unwrap_or(u16::MAX);
            let key = (mark.ingest_id, mark.sequence / BLOCK, day);
            let (bits, accepted_at) = blocks.entry(key).or_insert((0, mark.accepted_at));
            *bits |= 1 << (mark.sequence % BLOCK);
            *accepted_at = mark.accepted_at.max(*accepted_at);
        }
        let rows = blocks.into_iter().map(|((ingest_id, block, day), (bits, accepted_at))| ArrivalRow {
            ingest_id,
            block,
            day,
            bits,
            accepted_at,
        });
        self.link.insert::<ArrivalRow>("arrivals", &rows.collect::<Vec<_>>()).await
    }
}
