//! From a URL to a pool of connections, or to one sentence on what is wrong with it.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};

use super::{PostgresMetadata, migrate};
use crate::certificates::distrust;
use crate::clock::UnixMillis;
use crate::store::StoreError;

/// Connections of one process. The hub asks once a minute for most things, so a few serve many requests.
const CONNECTIONS_MAX: u32 = 8;

/// How long to wait for a connection, a new one included.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// Idle connections are closed after this time, so that a process at rest holds none.
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);

/// How long the first connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What the setting is called in errors.
const SETTING: &str = "metadata.url (SENDRY_METADATA_URL)";

/// Connects once to see that everything is right, brings the schema up to date, and returns the pool.
pub async fn connect(url: &str) -> Result<PostgresMetadata, StoreError> {
    let options = options(url)?;
    let first = tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await;
    let first = first.unwrap_or(Err(sqlx::Error::PoolTimedOut));
    let mut connection = first.map_err(|error| explain(error, &options))?;
    migrate::migrate(&mut connection).await.map_err(|failure| match failure {
        migrate::Failure::Database(error) => explain(error, &options),
        migrate::Failure::Store(error) => error,
    })?;
    let _ = connection.close().await;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS_MAX)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(IDLE_TIMEOUT)
        .connect_lazy_with(options);
    Ok(PostgresMetadata { pool })
}

/// What a look at a server tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// As the server says it.
    pub server_version: String,
    /// The number of the hub's schema there; 0 before the first start.
    pub schema: usize,
    /// The newest that this hub knows.
    pub schema_known: usize,
    /// The server's clock.
    pub now_ms: UnixMillis,
}

/// Looks without changing anything.
pub async fn inspect(url: &str) -> Result<Inspection, StoreError> {
    let options = options(url)?;
    let look = async {
        let mut connection = options.connect().await?;
        let server_version = sqlx::query_scalar("SHOW server_version").fetch_one(&mut connection).await?;
        let clock = "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint";
        let now_ms = sqlx::query_scalar(clock).fetch_one(&mut connection).await?;
        let schema = migrate::version(&mut connection).await?;
        let _ = connection.close().await;
        Ok(Inspection { server_version, schema, schema_known: migrate::KNOWN, now_ms })
    };
    let looked = tokio::time::timeout(CONNECT_TIMEOUT, look).await;
    looked.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(|error| explain(error, &options))
}

fn options(url: &str) -> Result<PgConnectOptions, StoreError> {
    let options = PgConnectOptions::from_str(url).map_err(|error| {
        StoreError::Misconfigured(format!(
            "{SETTING} is not a PostgreSQL URL: {error}; write postgres://USER:PASSWORD@HOST:5432/DATABASE"
        ))
    })?;
    Ok(options.application_name("sendry-hub").log_statements(tracing::log::LevelFilter::Off))
}

/// What a failed start means for who configured it.
fn explain(error: sqlx::Error, options: &PgConnectOptions) -> StoreError {
    let place = format!("{}:{}", options.get_host(), options.get_port());
    let user = options.get_username();
    let database = options.get_database().unwrap_or(user);
    let code = error.as_database_error().and_then(|error| Some(error.code()?.into_owned()));
    let problem = match (code.as_deref(), &error) {
        (Some("28P01" | "28000"), _) => {
            format!(
                "PostgreSQL at {place} refuses the user {user:?}: {}; correct user and password in {SETTING}",
                said(&error)
            )
        }
        (Some("3D000"), _) => format!(
            "PostgreSQL at {place} has no database {database:?}; create it with `CREATE DATABASE {database} OWNER {user}` or \
             name another in {SETTING}"
        ),
        (Some("42501" | "3F000"), _) => format!(
            "the user {user:?} may not do in database {database:?} at {place} what the hub needs ({}); run `GRANT CREATE, \
             USAGE ON SCHEMA public TO {user}`, or make it the owner of the hub's tables",
            said(&error)
        ),
        (None, _) if distrust(&error).is_some() => format!(
            "PostgreSQL at {place} shows a certificate that is not trusted ({}): name the file of its authority in storage.ca_file \
             (SENDRY_STORAGE__CA_FILE), or the host that it is for in {SETTING}",
            distrust(&error).unwrap_or_default()
        ),
        (None, sqlx::Error::Tls(_)) => {
            format!("PostgreSQL at {place} and the hub agree on no TLS: {error}; set sslmode in {SETTING}")
        }
        _ => {
            let problem = if matches!(error, sqlx::Error::PoolTimedOut) {
                format!("it did not answer within {} seconds", CONNECT_TIMEOUT.as_secs())
            } else {
                said(&error)
            };
            return StoreError::Unavailable(format!(
                "PostgreSQL at {place} cannot be used: {problem}; start it, or correct {SETTING}"
            ));
        }
    };
    StoreError::Misconfigured(problem)
}

/// The server's own words, or the error's.
fn said(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}
