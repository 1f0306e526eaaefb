//! Notes.

use async_trait::async_trait;

use super::{PostgresMetadata, bounded};
use crate::store::StoreError;
use crate::store::metadata::Notes;

const WRITE: &str = "INSERT INTO notes (name, value) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";
const FIND: &str = "SELECT value FROM notes WHERE name = $1";
const DELETE: &str = "DELETE FROM notes WHERE name = $1";

#[async_trait]
impl Notes for PostgresMetadata {
    async fn write_note(&self, name: &str, value: i64) -> Result<(), StoreError> {
        bounded(async {
            sqlx::query(WRITE).bind(name).bind(value).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    async fn note(&self, name: &str) -> Result<Option<i64>, StoreError> {
        bounded(async { Ok(sqlx::query_scalar(FIND).bind(name).fetch_optional(&self.pool).await?) }).await
    }

    async fn delete_note(&self, name: &str) -> Result<(), StoreError> {
        bounded(async {
            sqlx::query(DELETE).bind(name).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }
}
