//! PostgreSQL for tests: a server that is there, and a database of its own for each test.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use uuid::Uuid;

/// Where a server is when nobody says otherwise.
const STANDARD: &str = "postgres://postgres@127.0.0.1:5432/postgres";

/// A database; gone when it is dropped.
pub(crate) struct Database {
    server: PgConnectOptions,
    name: String,
}

impl Database {
    pub(crate) fn create() -> Self {
        let url = std::env::var("SENDRY_TEST_POSTGRES_URL").unwrap_or_else(|_| STANDARD.to_owned());
        let server = PgConnectOptions::from_str(&url).unwrap();
        let name = format!("sendry_test_{}", Uuid::new_v4().simple());
        execute(&server, format!("CREATE DATABASE {name}"));
        Self { server, name }
    }

    /// As `metadata.url` takes it.
    pub(crate) fn url(&self) -> String {
        self.options().to_url_lossy().to_string()
    }

    pub(crate) fn options(&self) -> PgConnectOptions {
        self.server.clone().database(&self.name)
    }

    /// Runs statements in it, as the server's owner.
    pub(crate) async fn run(&self, sql: &str) {
        let mut connection = self.connect().await;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    }

    pub(crate) async fn connect(&self) -> PgConnection {
        self.options().connect().await.unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        execute(&self.server, format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// Runs a statement from a thread of its own, for callers that are in a runtime and cannot wait.
fn execute(server: &PgConnectOptions, sql: String) {
    let server = server.clone();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut connection = server.connect().await.expect("PostgreSQL answers; see docs/testing.md");
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        });
    });
    thread.join().unwrap();
}
