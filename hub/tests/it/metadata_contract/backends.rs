//! The backends that pass the contract.

use std::sync::Arc;

use sendry_hub::store::StoreError;
use sendry_hub::store::metadata::{Metadata, postgres, sqlite};
use tempfile::TempDir;

use super::Harness;
use crate::postgres::Database;

pub(super) struct Sqlite(TempDir);

impl Sqlite {
    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("metadata.db")
    }
}

impl Harness for Sqlite {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    async fn connect(&self) -> Metadata {
        Arc::new(sqlite::connect(&self.path()).await.unwrap())
    }

    async fn connect_after_newer(&self) -> Result<Metadata, StoreError> {
        let url = format!("sqlite://{}", self.path().display());
        let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
        sqlx::raw_sql("PRAGMA user_version = 1000").execute(&pool).await.unwrap();
        pool.close().await;
        sqlite::connect(&self.path()).await.map(|store| Arc::new(store) as Metadata)
    }
}

pub(super) struct Postgres(Database);

impl Harness for Postgres {
    fn new() -> Self {
        Self(Database::create())
    }

    async fn connect(&self) -> Metadata {
        Arc::new(postgres::connect(&self.0.url()).await.unwrap())
    }

    async fn connect_after_newer(&self) -> Result<Metadata, StoreError> {
        self.0.run("UPDATE schema_version SET version = 1000").await;
        postgres::connect(&self.0.url()).await.map(|store| Arc::new(store) as Metadata)
    }
}
