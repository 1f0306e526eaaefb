//! Sessions.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::users::{self, user_columns};
use super::{SqliteMetadata, parse_id};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::metadata::{NewSession, SecretHash, Session, SessionRecord, Sessions};

const INSERT: &str = "INSERT INTO sessions (hash, id, user_id, address, user_agent, created_at, last_seen_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)";
const BY_HASH: &str = concat!(
    "SELECT sessions.id, sessions.created_at, sessions.last_seen_at, ",
    user_columns!(),
    " FROM sessions LEFT JOIN users ON users.id = sessions.user_id WHERE sessions.hash = ?"
);
const BY_USER: &str = "SELECT id, address, user_agent, created_at, last_seen_at FROM sessions
    WHERE user_id = ? ORDER BY last_seen_at DESC, created_at DESC, id";

#[async_trait]
impl Sessions for SqliteMetadata {
    async fn create_session(&self, session: &NewSession) -> Result<(), StoreError> {
        let query = sqlx::query(INSERT)
            .bind(session.hash.to_vec())
            .bind(session.id.to_string())
            .bind(session.user_id.map(|id| id.to_string()))
            .bind(&session.address)
            .bind(&session.user_agent)
            .bind(session.created_at);
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

    async fn sessions_of(&self, user_id: Uuid) -> Result<Vec<SessionRecord>, StoreError> {
        let query = sqlx::query(BY_USER).bind(user_id.to_string());
        query.fetch_all(&self.database.readers).await?.iter().map(record).collect()
    }

    async fn end_session(&self, user_id: Uuid, id: Uuid) -> Result<bool, StoreError> {
        let query = sqlx::query("DELETE FROM sessions WHERE user_id = ? AND id = ?");
        let result = query.bind(user_id.to_string()).bind(id.to_string()).execute(&self.database.writer);
        Ok(result.await?.rows_affected() > 0)
    }

    async fn end_sessions_of(&self, user_id: Uuid, except: Option<Uuid>) -> Result<(), StoreError> {
        let query = sqlx::query("DELETE FROM sessions WHERE user_id = ? AND id IS NOT ?");
        let query = query.bind(user_id.to_string()).bind(except.map(|id| id.to_string()));
        query.execute(&self.database.writer).await?;
        Ok(())
    }
}

fn session(row: &SqliteRow) -> Result<Session, StoreError> {
    let (id, user_id): (String, Option<String>) = (row.try_get(0)?, row.try_get(3)?);
    Ok(Session {
        id: parse_id(&id)?,
        user: user_id.map(|_| users::user(row, 3)).transpose()?,
        created_at: row.try_get(1)?,
        last_seen_at: row.try_get(2)?,
    })
}

fn record(row: &SqliteRow) -> Result<SessionRecord, StoreError> {
    Ok(SessionRecord {
        id: parse_id(&row.try_get::<String, _>(0)?)?,
        address: row.try_get(1)?,
        user_agent: row.try_get(2)?,
        created_at: row.try_get(3)?,
        last_seen_at: row.try_get(4)?,
    })
}
