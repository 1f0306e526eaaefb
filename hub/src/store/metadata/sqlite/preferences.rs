//! Apdex thresholds, expected errors and saved views.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::{SqliteMetadata, parse_id};
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::metadata::{ApdexThreshold, ExpectedError, Preferences, SavedView, SavedViews};

const THRESHOLDS: &str =
    "SELECT method, path, threshold_ms FROM apdex_thresholds WHERE app_id = ? ORDER BY path, method";
const SET_THRESHOLD: &str =
    "INSERT INTO apdex_thresholds (app_id, method, path, threshold_ms) VALUES (?, ?, ?, ?)";
const EXPECTED: &str = "SELECT id, app_id, method, path, status, created_by, created_at FROM expected_errors
    WHERE app_id = ? ORDER BY path, method, status";
const EXPECT: &str = "INSERT INTO expected_errors (id, app_id, method, path, status, created_by, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (app_id, method, path, status) DO NOTHING";
const VIEWS: &str = "SELECT id, owner_id, owner_name, app_id, name, url, shared, created_at FROM saved_views
    WHERE shared = 1 OR owner_id IS ? ORDER BY name, created_at, id";
const CREATE_VIEW: &str =
    "INSERT INTO saved_views (id, owner_id, owner_name, app_id, name, url, shared, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

#[async_trait]
impl Preferences for SqliteMetadata {
    async fn apdex_thresholds(&self, app_id: AppId) -> Result<Vec<ApdexThreshold>, StoreError> {
        let query = sqlx::query(THRESHOLDS).bind(app_id.to_string());
        query.fetch_all(&self.database.readers).await?.iter().map(threshold).collect()
    }

    async fn set_apdex_thresholds(
        &self,
        app_id: AppId,
        thresholds: &[ApdexThreshold],
    ) -> Result<(), StoreError> {
        let mut transaction = self.database.writer.begin_with("BEGIN IMMEDIATE").await?;
        let delete = sqlx::query("DELETE FROM apdex_thresholds WHERE app_id = ?").bind(app_id.to_string());
        delete.execute(&mut *transaction).await?;
        for threshold in thresholds {
            let (method, path) = threshold.endpoint.clone().unwrap_or_default();
            let set = sqlx::query(SET_THRESHOLD).bind(app_id.to_string()).bind(method).bind(path);
            set.bind(threshold.threshold_ms).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn expected_errors(&self, app_id: AppId) -> Result<Vec<ExpectedError>, StoreError> {
        let query = sqlx::query(EXPECTED).bind(app_id.to_string());
        query.fetch_all(&self.database.readers).await?.iter().map(expected).collect()
    }

    async fn expect_error(&self, error: &ExpectedError) -> Result<bool, StoreError> {
        let query = sqlx::query(EXPECT)
            .bind(error.id.to_string())
            .bind(error.app_id.to_string())
            .bind(&error.method)
            .bind(&error.path)
            .bind(error.status)
            .bind(&error.created_by)
            .bind(error.created_at);
        Ok(query.execute(&self.database.writer).await?.rows_affected() > 0)
    }

    async fn unexpect_error(&self, app_id: AppId, id: Uuid) -> Result<bool, StoreError> {
        let query = sqlx::query("DELETE FROM expected_errors WHERE app_id = ? AND id = ?");
        let result = query.bind(app_id.to_string()).bind(id.to_string()).execute(&self.database.writer).await;
        Ok(result?.rows_affected() > 0)
    }
}

#[async_trait]
impl SavedViews for SqliteMetadata {
    async fn create_view(&self, view: &SavedView) -> Result<(), StoreError> {
        let query = sqlx::query(CREATE_VIEW)
            .bind(view.id.to_string())
            .bind(view.owner_id.map(|id| id.to_string()))
            .bind(&view.owner_name)
            .bind(view.app_id.map(|id| id.to_string()))
            .bind(&view.name)
            .bind(&view.url)
            .bind(view.shared)
            .bind(view.created_at);
        query.execute(&self.database.writer).await?;
        Ok(())
    }

    async fn views(&self, owner_id: Option<Uuid>) -> Result<Vec<SavedView>, StoreError> {
        let query = sqlx::query(VIEWS).bind(owner_id.map(|id| id.to_string()));
        query.fetch_all(&self.database.readers).await?.iter().map(view).collect()
    }

    async fn change_view(&self, id: Uuid, name: &str, shared: bool) -> Result<bool, StoreError> {
        let query = sqlx::query("UPDATE saved_views SET name = ?, shared = ? WHERE id = ?");
        let result = query.bind(name).bind(shared).bind(id.to_string()).execute(&self.database.writer).await;
        Ok(result?.rows_affected() > 0)
    }

    async fn delete_view(&self, id: Uuid) -> Result<bool, StoreError> {
        let query = sqlx::query("DELETE FROM saved_views WHERE id = ?").bind(id.to_string());
        Ok(query.execute(&self.database.writer).await?.rows_affected() > 0)
    }
}

fn threshold(row: &SqliteRow) -> Result<ApdexThreshold, StoreError> {
    let (method, path): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    let endpoint = (!method.is_empty()).then_some((method, path));
    Ok(ApdexThreshold { endpoint, threshold_ms: row.try_get(2)? })
}

fn expected(row: &SqliteRow) -> Result<ExpectedError, StoreError> {
    let text = |at: usize| row.try_get::<String, _>(at);
    Ok(ExpectedError {
        id: parse_id(&text(0)?)?,
        app_id: parse_id(&text(1)?)?,
        method: text(2)?,
        path: text(3)?,
        status: row.try_get(4)?,
        created_by: text(5)?,
        created_at: row.try_get(6)?,
    })
}

fn view(row: &SqliteRow) -> Result<SavedView, StoreError> {
    let id = |at: usize| row.try_get::<Option<String>, _>(at);
    Ok(SavedView {
        id: parse_id(&row.try_get::<String, _>(0)?)?,
        owner_id: id(1)?.as_deref().map(parse_id).transpose()?,
        owner_name: row.try_get(2)?,
        app_id: id(3)?.as_deref().map(parse_id).transpose()?,
        name: row.try_get(4)?,
        url: row.try_get(5)?,
        shared: row.try_get(6)?,
        created_at: row.try_get(7)?,
    })
}
