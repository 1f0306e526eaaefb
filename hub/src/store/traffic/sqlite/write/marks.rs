//! Which running numbers of ingest arrived.

use std::collections::BTreeMap;

use sqlx::SqliteConnection;
use uuid::Uuid;

use super::super::corrupt;
use super::super::ingest::Arrived;
use crate::store::StoreError;
use crate::store::traffic::IngestMark;

/// Adds `marks`; again is the same as once.
pub(super) async fn store(
    tx: &mut SqliteConnection,
    marks: impl Iterator<Item = IngestMark>,
) -> Result<(), StoreError> {
    let mut by_ingest: BTreeMap<Uuid, Vec<IngestMark>> = BTreeMap::new();
    for mark in marks {
        by_ingest.entry(mark.ingest_id).or_default().push(mark);
    }
    for (ingest_id, marks) in by_ingest {
        let mut arrived = read(tx, ingest_id).await?;
        marks.iter().for_each(|mark| arrived.insert(mark.sequence));
        let last = marks.iter().map(|mark| mark.accepted_at).max().unwrap_or(0);
        let sql = "INSERT INTO ingests (ingest_id, ranges, last_accepted_at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET \
                   ranges = excluded.ranges, last_accepted_at = max(last_accepted_at, excluded.last_accepted_at)";
        let query = sqlx::query(sql).bind(ingest_id.as_bytes().as_slice()).bind(arrived.encode()).bind(last);
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

async fn read(tx: &mut SqliteConnection, ingest_id: Uuid) -> Result<Arrived, StoreError> {
    let query = sqlx::query_as("SELECT ranges FROM ingests WHERE ingest_id = ?");
    let row: Option<(Vec<u8>,)> = query.bind(ingest_id.as_bytes().as_slice()).fetch_optional(tx).await?;
    match row {
        Some((ranges,)) => Arrived::decode(&ranges).ok_or_else(|| corrupt("an ingest's ranges")),
        None => Ok(Arrived::default()),
    }
}
