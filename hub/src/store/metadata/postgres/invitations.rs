//! Invitations, links that reset passwords, and identities at providers: how people get in.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::tokens::maker;
use super::users::{self, grant, user_columns};
use super::{PostgresMetadata, bounded, parse_id, storable};
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
        "id::text, email, role, app_id::text, created_by, created_at, expires_at, accepted_at, revoked_at, maker_id::text, ",
        maker_may!()
        )
    };
}

const INSERT: &str =
    "INSERT INTO invitations (id, hash, email, role, app_id, created_by, maker_id, created_at, expires_at)
    VALUES ($1::uuid, $2, $3, $4, $5::uuid, $6, $7::uuid, $8, $9)";
const ALL: &str =
    concat!("SELECT ", invitation_columns!(), " FROM invitations ORDER BY created_at DESC, seq DESC");
const BY_HASH: &str = concat!("SELECT ", invitation_columns!(), " FROM invitations WHERE hash = $1");
const ACCEPT: &str = concat!(
    "UPDATE invitations SET accepted_at = $1
    WHERE hash = $2 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $1 AND ",
    maker_may!()
);
const REVOKE: &str = "UPDATE invitations SET revoked_at = $1
    WHERE id = $2::uuid AND accepted_at IS NULL AND revoked_at IS NULL";
const SET_RESET: &str =
    "INSERT INTO password_resets (user_id, hash, maker_id, expires_at) VALUES ($1::uuid, $2, $3::uuid, $4)
    ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, maker_id = excluded.maker_id,
    expires_at = excluded.expires_at";
/// Of two who use a link at once, the second finds it gone.
const USE_RESET: &str = "DELETE FROM password_resets USING users WHERE users.id = user_id
    AND password_resets.hash = $1 AND expires_at > $2 AND users.disabled_at IS NULL
    AND (password_resets.maker_id IS NULL OR EXISTS (SELECT 1 FROM users m JOIN grants g ON g.user_id = m.id
        WHERE m.id = password_resets.maker_id AND m.disabled_at IS NULL AND g.role = 'admin' AND g.app_id IS NULL))
    RETURNING user_id::text";
const BY_ID: &str = concat!("SELECT ", user_columns!(), " FROM users WHERE id = $1::uuid");
const BY_IDENTITY: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM identities JOIN users ON users.id = user_id WHERE issuer = $1 AND subject = $2"
);
const LINK: &str =
    "INSERT INTO identities (issuer, subject, user_id, created_at) VALUES ($1, $2, $3::uuid, $4)
    ON CONFLICT (issuer, subject) DO NOTHING";

#[async_trait]
impl Invitations for PostgresMetadata {
    async fn create_invitation(&self, invitation: &Invitation, hash: &SecretHash) -> Result<(), StoreError> {
        bounded(async {
            let query = sqlx::query(INSERT)
                .bind(invitation.id.to_string())
                .bind(hash.to_vec())
                .bind(storable(&invitation.email))
                .bind(invitation.grant.role.as_str())
                .bind(invitation.grant.app_id.map(|id| id.to_string()))
                .bind(storable(&invitation.created_by.email))
                .bind(invitation.created_by.user_id.map(|id| id.to_string()))
                .bind(invitation.created_at)
                .bind(invitation.expires_at);
            query.execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    async fn invitations(&self) -> Result<Vec<Invitation>, StoreError> {
        bounded(async { sqlx::query(ALL).fetch_all(&self.pool).await?.iter().map(invitation).collect() })
            .await
    }

    async fn invitation_by_hash(&self, hash: &SecretHash) -> Result<Option<Invitation>, StoreError> {
        bounded(async {
            let query = sqlx::query(BY_HASH).bind(hash.to_vec());
            query.fetch_optional(&self.pool).await?.as_ref().map(invitation).transpose()
        })
        .await
    }

    async fn accept_invitation(
        &self,
        hash: &SecretHash,
        user: &User,
        now: UnixSecs,
    ) -> Result<Acceptance, StoreError> {
        bounded(async {
            let mut transaction = self.pool.begin().await?;
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
        })
        .await
    }

    async fn revoke_invitation(&self, id: Uuid, now: UnixSecs) -> Result<bool, StoreError> {
        bounded(async {
            let query = sqlx::query(REVOKE).bind(now).bind(id.to_string());
            Ok(query.execute(&self.pool).await?.rows_affected() > 0)
        })
        .await
    }

    async fn set_password_reset(&self, reset: &NewPasswordReset) -> Result<(), StoreError> {
        bounded(async {
            let query = sqlx::query(SET_RESET)
                .bind(reset.user_id.to_string())
                .bind(reset.hash.to_vec())
                .bind(reset.maker_id.map(|id| id.to_string()))
                .bind(reset.expires_at);
            query.execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    async fn use_password_reset(
        &self,
        hash: &SecretHash,
        password_hash: &str,
        now: UnixSecs,
    ) -> Result<Option<User>, StoreError> {
        bounded(async {
            let mut transaction = self.pool.begin().await?;
            let used = sqlx::query_scalar(USE_RESET).bind(hash.to_vec()).bind(now);
            let id: Option<String> = used.fetch_optional(&mut *transaction).await?;
            let Some(id) = id else { return Ok(None) };
            let id = parse_id(&id)?;
            users::set_password(&mut transaction, id, password_hash).await?;
            let end = sqlx::query("DELETE FROM sessions WHERE user_id = $1::uuid").bind(id.to_string());
            end.execute(&mut *transaction).await?;
            let row = sqlx::query(BY_ID).bind(id.to_string()).fetch_one(&mut *transaction).await?;
            let user = users::user(&row, 0)?;
            transaction.commit().await?;
            Ok(Some(user))
        })
        .await
    }
}

#[async_trait]
impl Identities for PostgresMetadata {
    async fn user_by_identity(&self, identity: &Identity) -> Result<Option<User>, StoreError> {
        bounded(async {
            let query =
                sqlx::query(BY_IDENTITY).bind(storable(&identity.issuer)).bind(storable(&identity.subject));
            let row = query.fetch_optional(&self.pool).await?;
            row.as_ref().map(|row| users::user(row, 0)).transpose()
        })
        .await
    }

    async fn link_identity(
        &self,
        identity: &Identity,
        user_id: Uuid,
        now: UnixSecs,
    ) -> Result<(), StoreError> {
        bounded(async {
            let query = sqlx::query(LINK)
                .bind(storable(&identity.issuer))
                .bind(storable(&identity.subject))
                .bind(user_id.to_string())
                .bind(now);
            query.execute(&self.pool).await?;
            Ok(())
        })
        .await
    }
}

fn invitation(row: &PgRow) -> Result<Invitation, StoreError> {
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
