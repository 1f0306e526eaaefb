//! Users and the set-up of the first.

use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row};

use super::{PostgresMetadata, bounded, parse_id, parse_word, storable};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::metadata::{Role, SecretHash, User, Users};

const BY_EMAIL: &str = "SELECT id::text, email, role, password_hash, created_at FROM users WHERE email = $1";
const INSERT: &str = "INSERT INTO users (id, email, role, password_hash, created_at)
    VALUES ($1::uuid, $2, $3, $4, $5) ON CONFLICT (email) DO NOTHING";
const SET_SETUP_TOKEN: &str = "INSERT INTO setup_token (one, hash, expires_at) VALUES (1, $1, $2)
    ON CONFLICT (one) DO UPDATE SET hash = excluded.hash, expires_at = excluded.expires_at";
const USE_SETUP_TOKEN: &str =
    "DELETE FROM setup_token WHERE hash = $1 AND expires_at > $2 AND NOT EXISTS (SELECT 1 FROM users)";
/// Nobody else may add a user between the look and the insert.
const LOCK_USERS: &str = "LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE";

#[async_trait]
impl Users for PostgresMetadata {
    async fn create_user(&self, user: &User) -> Result<bool, StoreError> {
        bounded(insert(&self.pool, user)).await
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        bounded(async {
            let row = sqlx::query(BY_EMAIL).bind(storable(email)).fetch_optional(&self.pool).await?;
            row.as_ref().map(|row| user(row, 0)).transpose()
        })
        .await
    }

    async fn has_users(&self) -> Result<bool, StoreError> {
        bounded(async {
            let query = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users)");
            Ok(query.fetch_one(&self.pool).await?)
        })
        .await
    }

    async fn set_setup_token(&self, hash: &SecretHash, expires_at: UnixSecs) -> Result<(), StoreError> {
        bounded(async {
            sqlx::query(SET_SETUP_TOKEN).bind(hash.to_vec()).bind(expires_at).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    async fn create_first_user(
        &self,
        user: &User,
        token: &SecretHash,
        now: UnixSecs,
    ) -> Result<bool, StoreError> {
        bounded(async {
            let mut transaction = self.pool.begin().await?;
            sqlx::raw_sql(LOCK_USERS).execute(&mut *transaction).await?;
            let used = sqlx::query(USE_SETUP_TOKEN).bind(token.to_vec()).bind(now);
            if used.execute(&mut *transaction).await?.rows_affected() == 0 {
                return Ok(false);
            }
            insert(&mut *transaction, user).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }
}

async fn insert<'e>(executor: impl PgExecutor<'e>, user: &User) -> Result<bool, StoreError> {
    let query = sqlx::query(INSERT)
        .bind(user.id.to_string())
        .bind(storable(&user.email))
        .bind(user.role.as_str())
        .bind(&user.password_hash)
        .bind(user.created_at);
    Ok(query.execute(executor).await?.rows_affected() > 0)
}

/// Reads a user whose columns begin at `first`.
pub(super) fn user(row: &PgRow, first: usize) -> Result<User, StoreError> {
    let text = |at: usize| row.try_get::<String, _>(first + at);
    Ok(User {
        id: parse_id(&text(0)?)?,
        email: text(1)?,
        role: parse_word(&text(2)?, Role::parse)?,
        password_hash: text(3)?,
        created_at: row.try_get(first + 4)?,
    })
}
