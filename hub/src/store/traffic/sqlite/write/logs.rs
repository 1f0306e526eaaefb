//! Request logs: one row each, who called as a number only.

use sendry_sdk::protocol::RequestLog;
use sqlx::SqliteConnection;

use super::cells::EVERYBODY;
use super::events::Events;
use super::ids::IdCache;
use super::{StoredClass, store_id};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::{AcceptedRequestLogs, Tier, Written};

/// Stores the batches that were not stored before.
pub(super) async fn store(
    tx: &mut SqliteConnection,
    ids: &mut IdCache,
    batches: &[AcceptedRequestLogs],
) -> Result<Written, StoreError> {
    let (mut written, mut events) = (Written::default(), Events::default());
    for batch in batches {
        if !store_id(tx, StoredClass::RequestLogs, batch.head.batch_id, batch.accepted_at).await? {
            written.duplicates += 1;
            continue;
        }
        let scope = ids.scope(tx, batch.app_id, &batch.head.env).await?;
        let hashes = batch.consumer_hashes.iter().chain(std::iter::repeat(&None));
        for (log, hash) in batch.logs.iter().zip(hashes) {
            let minute = minute_of(log);
            let consumer = match hash {
                Some(hash) => ids.consumer(tx, (scope, *hash), (minute, minute)).await?,
                None => EVERYBODY,
            };
            store_log(tx, (scope, consumer), log).await?;
        }
        let minute = Tier::Minute.floor(batch.accepted_at.div_euclid(1_000));
        batch.hub_losses.iter().for_each(|loss| events.add_loss(scope, minute, loss));
        written.stored += 1;
    }
    events.store(tx).await?;
    Ok(written)
}

fn minute_of(log: &RequestLog) -> UnixSecs {
    log.time_us.div_euclid(60_000_000) * 60
}

async fn store_log(
    tx: &mut SqliteConnection,
    (scope, consumer): (i64, i64),
    log: &RequestLog,
) -> Result<(), StoreError> {
    let nameless = RequestLog { consumer: None, ..log.clone() };
    let json = serde_json::to_string(&nameless).map_err(|error| StoreError::Refused(error.to_string()))?;
    let sql = "INSERT OR IGNORE INTO request_logs (id, scope_id, time_us, method, path, status, duration_us, consumer_id, log) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let query = sqlx::query(sql).bind(log.id.as_bytes().as_slice()).bind(scope).bind(log.time_us);
    let query = query.bind(&log.method).bind(&log.path).bind(log.status);
    let query = query.bind(i64::try_from(log.duration_us).unwrap_or(i64::MAX)).bind(consumer).bind(json);
    query.execute(tx).await?;
    Ok(())
}
