//! The audit log.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::{PostgresMetadata, bounded, parse_id, parse_word, storable};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::metadata::{Actor, ActorKind, AuditEntry, AuditFilter, AuditLog, NewAuditEntry};

const INSERT: &str = "INSERT INTO audit_log
    (at, actor_kind, actor_id, actor_name, address, action, target_id, target_name, app_id, details)
    VALUES ($1, $2, $3::uuid, $4, $5, $6, $7, $8, $9::uuid, $10)";
const SELECT: &str =
    "SELECT id, at, actor_kind, actor_id::text, actor_name, address, action, target_id, target_name,
    app_id::text, details
    FROM audit_log WHERE ($1::bigint IS NULL OR id < $1) AND ($2::text[] IS NULL OR app_id::text = ANY($2))
    AND ($3::text IS NULL OR action = $3) AND ($4::text IS NULL OR actor_name = $4)
    AND ($5::bigint IS NULL OR at >= $5) AND ($6::bigint IS NULL OR at < $6) ORDER BY id DESC LIMIT $7";

#[async_trait]
impl AuditLog for PostgresMetadata {
    async fn write_audit(&self, entry: &NewAuditEntry) -> Result<(), StoreError> {
        bounded(async {
            let query = sqlx::query(INSERT)
                .bind(entry.at)
                .bind(entry.actor.kind.as_str())
                .bind(entry.actor.id.map(|id| id.to_string()))
                .bind(storable(&entry.actor.name))
                .bind(&entry.actor.address)
                .bind(storable(&entry.action))
                .bind(entry.target_id.as_deref().map(storable))
                .bind(entry.target_name.as_deref().map(storable))
                .bind(entry.app_id.map(|id| id.to_string()))
                .bind(entry.details.to_string());
            query.execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditEntry>, StoreError> {
        let apps = filter.apps.as_ref().map(|apps| apps.iter().map(ToString::to_string).collect::<Vec<_>>());
        bounded(async {
            let query = sqlx::query(SELECT)
                .bind(filter.before)
                .bind(apps)
                .bind(filter.action.as_deref().map(storable))
                .bind(filter.actor.as_deref().map(storable))
                .bind(filter.from)
                .bind(filter.to)
                .bind(i64::from(filter.limit));
            query.fetch_all(&self.pool).await?.iter().map(entry).collect()
        })
        .await
    }

    async fn delete_audit(&self, before: UnixSecs) -> Result<(), StoreError> {
        bounded(async {
            sqlx::query("DELETE FROM audit_log WHERE at < $1").bind(before).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }
}

fn entry(row: &PgRow) -> Result<AuditEntry, StoreError> {
    let text = |at: usize| row.try_get::<Option<String>, _>(at);
    let details: String = row.try_get(10)?;
    let actor = Actor {
        kind: parse_word(&row.try_get::<String, _>(2)?, ActorKind::parse)?,
        id: text(3)?.as_deref().map(parse_id).transpose()?,
        name: row.try_get(4)?,
        address: text(5)?,
    };
    let entry = NewAuditEntry {
        at: row.try_get(1)?,
        actor,
        action: row.try_get(6)?,
        target_id: text(7)?,
        target_name: text(8)?,
        app_id: text(9)?.as_deref().map(parse_id).transpose()?,
        details: serde_json::from_str(&details)
            .map_err(|error| StoreError::Refused(format!("details of an audit entry: {error}")))?,
    };
    Ok(AuditEntry { id: row.try_get(0)?, entry })
}
