//! Notes.

use async_trait::async_trait;

use super::SqliteMetadata;
use crate::store::StoreError;
use crate::store::metadata::Notes;

const WRITE: &str = "INSERT INTO notes (name, value) VALUES (?1, ?2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";
const FIND: &str = "SELECT value FROM notes WHERE name = ?";
const DELETE: &str = "DELETE FROM notes WHERE name = ?";

#[async_trait]
impl Notes for SqliteMetadata {
    async fn write_note(&self, name: &str, value: i64) -> Result<(), StoreError> {
        sqlx::query(WRITE).bind(name).bind(value).execute(&self.database.writer).await?;
        Ok(())
    }

    async fn note(&self, name: &str) -> Result<Option<i64>, StoreError> {
        Ok(sqlx::query_scalar(FIND).bind(name).fetch_optional(&self.database.readers).await?)
    }

    async fn delete_note(&self, name: &str) -> Result<(), StoreError> {
        sqlx::query(DELETE).bind(name).execute(&self.database.writer).await?;
        Ok(())
    }
}
