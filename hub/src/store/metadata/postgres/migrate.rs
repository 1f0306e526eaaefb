//! The schema and its number. Forward only, one hub at a time, all that is missing in one transaction.

use sqlx::{Connection, PgConnection};

use crate::store::StoreError;

/// The schema, one file a version; the list only grows.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../../migrations/metadata/postgres/0001_start.sql"),
    include_str!("../../../../migrations/metadata/postgres/0002_processes_and_leases.sql"),
    include_str!("../../../../migrations/metadata/postgres/0003_access.sql"),
    include_str!("../../../../migrations/metadata/postgres/0004_settings.sql"),
    include_str!("../../../../migrations/metadata/postgres/0005_makers_and_expiry.sql"),
    include_str!("../../../../migrations/metadata/postgres/0006_deleted_apps_and_notes.sql"),
];

/// The number of the newest schema.
pub(super) const KNOWN: usize = MIGRATIONS.len();

/// The number under which hubs queue up for migrations: "sendry" in ASCII. It is the database's own kind of lock and ends with the
/// transaction, so a hub that dies leaves none behind.
const LOCK: i64 = 0x73_65_6e_64_72_79;

/// Where the schema's number stands; at most one row.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_version (
    one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL)";
const WRITE_VERSION: &str = "INSERT INTO schema_version (one, version) VALUES (1, $1)
    ON CONFLICT (one) DO UPDATE SET version = excluded.version";

/// Why a schema was not brought up to date.
pub(super) enum Failure {
    Database(sqlx::Error),
    Store(StoreError),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// Applies what is missing.
pub(super) async fn migrate(connection: &mut PgConnection) -> Result<(), Failure> {
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *transaction).await?;
    let version = version(&mut transaction).await?;
    let known = KNOWN;
    if version > known {
        return Err(Failure::Store(StoreError::SchemaTooNew(format!(
            "the metadata database has schema version {version}, this hub knows up to {known}: run the version of the hub that \
             wrote it, or a newer one"
        ))));
    }
    if version == known {
        return Ok(());
    }
    sqlx::raw_sql(TABLE).execute(&mut *transaction).await?;
    for migration in &MIGRATIONS[version..] {
        sqlx::raw_sql(*migration).execute(&mut *transaction).await?;
    }
    let number = i32::try_from(known).unwrap_or(i32::MAX);
    sqlx::query(WRITE_VERSION).bind(number).execute(&mut *transaction).await?;
    transaction.commit().await?;
    tracing::info!(db.schema = known, "The schema of the metadata was brought up to date.");
    Ok(())
}

/// The schema's number; 0 in an empty database. Asked without writing: an up-to-date schema needs no right to create.
pub(super) async fn version(connection: &mut PgConnection) -> Result<usize, sqlx::Error> {
    let there: bool = sqlx::query_scalar("SELECT to_regclass('schema_version') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await?;
    if !there {
        return Ok(0);
    }
    let version: Option<i32> =
        sqlx::query_scalar("SELECT version FROM schema_version").fetch_optional(&mut *connection).await?;
    Ok(version.and_then(|version| usize::try_from(version).ok()).unwrap_or(0))
}
