//! The metadata store: the server, its clock, its schema, and the processes it knows of.

use super::super::backends::MetadataBackend;
use super::super::stores::connect;
use super::{Examination, refused, schema, skew};
use crate::clock::SharedClock;
use crate::store::metadata;
use crate::store::metadata::postgres::{self, Inspection};
use crate::system::SILENT_AFTER_MS;

/// The oldest server whose SQL is spoken here.
const POSTGRES_MIN: u32 = 12;

const NAME: &str = "metadata";

pub(super) async fn examine(backend: &MetadataBackend, clock: &SharedClock) -> Vec<Examination> {
    let (mut found, current) = match backend {
        MetadataBackend::Sqlite(path) => {
            let schema = crate::sqlite::schema_of(path).await.ok().flatten();
            (Vec::new(), schema == i64::try_from(metadata::sqlite::SCHEMA).ok())
        }
        MetadataBackend::Postgres(url) => match postgres::inspect(url).await {
            Ok(server) => (examine_server(&server, clock), server.schema == server.schema_known),
            Err(error) => (vec![refused(NAME, &error.to_string())], false),
        },
    };
    // Connecting upgrades a schema, so that is done only where nothing is to be upgraded.
    if current {
        found.push(processes(backend, clock).await);
    }
    found
}

fn examine_server(server: &Inspection, clock: &SharedClock) -> Vec<Examination> {
    let major = server.server_version.split(['.', ' ']).next().and_then(|major| major.parse::<u32>().ok());
    let version = format!("PostgreSQL {}", server.server_version);
    let version = if major.is_some_and(|major| major < POSTGRES_MIN) {
        Examination::fail("metadata server", version, format!("update it to {POSTGRES_MIN} or newer"))
    } else {
        Examination::ok("metadata server", version)
    };
    vec![
        version,
        skew("clock and metadata", server.now_ms, clock.now_ms()),
        schema(NAME, server.schema, server.schema_known),
    ]
}

/// Who runs, as they told.
async fn processes(backend: &MetadataBackend, clock: &SharedClock) -> Examination {
    const NAME: &str = "processes";
    let listed = match connect(backend).await {
        Ok(store) => {
            let listed = store.processes().await;
            store.close().await;
            listed
        }
        Err(error) => return Examination::fail(NAME, error.to_string(), "see above"),
    };
    let now = clock.now_ms();
    let alive = |listed: Vec<metadata::Process>| -> Vec<metadata::Process> {
        listed.into_iter().filter(|process| now - process.seen_at <= SILENT_AFTER_MS).collect()
    };
    let alive = match listed {
        Ok(listed) => alive(listed),
        Err(error) => return Examination::fail(NAME, error.to_string(), "see the metadata store"),
    };
    let own = env!("CARGO_PKG_VERSION");
    let shown: Vec<_> =
        alive.iter().map(|one| format!("{} on {} ({})", one.roles, one.host, one.version)).collect();
    match alive.iter().find(|process| process.version != own) {
        None if alive.is_empty() => Examination::ok(NAME, "no hub runs on this metadata now"),
        None => Examination::ok(NAME, shown.join("; ")),
        Some(_) => Examination::warn(
            NAME,
            format!("{}; this is {own}", shown.join("; ")),
            "finish the upgrade: all processes should run the same version",
        ),
    }
}
