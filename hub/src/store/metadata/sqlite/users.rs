//! Users and the set-up of the first.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteExecutor};

use super::{SqliteMetadata, parse_id, parse_word};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::metadata::{Role, SecretHash, User, Users};

const BY_EMAIL: &str = "SELECT id, email, role, password_hash, created_at FROM users WHERE email = ?";
const SET_SETUP_TOKEN: &str = "INSERT INTO setup_token (one, hash, expires_at) VALUES (1, ?, ?)
    ON CONFLICT (one) DO UPDATE SET hash = excluded.hash, expires_at = excluded.expires_at";
const USE_SETUP_TOKEN: &str =
    "DELETE FROM setup_token WHERE hash = ? AND expires_at > ? AND NOT EXISTS (SELECT 1 FROM users)";

#[async_trait]
impl Users for SqliteMetadata {
    async fn create_user(&self, user: &User) -> Result<bool, StoreError> {
        insert(&self.database.writer, user).await
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        let query = sqlx::query(BY_EMAIL).bind(email);
        let row = query.fetch_optional(&self.database.readers).await?;
        row.as_ref().map(|row| user(row, 0)).transpose()
    }

    async fn has_users(&self) -> Result<bool, StoreError> {
        let query = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users)");
        Ok(query.fetch_one(&self.database.readers).await?)
    }

    async fn set_setup_token(&self, hash: &SecretHash, expires_at: UnixSecs) -> Result<(), StoreError> {
        let query = sqlx::query(SET_SETUP_TOKEN).bind(hash.to_vec()).bind(expires_at);
        query.execute(&self.database.writer).await?;
        Ok(())
    }

    async fn create_first_user(
        &self,
        user: &User,
        token: &SecretHash,
        now: UnixSecs,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.writer.begin_with("BEGIN IMMEDIATE").await?;
        let used = sqlx::query(USE_SETUP_TOKEN).bind(token.to_vec()).bind(now);
        if used.execute(&mut *transaction).await?.rows_affected() == 0 {
            return Ok(false);
        }
        insert(&mut *transaction, user).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

async fn insert<'e>(executor: impl SqliteExecutor<'e>, user: &User) -> Result<bool, StoreError> {
    let sql = "INSERT INTO users (id, email, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (email) DO NOTHING";
    let query = sqlx::query(sql)
        .bind(user.id.to_string())
        .bind(&user.email)
        .bind(user.role.as_str())
        .bind(&user.password_hash)
        .bind(user.created_at);
    Ok(query.execute(executor).await?.rows_affected() > 0)
}

/// Reads a user whose columns begin at `first`.
pub(super) fn user(row: &SqliteRow, first: usize) -> Result<User, StoreError> {
    let text = |at: usize| row.try_get::<String, _>(first + at);
    Ok(User {
        id: parse_id(&text(0)?)?,
        email: text(1)?,
        role: parse_word(&text(2)?, Role::parse)?,
        password_hash: text(3)?,
        created_at: row.try_get(first + 4)?,
    })
}
