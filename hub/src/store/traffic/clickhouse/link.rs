//! The connection: statements, questions and inserts, each with a time limit and with the settings that they rest on.

use std::ops::ControlFlow;
use std::time::Duration;

use clickhouse::{Client, Compression, Row, RowOwned, RowRead, RowWrite};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::target::Target;
use crate::certificates::{Authorities, client_config};
use crate::store::StoreError;

/// How long a question may take: what takes longer helps nobody any more.
const QUESTION_LIMIT: Duration = Duration::from_secs(30);

/// Bytes of a question. The server's 256 KiB are too few for one that names ten thousand routes, once for each tier.
const QUESTION_BYTES_MAX: &str = "16777216";

/// Rows of a block where each may have a hundred kilobytes: the default of 65,409 would be gigabytes.
const WIDE_ROWS_AT_ONCE: &str = "64";

/// How long an insert may take to be sent and to be written. A server that merges hard may delay inserts on purpose.
const SEND_LIMIT: Duration = Duration::from_secs(20);
const WRITE_LIMIT: Duration = Duration::from_secs(60);

/// Bytes of a block that are packed together.
const PACKED_AT_ONCE: usize = 256 * 1024;

/// How long a statement may take that moves much: a migration, the roll-up of a day.
const WORK_LIMIT: Duration = Duration::from_secs(300);

/// As in the crate's own client: the server closes what is idle for three seconds.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(2);
const TCP_KEEPALIVE: Duration = Duration::from_secs(60);

/// The first version in which inserts are deduplicated by another setting.
const DEDUPLICATE_INSERT_SINCE: (u32, u32) = (26, 2);

/// A server and a database. Cloning shares the connections.
#[derive(Clone)]
pub(super) struct Link {
    questions: Client,
    inserts: Client,
    /// The cluster that statements on the schema go to; none: a single server.
    cluster: Option<String>,
}

impl Link {
    /// Nothing is sent yet.
    pub(super) fn new(target: &Target, cluster: Option<String>) -> Self {
        let compression = if target.compresses { Compression::Lz4 } else { Compression::None };
        let client = target.authorities.as_ref().filter(|_| target.is_secure).and_then(trusting);
        let client = client.unwrap_or_default().with_url(target.http_url());
        let client = client.with_user(&target.user).with_password(&target.password);
        let questions = client
            .with_compression(compression)
            // Rows go by the order of their columns: it saves a question before each first insert, and names in every answer.
            .with_validation(false)
            .with_setting("max_query_size", QUESTION_BYTES_MAX)
            .with_setting("do_not_merge_across_partitions_select_final", "1")
            .with_setting("join_use_nulls", "0");
        Self { inserts: questions.clone(), questions, cluster }
    }

    /// The same link into `database` of a server of this version.
    pub(super) fn into_database(self, database: &str, version: (u32, u32)) -> Self {
        // Rows that were inserted are acknowledged at once, so they must be written at once. Nothing is dropped as a repetition:
        // two writes that mark the same half hour are two.
        let (deduplicate, off) = if version >= DEDUPLICATE_INSERT_SINCE {
            ("deduplicate_insert", "disable")
        } else {
            ("insert_deduplicate", "0")
        };
        let questions = self.questions.with_database(database);
        let inserts = questions
            .clone()
            .with_setting("async_insert", "0")
            .with_setting("wait_end_of_query", "1")
            .with_setting("max_partitions_per_insert_block", "0")
            .with_setting(deduplicate, off);
        Self { questions, inserts, cluster: self.cluster }
    }

    pub(super) fn cluster(&self) -> Option<&str> {
        self.cluster.as_deref()
    }

    pub(super) fn is_replicated(&self) -> bool {
        self.cluster.is_some()
    }

    /// Answers a question.
    pub(super) async fn ask<T: RowOwned + RowRead>(&self, sql: &str) -> Result<Vec<T>, StoreError> {
        Ok(self.ask_server(sql).await?)
    }

    /// Answers a question, with the server's own error.
    pub(super) async fn ask_server<T: RowOwned + RowRead>(
        &self,
        sql: &str,
    ) -> clickhouse::error::Result<Vec<T>> {
        within(QUESTION_LIMIT, self.questions.query_raw(sql).fetch_all()).await
    }

    /// Answers a question row by row, until `see` breaks off: what is not seen is not fetched. The server reads as few rows at once
    /// as their width allows.
    pub(super) async fn each<T: RowOwned + RowRead>(
        &self,
        sql: &str,
        mut see: impl FnMut(T) -> ControlFlow<()> + Send,
    ) -> Result<(), StoreError> {
        let rows = self.questions.query_raw(sql).with_setting("max_block_size", WIDE_ROWS_AT_ONCE);
        let rows = rows.with_setting("cancel_http_readonly_queries_on_client_close", "1");
        let all = async {
            let mut rows = rows.fetch::<T>()?;
            while let Some(row) = rows.next().await? {
                if see(row).is_break() {
                    break;
                }
            }
            Ok(())
        };
        Ok(within(QUESTION_LIMIT, all).await?)
    }

    /// Runs a statement that answers nothing.
    pub(super) async fn run(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.run_on_server(sql).await?)
    }

    /// Runs a statement, with the server's own error.
    pub(super) async fn run_on_server(&self, sql: &str) -> clickhouse::error::Result<()> {
        within(WORK_LIMIT, self.inserts.query_raw(sql).execute()).await
    }

    /// Inserts rows as one block a partition; returns when they are on the disk.
    pub(super) async fn insert<'a, T>(&self, table: &str, rows: &[T::Value<'a>]) -> Result<(), StoreError>
    where
        T: Row + RowWrite,
        T::Value<'a>: Sync,
    {
        if rows.is_empty() {
            return Ok(());
        }
        let mut insert =
            self.inserts.insert::<T>(table).await?.with_timeouts(Some(SEND_LIMIT), Some(WRITE_LIMIT));
        for row in rows {
            insert.write(row).await?;
        }
        Ok(insert.end().await?)
    }

    /// Inserts a block in the format that `sql` names; returns when it is on the disk.
    pub(super) async fn insert_block(
        &self,
        sql: &str,
        pieces: impl Iterator<Item = Vec<u8>> + Send,
    ) -> Result<(), StoreError> {
        let insert = self.inserts.insert_formatted_with(sql);
        let mut insert = insert.with_timeouts(Some(SEND_LIMIT), Some(WRITE_LIMIT)).buffered();
        for piece in pieces {
            for part in piece.chunks(PACKED_AT_ONCE) {
                insert.write_buffered(part);
                if insert.buf_len() >= PACKED_AT_ONCE {
                    insert.flush().await?;
                }
            }
        }
        Ok(insert.end().await?)
    }
}

/// A client as the crate makes it, but for the authorities that it trusts; those were read before, so they can be read.
fn trusting(authorities: &Authorities) -> Option<Client> {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_keepalive(Some(TCP_KEEPALIVE));
    let builder = HttpsConnectorBuilder::new().with_tls_config(client_config(authorities).ok()?);
    let connector = builder.https_or_http().enable_http1().wrap_connector(connector);
    let mut http = hyper_util::client::legacy::Client::builder(TokioExecutor::new());
    Some(Client::with_http_client(http.pool_idle_timeout(POOL_IDLE_TIMEOUT).build(connector)))
}

async fn within<T>(
    limit: Duration,
    done: impl Future<Output = clickhouse::error::Result<T>>,
) -> clickhouse::error::Result<T> {
    tokio::time::timeout(limit, done).await.unwrap_or(Err(clickhouse::error::Error::TimedOut))
}

/// `text` as a literal.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for c in text.chars() {
        if matches!(c, '\'' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('\'');
    quoted
}

/// Seconds as a literal of the type of buckets.
pub(super) fn time(seconds: i64) -> String {
    format!("toDateTime({}, 'UTC')", date_time(seconds))
}

/// Seconds as `DateTime` holds them.
pub(super) fn date_time(seconds: i64) -> u32 {
    u32::try_from(seconds.max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_cannot_be_left() {
        assert_eq!(quote("it's a \\ test"), r"'it\'s a \\ test'");
    }
}
