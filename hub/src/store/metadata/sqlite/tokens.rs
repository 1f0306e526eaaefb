//! Read tokens.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::{SqliteMetadata, parse_id};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::metadata::{NewToken, ReadToken, SecretHash, Tokens};

const ALL: &str = "SELECT id, name, prefix, created_at, last_used_at, revoked_at FROM tokens
    ORDER BY created_at DESC, rowid DESC";
const BY_HASH: &str =
    "SELECT id, name, prefix, created_at, last_used_at, revoked_at FROM tokens WHERE hash = ?";

#[async_trait]
impl Tokens for SqliteMetadata {
    async fn create_token(&self, token: &NewToken) -> Result<(), StoreError> {
        let query =
            sqlx::query("INSERT INTO tokens (id, name, hash, prefix, created_at) VALUES (?, ?, ?, ?, ?)")
                .bind(token.id.to_string())
                .bind(&token.name)
                .bind(token.hash.to_vec())
                .bind(&token.prefix)
                .bind(token.created_at);
        query.execute(&self.database.writer).await?;
        Ok(())
    }

    async fn tokens(&self) -> Result<Vec<ReadToken>, StoreError> {
        sqlx::query(ALL).fetch_all(&self.database.readers).await?.iter().map(token).collect()
    }

    async fn token_by_hash(&self, hash: &SecretHash) -> Result<Option<ReadToken>, StoreError> {
        let query = sqlx::query(BY_HASH).bind(hash.to_vec());
        query.fetch_optional(&self.database.readers).await?.as_ref().map(token).transpose()
    }

    async fn revoke_token(&self, id: Uuid, now: UnixSecs) -> Result<bool, StoreError> {
        let query = sqlx::query("UPDATE tokens SET revoked_at = COALESCE(revoked_at, ?) WHERE id = ?");
        let result = query.bind(now).bind(id.to_string()).execute(&self.database.writer).await;
        Ok(result?.rows_affected() > 0)
    }

    async fn touch_token(&self, id: Uuid, now: UnixSecs) -> Result<(), StoreError> {
        let query =
            sqlx::query("UPDATE tokens SET last_used_at = ? WHERE id = ?").bind(now).bind(id.to_string());
        query.execute(&self.database.writer).await?;
        Ok(())
    }
}

fn token(row: &SqliteRow) -> Result<ReadToken, StoreError> {
    let id: String = row.try_get(0)?;
    Ok(ReadToken {
        id: parse_id(&id)?,
        name: row.try_get(1)?,
        prefix: row.try_get(2)?,
        created_at: row.try_get(3)?,
        last_used_at: row.try_get(4)?,
        revoked_at: row.try_get(5)?,
    })
}
