//! Leases.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::{PostgresMetadata, bounded, parse_id};
use crate::clock::UnixMillis;
use crate::store::StoreError;
use crate::store::metadata::{Lease, Leases};

const HOLD: &str = "INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2::uuid, $3)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
    WHERE leases.holder = excluded.holder OR leases.expires_at <= $4
    OR leases.expires_at - excluded.expires_at > 86400000";
const RELEASE: &str = "DELETE FROM leases WHERE name = $1 AND holder = $2::uuid";
const ALL: &str = "SELECT name, holder::text, expires_at FROM leases ORDER BY name COLLATE \"C\"";

#[async_trait]
impl Leases for PostgresMetadata {
    async fn hold_lease(&self, lease: &Lease, now: UnixMillis) -> Result<bool, StoreError> {
        bounded(async {
            let query = sqlx::query(HOLD)
                .bind(&lease.name)
                .bind(lease.holder.to_string())
                .bind(lease.expires_at)
                .bind(now);
            Ok(query.execute(&self.pool).await?.rows_affected() > 0)
        })
        .await
    }

    async fn release_lease(&self, name: &str, holder: Uuid) -> Result<(), StoreError> {
        bounded(async {
            sqlx::query(RELEASE).bind(name).bind(holder.to_string()).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    async fn leases(&self) -> Result<Vec<Lease>, StoreError> {
        bounded(async { sqlx::query(ALL).fetch_all(&self.pool).await?.iter().map(lease).collect() }).await
    }
}

fn lease(row: &PgRow) -> Result<Lease, StoreError> {
    let holder: String = row.try_get(1)?;
    Ok(Lease { name: row.try_get(0)?, holder: parse_id(&holder)?, expires_at: row.try_get(2)? })
}
