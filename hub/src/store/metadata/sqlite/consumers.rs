//! Consumers, and the secret of their hashes.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::SqliteMetadata;
use crate::clock::UnixSecs;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::metadata::{ConsumerRecord, Consumers};
use crate::store::traffic::ConsumerHash;

const WRITE: &str =
    "INSERT INTO consumers (app_id, hash, identifier, name, consumer_group, first_seen_at, last_seen_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
    ON CONFLICT (app_id, hash) DO UPDATE SET name = COALESCE(excluded.name, name),
    consumer_group = COALESCE(excluded.consumer_group, consumer_group), last_seen_at = excluded.last_seen_at";
const FIND: &str =
    "SELECT hash, identifier, name, consumer_group FROM consumers WHERE app_id = ? AND hash = ?";

const EXPIRE: &str = "DELETE FROM consumers WHERE (app_id, hash) IN
    (SELECT app_id, hash FROM consumers WHERE last_seen_at < ? LIMIT ?)";

#[async_trait]
impl Consumers for SqliteMetadata {
    async fn secret(&self, name: &str) -> Result<[u8; 32], StoreError> {
        let fresh: [u8; 32] = rand::random();
        let insert =
            sqlx::query("INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING");
        insert.bind(name).bind(fresh.to_vec()).execute(&self.database.writer).await?;
        let select = sqlx::query_scalar("SELECT value FROM secrets WHERE name = ?").bind(name);
        let stored: Vec<u8> = select.fetch_one(&self.database.readers).await?;
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
        let mut transaction = self.database.writer.begin_with("BEGIN IMMEDIATE").await?;
        for consumer in consumers {
            let query = sqlx::query(WRITE)
                .bind(app_id.to_string())
                .bind(consumer.hash.to_vec())
                .bind(&consumer.identifier)
                .bind(&consumer.name)
                .bind(&consumer.group)
                .bind(now);
            query.execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn consumers(
        &self,
        app_id: AppId,
        hashes: &[ConsumerHash],
    ) -> Result<Vec<ConsumerRecord>, StoreError> {
        let mut connection = self.database.readers.acquire().await?;
        let mut found = Vec::new();
        for hash in hashes {
            let query = sqlx::query(FIND).bind(app_id.to_string()).bind(hash.to_vec());
            let row = query.fetch_optional(&mut *connection).await?;
            found.extend(row.as_ref().map(|row| consumer(row, *hash)).transpose()?);
        }
        Ok(found)
    }

    async fn expire_consumers(&self, before: UnixSecs, limit: u32) -> Result<u64, StoreError> {
        let query = sqlx::query(EXPIRE).bind(before).bind(limit);
        Ok(query.execute(&self.database.writer).await?.rows_affected())
    }

    async fn forget_consumer(&self, app_id: AppId, hash: &ConsumerHash) -> Result<bool, StoreError> {
        let query = sqlx::query("DELETE FROM consumers WHERE app_id = ? AND hash = ?");
        let result = query.bind(app_id.to_string()).bind(hash.to_vec()).execute(&self.database.writer).await;
        Ok(result?.rows_affected() > 0)
    }
}

fn consumer(row: &SqliteRow, hash: ConsumerHash) -> Result<ConsumerRecord, StoreError> {
    Ok(ConsumerRecord { hash, identifier: row.try_get(1)?, name: row.try_get(2)?, group: row.try_get(3)? })
}
