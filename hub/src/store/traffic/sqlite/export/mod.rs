//! Everything that the file holds, for a copy into another store. Nobody writes meanwhile.

mod counts;
mod names;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{MINUTES_DELETED_BEFORE, SqliteTraffic, corrupt, ingest::Arrived};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::Scope;
use crate::store::traffic::copied::{CopiedId, CopiedIngest};

/// Ids in one answer.
const IDS_AT_ONCE: i64 = 50_000;

impl SqliteTraffic {
    /// The environments with their numbers.
    pub(crate) async fn scopes(&self) -> Result<Vec<(i64, Scope)>, StoreError> {
        let sql = "SELECT id, app_id, env FROM scopes ORDER BY id";
        let rows: Vec<(i64, Vec<u8>, String)> = sqlx::query_as(sql).fetch_all(&self.database.readers).await?;
        rows.into_iter().map(|(id, app, env)| Ok((id, Scope { app_id: uuid(&app)?, env }))).collect()
    }

    /// Before this there are no minutes; the beginning of time when none were ever deleted.
    pub(crate) async fn minutes_from(&self) -> Result<UnixSecs, StoreError> {
        let query = sqlx::query_scalar("SELECT value FROM marks WHERE name = ?").bind(MINUTES_DELETED_BEFORE);
        Ok(query.fetch_optional(&self.database.readers).await?.unwrap_or(UnixSecs::MIN))
    }

    /// Changes whenever something was stored or deleted that is counted by time.
    pub(crate) async fn fingerprint(&self) -> Result<String, StoreError> {
        let sql = "SELECT (SELECT count(*) FROM stored), (SELECT coalesce(max(accepted_at), 0) FROM stored), \
                   (SELECT coalesce(max(number), 0) FROM request_log_texts), (SELECT coalesce(sum(reports), 0) FROM instances)";
        let figures: (i64, i64, i64, i64) = sqlx::query_as(sql).fetch_one(&self.database.readers).await?;
        let hash = Sha256::digest(format!("{figures:?}"));
        Ok(hex::encode(&hash[..8]))
    }

    /// The ids of stored messages after `after`, in their order; none left when it is empty.
    pub(crate) async fn stored_ids(&self, after: Option<CopiedId>) -> Result<Vec<CopiedId>, StoreError> {
        let sql =
            "SELECT class, id, accepted_at FROM stored WHERE (class, id) > (?, ?) ORDER BY class, id LIMIT ?";
        let (class, id) =
            after.map_or((-1, Vec::new()), |last| (i64::from(last.class), last.id.as_bytes().to_vec()));
        let query = sqlx::query_as(sql).bind(class).bind(id).bind(IDS_AT_ONCE);
        let rows: Vec<(u8, Vec<u8>, i64)> = query.fetch_all(&self.database.readers).await?;
        let ids = rows
            .into_iter()
            .map(|(class, id, accepted_at)| Ok(CopiedId { class, id: uuid(&id)?, accepted_at }));
        ids.collect()
    }

    pub(crate) async fn ingests(&self) -> Result<Vec<CopiedIngest>, StoreError> {
        let sql = "SELECT ingest_id, ranges, last_accepted_at FROM ingests WHERE length(ingest_id) = 16";
        let rows: Vec<(Vec<u8>, Vec<u8>, i64)> =
            sqlx::query_as(sql).fetch_all(&self.database.readers).await?;
        let ingests = rows.into_iter().map(|(id, ranges, last_accepted_at)| {
            let arrived = Arrived::decode(&ranges).ok_or_else(|| corrupt("an ingest's ranges"))?;
            Ok(CopiedIngest { id: uuid(&id)?, ranges: arrived.into_ranges(), last_accepted_at })
        });
        ingests.collect()
    }
}

fn uuid(bytes: &[u8]) -> Result<Uuid, StoreError> {
    Uuid::from_slice(bytes).map_err(|_| corrupt("an id"))
}
