//! From an empty server to the newest schema: checks the version, makes the database, runs what was not run yet.
//!
//! Hubs that start at once may run the same statements at once: each of them may be run again and changes nothing then. That is
//! why there is no lock, and why a migration must be written so.

use clickhouse::error::Error;

use super::error::{ACCESS_DENIED, AUTHENTICATION_FAILED, code};
use super::link::{Link, quote};
use super::target::Target;
use crate::certificates::distrust;
use crate::clock::UnixMillis;
use crate::store::StoreError;

/// The schema, one file a version; the list only grows.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../../migrations/traffic/clickhouse/0001_traffic.sql"),
    include_str!("../../../../migrations/traffic/clickhouse/0002_versions.sql"),
];

/// The oldest server that the statements here are written for.
const OLDEST: (u32, u32) = (24, 8);

const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS schema_versions {on_cluster} (version UInt32, applied_at DateTime('UTC')) \
                        ENGINE = {replicated}ReplacingMergeTree ORDER BY version";

/// Brings the database of `target` to the newest schema.
pub(super) async fn open(target: &Target, cluster: Option<String>) -> Result<Link, StoreError> {
    let link = Link::new(target, cluster);
    let version = server_version(&link, target).await?;
    make_database(&link, target).await?;
    let link = link.into_database(&target.database, version);
    migrate(&link, target).await?;
    Ok(link)
}

/// The statements that make the newest schema, on one server or on all of a cluster: for administrators who want to read them first.
pub fn schema(cluster: Option<&str>) -> Vec<String> {
    let all = MIGRATIONS.iter().flat_map(|migration| statements(migration));
    std::iter::once(VERSIONS.to_owned()).chain(all).map(|statement| filled_in(&statement, cluster)).collect()
}

/// What a look at a server tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Year and month of the release.
    pub server_version: (u32, u32),
    /// The number of the hub's schema there; 0 before the first start.
    pub schema: usize,
    /// The newest that this hub knows.
    pub schema_known: usize,
    /// The server's clock.
    pub now_ms: UnixMillis,
}

/// Looks without changing anything.
pub async fn inspect(target: &Target) -> Result<Inspection, StoreError> {
    let link = Link::new(target, None);
    let server_version = server_version(&link, target).await?;
    let now: Vec<i64> = link.ask("SELECT toUnixTimestamp64Milli(now64(3))").await?;
    let database = quote(&target.database);
    let tables =
        format!("SELECT count() FROM system.tables WHERE database = {database} AND name = 'schema_versions'");
    let schema = if link.ask::<u64>(&tables).await? == [1] {
        let link = link.into_database(&target.database, server_version);
        let found: Vec<u32> = link.ask("SELECT max(version) FROM schema_versions").await?;
        found.first().map_or(0, |version| *version as usize)
    } else {
        0
    };
    let now_ms = now.first().copied().unwrap_or(0);
    Ok(Inspection { server_version, schema, schema_known: MIGRATIONS.len(), now_ms })
}

async fn server_version(link: &Link, target: &Target) -> Result<(u32, u32), StoreError> {
    let said: Vec<String> =
        link.ask_server("SELECT version()").await.map_err(|error| unreachable(target, &error))?;
    let said = said.into_iter().next().unwrap_or_default();
    let mut numbers = said.split('.').map(|number| number.parse().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if version < OLDEST {
        let (year, month) = OLDEST;
        return Err(StoreError::Misconfigured(format!(
            "ClickHouse at {} is of version {said}; Sendry needs {year}.{month} or newer: upgrade the server",
            target.http_url()
        )));
    }
    Ok(version)
}

fn unreachable(target: &Target, error: &Error) -> StoreError {
    let url = target.http_url();
    match code(error) {
        Some(AUTHENTICATION_FAILED) => StoreError::Misconfigured(format!(
            "ClickHouse at {url} refuses the user {:?} with this password; check traffic.url (SENDRY_TRAFFIC_URL)",
            target.user
        )),
        Some(_) => {
            StoreError::Misconfigured(format!("ClickHouse at {url} does not answer a question: {error}"))
        }
        None if distrust(error).is_some() => StoreError::Misconfigured(format!(
            "ClickHouse at {url} shows a certificate that is not trusted ({}): name the file of its authority in storage.ca_file \
             (SENDRY_STORAGE__CA_FILE), or the host that it is for in traffic.url (SENDRY_TRAFFIC_URL)",
            distrust(error).unwrap_or_default()
        )),
        None => StoreError::Unavailable(format!(
            "ClickHouse at {url} cannot be reached over HTTP: {}; check that it runs and that traffic.url \
             (SENDRY_TRAFFIC_URL) names its HTTP port, which is 8123 by default, not 9000",
            root_cause(error)
        )),
    }
}

/// The innermost cause, which is what the machine said.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

async fn make_database(link: &Link, target: &Target) -> Result<(), StoreError> {
    let database = &target.database;
    let sql = format!("SELECT count() FROM system.databases WHERE name = {}", quote(database));
    if link.ask::<u64>(&sql).await? == [1] {
        return Ok(());
    }
    let sql =
        format!("CREATE DATABASE IF NOT EXISTS {} {}", identifier(database), on_cluster(link.cluster()));
    link.run_on_server(&sql).await.map_err(|error| match code(&error) {
        Some(ACCESS_DENIED) => StoreError::Misconfigured(format!(
            "ClickHouse has no database {database:?} and the user {:?} may not make it; run as an administrator: {}; {}",
            target.user,
            sql.trim_end(),
            grant(target)
        )),
        _ => error.into(),
    })
}

async fn migrate(link: &Link, target: &Target) -> Result<(), StoreError> {
    let denied = |error: Error| match code(&error) {
        Some(ACCESS_DENIED) => StoreError::Misconfigured(format!(
            "the user {:?} may not do in ClickHouse's database {:?} what Sendry does; run as an administrator: {}",
            target.user,
            target.database,
            grant(target)
        )),
        _ => error.into(),
    };
    // What is too old is found there: a hub that may not look would never delete.
    link.ask_server::<u64>("SELECT count() FROM system.parts WHERE 0").await.map_err(denied)?;
    link.run_on_server(&filled_in(VERSIONS, link.cluster())).await.map_err(denied)?;
    let found: Vec<u32> = link.ask("SELECT max(version) FROM schema_versions").await?;
    let (found, known) = (found.first().map_or(0, |version| *version as usize), MIGRATIONS.len());
    if found > known {
        return Err(StoreError::SchemaTooNew(format!(
            "ClickHouse's database {:?} has schema version {found}, this hub knows up to {known}: start a newer hub",
            target.database
        )));
    }
    for (version, migration) in (1..).zip(MIGRATIONS).skip(found) {
        for statement in statements(migration) {
            link.run_on_server(&filled_in(&statement, link.cluster())).await.map_err(denied)?;
        }
        link.run(&format!("INSERT INTO schema_versions SELECT {version}, now()")).await?;
    }
    Ok(())
}

/// The statements of a migration, without its comments: a semicolon ends one at the end of a line.
fn statements(migration: &str) -> Vec<String> {
    let lines = migration.lines().filter(|line| !line.trim_start().starts_with("--"));
    let text: Vec<&str> = lines.collect();
    let parts = text.join("\n");
    parts
        .split(";\n")
        .map(|part| part.trim().trim_end_matches(';').to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

fn filled_in(statement: &str, cluster: Option<&str>) -> String {
    let replicated = if cluster.is_some() { "Replicated" } else { "" };
    statement.replace("{on_cluster}", &on_cluster(cluster)).replace("{replicated}", replicated)
}

fn on_cluster(cluster: Option<&str>) -> String {
    cluster.map_or(String::new(), |name| format!("ON CLUSTER {}", quote(name)))
}

fn identifier(name: &str) -> String {
    format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`"))
}

fn grant(target: &Target) -> String {
    let (database, user) = (identifier(&target.database), identifier(&target.user));
    format!(
        "GRANT SELECT, INSERT, CREATE TABLE, ALTER, SYSTEM SYNC REPLICA ON {database}.* TO {user}, and GRANT SELECT ON system.parts TO {user}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_migration_is_its_statements() {
        let found = statements("-- what\nCREATE a (\n  -- it is; said so\n  b);\n\nCREATE c;\n");
        assert_eq!(found, ["CREATE a (\n  b)", "CREATE c"]);
        let all: Vec<_> = MIGRATIONS.iter().flat_map(|migration| statements(migration)).collect();
        assert!(all.iter().all(|statement| statement.starts_with("CREATE TABLE IF NOT EXISTS")));
    }
}
