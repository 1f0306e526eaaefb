//! Sessions.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::{PostgresMetadata, bounded, users};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::metadata::{SecretHash, Session, Sessions};

const BY_HASH: &str = "SELECT sessions.created_at, last_seen_at,
    users.id::text, email, role, password_hash, users.created_at
    FROM sessions LEFT JOIN users ON users.id = user_id WHERE hash = $1";
const INSERT: &str =
    "INSERT INTO sessions (hash, user_id, created_at, last_seen_at) VALUES ($1, $2::uuid, $3, $3)";

#[async_trait]
impl Sessions for PostgresMetadata {
    async fn create_session(
        &self,
        hash: &SecretHash,
        user_id: Option<Uuid>,
        now: UnixSecs,
    ) -> Result<(), StoreError> {
        bounded(async {
            let user_id = user_id.map(|id| id.to_string());
            sqlx::query(INSERT).bind(hash.to_vec()).bind(user_id).bind(now).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    async fn session(&self, hash: &SecretHash) -> Result<Option<Session>, StoreError> {
        bounded(async {
            let query = sqlx::query(BY_HASH).bind(hash.to_vec());
            query.fetch_optional(&self.pool).await?.as_ref().map(session).transpose()
        })
        .await
    }

    async fn touch_session(&self, hash: &SecretHash, now: UnixSecs) -> Result<(), StoreError> {
        bounded(async {
            let query = sqlx::query("UPDATE sessions SET last_seen_at = $1 WHERE hash = $2");
            query.bind(now).bind(hash.to_vec()).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    async fn delete_session(&self, hash: &SecretHash) -> Result<(), StoreError> {
        bounded(async {
            let query = sqlx::query("DELETE FROM sessions WHERE hash = $1");
            query.bind(hash.to_vec()).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    async fn delete_sessions(
        &self,
        created_before: UnixSecs,
        seen_before: UnixSecs,
    ) -> Result<(), StoreError> {
        bounded(async {
            let query = sqlx::query("DELETE FROM sessions WHERE created_at < $1 OR last_seen_at < $2");
            query.bind(created_before).bind(seen_before).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }
}

fn session(row: &PgRow) -> Result<Session, StoreError> {
    let user_id: Option<String> = row.try_get(2)?;
    Ok(Session {
        user: user_id.map(|_| users::user(row, 2)).transpose()?,
        created_at: row.try_get(0)?,
        last_seen_at: row.try_get(1)?,
    })
}
