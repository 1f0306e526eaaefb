//! Leases.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::{SqliteMetadata, parse_id};
use crate::clock::UnixMillis;
use crate::store::StoreError;
use crate::store::metadata::{Lease, Leases};

const HOLD: &str = "INSERT INTO leases (name, holder, expires_at) VALUES (?1, ?2, ?3)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
    WHERE leases.holder = excluded.holder OR leases.expires_at <= ?4
    OR leases.expires_at - excluded.expires_at > 86400000";
const RELEASE: &str = "DELETE FROM leases WHERE name = ?1 AND holder = ?2";
const ALL: &str = "SELECT name, holder, expires_at FROM leases ORDER BY name";

#[async_trait]
impl Leases for SqliteMetadata {
    async fn hold_lease(&self, lease: &Lease, now: UnixMillis) -> Result<bool, StoreError> {
        let query = sqlx::query(HOLD)
            .bind(&lease.name)
            .bind(lease.holder.to_string())
            .bind(lease.expires_at)
            .bind(now);
        Ok(query.execute(&self.database.writer).await?.rows_affected() > 0)
    }

    async fn release_lease(&self, name: &str, holder: Uuid) -> Result<(), StoreError> {
        sqlx::query(RELEASE).bind(name).bind(holder.to_string()).execute(&self.database.writer).await?;
        Ok(())
    }

    async fn leases(&self) -> Result<Vec<Lease>, StoreError> {
        sqlx::query(ALL).fetch_all(&self.database.readers).await?.iter().map(lease).collect()
    }
}

fn lease(row: &SqliteRow) -> Result<Lease, StoreError> {
    let holder: String = row.try_get(1)?;
    Ok(Lease { name: row.try_get(0)?, holder: parse_id(&holder)?, expires_at: row.try_get(2)? })
}
