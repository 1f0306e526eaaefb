//! Apps and environments.

use async_trait::async_trait;
use sendry_sdk::protocol::limits::ENVS_PER_APP_MAX;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{SqliteMetadata, credentials, parse_id};
use crate::clock::UnixSecs;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::metadata::{
    App, Apps, DeletedApp, DeletedApps, Environment, EnvironmentAdmission, NewCredential,
};

/// Inserts the environment if the app exists and has room; tells nothing about why it did not.
const ADMIT: &str = "INSERT INTO environments (app_id, env, created_at)
    SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM apps WHERE app_id = ?1)
    AND (SELECT COUNT(*) FROM environments WHERE app_id = ?1) < ?4
    ON CONFLICT DO NOTHING";

/// Whether the app exists, and whether the environment does.
const FIND: &str = "SELECT EXISTS (SELECT 1 FROM apps WHERE app_id = ?1),
    EXISTS (SELECT 1 FROM environments WHERE app_id = ?1 AND env = ?2)";

/// What goes with an app.
const DELETE: [&str; 10] = [
    "DELETE FROM credentials WHERE app_id = ?",
    "DELETE FROM environments WHERE app_id = ?",
    "DELETE FROM consumers WHERE app_id = ?",
    "DELETE FROM tokens WHERE app_id = ?",
    "DELETE FROM invitations WHERE app_id = ?",
    "DELETE FROM grants WHERE app_id = ?",
    "DELETE FROM apdex_thresholds WHERE app_id = ?",
    "DELETE FROM expected_errors WHERE app_id = ?",
    "DELETE FROM saved_views WHERE app_id = ?",
    "DELETE FROM apps WHERE app_id = ?",
];

const NOTE_DELETED: &str =
    "INSERT INTO deleted_apps (app_id, deleted_at) SELECT app_id, ?2 FROM apps WHERE app_id = ?1
    ON CONFLICT DO NOTHING";
const DELETED: &str = "SELECT app_id, deleted_at FROM deleted_apps ORDER BY deleted_at, app_id";
const FORGET_DELETED: &str = "DELETE FROM deleted_apps WHERE app_id = ?";

#[async_trait]
impl Apps for SqliteMetadata {
    async fn create_app(&self, app: &App, credentials: &[NewCredential]) -> Result<(), StoreError> {
        let mut transaction = self.database.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("INSERT INTO apps (app_id, name, created_at) VALUES (?, ?, ?)")
            .bind(app.app_id.to_string())
            .bind(&app.name)
            .bind(app.created_at)
            .execute(&mut *transaction)
            .await?;
        for credential in credentials {
            credentials::insert(&mut *transaction, credential).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn app(&self, app_id: AppId) -> Result<Option<App>, StoreError> {
        let query = sqlx::query("SELECT app_id, name, created_at FROM apps WHERE app_id = ?")
            .bind(app_id.to_string());
        query.fetch_optional(&self.database.readers).await?.as_ref().map(app).transpose()
    }

    async fn apps(&self) -> Result<Vec<App>, StoreError> {
        let query =
            sqlx::query("SELECT app_id, name, created_at FROM apps ORDER BY name, created_at, app_id");
        query.fetch_all(&self.database.readers).await?.iter().map(app).collect()
    }

    async fn admit_environment(
        &self,
        app_id: AppId,
        env: &str,
        now: UnixSecs,
    ) -> Result<EnvironmentAdmission, StoreError> {
        let limit = i64::try_from(ENVS_PER_APP_MAX).unwrap_or(i64::MAX);
        let admit = sqlx::query(ADMIT).bind(app_id.to_string()).bind(env).bind(now).bind(limit);
        admit.execute(&self.database.writer).await?;
        let find = sqlx::query_as(FIND).bind(app_id.to_string()).bind(env);
        let (app_exists, env_exists): (bool, bool) = find.fetch_one(&self.database.readers).await?;
        Ok(match (app_exists, env_exists) {
            (false, _) => EnvironmentAdmission::UnknownApp,
            (true, true) => EnvironmentAdmission::Admitted,
            (true, false) => EnvironmentAdmission::TooMany,
        })
    }

    async fn environments(&self, app_id: AppId) -> Result<Vec<Environment>, StoreError> {
        let sql = "SELECT env, created_at FROM environments WHERE app_id = ? ORDER BY env";
        let query = sqlx::query_as(sql).bind(app_id.to_string());
        let rows: Vec<(String, UnixSecs)> = query.fetch_all(&self.database.readers).await?;
        Ok(rows.into_iter().map(|(env, created_at)| Environment { env, created_at }).collect())
    }

    async fn delete_environment(&self, app_id: AppId, env: &str) -> Result<bool, StoreError> {
        let query = sqlx::query("DELETE FROM environments WHERE app_id = ? AND env = ?");
        let query = query.bind(app_id.to_string()).bind(env);
        Ok(query.execute(&self.database.writer).await?.rows_affected() > 0)
    }

    async fn rename_app(&self, app_id: AppId, name: &str) -> Result<bool, StoreError> {
        let query =
            sqlx::query("UPDATE apps SET name = ? WHERE app_id = ?").bind(name).bind(app_id.to_string());
        Ok(query.execute(&self.database.writer).await?.rows_affected() > 0)
    }

    async fn delete_app(&self, app_id: AppId, now: UnixSecs) -> Result<bool, StoreError> {
        let mut transaction = self.database.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(NOTE_DELETED).bind(app_id.to_string()).bind(now).execute(&mut *transaction).await?;
        let mut deleted = 0;
        for sql in DELETE {
            let query = sqlx::query(sql).bind(app_id.to_string());
            deleted = query.execute(&mut *transaction).await?.rows_affected();
        }
        transaction.commit().await?;
        Ok(deleted > 0)
    }
}

#[async_trait]
impl DeletedApps for SqliteMetadata {
    async fn deleted_apps(&self) -> Result<Vec<DeletedApp>, StoreError> {
        let rows: Vec<(String, UnixSecs)> = sqlx::query_as(DELETED).fetch_all(&self.database.readers).await?;
        let deleted =
            |(id, deleted_at): (String, UnixSecs)| Ok(DeletedApp { app_id: parse_id(&id)?, deleted_at });
        rows.into_iter().map(deleted).collect()
    }

    async fn forget_deleted_app(&self, app_id: AppId) -> Result<(), StoreError> {
        let mut transaction = self.database.writer.begin_with("BEGIN IMMEDIATE").await?;
        for sql in DELETE.into_iter().chain([FORGET_DELETED]) {
            sqlx::query(sql).bind(app_id.to_string()).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }
}

fn app(row: &SqliteRow) -> Result<App, StoreError> {
    let id: String = row.try_get(0)?;
    let name = row.try_get(1)?;
    Ok(App { app_id: parse_id(&id)?, name, created_at: row.try_get(2)? })
}
