//! The audit log.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{SqliteMetadata, parse_id, parse_word};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::metadata::{Actor, ActorKind, AuditEntry, AuditFilter, AuditLog, NewAuditEntry};

const INSERT: &str = "INSERT INTO audit_log
    (at, actor_kind, actor_id, actor_name, address, action, target_id, target_name, app_id, details)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const SELECT: &str = "SELECT id, at, actor_kind, actor_id, actor_name, address, action, target_id, target_name, app_id, details
    FROM audit_log WHERE (?1 IS NULL OR id < ?1) AND (?2 IS NULL OR app_id IN (SELECT value FROM json_each(?2)))
    AND (?3 IS NULL OR action = ?3) AND (?4 IS NULL OR actor_name = ?4)
    AND (?5 IS NULL OR at >= ?5) AND (?6 IS NULL OR at < ?6) ORDER BY id DESC LIMIT ?7";

#[async_trait]
impl AuditLog for SqliteMetadata {
    async fn write_audit(&self, entry: &NewAuditEntry) -> Result<(), StoreError> {
        let query = sqlx::query(INSERT)
            .bind(entry.at)
            .bind(entry.actor.kind.as_str())
            .bind(entry.actor.id.map(|id| id.to_string()))
            .bind(&entry.actor.name)
            .bind(&entry.actor.address)
            .bind(&entry.action)
            .bind(&entry.target_id)
            .bind(&entry.target_name)
            .bind(entry.app_id.map(|id| id.to_string()))
            .bind(entry.details.to_string());
        query.execute(&self.database.writer).await?;
        Ok(())
    }

    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditEntry>, StoreError> {
        let apps = filter.apps.as_ref().map(|apps| serde_json::json!(apps).to_string());
        let query = sqlx::query(SELECT)
            .bind(filter.before)
            .bind(apps)
            .bind(&filter.action)
            .bind(&filter.actor)
            .bind(filter.from)
            .bind(filter.to)
            .bind(filter.limit);
        query.fetch_all(&self.database.readers).await?.iter().map(entry).collect()
    }

    async fn delete_audit(&self, before: UnixSecs) -> Result<(), StoreError> {
        let query = sqlx::query("DELETE FROM audit_log WHERE at < ?").bind(before);
        query.execute(&self.database.writer).await?;
        Ok(())
    }
}

fn entry(row: &SqliteRow) -> Result<AuditEntry, StoreError> {
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
