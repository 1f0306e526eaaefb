//! Consumers, and the secret of their hashes.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use sqlx::Row;

use super::{PostgresMetadata, bounded, storable};
use crate::clock::UnixSecs;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::metadata::{ConsumerRecord, Consumers};
use crate::store::traffic::ConsumerHash;

const WRITE: &str =
    "INSERT INTO consumers (app_id, hash, identifier, name, consumer_group, first_seen_at, last_seen_at)
    SELECT $1::uuid, hash, identifier, name, consumer_group, $6, $6
    FROM UNNEST($2::bytea[], $3::text[], $4::text[], $5::text[]) AS new (hash, identifier, name, consumer_group)
    ON CONFLICT (app_id, hash) DO UPDATE SET name = COALESCE(excluded.name, consumers.name),
    consumer_group = COALESCE(excluded.consumer_group, consumers.consumer_group),
    last_seen_at = excluded.last_seen_at";
const FIND: &str = "SELECT hash, identifier, name, consumer_group FROM consumers
    WHERE app_id = $1::uuid AND hash = ANY($2)";
const FORGET: &str = "DELETE FROM consumers WHERE app_id = $1::uuid AND hash = $2";
/// One that a worker writes at this moment is not waited for: it is not as old as it seems.
const EXPIRE: &str = "DELETE FROM consumers WHERE (app_id, hash) IN
    (SELECT app_id, hash FROM consumers WHERE last_seen_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
const MAKE_SECRET: &str = "INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";

#[async_trait]
impl Consumers for PostgresMetadata {
    async fn secret(&self, name: &str) -> Result<[u8; 32], StoreError> {
        let fresh: [u8; 32] = rand::random();
        let stored: Vec<u8> = bounded(async {
            sqlx::query(MAKE_SECRET).bind(name).bind(fresh.to_vec()).execute(&self.pool).await?;
            let select = sqlx::query_scalar("SELECT value FROM secrets WHERE name = $1").bind(name);
            Ok(select.fetch_one(&self.pool).await?)
        })
        .await?;
        stored
            .try_into()
            .map_err(|_| StoreError::Refused(format!("the secret {name:?} is not 32 bytes long")))
    }

    async fn write_consumers(
        &self,
        app_id: AppId,
        consumers: &[ConsumerRecord],
        now: UnixSecs,
    ) -> Result<(), StoreError> {
        let rows = merged(consumers);
        let column = |take: fn(&ConsumerRecord) -> Option<&String>| -> Vec<Option<String>> {
            rows.iter().map(|row| take(row).map(|text| storable(text).into_owned())).collect()
        };
        bounded(async {
            let query = sqlx::query(WRITE)
                .bind(app_id.to_string())
                .bind(rows.iter().map(|row| row.hash.to_vec()).collect::<Vec<_>>())
                .bind(column(|row| Some(&row.identifier)))
                .bind(column(|row| row.name.as_ref()))
                .bind(column(|row| row.group.as_ref()))
                .bind(now);
            query.execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    async fn consumers(
        &self,
        app_id: AppId,
        hashes: &[ConsumerHash],
    ) -> Result<Vec<ConsumerRecord>, StoreError> {
        let wanted: Vec<_> = hashes.iter().map(|hash| hash.to_vec()).collect();
        bounded(async {
            let query = sqlx::query(FIND).bind(app_id.to_string()).bind(wanted);
            let rows = query.fetch_all(&self.pool).await?;
            let by_hash: Result<HashMap<Vec<u8>, _>, sqlx::Error> =
                rows.iter().map(|row| Ok((row.try_get(0)?, row))).collect();
            let by_hash = by_hash?;
            let found = hashes.iter().filter_map(|hash| Some((*hash, *by_hash.get(&hash[..])?)));
            found
                .map(|(hash, row)| {
                    let (identifier, name, group) = (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
                    Ok(ConsumerRecord { hash, identifier, name, group })
                })
                .collect()
        })
        .await
    }

    async fn expire_consumers(&self, before: UnixSecs, limit: u32) -> Result<u64, StoreError> {
        bounded(async {
            let query = sqlx::query(EXPIRE).bind(before).bind(i64::from(limit));
            Ok(query.execute(&self.pool).await?.rows_affected())
        })
        .await
    }

    async fn forget_consumer(&self, app_id: AppId, hash: &ConsumerHash) -> Result<bool, StoreError> {
        bounded(async {
            let query = sqlx::query(FORGET).bind(app_id.to_string()).bind(hash.to_vec());
            Ok(query.execute(&self.pool).await?.rows_affected() > 0)
        })
        .await
    }
}

/// One row a consumer, as one statement can write it, and sorted: two workers that take the same rows in the same order
/// cannot wait for each other.
fn merged(consumers: &[ConsumerRecord]) -> Vec<ConsumerRecord> {
    let mut rows = BTreeMap::<ConsumerHash, ConsumerRecord>::new();
    for consumer in consumers {
        let row = rows.entry(consumer.hash).or_insert_with(|| consumer.clone());
        if consumer.name.is_some() {
            row.name.clone_from(&consumer.name);
        }
        if consumer.group.is_some() {
            row.group.clone_from(&consumer.group);
        }
    }
    rows.into_values().collect()
}
