//! Users, the set-up of the first, and what becomes of them.

use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, Row, Transaction};
use uuid::Uuid;

use super::{PostgresMetadata, bounded, parse_id, parse_word, storable};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::metadata::{AccountChange, Accounts, Grant, Role, SecretHash, User, Users};

/// What [`user`] reads.
macro_rules! user_columns {
    () => {
        "users.id::text, users.email, users.password_hash, users.created_at, users.last_log_in_at, users.disabled_at,
        (SELECT COALESCE(json_agg(json_build_object('role', grants.role, 'app_id', grants.app_id)), '[]')::text
            FROM grants WHERE grants.user_id = users.id)"
    };
}
pub(super) use user_columns;

const BY_EMAIL: &str = concat!("SELECT ", user_columns!(), " FROM users WHERE email = $1");
const BY_ID: &str = concat!("SELECT ", user_columns!(), " FROM users WHERE id = $1::uuid");
const ALL: &str = concat!("SELECT ", user_columns!(), " FROM users ORDER BY email COLLATE \"C\"");
const INSERT: &str = "INSERT INTO users (id, email, password_hash, created_at, last_log_in_at, disabled_at)
    VALUES ($1::uuid, $2, $3, $4, $5, $6) ON CONFLICT (email) DO NOTHING";
const SET_SETUP_TOKEN: &str = "INSERT INTO setup_token (one, hash, expires_at) VALUES (1, $1, $2)
    ON CONFLICT (one) DO UPDATE SET hash = excluded.hash, expires_at = excluded.expires_at";
const USE_SETUP_TOKEN: &str =
    "DELETE FROM setup_token WHERE hash = $1 AND expires_at > $2 AND NOT EXISTS (SELECT 1 FROM users)";
/// Nobody else may add or change a user between a look and what follows from it.
const LOCK_USERS: &str = "LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE";
const ADMINS: &str = "SELECT user_id::text FROM grants JOIN users ON users.id = user_id
    WHERE app_id IS NULL AND role = 'admin' AND disabled_at IS NULL";
/// What goes with a user.
const DELETE: [&str; 7] = [
    "DELETE FROM grants WHERE user_id = $1::uuid",
    "DELETE FROM sessions WHERE user_id = $1::uuid",
    "DELETE FROM password_resets WHERE user_id = $1::uuid",
    "DELETE FROM identities WHERE user_id = $1::uuid",
    "DELETE FROM saved_views WHERE owner_id = $1::uuid AND NOT shared",
    "UPDATE saved_views SET owner_id = NULL WHERE owner_id = $1::uuid",
    "DELETE FROM users WHERE id = $1::uuid",
];

#[async_trait]
impl Users for PostgresMetadata {
    async fn create_user(&self, user: &User) -> Result<bool, StoreError> {
        bounded(async {
            let mut transaction = self.pool.begin().await?;
            let created = insert(&mut transaction, user).await?;
            transaction.commit().await?;
            Ok(created)
        })
        .await
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
            insert(&mut transaction, user).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }
}

#[async_trait]
impl Accounts for PostgresMetadata {
    async fn user(&self, id: Uuid) -> Result<Option<User>, StoreError> {
        bounded(async {
            let row = sqlx::query(BY_ID).bind(id.to_string()).fetch_optional(&self.pool).await?;
            row.as_ref().map(|row| user(row, 0)).transpose()
        })
        .await
    }

    async fn users(&self) -> Result<Vec<User>, StoreError> {
        bounded(async {
            sqlx::query(ALL).fetch_all(&self.pool).await?.iter().map(|row| user(row, 0)).collect()
        })
        .await
    }

    async fn set_grants(&self, id: Uuid, grants: &[Grant]) -> Result<AccountChange, StoreError> {
        bounded(async {
            let Some(mut change) = Change::begin(self, id).await? else { return Ok(AccountChange::Unknown) };
            write_grants(&mut change.transaction, id, grants).await?;
            change.commit().await
        })
        .await
    }

    async fn set_disabled(
        &self,
        id: Uuid,
        disabled_at: Option<UnixSecs>,
    ) -> Result<AccountChange, StoreError> {
        bounded(async {
            let Some(mut change) = Change::begin(self, id).await? else { return Ok(AccountChange::Unknown) };
            let set = sqlx::query("UPDATE users SET disabled_at = $1 WHERE id = $2::uuid");
            set.bind(disabled_at).bind(id.to_string()).execute(&mut *change.transaction).await?;
            if disabled_at.is_some() {
                let end = sqlx::query("DELETE FROM sessions WHERE user_id = $1::uuid");
                end.bind(id.to_string()).execute(&mut *change.transaction).await?;
            }
            change.commit().await
        })
        .await
    }

    async fn set_password(&self, id: Uuid, password_hash: &str) -> Result<bool, StoreError> {
        bounded(async {
            let mut transaction = self.pool.begin().await?;
            let is_known = set_password(&mut transaction, id, password_hash).await?;
            transaction.commit().await?;
            Ok(is_known)
        })
        .await
    }

    async fn delete_user(&self, id: Uuid) -> Result<AccountChange, StoreError> {
        bounded(async {
            let Some(mut change) = Change::begin(self, id).await? else { return Ok(AccountChange::Unknown) };
            for sql in DELETE {
                sqlx::query(sql).bind(id.to_string()).execute(&mut *change.transaction).await?;
            }
            change.commit().await
        })
        .await
    }

    async fn touch_log_in(&self, id: Uuid, now: UnixSecs) -> Result<(), StoreError> {
        bounded(async {
            let query = sqlx::query("UPDATE users SET last_log_in_at = $1 WHERE id = $2::uuid");
            query.bind(now).bind(id.to_string()).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }
}

/// A change that must not leave the hub without anybody who can give roles.
struct Change {
    transaction: Transaction<'static, Postgres>,
    /// Whether the user was one of those who can.
    was_admin: bool,
}

impl Change {
    /// None when there is no such user.
    async fn begin(store: &PostgresMetadata, id: Uuid) -> Result<Option<Self>, StoreError> {
        let mut transaction = store.pool.begin().await?;
        sqlx::raw_sql(LOCK_USERS).execute(&mut *transaction).await?;
        let find = sqlx::query("SELECT 1 FROM users WHERE id = $1::uuid").bind(id.to_string());
        if find.fetch_optional(&mut *transaction).await?.is_none() {
            return Ok(None);
        }
        let was_admin = admins(&mut transaction).await?.contains(&id.to_string());
        Ok(Some(Self { transaction, was_admin }))
    }

    /// Commits unless the last admin would be gone.
    async fn commit(mut self) -> Result<AccountChange, StoreError> {
        if self.was_admin && admins(&mut self.transaction).await?.is_empty() {
            self.transaction.rollback().await?;
            return Ok(AccountChange::LastAdmin);
        }
        self.transaction.commit().await?;
        Ok(AccountChange::Done)
    }
}

async fn admins(connection: &mut PgConnection) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar(ADMINS).fetch_all(connection).await?)
}

/// Inserts the user with its grants; false when the address is taken.
pub(super) async fn insert(connection: &mut PgConnection, user: &User) -> Result<bool, StoreError> {
    let query = sqlx::query(INSERT)
        .bind(user.id.to_string())
        .bind(storable(&user.email))
        .bind(&user.password_hash)
        .bind(user.created_at)
        .bind(user.last_log_in_at)
        .bind(user.disabled_at);
    if query.execute(&mut *connection).await?.rows_affected() == 0 {
        return Ok(false);
    }
    write_grants(connection, user.id, &user.grants).await?;
    Ok(true)
}

async fn write_grants(
    connection: &mut PgConnection,
    user_id: Uuid,
    grants: &[Grant],
) -> Result<(), StoreError> {
    let delete = sqlx::query("DELETE FROM grants WHERE user_id = $1::uuid").bind(user_id.to_string());
    delete.execute(&mut *connection).await?;
    for grant in grants {
        let insert =
            sqlx::query("INSERT INTO grants (user_id, app_id, role) VALUES ($1::uuid, $2::uuid, $3)")
                .bind(user_id.to_string())
                .bind(grant.app_id.map(|id| id.to_string()))
                .bind(grant.role.as_str());
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Sets the password's hash and voids the link to reset it; false when there is no such user.
pub(super) async fn set_password(
    connection: &mut PgConnection,
    id: Uuid,
    password_hash: &str,
) -> Result<bool, StoreError> {
    let set = sqlx::query("UPDATE users SET password_hash = $1 WHERE id = $2::uuid");
    let set = set.bind(password_hash).bind(id.to_string());
    let is_known = set.execute(&mut *connection).await?.rows_affected() > 0;
    let void = sqlx::query("DELETE FROM password_resets WHERE user_id = $1::uuid").bind(id.to_string());
    void.execute(connection).await?;
    Ok(is_known)
}

/// Reads a user whose columns begin at `first`.
pub(super) fn user(row: &PgRow, first: usize) -> Result<User, StoreError> {
    let grants: String = row.try_get(first + 6)?;
    Ok(User {
        id: parse_id(&row.try_get::<String, _>(first)?)?,
        email: row.try_get(first + 1)?,
        password_hash: row.try_get(first + 2)?,
        created_at: row.try_get(first + 3)?,
        last_log_in_at: row.try_get(first + 4)?,
        disabled_at: row.try_get(first + 5)?,
        grants: parse_grants(&grants)?,
    })
}

fn parse_grants(json: &str) -> Result<Vec<Grant>, StoreError> {
    let grants: Result<Vec<Grant>, _> = serde_json::from_str(json);
    let mut grants =
        grants.map_err(|error| StoreError::Refused(format!("{json:?} is stored as grants: {error}")))?;
    grants.sort_unstable_by_key(|grant| grant.app_id);
    Ok(grants)
}

/// Reads a grant of two columns, the role and the app.
pub(super) fn grant(row: &PgRow, role: usize, app_id: usize) -> Result<Grant, StoreError> {
    let (role, app_id): (String, Option<String>) = (row.try_get(role)?, row.try_get(app_id)?);
    let role = parse_word(&role, Role::parse)?;
    Ok(Grant { role, app_id: app_id.as_deref().map(parse_id).transpose()? })
}
