//! Says every few seconds that this process is there, and how it is.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use super::state::{DiskState, FileState, ProcessState, QueueState, TopicState, WorkerState};
use super::{FORGOTTEN_AFTER_MS, HEARTBEAT_EVERY};
use crate::app::{Role, Roles};
use crate::clock::{SharedClock, UnixMillis};
use crate::metrics::{Metrics, topic_name};
use crate::queue::{DeadLetterReason, QueueError, QueueHealth, QueueStats, Topic};
use crate::store::metadata::{Metadata, Process};
use crate::worker::{Liveness, WorkerStats};

/// How long the queue may take to answer.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(3);

/// What a heartbeat tells of.
#[derive(Clone)]
pub struct HeartbeatParts {
    pub process_id: Uuid,
    pub roles: Roles,
    pub metadata: Metadata,
    pub queue: Option<Arc<dyn QueueHealth>>,
    pub metrics: Arc<Metrics>,
    pub workers: Vec<(Topic, Arc<WorkerStats>)>,
    /// Other tasks that must run, by name.
    pub tasks: Vec<(&'static str, Arc<Liveness>)>,
    pub files: Vec<(&'static str, PathBuf)>,
    pub clock: SharedClock,
}

/// The task.
#[derive(Clone)]
pub struct Heartbeat {
    parts: HeartbeatParts,
    host: String,
    started_at: UnixMillis,
    failing: bool,
}

impl Heartbeat {
    pub fn new(parts: HeartbeatParts) -> Self {
        let started_at = parts.clock.now_ms();
        Self { parts, host: host_name(), started_at, failing: false }
    }

    /// Beats until `stop` says so, then says goodbye.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            self.beat().await;
            let stopped = tokio::time::timeout(HEARTBEAT_EVERY, stop.wait_for(|stop| *stop)).await;
            if stopped.is_ok() {
                break;
            }
        }
        let _ = self.parts.metadata.remove_process(self.parts.process_id).await;
    }

    /// Writes one row. An outage is logged when it begins and when it is over.
    async fn beat(&mut self) {
        let process = self.process().await;
        let seen_at = process.seen_at;
        let written = self.parts.metadata.write_process(&process).await;
        match &written {
            Err(error) if !self.failing => {
                tracing::warn!(%error, "The metadata store is down: this process is not seen by the others.");
            }
            Ok(()) if self.failing => tracing::info!("The metadata store is back."),
            _ => {}
        }
        self.failing = written.is_err();
        if written.is_ok() {
            // Others do it too; what fails now is done with the next beat.
            let _ = self.parts.metadata.remove_processes(seen_at - FORGOTTEN_AFTER_MS).await;
        }
    }

    async fn process(&self) -> Process {
        let state = self.state().await;
        Process {
            id: self.parts.process_id,
            host: self.host.clone(),
            roles: self.parts.roles.names(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: self.started_at,
            seen_at: self.parts.clock.now_ms(),
            state: serde_json::to_string(&state).unwrap_or_default(),
        }
    }

    async fn state(&self) -> ProcessState {
        let (queue, queue_error) = match &self.parts.queue {
            None => (None, None),
            Some(queue) => match queue_state(queue.as_ref(), self.parts.clock.now_ms()).await {
                Ok(state) => (Some(state), None),
                Err(error) => (None, Some(error.to_string())),
            },
        };
        ProcessState {
            queue,
            queue_error,
            breaker: self.breaker(),
            workers: self.parts.workers.iter().map(|(topic, stats)| worker_state(*topic, stats)).collect(),
            tasks_down: self.tasks_down(),
            disk: self.parts.files.first().and_then(|(_, path)| disk_state(path)),
            files: self.parts.files.iter().map(|(store, path)| file_state(store, path)).collect(),
        }
    }
}

impl Heartbeat {
    fn tasks_down(&self) -> Vec<String> {
        let down = self.parts.tasks.iter().filter(|(_, liveness)| liveness.down());
        down.map(|(name, _)| (*name).to_owned()).collect()
    }

    /// Only who publishes has some; the worst of them.
    fn breaker(&self) -> Option<String> {
        let states = [Topic::Reports, Topic::RequestLogs].map(|topic| self.parts.metrics.breaker(topic));
        let worst = states.into_iter().max_by_key(|state| *state as u8)?;
        self.parts.roles.has(Role::Ingest).then(|| worst.as_str().to_owned())
    }
}

async fn queue_state(queue: &dyn QueueHealth, now: UnixMillis) -> Result<QueueState, QueueError> {
    let mut state = QueueState::default();
    for topic in [Topic::Reports, Topic::RequestLogs] {
        let asked = tokio::time::timeout(QUEUE_TIMEOUT, queue.stats(topic)).await;
        let late = || QueueError::Unavailable(format!("no answer in {} seconds", QUEUE_TIMEOUT.as_secs()));
        state.topics.push(topic_state(topic, asked.map_err(|_| late())??, now));
    }
    Ok(state)
}

fn topic_state(topic: Topic, stats: QueueStats, now: UnixMillis) -> TopicState {
    TopicState {
        topic: topic_name(topic).to_owned(),
        depth: stats.depth,
        oldest_age_ms: stats.oldest_accepted_at.map(|oldest| (now - oldest).max(0)),
        consumers: stats.consumers,
        dead_letters: stats.dead_letters,
    }
}

fn worker_state(topic: Topic, stats: &WorkerStats) -> WorkerState {
    let counted =
        DeadLetterReason::ALL.map(|reason| (reason.as_str().to_owned(), stats.dead_letters(reason)));
    WorkerState {
        topic: topic_name(topic).to_owned(),
        stored: stats.stored(),
        duplicates: stats.duplicates(),
        dead_letters: counted.into_iter().filter(|(_, count)| *count > 0).collect(),
        outages: stats.outages(),
        panics: stats.liveness.panics(),
        paused: stats.paused(),
        down: stats.liveness.down(),
        insert_lag_ms: stats.insert_lag_ms(),
    }
}

/// The disk that holds `file`.
pub fn disk_state(file: &Path) -> Option<DiskState> {
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let disk = rustix::fs::statvfs(directory).ok()?;
    Some(DiskState {
        path: directory.display().to_string(),
        free_bytes: disk.f_bavail.saturating_mul(disk.f_frsize),
        total_bytes: disk.f_blocks.saturating_mul(disk.f_frsize),
    })
}

fn file_state(store: &str, path: &Path) -> FileState {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    FileState { store: store.to_owned(), bytes: size(path) + size(Path::new(&log)) }
}

/// What the machine or container is called.
fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
