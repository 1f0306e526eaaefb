//! The worker between a real queue and a real store, with a store in between that can be down or refuse.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use sendry_hub::clock::{ManualClock, UnixSecs};
use sendry_hub::queue::{
    self, AppId, DeadLetterReason, ENVELOPE_VERSION, Encoding, Envelope, Kind, Queue, Topic,
};
use sendry_hub::store::StoreError;
use sendry_hub::store::traffic::{
    AcceptedReport, AcceptedRequestLogs, AcceptedStartup, ConsumerKey, Filter, IngestMark, Retention, Scope,
    TrafficReader, TrafficWriter, Window, Written, sqlite,
};
use sendry_hub::worker::{Directory, KnownConsumer, Worker, WorkerParts, WorkerStats};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

const NOW: i64 = 1_700_000_040;
const APP: AppId = Uuid::from_u128(0xa);
const SOON: Duration = Duration::from_millis(20);
const LONG: Duration = Duration::from_secs(20);

/// A hub's back half: what a test puts into the queue shows up in the store.
struct Back {
    _dir: TempDir,
    queue: Queue,
    store: sqlite::SqliteTraffic,
    switch: Arc<Switch>,
    directory: Arc<Known>,
    stats: Arc<WorkerStats>,
    sequence: AtomicU64,
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
}

/// The store, unless it is down or refuses what it is told to refuse.
struct Switch {
    store: sqlite::SqliteTraffic,
    down: AtomicBool,
    refused: Mutex<BTreeSet<Uuid>>,
    writes: AtomicU64,
}

impl Switch {
    fn up(&self) -> Result<(), StoreError> {
        match self.down.load(Ordering::SeqCst) {
            true => Err(StoreError::Unavailable("it is down".into())),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl TrafficWriter for Switch {
    async fn write(&self, reports: &[AcceptedReport]) -> Result<Written, StoreError> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        self.up()?;
        if reports.iter().any(|report| self.refused.lock().unwrap().contains(&report.report.report_id)) {
            return Err(StoreError::Refused("a number out of range".into()));
        }
        self.store.write(reports).await
    }

    async fn write_startups(&self, startups: &[AcceptedStartup]) -> Result<(), StoreError> {
        self.up()?;
        self.store.write_startups(startups).await
    }

    async fn write_request_logs(&self, batches: &[AcceptedRequestLogs]) -> Result<Written, StoreError> {
        self.up()?;
        self.store.write_request_logs(batches).await
    }

    async fn note_settled(&self, marks: &[IngestMark]) -> Result<(), StoreError> {
        self.up()?;
        self.store.note_settled(marks).await
    }

    async fn delete_expired(&self, now: UnixSecs, retention: &Retention) -> Result<(), StoreError> {
        self.store.delete_expired(now, retention).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.up()
    }
}

/// One app with room for two environments.
#[derive(Default)]
struct Known {
    environments: Mutex<BTreeSet<String>>,
    consumers: Mutex<BTreeMap<[u8; 16], String>>,
}

#[async_trait]
impl Directory for Known {
    async fn app_exists(&self, app_id: AppId) -> Result<bool, StoreError> {
        Ok(app_id == APP)
    }

    async fn register_environment(&self, _app_id: AppId, env: &str) -> Result<bool, StoreError> {
        let mut environments = self.environments.lock().unwrap();
        let has_room = environments.len() < 2 || environments.contains(env);
        if has_room {
            environments.insert(env.to_owned());
        }
        Ok(has_room)
    }

    async fn register_consumers(
        &self,
        _app_id: AppId,
        consumers: &[KnownConsumer],
    ) -> Result<(), StoreError> {
        let named = consumers.iter().map(|known| (known.hash, known.consumer.identifier.clone()));
        self.consumers.lock().unwrap().extend(named);
        Ok(())
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Back {
    async fn start() -> Self {
        let dir = TempDir::new().unwrap();
        let clock = ManualClock::at(NOW);
        let queue =
            queue::sqlite::connect(&dir.path().join("queue.db"), u64::MAX, clock.clone()).await.unwrap();
        let path = dir.path().join("traffic.db");
        let store = sqlite::connect(&path, clock.clone(), Retention::default()).await.unwrap();
        let switch = Arc::new(Switch {
            store: store.clone(),
            down: AtomicBool::new(false),
            refused: Mutex::default(),
            writes: AtomicU64::new(0),
        });
        let directory = Arc::new(Known::default());
        let parts = WorkerParts {
            queue: queue.clone(),
            writer: switch.clone(),
            directory: directory.clone(),
            consumer_key: ConsumerKey::new(*b"key"),
            clock,
        };
        let worker = Worker::new(Topic::Reports, parts);
        let (stop, stopped) = watch::channel(false);
        let stats = worker.stats();
        let running = tokio::spawn(worker.run(stopped));
        Self { _dir: dir, queue, store, switch, directory, stats, sequence: AtomicU64::new(0), stop, running }
    }

    async fn publish(&self, message: &Value) {
        self.publish_bytes(message.to_string().into_bytes(), ENVELOPE_VERSION, APP).await;
    }

    async fn publish_bytes(&self, body: Vec<u8>, version: u16, app_id: AppId) {
        let envelope = Envelope {
            version,
            ingest_id: Uuid::from_u128(7),
            ingest_sequence: self.sequence.fetch_add(1, Ordering::SeqCst),
            accepted_at: NOW * 1_000,
            app_id,
            kind: Kind::Report,
            encoding: Encoding::Identity,
            body: Bytes::from(body),
        };
        self.queue.producer.publish(Topic::Reports, envelope).await.unwrap();
    }

    async fn requests(&self) -> u64 {
        let scope = Scope { app_id: APP, env: "prod".into() };
        let window = Window { from: NOW - 7_200, to: NOW + 7_200 };
        let endpoints = self.store.endpoints(&scope, window, &Filter::default()).await.unwrap();
        endpoints.iter().map(|endpoint| endpoint.totals.requests).sum()
    }

    async fn depth(&self) -> u64 {
        self.queue.health.stats(Topic::Reports).await.unwrap().depth
    }

    async fn until_drained(&self) {
        until(async || self.depth().await == 0).await;
    }

    async fn dead(&self) -> Vec<(DeadLetterReason, String)> {
        let dead = self.queue.dead_letters.list(None, 100).await.unwrap();
        dead.into_iter().map(|letter| (letter.reason, letter.detail)).collect()
    }
}

async fn until(condition: impl AsyncFn() -> bool) {
    let wait = async {
        while !condition().await {
            tokio::time::sleep(SOON).await;
        }
    };
    tokio::time::timeout(LONG, wait).await.expect("it did not come about");
}

fn report(id: u128, minute: i64, counts: &[i64]) -> Value {
    let routes: Vec<_> = counts.iter().map(|count| json!({"r": 0, "s": 200, "n": count})).collect();
    json!({
        "v": 1, "report_id": Uuid::from_u128(id), "instance_id": Uuid::from_u128(1), "sequence": 0, "env": "prod",
        "created_at_ms": NOW * 1_000, "routes": [{"method": "GET", "path": "/a"}], "consumers": [{"identifier": "ann"}],
        "minutes": [{"minute": minute, "routes": routes}],
    })
}

const MINUTE: i64 = NOW / 60;

#[tokio::test]
async fn a_published_report_is_stored_and_acknowledged() {
    let back = Back::start().await;
    back.publish(&report(1, MINUTE, &[3])).await;
    back.until_drained().await;
    assert_eq!(back.requests().await, 3);
    let hash = ConsumerKey::new(*b"key").hash(APP, "ann");
    assert_eq!(back.directory.consumers.lock().unwrap().get(&hash).map(String::as_str), Some("ann"));
    assert!(back.store.ingest_gaps().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_published_report_is_visible_within_a_second() {
    let back = Back::start().await;
    back.publish(&report(1, MINUTE, &[3])).await;
    back.until_drained().await;
    let published = std::time::Instant::now();
    back.publish(&report(2, MINUTE, &[3])).await;
    until(async || back.requests().await == 6).await;
    assert!(published.elapsed() < Duration::from_secs(1), "{:?}", published.elapsed());
}

#[tokio::test]
async fn a_report_sent_twice_is_counted_once() {
    let back = Back::start().await;
    for _ in 0..5 {
        back.publish(&report(1, MINUTE, &[3])).await;
    }
    back.until_drained().await;
    assert_eq!((back.requests().await, back.stats.stored(), back.stats.duplicates()), (3, 1, 4));
}

#[tokio::test]
async fn poison_becomes_a_dead_letter_with_its_reason_and_blocks_nothing() {
    let back = Back::start().await;
    back.publish(&json!({"no": "report"})).await;
    back.publish_bytes(b"{".to_vec(), ENVELOPE_VERSION, APP).await;
    back.publish_bytes(
        report(5, MINUTE, &[1]).to_string().into_bytes(),
        ENVELOPE_VERSION,
        Uuid::from_u128(0xdead),
    )
    .await;
    back.publish(&report(2, MINUTE - 500, &[1])).await;
    back.publish(&report(1, MINUTE, &[3])).await;
    back.until_drained().await;
    assert_eq!(back.requests().await, 3);
    let mut reasons: Vec<_> = back.dead().await.iter().map(|(reason, _)| reason.as_str()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["clock", "malformed", "malformed", "unknown_app"]);
    assert_eq!(back.stats.dead_letters(DeadLetterReason::Malformed), 2);
    assert!(back.store.ingest_gaps().await.unwrap().is_empty(), "a dead letter is no gap");
}

#[tokio::test]
async fn a_wrong_clock_is_shown_to_the_operator() {
    let back = Back::start().await;
    back.publish(&report(2, MINUTE - 500, &[1])).await;
    back.until_drained().await;
    let scope = Scope { app_id: APP, env: "prod".into() };
    let losses = back.store.losses(&scope, Window { from: NOW - 600, to: NOW + 600 }).await.unwrap();
    assert_eq!(
        (losses[0].reason.as_str(), losses[0].detail.as_str(), losses[0].count),
        ("rejected_by_hub", "clock", 1)
    );
}

#[tokio::test]
async fn one_environment_too_many_becomes_a_dead_letter() {
    let back = Back::start().await;
    for (id, env) in [(1, "a"), (2, "b"), (3, "c"), (4, "a")] {
        let mut report = report(id, MINUTE, &[1]);
        report["env"] = json!(env);
        back.publish(&report).await;
    }
    back.until_drained().await;
    let dead = back.dead().await;
    assert_eq!((dead.len(), dead[0].0), (1, DeadLetterReason::TooManyEnvironments));
}

#[tokio::test]
async fn a_bad_entry_is_dropped_alone_and_shown() {
    let back = Back::start().await;
    back.publish(&report(1, MINUTE, &[3, -5, 4])).await;
    back.until_drained().await;
    assert_eq!((back.requests().await, back.dead().await), (7, vec![]));
    let scope = Scope { app_id: APP, env: "prod".into() };
    let losses = back.store.losses(&scope, Window { from: NOW - 60, to: NOW + 60 }).await.unwrap();
    assert_eq!((losses[0].reason.as_str(), losses[0].count), ("rejected_by_hub", 1));
}

#[tokio::test]
async fn an_outage_is_not_poison() {
    let back = Back::start().await;
    back.switch.down.store(true, Ordering::SeqCst);
    for id in 0..10 {
        back.publish(&report(id, MINUTE, &[1])).await;
    }
    until(async || back.stats.paused()).await;
    let writes = back.switch.writes.load(Ordering::SeqCst);
    tokio::time::sleep(SOON * 10).await;
    assert_eq!(back.depth().await, 10, "nothing is lost and nothing dies");
    assert!(back.switch.writes.load(Ordering::SeqCst) <= writes + 1, "it probes, it does not write");
    back.switch.down.store(false, Ordering::SeqCst);
    back.until_drained().await;
    assert_eq!((back.requests().await, back.dead().await), (10, vec![]));
    assert_eq!((back.stats.outages() >= 1, back.stats.paused()), (true, false));
}

#[tokio::test]
async fn what_the_store_refuses_dies_alone_after_three_attempts() {
    let back = Back::start().await;
    back.switch.down.store(true, Ordering::SeqCst);
    back.publish(&report(0, MINUTE, &[1])).await;
    until(async || back.stats.paused()).await;
    back.switch.refused.lock().unwrap().insert(Uuid::from_u128(5));
    for id in 1..12 {
        back.publish(&report(id, MINUTE, &[1])).await;
    }
    back.switch.down.store(false, Ordering::SeqCst);
    back.until_drained().await;
    assert_eq!(back.requests().await, 11);
    let dead = back.queue.dead_letters.list(None, 10).await.unwrap();
    assert_eq!((dead.len(), dead[0].reason), (1, DeadLetterReason::Failed));
    assert!(dead[0].detail.contains("a number out of range"));

    back.switch.refused.lock().unwrap().clear();
    assert!(back.queue.dead_letters.replay(dead[0].id).await.unwrap());
    until(async || back.requests().await == 12).await;
}

#[tokio::test]
async fn an_envelope_of_a_newer_version_waits_and_blocks_nothing() {
    let back = Back::start().await;
    back.publish_bytes(b"\0".to_vec(), ENVELOPE_VERSION + 1, APP).await;
    back.publish(&report(1, MINUTE, &[3])).await;
    until(async || back.depth().await == 1).await;
    assert_eq!((back.requests().await, back.dead().await), (3, vec![]));
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_ends_and_loses_nothing() {
    let back = Back::start().await;
    for id in 0..200 {
        back.publish(&report(id, MINUTE, &[1])).await;
    }
    back.stop.send(true).unwrap();
    tokio::time::timeout(LONG, back.running).await.unwrap().unwrap();
    let requests = {
        let scope = Scope { app_id: APP, env: "prod".into() };
        let window = Window { from: NOW - 7_200, to: NOW + 7_200 };
        back.store.endpoints(&scope, window, &Filter::default()).await.unwrap()
    };
    let stored: u64 = requests.iter().map(|endpoint| endpoint.totals.requests).sum();
    let left = back.queue.health.stats(Topic::Reports).await.unwrap().depth;
    assert_eq!(stored + left, 200);
    assert_eq!(back.queue.health.stats(Topic::Reports).await.unwrap().consumers, 0);
}
