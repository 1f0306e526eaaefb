//! API tokens.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::users::grant;
use super::{SqliteMetadata, parse_id};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::metadata::{Maker, NewToken, SecretHash, Token, Tokens};

macro_rules! token_columns {
    () => {
        "id, name, prefix, role, app_id, created_by, created_at, expires_at, last_used_at, revoked_at, maker_id"
    };
}

const INSERT: &str =
    "INSERT INTO tokens (id, name, hash, prefix, role, app_id, created_by, maker_id, created_at, expires_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const ALL: &str = concat!("SELECT ", token_columns!(), " FROM tokens ORDER BY created_at DESC, rowid DESC");
const BY_HASH: &str = concat!("SELECT ", token_columns!(), " FROM tokens WHERE hash = ?");

#[async_trait]
impl Tokens for SqliteMetadata {
    async fn create_token(&self, token: &NewToken) -> Result<(), StoreError> {
        let query = sqlx::query(INSERT)
            .bind(token.id.to_string())
            .bind(&token.name)
            .bind(token.hash.to_vec())
            .bind(&token.prefix)
            .bind(token.grant.role.as_str())
            .bind(token.grant.app_id.map(|id| id.to_string()))
            .bind(token.created_by.as_ref().map(|maker| &maker.email))
            .bind(token.created_by.as_ref().and_then(|maker| maker.user_id).map(|id| id.to_string()))
            .bind(token.created_at)
            .bind(token.expires_at);
        query.execute(&self.database.writer).await?;
        Ok(())
    }

    async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        sqlx::query(ALL).fetch_all(&self.database.readers).await?.iter().map(token).collect()
    }

    async fn token_by_hash(&self, hash: &SecretHash) -> Result<Option<Token>, StoreError> {
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

/// Who made it, by the columns of the address and of the id.
pub(super) fn maker(row: &SqliteRow, email: usize, id: usize) -> Result<Option<Maker>, StoreError> {
    let user_id: Option<String> = row.try_get(id)?;
    let user_id = user_id.as_deref().map(parse_id).transpose()?;
    Ok(row.try_get::<Option<String>, _>(email)?.map(|email| Maker { user_id, email }))
}

fn token(row: &SqliteRow) -> Result<Token, StoreError> {
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
