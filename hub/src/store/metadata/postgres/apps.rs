//! Apps and environments.

use async_trait::async_trait;
use sendry_sdk::protocol::limits::ENVS_PER_APP_MAX;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::{PostgresMetadata, bounded, credentials, parse_id, storable};
use crate::clock::UnixSecs;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::metadata::{
    App, Apps, DeletedApp, DeletedApps, Environment, EnvironmentAdmission, NewCredential,
};

const SELECT: &str = "SELECT app_id::text, name, created_at FROM apps WHERE app_id = $1::uuid";
const ALL: &str =
    "SELECT app_id::text, name, created_at FROM apps ORDER BY name COLLATE \"C\", created_at, app_id";
const INSERT: &str = "INSERT INTO apps (app_id, name, created_at) VALUES ($1::uuid, $2, $3)";
const ENVIRONMENTS: &str =
    "SELECT env, created_at FROM environments WHERE app_id = $1::uuid ORDER BY env COLLATE \"C\"";
const DELETE_ENVIRONMENT: &str = "DELETE FROM environments WHERE app_id = $1::uuid AND env = $2";

/// Who adds an environment holds its app's row, so that two at once cannot both find room for one.
const LOCK_APP: &str = "SELECT 1 FROM apps WHERE app_id = $1::uuid FOR NO KEY UPDATE";
const ADMIT: &str = "INSERT INTO environments (app_id, env, created_at) SELECT $1::uuid, $2, $3
    WHERE (SELECT COUNT(*) FROM environments WHERE app_id = $1::uuid) < $4 ON CONFLICT DO NOTHING";
const HAS_ENVIRONMENT: &str =
    "SELECT EXISTS (SELECT 1 FROM environments WHERE app_id = $1::uuid AND env = $2)";

/// What goes with an app.
const DELETE: [&str; 10] = [
    "DELETE FROM credentials WHERE app_id = $1::uuid",
    "DELETE FROM environments WHERE app_id = $1::uuid",
    "DELETE FROM consumers WHERE app_id = $1::uuid",
    "DELETE FROM tokens WHERE app_id = $1::uuid",
    "DELETE FROM invitations WHERE app_id = $1::uuid",
    "DELETE FROM grants WHERE app_id = $1::uuid",
    "DELETE FROM apdex_thresholds WHERE app_id = $1::uuid",
    "DELETE FROM expected_errors WHERE app_id = $1::uuid",
    "DELETE FROM saved_views WHERE app_id = $1::uuid",
    "DELETE FROM apps WHERE app_id = $1::uuid",
];
/// Nothing new refers to the app while it is deleted.
const LOCK_DELETED: &str = "SELECT 1 FROM apps WHERE app_id = $1::uuid FOR UPDATE";

const NOTE_DELETED: &str =
    "INSERT INTO deleted_apps (app_id, deleted_at) VALUES ($1::uuid, $2) ON CONFLICT DO NOTHING";
const DELETED: &str = "SELECT app_id::text, deleted_at FROM deleted_apps ORDER BY deleted_at, app_id";
const FORGET_DELETED: &str = "DELETE FROM deleted_apps WHERE app_id = $1::uuid";

#[async_trait]
impl Apps for PostgresMetadata {
    async fn create_app(&self, app: &App, credentials: &[NewCredential]) -> Result<(), StoreError> {
        bounded(async {
            let mut transaction = self.pool.begin().await?;
            sqlx::query(INSERT)
                .bind(app.app_id.to_string())
                .bind(storable(&app.name))
                .bind(app.created_at)
                .execute(&mut *transaction)
                .await?;
            for credential in credentials {
                credentials::insert(&mut *transaction, credential).await?;
            }
            Ok(transaction.commit().await?)
        })
        .await
    }

    async fn app(&self, app_id: AppId) -> Result<Option<App>, StoreError> {
        bounded(async {
            let query = sqlx::query(SELECT).bind(app_id.to_string());
            query.fetch_optional(&self.pool).await?.as_ref().map(app).transpose()
        })
        .await
    }

    async fn apps(&self) -> Result<Vec<App>, StoreError> {
        bounded(async { sqlx::query(ALL).fetch_all(&self.pool).await?.iter().map(app).collect() }).await
    }

    async fn admit_environment(
        &self,
        app_id: AppId,
        env: &str,
        now: UnixSecs,
    ) -> Result<EnvironmentAdmission, StoreError> {
        bounded(async {
            if self.has_environment(app_id, env).await? {
                return Ok(EnvironmentAdmission::Admitted);
            }
            let mut transaction = self.pool.begin().await?;
            let lock = sqlx::query(LOCK_APP).bind(app_id.to_string());
            if lock.fetch_optional(&mut *transaction).await?.is_none() {
                return Ok(EnvironmentAdmission::UnknownApp);
            }
            let limit = i64::try_from(ENVS_PER_APP_MAX).unwrap_or(i64::MAX);
            let admit = sqlx::query(ADMIT).bind(app_id.to_string()).bind(storable(env)).bind(now).bind(limit);
            admit.execute(&mut *transaction).await?;
            transaction.commit().await?;
            let admitted = self.has_environment(app_id, env).await?;
            Ok(if admitted { EnvironmentAdmission::Admitted } else { EnvironmentAdmission::TooMany })
        })
        .await
    }

    async fn environments(&self, app_id: AppId) -> Result<Vec<Environment>, StoreError> {
        bounded(async {
            let query = sqlx::query_as(ENVIRONMENTS).bind(app_id.to_string());
            let rows: Vec<(String, UnixSecs)> = query.fetch_all(&self.pool).await?;
            Ok(rows.into_iter().map(|(env, created_at)| Environment { env, created_at }).collect())
        })
        .await
    }

    async fn delete_environment(&self, app_id: AppId, env: &str) -> Result<bool, StoreError> {
        bounded(async {
            let query = sqlx::query(DELETE_ENVIRONMENT).bind(app_id.to_string()).bind(storable(env));
            Ok(query.execute(&self.pool).await?.rows_affected() > 0)
        })
        .await
    }

    async fn rename_app(&self, app_id: AppId, name: &str) -> Result<bool, StoreError> {
        bounded(async {
            let query = sqlx::query("UPDATE apps SET name = $1 WHERE app_id = $2::uuid");
            let query = query.bind(storable(name)).bind(app_id.to_string());
            Ok(query.execute(&self.pool).await?.rows_affected() > 0)
        })
        .await
    }

    async fn delete_app(&self, app_id: AppId, now: UnixSecs) -> Result<bool, StoreError> {
        bounded(async {
            let mut transaction = self.pool.begin().await?;
            let lock = sqlx::query(LOCK_DELETED).bind(app_id.to_string());
            if lock.fetch_optional(&mut *transaction).await?.is_none() {
                return Ok(false);
            }
            sqlx::query(NOTE_DELETED).bind(app_id.to_string()).bind(now).execute(&mut *transaction).await?;
            for sql in DELETE {
                sqlx::query(sql).bind(app_id.to_string()).execute(&mut *transaction).await?;
            }
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }
}

#[async_trait]
impl DeletedApps for PostgresMetadata {
    async fn deleted_apps(&self) -> Result<Vec<DeletedApp>, StoreError> {
        bounded(async {
            let rows: Vec<(String, UnixSecs)> = sqlx::query_as(DELETED).fetch_all(&self.pool).await?;
            let deleted =
                |(id, deleted_at): (String, UnixSecs)| Ok(DeletedApp { app_id: parse_id(&id)?, deleted_at });
            rows.into_iter().map(deleted).collect()
        })
        .await
    }

    async fn forget_deleted_app(&self, app_id: AppId) -> Result<(), StoreError> {
        bounded(async {
            let mut transaction = self.pool.begin().await?;
            for sql in DELETE.into_iter().chain([FORGET_DELETED]) {
                sqlx::query(sql).bind(app_id.to_string()).execute(&mut *transaction).await?;
            }
            Ok(transaction.commit().await?)
        })
        .await
    }
}

impl PostgresMetadata {
    async fn has_environment(&self, app_id: AppId, env: &str) -> Result<bool, StoreError> {
        let query = sqlx::query_scalar(HAS_ENVIRONMENT).bind(app_id.to_string()).bind(storable(env));
        Ok(query.fetch_one(&self.pool).await?)
    }
}

fn app(row: &PgRow) -> Result<App, StoreError> {
    let id: String = row.try_get(0)?;
    let name = row.try_get(1)?;
    Ok(App { app_id: parse_id(&id)?, name, created_at: row.try_get(2)? })
}
