//! Credentials of apps.

use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row};
use uuid::Uuid;

use super::{PostgresMetadata, bounded, parse_id, parse_word, storable};
use crate::clock::UnixSecs;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::metadata::{Apps, Credential, CredentialKind, Credentials, NewCredential, SecretHash};

const BY_APP: &str = "SELECT id::text, app_id::text, kind, prefix, created_at, last_used_at, revoked_at
    FROM credentials WHERE app_id = $1::uuid ORDER BY created_at DESC, seq DESC";
const BY_HASH: &str = "SELECT id::text, app_id::text, kind, prefix, created_at, last_used_at, revoked_at
    FROM credentials WHERE hash = $1";
const INSERT: &str = "INSERT INTO credentials (id, app_id, kind, hash, prefix, created_at)
    VALUES ($1::uuid, $2::uuid, $3, $4, $5, $6)";
const REVOKE: &str = "UPDATE credentials SET revoked_at = COALESCE(revoked_at, $1)
    WHERE app_id = $2::uuid AND id = $3::uuid";
const TOUCH: &str = "UPDATE credentials SET last_used_at = $1 WHERE id = $2::uuid";

#[async_trait]
impl Credentials for PostgresMetadata {
    async fn create_credential(&self, credential: &NewCredential) -> Result<bool, StoreError> {
        if self.app(credential.app_id).await?.is_none() {
            return Ok(false);
        }
        bounded(insert(&self.pool, credential)).await?;
        Ok(true)
    }

    async fn credentials(&self, app_id: AppId) -> Result<Vec<Credential>, StoreError> {
        bounded(async {
            let query = sqlx::query(BY_APP).bind(app_id.to_string());
            query.fetch_all(&self.pool).await?.iter().map(credential).collect()
        })
        .await
    }

    async fn credential_by_hash(&self, hash: &SecretHash) -> Result<Option<Credential>, StoreError> {
        bounded(async {
            let query = sqlx::query(BY_HASH).bind(hash.to_vec());
            query.fetch_optional(&self.pool).await?.as_ref().map(credential).transpose()
        })
        .await
    }

    async fn revoke_credential(&self, app_id: AppId, id: Uuid, now: UnixSecs) -> Result<bool, StoreError> {
        bounded(async {
            let query = sqlx::query(REVOKE).bind(now).bind(app_id.to_string()).bind(id.to_string());
            Ok(query.execute(&self.pool).await?.rows_affected() > 0)
        })
        .await
    }

    async fn touch_credential(&self, id: Uuid, now: UnixSecs) -> Result<(), StoreError> {
        bounded(async {
            sqlx::query(TOUCH).bind(now).bind(id.to_string()).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }
}

pub(super) async fn insert<'e>(
    executor: impl PgExecutor<'e>,
    credential: &NewCredential,
) -> Result<(), StoreError> {
    let query = sqlx::query(INSERT)
        .bind(credential.id.to_string())
        .bind(credential.app_id.to_string())
        .bind(credential.kind.as_str())
        .bind(credential.hash.to_vec())
        .bind(storable(&credential.prefix))
        .bind(credential.created_at);
    query.execute(executor).await?;
    Ok(())
}

fn credential(row: &PgRow) -> Result<Credential, StoreError> {
    let text = |at: usize| row.try_get::<String, _>(at);
    Ok(Credential {
        id: parse_id(&text(0)?)?,
        app_id: parse_id(&text(1)?)?,
        kind: parse_word(&text(2)?, CredentialKind::parse)?,
        prefix: text(3)?,
        created_at: row.try_get(4)?,
        last_used_at: row.try_get(5)?,
        revoked_at: row.try_get(6)?,
    })
}
