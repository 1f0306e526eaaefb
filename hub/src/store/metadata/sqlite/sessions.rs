//! Sessions.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::{SqliteMetadata, users};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::metadata::{SecretHash, Session, Sessions};

const BY_HASH: &str = "SELECT sessions.created_at, last_seen_at,
    users.id, email, role, password_hash, users.created_at
    FROM sessions LEFT JOIN users ON users.id = user_id WHERE hash = ?";

#[async_trait]
impl Sessions for SqliteMetadata {
    async fn create_session(
        &self,
        hash: &SecretHash,
        user_id: Option<Uuid>,
        now: UnixSecs,
    ) -> Result<(), StoreError> {
        let query =
            sqlx::query("INSERT INTO sessions (hash, user_id, created_at, last_seen_at) VALUES (?, ?, ?, ?)")
                .bind(hash.to_vec())
                .bind(user_id.map(|id| id.to_string()))
                .bind(now)
                .bind(now);
        query.execute(&self.database.writer).await?;
        Ok(())
    }

    async fn session(&self, hash: &SecretHash) -> Result<Option<Session>, StoreError> {
        let query = sqlx::query(BY_HASH).bind(hash.to_vec());
        query.fetch_optional(&self.database.readers).await?.as_ref().map(session).transpose()
    }

    async fn touch_session(&self, hash: &SecretHash, now: UnixSecs) -> Result<(), StoreError> {
        let query =
            sqlx::query("UPDATE sessions SET last_seen_at = ? WHERE hash = ?").bind(now).bind(hash.to_vec());
        query.execute(&self.database.writer).await?;
        Ok(())
    }

    async fn delete_session(&self, hash: &SecretHash) -> Result<(), StoreError> {
        let query = sqlx::query("DELETE FROM sessions WHERE hash = ?").bind(hash.to_vec());
        query.execute(&self.database.writer).await?;
        Ok(())
    }

    async fn delete_sessions(
        &self,
        created_before: UnixSecs,
        seen_before: UnixSecs,
    ) -> Result<(), StoreError> {
        let query = sqlx::query("DELETE FROM sessions WHERE created_at < ? OR last_seen_at < ?");
        query.bind(created_before).bind(seen_before).execute(&self.database.writer).await?;
        Ok(())
    }
}

fn session(row: &SqliteRow) -> Result<Session, StoreError> {
    let user_id: Option<String> = row.try_get(2)?;
    Ok(Session {
        user: user_id.map(|_| users::user(row, 2)).transpose()?,
        created_at: row.try_get(0)?,
        last_seen_at: row.try_get(1)?,
    })
}
