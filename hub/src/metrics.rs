//! The hub's own metrics, as `/metrics` shows them.
//!
//! One [`Metrics`] is made by `app` and handed to the roles; there is no global registry. Counters are updated where things
//! happen; what belongs to the queue is read when somebody asks.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::clock::UnixMillis;
use crate::ingest::BreakerState;
use crate::queue::{DeadLetterReason, Kind, QueueStats, Topic};
use crate::store::traffic::IngestGap;
use crate::worker::WorkerStats;

/// Upper bounds of the accept latency: a group commit takes a millisecond or two, a request timeout half a minute.
const ACCEPT_SECONDS: [f64; 11] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 10.0];

/// Everything that is measured, and the registry that names it.
pub struct Metrics {
    registry: Registry,
    accepted: Family<KindLabel, Counter>,
    refused: Family<ReasonLabel, Counter>,
    accept_seconds: Histogram,
    bytes: Family<KindLabel, Counter>,
    queue_depth: Family<TopicLabel, Gauge>,
    queue_age: Family<TopicLabel, Gauge<f64, AtomicU64>>,
    queue_consumers: Family<TopicLabel, Gauge>,
    dead_letters: Family<TopicLabel, Gauge>,
    queue_up: Gauge<i64, AtomicI64>,
    accepted_not_stored: Gauge,
    stored: Family<TopicLabel, Counter>,
    duplicates: Family<TopicLabel, Counter>,
    dead_lettered: Family<DeadLetterLabel, Counter>,
    outages: Family<TopicLabel, Counter>,
    panics: Family<TopicLabel, Counter>,
    task_panics: Family<TaskLabel, Counter>,
    worker_paused: Family<TopicLabel, Gauge>,
    insert_lag: Family<TopicLabel, Gauge<f64, AtomicU64>>,
    clock_ahead: Gauge,
    watchdogs: Family<WatchdogLabel, Gauge>,
    breaker_state: Family<TopicLabel, Gauge>,
    breaker_opened: Family<TopicLabel, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabel {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TopicLabel {
    topic: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TaskLabel {
    task: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WatchdogLabel {
    name: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DeadLetterLabel {
    topic: &'static str,
    reason: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("sendry"),
            accepted: Family::default(),
            refused: Family::default(),
            accept_seconds: Histogram::new(ACCEPT_SECONDS),
            bytes: Family::default(),
            queue_depth: Family::default(),
            queue_age: Family::default(),
            queue_consumers: Family::default(),
            dead_letters: Family::default(),
            queue_up: Gauge::default(),
            accepted_not_stored: Gauge::default(),
            stored: Family::default(),
            duplicates: Family::default(),
            dead_lettered: Family::default(),
            outages: Family::default(),
            panics: Family::default(),
            task_panics: Family::default(),
            worker_paused: Family::default(),
            insert_lag: Family::default(),
            clock_ahead: Gauge::default(),
            watchdogs: Family::default(),
            breaker_state: Family::default(),
            breaker_opened: Family::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let r = &mut self.registry;
        r.register("ingest_accepted", "Messages answered with 202, by kind", self.accepted.clone());
        r.register("ingest_refused", "Messages not accepted, by reason", self.refused.clone());
        r.register_with_unit(
            "ingest_received",
            "Bodies of accepted messages as sent",
            Unit::Bytes,
            self.bytes.clone(),
        );
        let help = "From the head of a message's request to its 202";
        r.register_with_unit("ingest_accept", help, Unit::Seconds, self.accept_seconds.clone());
        let help = "The circuit breaker before a queue: 0 closed, 1 half open, 2 open (messages are refused at once)";
        r.register("ingest_breaker_state", help, self.breaker_state.clone());
        r.register("ingest_breaker_opened", "How often it opened", self.breaker_opened.clone());
        r.register("queue_depth", "Envelopes waiting or being stored", self.queue_depth.clone());
        let help = "Age of the oldest envelope that is not stored";
        r.register_with_unit("queue_oldest_age", help, Unit::Seconds, self.queue_age.clone());
        r.register("queue_consumers", "Workers that consume", self.queue_consumers.clone());
        r.register(
            "queue_dead_letters",
            "Dead letters that nobody replayed or dropped",
            self.dead_letters.clone(),
        );
        let help = "Messages answered with 202 whose running numbers neither arrived in the store nor in the dead letters";
        r.register("accepted_not_stored", help, self.accepted_not_stored.clone());
        r.register("queue_up", "1 while the queue can be reached", self.queue_up.clone());
        r.register("worker_stored", "Messages stored", self.stored.clone());
        r.register(
            "worker_duplicates",
            "Messages that were stored before and changed nothing",
            self.duplicates.clone(),
        );
        r.register(
            "worker_dead_letters",
            "Messages that can never be stored, by reason",
            self.dead_lettered.clone(),
        );
        r.register(
            "worker_outages",
            "How often the worker paused because a store was down",
            self.outages.clone(),
        );
        r.register("worker_panics", "How often the worker panicked and started again", self.panics.clone());
        let help = "How often a background task that is no worker panicked and started again";
        r.register("task_panics", help, self.task_panics.clone());
        r.register("worker_paused", "1 while the worker waits for a store", self.worker_paused.clone());
        let help = "From the acceptance of what was stored last to its storing";
        r.register_with_unit("worker_insert_lag", help, Unit::Seconds, self.insert_lag.clone());
        let help =
            "1 while nothing is deleted because the clock is far ahead of the last time that old data was";
        r.register("retention_clock_ahead", help, self.clock_ahead.clone());
        let help = "1 while the watchdog has something to tell; evaluated by processes with the role query";
        r.register("watchdog", help, self.watchdogs.clone());
    }

    /// How the circuit breaker before a topic's queue stands.
    pub fn breaker(&self, topic: Topic) -> BreakerState {
        let state = self.breaker_state.get_or_create(&TopicLabel { topic: topic_name(topic) }).get();
        BreakerState::ALL.into_iter().find(|known| *known as i64 == state).unwrap_or(BreakerState::Closed)
    }

    /// There are circuit breakers here: shows them before the first change.
    pub fn know_breakers(&self) {
        for topic in [Topic::Reports, Topic::RequestLogs] {
            let label = TopicLabel { topic: topic_name(topic) };
            drop(self.breaker_state.get_or_create(&label));
            drop(self.breaker_opened.get_or_create(&label));
        }
    }

    /// The circuit breaker before a topic's queue changed.
    pub fn set_breaker(&self, topic: Topic, state: BreakerState) {
        let label = TopicLabel { topic: topic_name(topic) };
        self.breaker_state.get_or_create(&label).set(state as i64);
        if state == BreakerState::Open {
            self.breaker_opened.get_or_create(&label).inc();
        }
    }

    /// Whether the clock jumped ahead, so that nothing is deleted.
    pub fn set_clock_ahead(&self, is_ahead: bool) {
        self.clock_ahead.set(is_ahead.into());
    }

    /// A message was accepted.
    pub fn record_accepted(&self, kind: Kind, body_bytes: usize, took: Duration) {
        let label = KindLabel { kind: kind.as_str() };
        self.accepted.get_or_create(&label).inc();
        self.bytes.get_or_create(&label).inc_by(body_bytes as u64);
        self.accept_seconds.observe(took.as_secs_f64());
    }

    /// A message was not accepted.
    pub fn record_refused(&self, reason: &'static str) {
        self.refused.get_or_create(&ReasonLabel { reason }).inc();
    }

    /// How the queue is now; none: it cannot be asked.
    pub fn set_queue(&self, topic: Topic, stats: Option<QueueStats>, now: UnixMillis) {
        self.queue_up.set(i64::from(stats.is_some()));
        let Some(stats) = stats else { return };
        let label = TopicLabel { topic: topic_name(topic) };
        self.queue_depth.get_or_create(&label).set(gauge(stats.depth));
        self.queue_consumers.get_or_create(&label).set(gauge(stats.consumers));
        self.dead_letters.get_or_create(&label).set(gauge(stats.dead_letters));
        let age_ms = stats.oldest_accepted_at.map_or(0, |oldest| (now - oldest).max(0));
        self.queue_age.get_or_create(&label).set(age_ms as f64 / 1_000.0);
    }

    /// Which running numbers of ingest processes are missing; none: the store cannot be asked.
    pub fn set_ingest_gaps(&self, gaps: Option<&[IngestGap]>) {
        if let Some(gaps) = gaps {
            self.accepted_not_stored.set(gauge(gaps.iter().map(|gap| gap.missing).sum()));
        }
    }

    /// What the worker of a topic did since it started.
    pub fn set_worker(&self, topic: Topic, stats: &WorkerStats) {
        let label = TopicLabel { topic: topic_name(topic) };
        let set = |family: &Family<TopicLabel, Counter>, value| {
            family.get_or_create(&label).inner().store(value, Ordering::Relaxed);
        };
        set(&self.stored, stats.stored());
        set(&self.duplicates, stats.duplicates());
        set(&self.outages, stats.outages());
        set(&self.panics, stats.liveness.panics());
        if let Some(lag_ms) = stats.insert_lag_ms() {
            self.insert_lag.get_or_create(&label).set(lag_ms as f64 / 1_000.0);
        }
        self.worker_paused.get_or_create(&label).set(i64::from(stats.paused()));
        for reason in DeadLetterReason::ALL {
            let label = DeadLetterLabel { topic: label.topic, reason: reason.as_str() };
            self.dead_lettered
                .get_or_create(&label)
                .inner()
                .store(stats.dead_letters(reason), Ordering::Relaxed);
        }
    }

    /// How often a background task panicked since the process started.
    pub fn set_task(&self, task: &'static str, panics: u64) {
        self.task_panics.get_or_create(&TaskLabel { task }).inner().store(panics, Ordering::Relaxed);
    }

    /// Whether a watchdog has something to tell.
    pub fn set_watchdog(&self, name: &'static str, alarm: bool) {
        self.watchdogs.get_or_create(&WatchdogLabel { name }).set(i64::from(alarm));
    }

    /// All metrics in the OpenMetrics text format.
    pub fn encode(&self) -> Result<String, std::fmt::Error> {
        let mut page = String::new();
        text::encode(&mut page, &self.registry)?;
        Ok(page)
    }
}

fn gauge(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The topic's name in labels.
pub fn topic_name(topic: Topic) -> &'static str {
    match topic {
        Topic::Reports => "reports",
        Topic::RequestLogs => "request_logs",
    }
}
