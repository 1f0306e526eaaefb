//! Apdex thresholds, expected errors and saved views.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::{PostgresMetadata, bounded, parse_id, storable};
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::metadata::{ApdexThreshold, ExpectedError, Preferences, SavedView, SavedViews};

const THRESHOLDS: &str = "SELECT method, path, threshold_ms FROM apdex_thresholds WHERE app_id = $1::uuid
    ORDER BY path COLLATE \"C\", method COLLATE \"C\"";
const SET_THRESHOLD: &str =
    "INSERT INTO apdex_thresholds (app_id, method, path, threshold_ms) VALUES ($1::uuid, $2, $3, $4)";
const EXPECTED: &str =
    "SELECT id::text, app_id::text, method, path, status, created_by, created_at FROM expected_errors
    WHERE app_id = $1::uuid ORDER BY path COLLATE \"C\", method COLLATE \"C\", status";
const EXPECT: &str = "INSERT INTO expected_errors (id, app_id, method, path, status, created_by, created_at)
    VALUES ($1::uuid, $2::uuid, $3, $4, $5, $6, $7) ON CONFLICT (app_id, method, path, status) DO NOTHING";
const VIEWS: &str = "SELECT id::text, owner_id::text, owner_name, app_id::text, name, url, shared, created_at
    FROM saved_views WHERE shared OR owner_id IS NOT DISTINCT FROM $1::uuid
    ORDER BY name COLLATE \"C\", created_at, id";
const CREATE_VIEW: &str =
    "INSERT INTO saved_views (id, owner_id, owner_name, app_id, name, url, shared, created_at)
    VALUES ($1::uuid, $2::uuid, $3, $4::uuid, $5, $6, $7, $8)";

#[async_trait]
impl Preferences for PostgresMetadata {
    async fn apdex_thresholds(&self, app_id: AppId) -> Result<Vec<ApdexThreshold>, StoreError> {
        bounded(async {
            let query = sqlx::query(THRESHOLDS).bind(app_id.to_string());
            query.fetch_all(&self.pool).await?.iter().map(threshold).collect()
        })
        .await
    }

    async fn set_apdex_thresholds(
        &self,
        app_id: AppId,
        thresholds: &[ApdexThreshold],
    ) -> Result<(), StoreError> {
        bounded(async {
            let mut transaction = self.pool.begin().await?;
            // Of two who set them at once, the second replaces what the first set.
            let lock = sqlx::query("SELECT 1 FROM apps WHERE app_id = $1::uuid FOR NO KEY UPDATE");
            lock.bind(app_id.to_string()).fetch_optional(&mut *transaction).await?;
            let delete = sqlx::query("DELETE FROM apdex_thresholds WHERE app_id = $1::uuid");
            delete.bind(app_id.to_string()).execute(&mut *transaction).await?;
            for threshold in thresholds {
                let (method, path) = threshold.endpoint.clone().unwrap_or_default();
                let set = sqlx::query(SET_THRESHOLD)
                    .bind(app_id.to_string())
                    .bind(storable(&method).into_owned())
                    .bind(storable(&path).into_owned())
                    .bind(i64::from(threshold.threshold_ms));
                set.execute(&mut *transaction).await?;
            }
            Ok(transaction.commit().await?)
        })
        .await
    }

    async fn expected_errors(&self, app_id: AppId) -> Result<Vec<ExpectedError>, StoreError> {
        bounded(async {
            let query = sqlx::query(EXPECTED).bind(app_id.to_string());
            query.fetch_all(&self.pool).await?.iter().map(expected).collect()
        })
        .await
    }

    async fn expect_error(&self, error: &ExpectedError) -> Result<bool, StoreError> {
        bounded(async {
            let query = sqlx::query(EXPECT)
                .bind(error.id.to_string())
                .bind(error.app_id.to_string())
                .bind(storable(&error.method))
                .bind(storable(&error.path))
                .bind(i32::from(error.status))
                .bind(storable(&error.created_by))
                .bind(error.created_at);
            Ok(query.execute(&self.pool).await?.rows_affected() > 0)
        })
        .await
    }

    async fn unexpect_error(&self, app_id: AppId, id: Uuid) -> Result<bool, StoreError> {
        bounded(async {
            let query = sqlx::query("DELETE FROM expected_errors WHERE app_id = $1::uuid AND id = $2::uuid");
            let query = query.bind(app_id.to_string()).bind(id.to_string());
            Ok(query.execute(&self.pool).await?.rows_affected() > 0)
        })
        .await
    }
}

#[async_trait]
impl SavedViews for PostgresMetadata {
    async fn create_view(&self, view: &SavedView) -> Result<(), StoreError> {
        bounded(async {
            let query = sqlx::query(CREATE_VIEW)
                .bind(view.id.to_string())
                .bind(view.owner_id.map(|id| id.to_string()))
                .bind(storable(&view.owner_name))
                .bind(view.app_id.map(|id| id.to_string()))
                .bind(storable(&view.name))
                .bind(storable(&view.url))
                .bind(view.shared)
                .bind(view.created_at);
            query.execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    async fn views(&self, owner_id: Option<Uuid>) -> Result<Vec<SavedView>, StoreError> {
        bounded(async {
            let query = sqlx::query(VIEWS).bind(owner_id.map(|id| id.to_string()));
            query.fetch_all(&self.pool).await?.iter().map(view).collect()
        })
        .await
    }

    async fn change_view(&self, id: Uuid, name: &str, shared: bool) -> Result<bool, StoreError> {
        bounded(async {
            let query = sqlx::query("UPDATE saved_views SET name = $1, shared = $2 WHERE id = $3::uuid");
            let query = query.bind(storable(name)).bind(shared).bind(id.to_string());
            Ok(query.execute(&self.pool).await?.rows_affected() > 0)
        })
        .await
    }

    async fn delete_view(&self, id: Uuid) -> Result<bool, StoreError> {
        bounded(async {
            let query = sqlx::query("DELETE FROM saved_views WHERE id = $1::uuid").bind(id.to_string());
            Ok(query.execute(&self.pool).await?.rows_affected() > 0)
        })
        .await
    }
}

fn threshold(row: &PgRow) -> Result<ApdexThreshold, StoreError> {
    let (method, path): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    let endpoint = (!method.is_empty()).then_some((method, path));
    let threshold_ms = u32::try_from(row.try_get::<i64, _>(2)?).unwrap_or(u32::MAX);
    Ok(ApdexThreshold { endpoint, threshold_ms })
}

fn expected(row: &PgRow) -> Result<ExpectedError, StoreError> {
    let text = |at: usize| row.try_get::<String, _>(at);
    Ok(ExpectedError {
        id: parse_id(&text(0)?)?,
        app_id: parse_id(&text(1)?)?,
        method: text(2)?,
        path: text(3)?,
        status: u16::try_from(row.try_get::<i32, _>(4)?).unwrap_or(0),
        created_by: text(5)?,
        created_at: row.try_get(6)?,
    })
}

fn view(row: &PgRow) -> Result<SavedView, StoreError> {
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
