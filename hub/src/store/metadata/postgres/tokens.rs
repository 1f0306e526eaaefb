//! API tokens.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::users::grant;
use super::{PostgresMetadata, bounded, parse_id, storable};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::metadata::{Maker, NewToken, SecretHash, Token, Tokens};

macro_rules! token_columns {
    () => {
        "id::text, name, prefix, role, app_id::text, created_by, created_at, expires_at, last_used_at, revoked_at,
        maker_id::text"
    };
}

const ALL: &str = concat!("SELECT ", token_columns!(), " FROM tokens ORDER BY created_at DESC, seq DESC");
const BY_HASH: &str = concat!("SELECT ", token_columns!(), " FROM tokens WHERE hash = $1");
const INSERT: &str =
    "INSERT INTO tokens (id, name, hash, prefix, role, app_id, created_by, maker_id, created_at, expires_at)
    VALUES ($1::uuid, $2, $3, $4, $5, $6::uuid, $7, $8::uuid, $9, $10)";
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
                .bind(token.grant.role.as_str())
                .bind(token.grant.app_id.map(|id| id.to_string()))
                .bind(token.created_by.as_ref().map(|maker| storable(&maker.email)))
                .bind(token.created_by.as_ref().and_then(|maker| maker.user_id).map(|id| id.to_string()))
                .bind(token.created_at)
                .bind(token.expires_at);
            query.execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        bounded(async { sqlx::query(ALL).fetch_all(&self.pool).await?.iter().map(token).collect() }).await
    }

    async fn token_by_hash(&self, hash: &SecretHash) -> Result<Option<Token>, StoreError> {
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

/// Who made it, by the columns of the address and of the id.
pub(super) fn maker(row: &PgRow, email: usize, id: usize) -> Result<Option<Maker>, StoreError> {
    let user_id: Option<String> = row.try_get(id)?;
    let user_id = user_id.as_deref().map(parse_id).transpose()?;
    Ok(row.try_get::<Option<String>, _>(email)?.map(|email| Maker { user_id, email }))
}

fn token(row: &PgRow) -> Result<Token, StoreError> {
    Ok(Token {
        id: parse_id(&row.try_get::<String, _>(0)?)?,
        name: row.try_get(1)?,
        prefix: row.try_get(2)?,
        grant: grant(row, 3, 4)?,
        created_by: maker(row, 5, 10)?,
        created_at: row.try_get(6)?,
        expires_at: row.try_get(7)?,
        last_used_at: row.try_get(8)?,
        revoked_at: row.try_get(9)?,
    })
}
