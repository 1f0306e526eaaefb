//! Read tokens.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::{PostgresMetadata, bounded, parse_id, storable};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::metadata::{NewToken, ReadToken, SecretHash, Tokens};

const ALL: &str = "SELECT id::text, name, prefix, created_at, last_used_at, revoked_at FROM tokens
    ORDER BY created_at DESC, seq DESC";
const BY_HASH: &str =
    "SELECT id::text, name, prefix, created_at, last_used_at, revoked_at FROM tokens WHERE hash = $1";
const INSERT: &str =
    "INSERT INTO tokens (id, name, hash, prefix, created_at) VALUES ($1::uuid, $2, $3, $4, $5)";
const REVOKE: &str = "UPDATE tokens SET revoked_at = COALESCE(revoked_at, $1) WHERE id = $2::uuid";
const TOUCH: &str = "UPDATE tokens SET last_used_at = $1 WHERE id = $2::uuid";

#[async_trait]
impl Tokens for PostgresMetadata {
    async fn create_token(&self, token: &NewToken) -> Result<(), StoreError> {
        bounded(async {
            let query = sqlx::query(INSERT)
                .bind(token.id.to_string())
                .bind(storable(&token.name))
                .bind(token.hash.to_vec())
                .bind(storable(&token.prefix))
                .bind(token.created_at);
            query.execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    async fn tokens(&self) -> Result<Vec<ReadToken>, StoreError> {
        bounded(async { sqlx::query(ALL).fetch_all(&self.pool).await?.iter().map(token).collect() }).await
    }

    async fn token_by_hash(&self, hash: &SecretHash) -> Result<Option<ReadToken>, StoreError> {
        bounded(async {
            let query = sqlx::query(BY_HASH).bind(hash.to_vec());
            query.fetch_optional(&self.pool).await?.as_ref().map(token).transpose()
        })
        .await
    }

    async fn revoke_token(&self, id: Uuid, now: UnixSecs) -> Result<bool, StoreError> {
        bounded(async {
            let query = sqlx::query(REVOKE).bind(now).bind(id.to_string());
            Ok(query.execute(&self.pool).await?.rows_affected() > 0)
        })
        .await
    }

    async fn touch_token(&self, id: Uuid, now: UnixSecs) -> Result<(), StoreError> {
        bounded(async {
            sqlx::query(TOUCH).bind(now).bind(id.to_string()).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }
}

fn token(row: &PgRow) -> Result<ReadToken, StoreError> {
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
