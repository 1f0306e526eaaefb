//! Request logs: a slim row each, by which it is found, and its text. Who called is a number only.

use sendry_sdk::protocol::{FOLDED_PATH, RequestLog};
use sqlx::SqliteConnection;

use super::super::corrupt;
use super::cells::EVERYBODY;
use super::events::Events;
use super::ids::IdCache;
use super::{StoredClass, store_id};
use crate::clock::UnixSecs;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::traffic::{AcceptedRequestLogs, ConsumerHash, RouteKey, Tier, Written};

/// Logs that are deleted in one transaction: some milliseconds.
const DELETED_AT_ONCE: i64 = 200;

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
            let route = route_of(tx, ids, scope, log).await?;
            store_log(tx, Place { scope, route, consumer }, log).await?;
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

/// The number of the log's route; where it is one too many for the environment, that of the folded ones.
async fn route_of(
    tx: &mut SqliteConnection,
    ids: &mut IdCache,
    scope: i64,
    log: &RequestLog,
) -> Result<i64, StoreError> {
    let mut route = RouteKey { method: log.method.clone(), path: log.path.clone() };
    if let Some(number) = ids.route(tx, scope, &route).await? {
        return Ok(number);
    }
    route.path = FOLDED_PATH.to_owned();
    ids.route(tx, scope, &route).await?.ok_or_else(|| corrupt("routes"))
}

/// Under which numbers a log stands.
#[derive(Clone, Copy)]
struct Place {
    scope: i64,
    route: i64,
    consumer: i64,
}

async fn store_log(tx: &mut SqliteConnection, place: Place, log: &RequestLog) -> Result<(), StoreError> {
    let nameless = RequestLog { consumer: None, ..log.clone() };
    let json = serde_json::to_string(&nameless).map_err(|error| StoreError::Refused(error.to_string()))?;
    let sql = "INSERT INTO request_logs (scope_id, time_us, id, number, route_id, status, duration_us, consumer_id, trace_id, \
               bytes) VALUES (?, ?, ?, (SELECT coalesce(max(number), 0) + 1 FROM request_log_texts), ?, ?, ?, ?, ?, ?) \
               ON CONFLICT DO NOTHING RETURNING number";
    let query = sqlx::query_as(sql).bind(place.scope).bind(log.time_us).bind(log.id.as_bytes().as_slice());
    let query = query.bind(place.route).bind(log.status);
    let query = query.bind(i64::try_from(log.duration_us).unwrap_or(i64::MAX)).bind(place.consumer);
    let query = query.bind(log.trace_id.as_deref()).bind(i64::try_from(json.len()).unwrap_or(i64::MAX));
    let stored: Option<(i64,)> = query.fetch_optional(&mut *tx).await?;
    if let Some((number,)) = stored {
        let query = sqlx::query("INSERT INTO request_log_texts (number, log) VALUES (?, ?)");
        query.bind(number).bind(json).execute(tx).await?;
    }
    Ok(())
}

/// Which logs to delete.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Doomed {
    /// Those of a scope that arrived before a time.
    Before { scope: i64, time_us: i64 },
    /// Those of a consumer.
    Of { consumer: i64 },
}

/// Deletes some of the logs, rows and texts; how many there were. Nothing is left when it was none.
pub(in super::super) async fn delete_some(
    tx: &mut SqliteConnection,
    doomed: Doomed,
) -> Result<u64, StoreError> {
    let (condition, number, time_us) = match doomed {
        Doomed::Before { scope, time_us } => ("scope_id = ?1 AND time_us < ?2", scope, time_us),
        Doomed::Of { consumer } => {
            ("consumer_id = ?1 AND consumer_id != 0 AND time_us < ?2", consumer, i64::MAX)
        }
    };
    let sql = format!(
        "SELECT scope_id, time_us, id, number FROM request_logs WHERE {condition} ORDER BY time_us LIMIT ?3"
    );
    let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(number).bind(time_us).bind(DELETED_AT_ONCE);
    let found: Vec<(i64, i64, Vec<u8>, i64)> = query.fetch_all(&mut *tx).await?;
    for (scope, time_us, id, number) in &found {
        let sql = "DELETE FROM request_logs WHERE scope_id = ? AND time_us = ? AND id = ?";
        sqlx::query(sql).bind(scope).bind(time_us).bind(id).execute(&mut *tx).await?;
        sqlx::query("DELETE FROM request_log_texts WHERE number = ?").bind(number).execute(&mut *tx).await?;
    }
    Ok(found.len() as u64)
}

/// The numbers of a consumer in the environments of an app.
pub(in super::super) async fn numbers_of(
    tx: &mut SqliteConnection,
    app_id: AppId,
    consumer: ConsumerHash,
) -> Result<Vec<i64>, StoreError> {
    let sql =
        "SELECT c.id FROM scopes s JOIN consumers c ON c.scope_id = s.id WHERE s.app_id = ? AND c.hash = ?";
    let query = sqlx::query_scalar(sql).bind(app_id.as_bytes().to_vec()).bind(consumer.to_vec());
    Ok(query.fetch_all(tx).await?)
}
