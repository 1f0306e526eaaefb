//! `GET /system`: how the hub itself is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::ReadErrors;
use super::state::Query;
use crate::clock::UnixMillis;
use crate::http::problem::Problem;
use crate::store::metadata::{Lease, Process};
use crate::store::traffic::IngestGap;
use crate::system::{Finding, ProcessState, SystemView, TopicState, Turned, Watchdog, look};

/// How the hub itself is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct System {
    /// When this was put together.
    pub as_of: i64,
    /// The version of the process that answers.
    pub version: String,
    /// Whether no watchdog has something to tell.
    pub ok: bool,
    /// All there are, those with something to tell first.
    pub watchdogs: Vec<WatchdogState>,
    /// The hub's processes of the last day, the longest running first.
    pub processes: Vec<SystemProcess>,
    /// The queue as the process that spoke last sees it; none when no process that is connected to it is there.
    pub queue: Option<SystemQueue>,
    /// Ingest processes of which something that was answered with 202 is neither stored nor a dead letter, what still waits in
    /// the queue included; none when the traffic store gives no answer.
    pub gaps: Option<Vec<SystemGap>>,
    /// Who does what must be done once.
    pub leases: Vec<SystemLease>,
    /// How much room data takes, as far as stores tell; the largest first.
    pub storage: Vec<SystemStorage>,
}

/// A watchdog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WatchdogState {
    /// As in `/metrics` and the log.
    pub name: String,
    pub state: WatchdogLight,
    /// What is wrong; none when nothing is, or nobody can tell.
    pub detail: Option<String>,
    /// What to do about it.
    pub advice: String,
    /// Since when it is wrong.
    pub since: Option<i64>,
}

/// What a watchdog says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WatchdogLight {
    /// Something is wrong.
    Alarm,
    /// Something is wrong, but not for long enough to be told.
    Pending,
    /// Who could tell says nothing.
    Unknown,
    Ok,
}

/// A process of the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SystemProcess {
    pub process_id: Uuid,
    pub host: String,
    /// `ingest`, `worker`, `query`.
    pub roles: Vec<String>,
    pub version: String,
    pub started_at: i64,
    pub last_seen_at: i64,
    /// It said nothing for four heartbeats, and no goodbye.
    pub silent: bool,
    /// What it said last.
    pub state: ProcessState,
}

/// The queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SystemQueue {
    /// Who tells.
    pub process_id: Uuid,
    /// When it told; a process tells every ten seconds.
    pub as_of: i64,
    pub topics: Vec<TopicState>,
}

/// What an ingest process accepted and nobody stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SystemGap {
    pub ingest_id: Uuid,
    pub missing: u64,
    /// When the newest that arrived was accepted.
    pub last_accepted_at: i64,
}

/// A lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SystemLease {
    /// `retention`, `watchdogs`, …
    pub name: String,
    pub process_id: Uuid,
    pub expires_at: i64,
    pub expired: bool,
}

/// Room that data takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SystemStorage {
    /// `queue`, `traffic` or `metadata`.
    pub store: String,
    /// The table; none for all of a store.
    pub table: Option<String>,
    pub bytes: u64,
    pub rows: Option<u64>,
}

/// How the hub itself is: its processes, queue, watchdogs, leases and storage.
#[utoipa::path(
    get, path = "/system", tag = "health",
    responses((status = 200, description = "The answer", body = System), ReadErrors)
)]
pub async fn system(State(query): State<Arc<Query>>) -> Result<Json<System>, Problem> {
    let gaps = query.traffic.ingest_gaps().await.ok();
    let view = look(&query.metadata, gaps, query.clock.now_ms()).await?;
    query.watch.judge(&view);
    let mut watchdogs: Vec<_> =
        query.watch.states().into_iter().map(|(watchdog, turned)| light(watchdog, turned)).collect();
    watchdogs.sort_by_key(|watchdog| watchdog.state);
    Ok(Json(System {
        as_of: secs(view.now),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ok: watchdogs.iter().all(|watchdog| watchdog.state != WatchdogLight::Alarm),
        watchdogs,
        queue: queue(&view),
        gaps: view.gaps.as_ref().map(|gaps| gaps.iter().map(gap).collect()),
        leases: view.leases.iter().map(|one| lease(one, view.now)).collect(),
        storage: storage(&query, &view).await,
        processes: view.processes.iter().map(|(one, state)| process(one, state, &view)).collect(),
    }))
}

fn secs(millis: UnixMillis) -> i64 {
    millis.div_euclid(1_000)
}

fn light(watchdog: Watchdog, turned: Turned) -> WatchdogState {
    let (state, detail) = match (turned.finding, turned.told) {
        (Finding::Wrong(detail), true) => (WatchdogLight::Alarm, Some(detail)),
        (Finding::Wrong(detail), false) => (WatchdogLight::Pending, Some(detail)),
        (Finding::Unknown, _) => (WatchdogLight::Unknown, None),
        (Finding::Fine, _) => (WatchdogLight::Ok, None),
    };
    WatchdogState {
        name: watchdog.name().to_owned(),
        state,
        detail,
        advice: watchdog.advice().to_owned(),
        since: turned.wrong_since.map(secs),
    }
}

fn process(process: &Process, state: &ProcessState, view: &SystemView) -> SystemProcess {
    SystemProcess {
        process_id: process.id,
        host: process.host.clone(),
        roles: process.roles.split(',').map(str::to_owned).collect(),
        version: process.version.clone(),
        started_at: secs(process.started_at),
        last_seen_at: secs(process.seen_at),
        silent: view.is_silent(process),
        state: state.clone(),
    }
}

fn queue(view: &SystemView) -> Option<SystemQueue> {
    let (queue, process_id, told_at) = view.queue()?;
    Some(SystemQueue { process_id, as_of: secs(told_at), topics: queue.topics.clone() })
}

fn gap(gap: &IngestGap) -> SystemGap {
    SystemGap { ingest_id: gap.ingest_id, missing: gap.missing, last_accepted_at: secs(gap.last_accepted_at) }
}

fn lease(lease: &Lease, now: UnixMillis) -> SystemLease {
    SystemLease {
        name: lease.name.clone(),
        process_id: lease.holder,
        expires_at: secs(lease.expires_at),
        expired: lease.expires_at <= now,
    }
}

/// What processes say of embedded files, and what stores say of their tables. A store that gives no answer is left out.
async fn storage(query: &Query, view: &SystemView) -> Vec<SystemStorage> {
    let files = view.alive().flat_map(|(_, state)| &state.files);
    let files = files.map(|file| SystemStorage {
        store: file.store.clone(),
        table: None,
        bytes: file.bytes,
        rows: None,
    });
    let (traffic, metadata) = tokio::join!(query.traffic.table_sizes(), query.metadata.table_sizes());
    let tables = [("traffic", traffic), ("metadata", metadata)].into_iter();
    let tables = tables
        .flat_map(|(store, sizes)| sizes.unwrap_or_default().into_iter().map(move |size| (store, size)));
    let tables = tables.map(|(store, size)| SystemStorage {
        store: store.to_owned(),
        table: Some(size.table),
        bytes: size.bytes,
        rows: size.rows,
    });
    let mut storage: Vec<_> = files.chain(tables).collect();
    storage.sort_by_key(|one| std::cmp::Reverse(one.bytes));
    storage
}
