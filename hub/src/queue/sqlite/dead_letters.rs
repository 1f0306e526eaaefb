//! Dead letters: listed, shown, replayed, dropped.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{AssertSqlSafe, SqlitePool};
use uuid::Uuid;

use super::rows;
use super::topics::Topics;
use super::writer::{Op, Writer};
use crate::queue::{DeadLetter, DeadLetters, QueueError, Topic};
use crate::sqlite::Database;

pub(super) struct SqliteDeadLetters {
    readers: SqlitePool,
    writer: Writer,
    topics: Arc<Topics>,
}

impl SqliteDeadLetters {
    pub(super) fn new(database: &Database, writer: &Writer, topics: &Arc<Topics>) -> Self {
        Self { readers: database.readers.clone(), writer: writer.clone(), topics: topics.clone() }
    }
}

fn select(condition: &str) -> AssertSqlSafe<String> {
    let columns = rows::COLUMNS;
    AssertSqlSafe(format!(
        "SELECT dead_id, topic, reason, detail, died_at, {columns} FROM dead_letters {condition}"
    ))
}

#[async_trait]
impl DeadLetters for SqliteDeadLetters {
    async fn list(&self, after: Option<Uuid>, max: usize) -> Result<Vec<DeadLetter>, QueueError> {
        let sql = select(
            "WHERE id > coalesce((SELECT id FROM dead_letters WHERE dead_id = ?), 0) ORDER BY id LIMIT ?",
        );
        let after = after.map(|id| id.as_bytes().to_vec());
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        let found = sqlx::query(sql).bind(after).bind(max).fetch_all(&self.readers).await?;
        found.iter().map(rows::dead_letter).collect()
    }

    async fn show(&self, id: Uuid) -> Result<Option<DeadLetter>, QueueError> {
        let query = sqlx::query(select("WHERE dead_id = ?"));
        let row = query.bind(id.as_bytes().to_vec()).fetch_optional(&self.readers).await?;
        row.as_ref().map(rows::dead_letter).transpose()
    }

    async fn replay(&self, id: Uuid) -> Result<bool, QueueError> {
        let replayed = self.writer.commit(Op::Replay(id)).await? > 0;
        for topic in [Topic::Reports, Topic::RequestLogs] {
            self.topics.of(topic).wake();
        }
        Ok(replayed)
    }

    async fn discard(&self, id: Uuid) -> Result<bool, QueueError> {
        Ok(self.writer.commit(Op::DropDead(id)).await? > 0)
    }
}
