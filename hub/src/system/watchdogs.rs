//! The watchdogs: each compares what is seen with a limit. Pure; who is told, and when, is [`super::watch`]'s business.

use super::state::{TopicState, WorkerState};
use super::view::SystemView;
use crate::store::metadata::Process;

/// The age of the oldest envelope above which storing is not keeping up: promised are five seconds at the 99th percentile.
const QUEUE_AGE_MAX_MS: i64 = 60_000;
/// Envelopes that wait: several minutes' work of one worker.
const QUEUE_DEPTH_MAX: u64 = 100_000;
/// From acceptance to storing, of what was stored last.
const INSERT_LAG_MAX_MS: i64 = 60_000;
/// A process that vanished is told of for this long, if nothing takes its place.
const REPLACED_AFTER_MS: i64 = 3_600_000;
/// The part of a disk that must be free, and what is enough in any case.
const DISK_FREE_PERCENT: u64 = 10;
const DISK_FREE_ENOUGH: u64 = 20 * 1024 * 1024 * 1024;

/// What is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Watchdog {
    QueueUnreachable,
    NoConsumer,
    QueueAge,
    QueueDepth,
    DeadLetters,
    AcceptedNotStored,
    InsertLag,
    BreakerOpen,
    WorkerDown,
    WorkerPaused,
    ProcessSilent,
    NoWorker,
    NoIngest,
    DiskFull,
    MixedVersions,
}

impl Watchdog {
    pub const ALL: [Self; 15] = [
        Self::QueueUnreachable,
        Self::NoConsumer,
        Self::QueueAge,
        Self::QueueDepth,
        Self::DeadLetters,
        Self::AcceptedNotStored,
        Self::InsertLag,
        Self::BreakerOpen,
        Self::WorkerDown,
        Self::WorkerPaused,
        Self::ProcessSilent,
        Self::NoWorker,
        Self::NoIngest,
        Self::DiskFull,
        Self::MixedVersions,
    ];

    /// As in `/metrics`, the API and the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::QueueUnreachable => "queue_unreachable",
            Self::NoConsumer => "no_consumer",
            Self::QueueAge => "queue_age",
            Self::QueueDepth => "queue_depth",
            Self::DeadLetters => "dead_letters",
            Self::AcceptedNotStored => "accepted_not_stored",
            Self::InsertLag => "insert_lag",
            Self::BreakerOpen => "breaker_open",
            Self::WorkerDown => "worker_down",
            Self::WorkerPaused => "worker_paused",
            Self::ProcessSilent => "process_silent",
            Self::NoWorker => "no_worker",
            Self::NoIngest => "no_ingest",
            Self::DiskFull => "disk_full",
            Self::MixedVersions => "mixed_versions",
        }
    }

    /// How long it must be so before it is told: restarts and short pauses are no alarms.
    pub(super) fn patience_ms(self) -> i64 {
        match self {
            Self::NoConsumer | Self::NoWorker | Self::NoIngest | Self::WorkerPaused => 30_000,
            // Figures of the queue and of the store are of different moments.
            Self::AcceptedNotStored => 120_000,
            // Versions are mixed during every upgrade.
            Self::MixedVersions => 1_800_000,
            _ => 0,
        }
    }

    /// What to do, for whoever is told.
    pub fn advice(self) -> &'static str {
        match self {
            Self::QueueUnreachable => {
                "Start the queue or mend the way to it; SDKs keep their reports for an hour."
            }
            Self::NoConsumer => {
                "Start a process with the role worker, or see in its log why it does not consume."
            }
            Self::QueueAge | Self::QueueDepth | Self::InsertLag => {
                "See whether a worker is paused or the traffic store is slow; start another worker."
            }
            Self::DeadLetters => {
                "`sendry-hub dead-letters list` shows them with their reasons; replay or drop them."
            }
            Self::AcceptedNotStored => {
                "Messages were accepted and never arrived: look at the queue for what was purged or dropped."
            }
            Self::BreakerOpen => {
                "The broker failed repeatedly; ingest answers 503 until it recovers. See the broker's log."
            }
            Self::WorkerDown => "A worker or a job panics; its log says where. Please report it.",
            Self::WorkerPaused => "A store the worker needs is down; its log names it. It goes on by itself.",
            Self::ProcessSilent => {
                "A process ended without a goodbye or cannot reach the metadata store; see its log."
            }
            Self::NoWorker => "Nothing is stored: start a process with the role worker.",
            Self::NoIngest => "Nothing is accepted: start a process with the role ingest.",
            Self::DiskFull => "Free room on the disk of the data directory, or shorten retention.",
            Self::MixedVersions => "Finish the upgrade: all processes should run the same version.",
        }
    }

    /// Whether it is so now.
    pub(super) fn examine(self, view: &SystemView) -> Finding {
        match self {
            Self::QueueUnreachable => queue_unreachable(view),
            Self::NoConsumer => topics(view, |topic| {
                (topic.consumers == 0).then(|| format!("nobody consumes {}", topic.topic))
            }),
            Self::QueueAge => topics(view, |topic| {
                let age = topic.oldest_age_ms.filter(|age| *age > QUEUE_AGE_MAX_MS)?;
                Some(format!("the oldest of {} waits for {} s", topic.topic, age / 1_000))
            }),
            Self::QueueDepth => topics(view, |topic| {
                (topic.depth > QUEUE_DEPTH_MAX).then(|| format!("{} wait in {}", topic.depth, topic.topic))
            }),
            Self::DeadLetters => topics(view, |topic| {
                (topic.dead_letters > 0).then(|| format!("{} of {}", topic.dead_letters, topic.topic))
            }),
            Self::AcceptedNotStored => accepted_not_stored(view),
            Self::InsertLag => workers(view, |worker| {
                let lag = worker.insert_lag_ms.filter(|lag| *lag > INSERT_LAG_MAX_MS)?;
                Some(format!("{} are stored {} s after they were accepted", worker.topic, lag / 1_000))
            }),
            Self::BreakerOpen => breaker(view),
            Self::WorkerDown => down(view),
            Self::WorkerPaused => {
                workers(view, |worker| worker.paused.then(|| format!("of {}", worker.topic)))
            }
            Self::ProcessSilent => silent(view),
            Self::NoWorker => role(view, "worker"),
            Self::NoIngest => role(view, "ingest"),
            Self::DiskFull => disk(view),
            Self::MixedVersions => versions(view),
        }
    }
}

/// What a watchdog found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    Fine,
    /// What is wrong, for people.
    Wrong(String),
    /// Who could tell says nothing.
    Unknown,
}

impl Finding {
    fn of(problems: Vec<String>) -> Self {
        if problems.is_empty() { Self::Fine } else { Self::Wrong(problems.join("; ")) }
    }
}

fn topics(view: &SystemView, problem: impl Fn(&TopicState) -> Option<String>) -> Finding {
    let Some((queue, ..)) = view.queue() else { return Finding::Unknown };
    Finding::of(queue.topics.iter().filter_map(problem).collect())
}

/// Every worker of every process, with the host it is on.
fn workers(view: &SystemView, problem: impl Fn(&WorkerState) -> Option<String>) -> Finding {
    let all =
        view.alive().flat_map(|(process, state)| state.workers.iter().map(move |worker| (process, worker)));
    let problems =
        all.filter_map(|(process, worker)| Some(format!("{} on {}", problem(worker)?, process.host)));
    Finding::of(problems.collect())
}

/// Workers and jobs that are not running, after a panic.
fn down(view: &SystemView) -> Finding {
    let tasks = view.alive().flat_map(|(process, state)| {
        let workers = state.workers.iter().filter(|worker| worker.down).map(|worker| &worker.topic);
        workers.chain(&state.tasks_down).map(move |name| format!("{name} on {}", process.host))
    });
    Finding::of(tasks.collect())
}

fn queue_unreachable(view: &SystemView) -> Finding {
    let errors = view.alive().filter_map(|(process, state)| Some((process, state.queue_error.as_ref()?)));
    Finding::of(
        errors.map(|(process, error)| format!("{} ({}): {error}", process.host, process.roles)).collect(),
    )
}

fn breaker(view: &SystemView) -> Finding {
    let states = view.alive().filter_map(|(process, state)| Some((process, state.breaker.as_deref()?)));
    let open = states.filter(|(_, state)| *state != "closed");
    Finding::of(open.map(|(process, state)| format!("{state} on {}", process.host)).collect())
}

/// What is missing is lost or on its way, and no more can be on its way than the queue holds.
fn accepted_not_stored(view: &SystemView) -> Finding {
    let (Some(gaps), Some((queue, ..))) = (&view.gaps, view.queue()) else { return Finding::Unknown };
    let missing: u64 = gaps.iter().map(|gap| gap.missing).sum();
    let on_their_way: u64 = queue.topics.iter().map(|topic| topic.depth).sum();
    let lost = missing.saturating_sub(on_their_way);
    Finding::of(if lost == 0 { Vec::new() } else { vec![format!("{lost} accepted messages never arrived")] })
}

fn silent(view: &SystemView) -> Finding {
    let seconds = |seen_at| (view.now - seen_at) / 1_000;
    let missed = view.silent().filter(|(process, _)| !was_replaced(view, process));
    let silent = missed.map(|(process, _)| {
        format!("{} ({}) was last seen {} s ago", process.host, process.roles, seconds(process.seen_at))
    });
    Finding::of(silent.collect())
}

/// Whether another process took its place, on the same host; or it is gone for so long that a scheduler did that elsewhere.
fn was_replaced(view: &SystemView, gone: &Process) -> bool {
    let successor = |process: &Process| {
        process.host == gone.host && process.roles == gone.roles && process.started_at >= gone.seen_at
    };
    view.now - gone.seen_at > REPLACED_AFTER_MS || view.alive().any(|(process, _)| successor(process))
}

fn role(view: &SystemView, role: &str) -> Finding {
    let there = view.alive().any(|(process, _)| process.roles.split(',').any(|own| own == role));
    Finding::of(if there { Vec::new() } else { vec![format!("no process has the role {role}")] })
}

fn disk(view: &SystemView) -> Finding {
    let disks = view.alive().filter_map(|(process, state)| Some((process, state.disk.as_ref()?)));
    let full = disks.filter(|(_, disk)| {
        disk.free_bytes < DISK_FREE_ENOUGH && disk.free_bytes < disk.total_bytes / 100 * DISK_FREE_PERCENT
    });
    let problem = full.map(|(process, disk)| {
        format!("{} MiB are free at {} on {}", disk.free_bytes / 1_048_576, disk.path, process.host)
    });
    Finding::of(problem.collect())
}

fn versions(view: &SystemView) -> Finding {
    let versions: std::collections::BTreeSet<_> =
        view.alive().map(|(process, _)| process.version.as_str()).collect();
    if versions.len() < 2 {
        return Finding::Fine;
    }
    Finding::Wrong(format!("versions {} run together", versions.into_iter().collect::<Vec<_>>().join(", ")))
}
