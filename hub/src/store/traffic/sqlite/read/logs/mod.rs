//! Request logs: a bounded walk through slim rows in the order of time. Texts are read of what fits everything else, and a text
//! is looked for by SQLite first and, where it may stand, by [`holds_text`](crate::store::traffic::holds_text).

mod counts;
mod scan;

use async_trait::async_trait;
use uuid::Uuid;

use self::scan::{Scan, parse};
use super::super::SqliteTraffic;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::traffic::{
    CountedLogs, FoundLogs, LogGroup, LogPage, LogPosition, LogSearch, LogStep, RequestLogReader, Scope,
    Steps, StoredLog,
};

#[async_trait]
impl RequestLogReader for SqliteTraffic {
    async fn request_logs(
        &self,
        scope: &Scope,
        search: &LogSearch,
        page: &LogPage,
    ) -> Result<FoundLogs, StoreError> {
        let Some(mut scan) = self.scan_logs(scope, search, page.after).await? else {
            return Ok(FoundLogs::default());
        };
        let mut found = FoundLogs::default();
        while let Some(chunk) = scan.next_chunk().await? {
            let matches = scan.matches(&chunk, page.limit + 1 - found.logs.len()).await?;
            for one in matches {
                let log = parse(&one.log)?;
                found.logs.push(StoredLog { env: scope.env.clone(), consumer: one.consumer, log });
            }
            found.searched = scan.spent.logs;
            if found.logs.len() > page.limit {
                found.logs.truncate(page.limit);
                found.next = found.logs.last().map(StoredLog::position);
                break;
            }
            if scan.is_spent() {
                (found.next, found.stopped) = (Some(chunk.oldest), true);
                break;
            }
        }
        Ok(found)
    }

    async fn request_log(&self, app_id: AppId, id: Uuid) -> Result<Option<StoredLog>, StoreError> {
        let sql = "SELECT s.env, c.hash, t.log FROM scopes s JOIN request_logs l ON l.scope_id = s.id AND l.id = ?2 \
                   JOIN request_log_texts t ON t.number = l.number \
                   LEFT JOIN consumers c ON c.id = l.consumer_id AND l.consumer_id != 0 WHERE s.app_id = ?1 ORDER BY s.id LIMIT 1";
        let query = sqlx::query_as(sql).bind(app_id.as_bytes().to_vec()).bind(id.as_bytes().to_vec());
        let row: Option<(String, Option<Vec<u8>>, String)> =
            query.fetch_optional(&self.database.readers).await?;
        let Some((env, consumer, log)) = row else { return Ok(None) };
        Ok(Some(StoredLog { env, consumer: scan::hash(consumer)?, log: parse(&log)? }))
    }

    async fn request_log_steps(
        &self,
        scope: &Scope,
        search: &LogSearch,
        steps: &Steps,
    ) -> Result<CountedLogs<LogStep>, StoreError> {
        match self.scan_logs(scope, search, None).await? {
            Some(scan) => counts::steps(scan, steps).await,
            None => Ok(CountedLogs { counts: Vec::new(), stopped_at_us: None }),
        }
    }

    async fn request_log_groups(
        &self,
        scope: &Scope,
        search: &LogSearch,
    ) -> Result<CountedLogs<LogGroup>, StoreError> {
        match self.scan_logs(scope, search, None).await? {
            Some(scan) => counts::groups(scan).await,
            None => Ok(CountedLogs { counts: Vec::new(), stopped_at_us: None }),
        }
    }
}

impl SqliteTraffic {
    /// What `search` looks at, beginning after `after`; none when it names something unknown.
    async fn scan_logs<'a>(
        &'a self,
        scope: &Scope,
        search: &'a LogSearch,
        after: Option<LogPosition>,
    ) -> Result<Option<Scan<'a>>, StoreError> {
        let Some(scope) = self.scope_id(scope).await? else { return Ok(None) };
        let Some(consumer) = self.consumer_id(scope, &search.filter).await? else { return Ok(None) };
        let routes = self.routes(scope, &search.filter).await?;
        let consumer = search.filter.consumer.map(|_| consumer);
        Ok(Some(Scan::new(&self.database.readers, search, (scope, consumer, routes), after)))
    }
}
