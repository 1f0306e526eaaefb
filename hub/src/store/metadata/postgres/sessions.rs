//! Sessions.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::users::{self, user_columns};
use super::{PostgresMetadata, bounded, parse_id, storable};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::metadata::{NewSession, SecretHash, Session, SessionRecord, Sessions};

const INSERT: &str = "INSERT INTO sessions (hash, id, user_id, address, user_agent, created_at, last_seen_at)
    VALUES ($1, $2::uuid, $3::uuid, $4, $5, $6, $6)";
const BY_HASH: &str = concat!(
    "SELECT sessions.id::text, sessions.created_at, sessions.last_seen_at, ",
    user_columns!(),
    " FROM sessions LEFT JOIN users ON users.id = sessions.user_id WHERE sessions.hash = $1"
);
const BY_USER: &str = "SELECT id::text, address, user_agent, created_at, last_seen_at FROM sessions
    WHERE user_id = $1::uuid ORDER BY last_seen_at DESC, created_at DESC, id";
const END: &str = "DELETE FROM sessions WHERE user_id = $1::uuid AND id = $2::uuid";
const END_OTHERS: &str = "DELETE FROM sessions WHERE user_id = $1::uuid AND id IS DISTINCT FROM $2::uuid";

#[async_trait]
impl Sessions for PostgresMetadata {
    async fn create_session(&self, session: &NewSession) -> Result<(), StoreError> {
        bounded(async {
            let query = sqlx::query(INSERT)
                .bind(session.hash.to_vec())
                .bind(session.id.to_string())
                .bind(session.user_id.map(|id| id.to_string()))
                .bind(&session.address)
                .bind(session.user_agent.as_deref().map(storable))
                .bind(session.created_at);
            query.execute(&self.pool).await?;
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

    async fn sessions_of(&self, user_id: Uuid) -> Result<Vec<SessionRecord>, StoreError> {
        bounded(async {
            let query = sqlx::query(BY_USER).bind(user_id.to_string());
            query.fetch_all(&self.pool).await?.iter().map(record).collect()
        })
        .await
    }

    async fn end_session(&self, user_id: Uuid, id: Uuid) -> Result<bool, StoreError> {
        bounded(async {
            let query = sqlx::query(END).bind(user_id.to_string()).bind(id.to_string());
            Ok(query.execute(&self.pool).await?.rows_affected() > 0)
        })
        .await
    }

    async fn end_sessions_of(&self, user_id: Uuid, except: Option<Uuid>) -> Result<(), StoreError> {
        bounded(async {
            let query = sqlx::query(END_OTHERS).bind(user_id.to_string());
            query.bind(except.map(|id| id.to_string())).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }
}

fn session(row: &PgRow) -> Result<Session, StoreError> {
    let (id, user_id): (String, Option<String>) = (row.try_get(0)?, row.try_get(3)?);
    Ok(Session {
        id: parse_id(&id)?,
        user: user_id.map(|_| users::user(row, 3)).transpose()?,
        created_at: row.try_get(1)?,
        last_seen_at: row.try_get(2)?,
    })
}

fn record(row: &PgRow) -> Result<SessionRecord, StoreError> {
    Ok(SessionRecord {
        id: parse_id(&row.try_get::<String, _>(0)?)?,
        address: row.try_get(1)?,
        user_agent: row.try_get(2)?,
        created_at: row.try_get(3)?,
        last_seen_at: row.try_get(4)?,
    })
}
