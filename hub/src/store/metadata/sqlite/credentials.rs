//! Credentials of apps.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteExecutor};
use uuid::Uuid;

use super::{SqliteMetadata, parse_id, parse_word};
use crate::clock::UnixSecs;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::metadata::{Apps, Credential, CredentialKind, Credentials, NewCredential, SecretHash};

const BY_APP: &str = "SELECT id, app_id, kind, prefix, created_at, last_used_at, revoked_at FROM credentials
    WHERE app_id = ? ORDER BY created_at DESC, rowid DESC";
const BY_HASH: &str =
    "SELECT id, app_id, kind, prefix, created_at, last_used_at, revoked_at FROM credentials WHERE hash = ?";

#[async_trait]
impl Credentials for SqliteMetadata {
    async fn create_credential(&self, credential: &NewCredential) -> Result<bool, StoreError> {
        if self.app(credential.app_id).await?.is_none() {
            return Ok(false);
        }
        insert(&self.database.writer, credential).await?;
        Ok(true)
    }

    async fn credentials(&self, app_id: AppId) -> Result<Vec<Credential>, StoreError> {
        let query = sqlx::query(BY_APP).bind(app_id.to_string());
        query.fetch_all(&self.database.readers).await?.iter().map(credential).collect()
    }

    async fn credential_by_hash(&self, hash: &SecretHash) -> Result<Option<Credential>, StoreError> {
        let query = sqlx::query(BY_HASH).bind(hash.to_vec());
        query.fetch_optional(&self.database.readers).await?.as_ref().map(credential).transpose()
    }

    async fn revoke_credential(&self, app_id: AppId, id: Uuid, now: UnixSecs) -> Result<bool, StoreError> {
        let query = sqlx::query(
            "UPDATE credentials SET revoked_at = COALESCE(revoked_at, ?) WHERE app_id = ? AND id = ?",
        );
        let query = query.bind(now).bind(app_id.to_string()).bind(id.to_string());
        Ok(query.execute(&self.database.writer).await?.rows_affected() > 0)
    }

    async fn touch_credential(&self, id: Uuid, now: UnixSecs) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE credentials SET last_used_at = ? WHERE id = ?")
            .bind(now)
            .bind(id.to_string());
        query.execute(&self.database.writer).await?;
        Ok(())
    }
}

pub(super) async fn insert<'e>(
    executor: impl SqliteExecutor<'e>,
    credential: &NewCredential,
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO credentials (id, app_id, kind, hash, prefix, created_at) VALUES (?, ?, ?, ?, ?, ?)";
    let query = sqlx::query(sql)
        .bind(credential.id.to_string())
        .bind(credential.app_id.to_string())
        .bind(credential.kind.as_str())
        .bind(credential.hash.to_vec())
        .bind(&credential.prefix)
        .bind(credential.created_at);
    query.execute(executor).await?;
    Ok(())
}

fn credential(row: &SqliteRow) -> Result<Credential, StoreError> {
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
