//! What there is to see: read from the metadata and the traffic store, nothing decided.

use uuid::Uuid;

use super::SILENT_AFTER_MS;
use super::state::{ProcessState, QueueState};
use crate::clock::UnixMillis;
use crate::store::StoreError;
use crate::store::metadata::{Lease, Metadata, Process};
use crate::store::traffic::IngestGap;

/// The hub at a moment.
#[derive(Debug, Clone)]
pub struct SystemView {
    pub now: UnixMillis,
    /// The longest running first.
    pub processes: Vec<(Process, ProcessState)>,
    pub leases: Vec<Lease>,
    /// Of which ingest processes something accepted is neither stored nor dead; none: the traffic store gives no answer.
    pub gaps: Option<Vec<IngestGap>>,
}

impl SystemView {
    /// The processes that said something lately.
    pub fn alive(&self) -> impl Iterator<Item = &(Process, ProcessState)> {
        self.processes.iter().filter(|(process, _)| !self.is_silent(process))
    }

    /// Those that ended without a goodbye, or cannot reach the metadata.
    pub fn silent(&self) -> impl Iterator<Item = &(Process, ProcessState)> {
        self.processes.iter().filter(|(process, _)| self.is_silent(process))
    }

    pub fn is_silent(&self, process: &Process) -> bool {
        self.now - process.seen_at > SILENT_AFTER_MS
    }

    /// The freshest figures of the queue, and who told them.
    pub fn queue(&self) -> Option<(&QueueState, Uuid, UnixMillis)> {
        let told = self.alive().filter_map(|(process, state)| Some((state.queue.as_ref()?, process)));
        let (queue, process) = told.max_by_key(|(_, process)| process.seen_at)?;
        Some((queue, process.id, process.seen_at))
    }
}

/// Looks once, beside what the traffic store said of gaps.
pub async fn look(
    metadata: &Metadata,
    gaps: Option<Vec<IngestGap>>,
    now: UnixMillis,
) -> Result<SystemView, StoreError> {
    let processes = metadata.processes().await?;
    let leases = metadata.leases().await?;
    let state = |process: &Process| serde_json::from_str(&process.state).unwrap_or_default();
    let processes = processes.into_iter().map(|process| (process.clone(), state(&process))).collect();
    Ok(SystemView { now, processes, leases, gaps })
}
