//! The hub's own processes.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::{PostgresMetadata, bounded, parse_id, storable};
use crate::clock::UnixMillis;
use crate::store::StoreError;
use crate::store::metadata::{Process, Processes};

const WRITE: &str = "INSERT INTO processes (id, host, roles, version, started_at, seen_at, state)
    VALUES ($1::uuid, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, state = excluded.state";
const ALL: &str = "SELECT id::text, host, roles, version, started_at, seen_at, state FROM processes
    ORDER BY started_at, id";

#[async_trait]
impl Processes for PostgresMetadata {
    async fn write_process(&self, process: &Process) -> Result<(), StoreError> {
        bounded(async {
            let query = sqlx::query(WRITE)
                .bind(process.id.to_string())
                .bind(storable(&process.host))
                .bind(&process.roles)
                .bind(&process.version)
                .bind(process.started_at)
                .bind(process.seen_at)
                .bind(&process.state);
            query.execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    async fn processes(&self) -> Result<Vec<Process>, StoreError> {
        bounded(async { sqlx::query(ALL).fetch_all(&self.pool).await?.iter().map(process).collect() }).await
    }

    async fn remove_process(&self, id: Uuid) -> Result<(), StoreError> {
        bounded(async {
            let query = sqlx::query("DELETE FROM processes WHERE id = $1::uuid");
            query.bind(id.to_string()).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    async fn remove_processes(&self, seen_before: UnixMillis) -> Result<(), StoreError> {
        bounded(async {
            let query = sqlx::query("DELETE FROM processes WHERE seen_at < $1");
            query.bind(seen_before).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }
}

fn process(row: &PgRow) -> Result<Process, StoreError> {
    let id: String = row.try_get(0)?;
    Ok(Process {
        id: parse_id(&id)?,
        host: row.try_get(1)?,
        roles: row.try_get(2)?,
        version: row.try_get(3)?,
        started_at: row.try_get(4)?,
        seen_at: row.try_get(5)?,
        state: row.try_get(6)?,
    })
}
