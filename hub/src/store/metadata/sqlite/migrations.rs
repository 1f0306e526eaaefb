//! Numbered forward-only migrations; `user_version` is the number of those that ran.

use sqlx::sqlite::SqlitePool;

use super::store_error;
use crate::store::StoreError;

/// In order. A released one never changes.
const MIGRATIONS: &[&str] = &[include_str!("../../../../migrations/metadata/sqlite/0001_start.sql")];

/// Runs what is missing, in one transaction: two processes that start at once do it once.
pub(super) async fn run(pool: &SqlitePool) -> Result<(), StoreError> {
    if version(pool).await? == MIGRATIONS.len() {
        return Ok(());
    }
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
    let done = version(&mut *transaction).await?;
    for migration in MIGRATIONS.iter().skip(done) {
        sqlx::raw_sql(*migration).execute(&mut *transaction).await.map_err(store_error)?;
    }
    let set_version = format!("PRAGMA user_version = {}", MIGRATIONS.len());
    sqlx::raw_sql(sqlx::AssertSqlSafe(set_version)).execute(&mut *transaction).await.map_err(store_error)?;
    transaction.commit().await.map_err(store_error)
}

async fn version<'e>(executor: impl sqlx::SqliteExecutor<'e>) -> Result<usize, StoreError> {
    let version: i64 =
        sqlx::query_scalar("PRAGMA user_version").fetch_one(executor).await.map_err(store_error)?;
    let version = usize::try_from(version).unwrap_or(usize::MAX);
    if version > MIGRATIONS.len() {
        return Err(StoreError::SchemaTooNew(format!(
            "the metadata store has schema {version}, this version of the hub knows {}: run the newer version again, \
             or restore a backup made before the upgrade",
            MIGRATIONS.len()
        )));
    }
    Ok(version)
}
