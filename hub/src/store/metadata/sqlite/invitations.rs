//! Invitations, links that reset passwords, and identities at providers: how people get in.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::tokens::maker;
use super::users::{self, grant, user_columns};
use super::{SqliteMetadata, parse_id};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::metadata::{
    Acceptance, Identities, Identity, Invitation, Invitations, NewPasswordReset, SecretHash, User,
};

/// Whether whoever made an invitation may still give its grant.
macro_rules! maker_may {
    () => {
        "(invitations.maker_id IS NULL OR EXISTS (SELECT 1 FROM users m JOIN grants g ON g.user_id = m.id
            WHERE m.id = invitations.maker_id AND m.disabled_at IS NULL AND g.role = 'admin'
            AND (g.app_id IS NULL OR g.app_id = invitations.app_id)))"
    };
}

macro_rules! invitation_columns {
    () => {
        concat!(
        "id, email, role, app_id, created_by, created_at, expires_at, accepted_at, revoked_at, maker_id, ",
        maker_may!()
        )
    };
}

const INSERT: &str =
    "INSERT INTO invitations (id, hash, email, role, app_id, created_by, maker_id, created_at, expires_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
const ALL: &str =
    concat!("SELECT ", invitation_columns!(), " FROM invitations ORDER BY created_at DESC, rowid DESC");
const BY_HASH: &str = concat!("SELECT ", invitation_columns!(), " FROM invitations WHERE hash = ?");
const ACCEPT: &str = concat!(
    "UPDATE invitations SET accepted_at = ?1
    WHERE hash = ?2 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > ?1 AND ",
    maker_may!()
);
const REVOKE: &str =
    "UPDATE invitations SET revoked_at = ? WHERE id = ? AND accepted_at IS NULL AND revoked_at IS NULL";
const SET_RESET: &str =
    "INSERT INTO password_resets (user_id, hash, maker_id, expires_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, maker_id = excluded.maker_id,
    expires_at = excluded.expires_at";
const BY_RESET: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM password_resets JOIN users ON users.id = user_id
    WHERE password_resets.hash = ? AND expires_at > ? AND users.disabled_at IS NULL
    AND (password_resets.maker_id IS NULL OR EXISTS (SELECT 1 FROM users m JOIN grants g ON g.user_id = m.id
        WHERE m.id = password_resets.maker_id AND m.disabled_at IS NULL AND g.role = 'admin' AND g.app_id IS NULL))"
);
const BY_IDENTITY: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM identities JOIN users ON users.id = user_id WHERE issuer = ? AND subject = ?"
);

#[async_trait]
impl Invitations for SqliteMetadata {
    async fn create_invitation(&self, invitation: &Invitation, hash: &SecretHash) -> Result<(), StoreError> {
        let query = sqlx::query(INSERT)
            .bind(invitation.id.to_string())
            .bind(hash.to_vec())
            .bind(&invitation.email)
            .bind(invitation.grant.role.as_str())
            .bind(invitation.grant.app_id.map(|id| id.to_string()))
            .bind(&invitation.created_by.email)
            .bind(invitation.created_by.user_id.map(|id| id.to_string()))
            .bind(invitation.created_at)
            .bind(invitation.expires_at);
        query.execute(&self.database.writer).await?;
        Ok(())
    }

    async fn invitations(&self) -> Result<Vec<Invitation>, StoreError> {
        sqlx::query(ALL).fetch_all(&self.database.readers).await?.iter().map(invitation).collect()
    }

    async fn invitation_by_hash(&self, hash: &SecretHash) -> Result<Option<Invitation>, StoreError> {
        let query = sqlx::query(BY_HASH).bind(hash.to_vec());
        query.fetch_optional(&self.database.readers).await?.as_ref().map(invitation).transpose()
    }

    async fn accept_invitation(
        &self,
        hash: &SecretHash,
        user: &User,
        now: UnixSecs,
    ) -> Result<Acceptance, StoreError> {
        let mut transaction = self.database.writer.begin_with("BEGIN IMMEDIATE").await?;
        let accept = sqlx::query(ACCEPT).bind(now).bind(hash.to_vec());
        if accept.execute(&mut *transaction).await?.rows_affected() == 0 {
            return Ok(Acceptance::NotOpen);
        }
        if !users::insert(&mut transaction, user).await? {
            transaction.rollback().await?;
            return Ok(Acceptance::EmailTaken);
        }
        transaction.commit().await?;
        Ok(Acceptance::Done)
    }

    async fn revoke_invitation(&self, id: Uuid, now: UnixSecs) -> Result<bool, StoreError> {
        let query = sqlx::query(REVOKE).bind(now).bind(id.to_string());
        Ok(query.execute(&self.database.writer).await?.rows_affected() > 0)
    }

    async fn set_password_reset(&self, reset: &NewPasswordReset) -> Result<(), StoreError> {
        let query = sqlx::query(SET_RESET)
            .bind(reset.user_id.to_string())
            .bind(reset.hash.to_vec())
            .bind(reset.maker_id.map(|id| id.to_string()))
            .bind(reset.expires_at);
        query.execute(&self.database.writer).await?;
        Ok(())
    }

    async fn use_password_reset(
        &self,
        hash: &SecretHash,
        password_hash: &str,
        now: UnixSecs,
    ) -> Result<Option<User>, StoreError> {
        let mut transaction = self.database.writer.begin_with("BEGIN IMMEDIATE").await?;
        let find = sqlx::query(BY_RESET).bind(hash.to_vec()).bind(now);
        let Some(row) = find.fetch_optional(&mut *transaction).await? else { return Ok(None) };
        let mut user = users::user(&row, 0)?;
        users::set_password(&mut transaction, user.id, password_hash).await?;
        let end = sqlx::query("DELETE FROM sessions WHERE user_id = ?").bind(user.id.to_string());
        end.execute(&mut *transaction).await?;
        transaction.commit().await?;
        user.password_hash = Some(password_hash.to_owned());
        Ok(Some(user))
    }
}

#[async_trait]
impl Identities for SqliteMetadata {
    async fn user_by_identity(&self, identity: &Identity) -> Result<Option<User>, StoreError> {
        let query = sqlx::query(BY_IDENTITY).bind(&identity.issuer).bind(&identity.subject);
        let row = query.fetch_optional(&self.database.readers).await?;
        row.as_ref().map(|row| users::user(row, 0)).transpose()
    }

    async fn link_identity(
        &self,
        identity: &Identity,
        user_id: Uuid,
        now: UnixSecs,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO identities (issuer, subject, user_id, created_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (issuer, subject) DO NOTHING";
        let query = sqlx::query(sql)
            .bind(&identity.issuer)
            .bind(&identity.subject)
            .bind(user_id.to_string())
            .bind(now);
        query.execute(&self.database.writer).await?;
        Ok(())
    }
}

fn invitation(row: &SqliteRow) -> Result<Invitation, StoreError> {
    Ok(Invitation {
        id: parse_id(&row.try_get::<String, _>(0)?)?,
        email: row.try_get(1)?,
        grant: grant(row, 2, 3)?,
        created_by: maker(row, 4, 9)?
            .ok_or_else(|| StoreError::Refused("an invitation has no maker".into()))?,
        maker_may: row.try_get(10)?,
        created_at: row.try_get(5)?,
        expires_at: row.try_get(6)?,
        accepted_at: row.try_get(7)?,
        revoked_at: row.try_get(8)?,
    })
}
