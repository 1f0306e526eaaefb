//! The hub watched by itself: what it says about its processes, its queue and what is wrong; and what survives a panic.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use reqwest::{Method, StatusCode};
use sendry_hub::app::Traffic;
use sendry_hub::clock::{ManualClock, UnixSecs};
use sendry_hub::metrics::Metrics;
use sendry_hub::store::StoreError;
use sendry_hub::store::metadata::{Metadata, Process, sqlite};
use sendry_hub::store::traffic::{
    self, AcceptedReport, AcceptedRequestLogs, AcceptedStartup, IngestGap, IngestMark, Retention,
    TrafficWriter, Written, clickhouse,
};
use sendry_hub::system::{
    DiskState, Finding, ProcessState, QueueState, SystemView, TopicState, Watch, Watchdog, WorkerState,
};
use serde_json::Value;
use uuid::Uuid;

use crate::clickhouse::Database;
use crate::harness::{PATIENCE, TestHub, report_of, traffic as traffic_of};
use crate::proxy::Proxy;

fn watchdog<'a>(system: &'a Value, name: &str) -> &'a Value {
    let all = system["watchdogs"].as_array().unwrap();
    all.iter().find(|watchdog| watchdog["name"] == name).unwrap_or_else(|| panic!("{name} is not watched"))
}

#[tokio::test]
async fn a_hub_tells_of_its_process_its_queue_its_leases_and_its_storage() {
    let hub = TestHub::start().await;
    let token = hub.token().await;
    let told = |system: &Value| system["processes"][0]["state"]["queue"]["topics"][0]["consumers"] == 1;
    let system = hub.get_until(&token, "/system", told).await;
    let process = &system["processes"][0];
    assert_eq!(process["roles"], serde_json::json!(["ingest", "worker", "query"]));
    assert_eq!((&process["version"], &process["silent"]), (&system["version"], &Value::from(false)));
    assert_eq!(system["queue"]["process_id"], process["process_id"]);
    assert_eq!(system["queue"]["topics"][1]["topic"], "request_logs");
    let files: Vec<_> = system["storage"].as_array().unwrap().iter().map(|one| &one["store"]).collect();
    assert_eq!(files.len(), 3, "{files:?}");
    assert!(process["state"]["disk"]["free_bytes"].as_u64().unwrap() > 0);
    let leases = |system: &Value| system["leases"].as_array().unwrap().len() == 2;
    let system = hub.get_until(&token, "/system", leases).await;
    assert_eq!(system["leases"][0]["name"], "retention");
    assert_eq!(watchdog(&system, "no_worker")["state"], "ok");
    assert_eq!(watchdog(&system, "dead_letters")["state"], "ok");
    let anonymous = hub.request(Method::GET, "/api/v1/system").send().await.unwrap();
    assert_eq!(anonymous.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_process_that_ends_says_goodbye_and_lets_go_of_its_leases() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("metadata.db");
    let hub = TestHub::builder().set("SENDRY_METADATA_URL", &format!("sqlite:{}", file.display()));
    let hub = hub.start().await;
    let token = hub.token().await;
    let leases = |system: &Value| system["leases"].as_array().unwrap().len() == 2;
    hub.get_until(&token, "/system", leases).await;
    hub.shutdown().await;
    let metadata: Metadata = Arc::new(sqlite::connect(&file).await.unwrap());
    assert_eq!(metadata.processes().await.unwrap(), []);
    assert_eq!(metadata.leases().await.unwrap(), []);
}

/// A moment at which everything is well.
fn calm(now: i64) -> SystemView {
    let topic = |name: &str| TopicState { topic: name.into(), consumers: 1, ..TopicState::default() };
    let state = ProcessState {
        queue: Some(QueueState { topics: vec![topic("reports"), topic("request_logs")] }),
        workers: vec![WorkerState { topic: "reports".into(), ..WorkerState::default() }],
        breaker: Some("closed".into()),
        disk: Some(DiskState { path: "/data".into(), free_bytes: 50 << 30, total_bytes: 100 << 30 }),
        ..ProcessState::default()
    };
    let process = Process {
        id: Uuid::from_u128(1),
        host: "one".into(),
        roles: "ingest,worker,query".into(),
        version: "1.0.0".into(),
        started_at: 0,
        seen_at: now,
        state: String::new(),
    };
    SystemView { now, processes: vec![(process, state)], leases: Vec::new(), gaps: Some(Vec::new()) }
}

async fn watch() -> (Arc<Watch>, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let metadata = Arc::new(sqlite::connect(&dir.path().join("metadata.db")).await.unwrap());
    let clock = ManualClock::at(1_000);
    let file = dir.path().join("traffic.db");
    let store = traffic::sqlite::connect(&file, clock.clone(), Retention::default()).await;
    let traffic = Arc::new(store.unwrap());
    let metrics = Arc::new(Metrics::default());
    (Watch::new(Uuid::new_v4(), metadata, traffic, metrics, clock), dir)
}

/// An idle hub leaves ClickHouse alone: each statement wakes a server up that others pay for.
#[tokio::test]
async fn gaps_are_asked_for_once_a_minute_while_there_are_none_and_each_time_while_there_are() {
    let database = Database::create();
    let proxy = Proxy::to(&database.address()).await;
    let clock = ManualClock::at(1_000_000);
    let store = async |url: &str| {
        let target = clickhouse::Target::parse(url).unwrap();
        clickhouse::connect(&target, None, clock.clone(), Retention::default()).await.unwrap()
    };
    let through = database.url().replace(&database.address(), &proxy.address.to_string());
    let (traffic, writer) = (Arc::new(store(&through).await), store(&database.url()).await);
    let dir = tempfile::tempdir().unwrap();
    let metadata = Arc::new(sqlite::connect(&dir.path().join("metadata.db")).await.unwrap());
    let watch = Watch::new(Uuid::new_v4(), metadata, traffic, Arc::default(), clock.clone());
    let looks = async |looks: usize| {
        proxy.take();
        for _ in 0..looks {
            watch.look_once().await;
            clock.advance(15);
        }
        proxy.take().len()
    };
    assert_eq!(looks(8).await, 2);
    let mark = |sequence| IngestMark { ingest_id: Uuid::from_u128(5), sequence, accepted_at: 1_000_000_000 };
    writer.note_settled(&[mark(0), mark(2)]).await.unwrap();
    assert_eq!(looks(4).await, 4, "one is missing");
    writer.note_settled(&[mark(1)]).await.unwrap();
    assert_eq!(looks(8).await, 2, "it came");
}

/// Every watchdog turns by what it watches and by nothing else, stays turned without telling again, and recovers.
#[tokio::test]
async fn each_watchdog_turns_once_for_its_own_reason_and_recovers() {
    type Spoil = fn(&mut SystemView);
    let cases: [(Watchdog, Spoil); 15] = [
        (Watchdog::QueueUnreachable, |view| view.processes[0].1.queue_error = Some("gone".into())),
        (Watchdog::NoConsumer, |view| topic(view).consumers = 0),
        (Watchdog::QueueAge, |view| topic(view).oldest_age_ms = Some(60_001)),
        (Watchdog::QueueDepth, |view| topic(view).depth = 100_001),
        (Watchdog::DeadLetters, |view| topic(view).dead_letters = 1),
        (Watchdog::AcceptedNotStored, |view| view.gaps = Some(vec![gap(3)])),
        (Watchdog::InsertLag, |view| view.processes[0].1.workers[0].insert_lag_ms = Some(60_001)),
        (Watchdog::BreakerOpen, |view| view.processes[0].1.breaker = Some("open".into())),
        (Watchdog::WorkerDown, |view| view.processes[0].1.workers[0].down = true),
        (Watchdog::WorkerPaused, |view| view.processes[0].1.workers[0].paused = true),
        (Watchdog::ProcessSilent, |view| {
            let (mut gone, state) = calm(view.now).processes.remove(0);
            gone.seen_at -= 45_001;
            view.processes.push((gone, state));
        }),
        (Watchdog::NoWorker, |view| view.processes[0].0.roles = "ingest,query".into()),
        (Watchdog::NoIngest, |view| view.processes[0].0.roles = "worker,query".into()),
        (Watchdog::DiskFull, |view| view.processes[0].1.disk.as_mut().unwrap().free_bytes = 5 << 30),
        (Watchdog::MixedVersions, |view| {
            let (mut other, state) = calm(view.now).processes.remove(0);
            other.version = "2.0.0".into();
            view.processes.push((other, state));
        }),
    ];
    for (watched, spoil) in cases {
        let (watch, _dir) = watch().await;
        let mut turns = Vec::new();
        // A minute of calm, an hour of trouble, calm again.
        for step in 0..=250 {
            let mut view = calm(step * 15_000);
            if (4..244).contains(&step) {
                spoil(&mut view);
            }
            turns.extend(watch.judge(&view).into_iter().map(|(dog, turn)| (dog, turn.told)));
        }
        assert_eq!(turns, [(watched, true), (watched, false)], "{}", watched.name());
    }
}

fn topic(view: &mut SystemView) -> &mut TopicState {
    &mut view.processes[0].1.queue.as_mut().unwrap().topics[0]
}

fn gap(missing: u64) -> IngestGap {
    IngestGap { ingest_id: Uuid::from_u128(7), highest: 100, missing, last_accepted_at: 0 }
}

#[tokio::test]
async fn what_is_still_in_the_queue_is_not_missing() {
    let (watch, _dir) = watch().await;
    for step in 0..100 {
        let mut view = calm(step * 15_000);
        topic(&mut view).depth = 3;
        view.gaps = Some(vec![gap(3)]);
        assert_eq!(watch.judge(&view), []);
    }
}

#[tokio::test]
async fn without_anybody_who_is_connected_to_the_queue_its_watchdogs_know_nothing() {
    let (watch, _dir) = watch().await;
    let mut view = calm(0);
    view.processes[0].1.queue = None;
    watch.judge(&view);
    let unknown: Vec<_> =
        watch.states().into_iter().filter(|(_, state)| state.finding == Finding::Unknown).collect();
    assert_eq!(unknown.len(), 5, "{unknown:?}");
}

/// Stores through another writer, and panics over a route.
struct Panics {
    inner: Arc<dyn TrafficWriter>,
    over: &'static str,
}

#[async_trait]
impl TrafficWriter for Panics {
    async fn write(&self, reports: &[AcceptedReport]) -> Result<Written, StoreError> {
        let all = reports.iter().flat_map(|report| &report.report.routes);
        assert!(all.into_iter().all(|route| route.path != self.over), "a bug in the store");
        self.inner.write(reports).await
    }

    async fn write_startups(&self, startups: &[AcceptedStartup]) -> Result<(), StoreError> {
        self.inner.write_startups(startups).await
    }

    async fn write_request_logs(&self, batches: &[AcceptedRequestLogs]) -> Result<Written, StoreError> {
        self.inner.write_request_logs(batches).await
    }

    async fn note_settled(&self, marks: &[IngestMark]) -> Result<(), StoreError> {
        self.inner.note_settled(marks).await
    }

    async fn delete_expired(&self, now: UnixSecs, retention: &Retention) -> Result<(), StoreError> {
        self.inner.delete_expired(now, retention).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.inner.check().await
    }
}

#[tokio::test]
async fn a_message_that_panics_every_time_is_a_dead_letter_and_the_others_are_stored() {
    let change = |stores: &mut sendry_hub::app::Stores| {
        let Traffic { writer, reader, eraser } = stores.traffic.clone().unwrap();
        let writer = Arc::new(Panics { inner: writer, over: "/poison" });
        stores.traffic = Some(Traffic { writer, reader, eraser });
    };
    let hub = TestHub::builder().stores(change).start().await;
    let (app, token) = (hub.app().await, hub.token().await);
    let minute = hub.clock.now() / 60;
    for at in 0..20 {
        let path = if at == 7 { "/poison" } else { "/fine" };
        let report = report_of("prod", minute, vec![traffic_of("GET", path, 200, 1)]);
        assert_eq!(hub.send(&app.write_key, &report).await.status(), StatusCode::ACCEPTED);
    }
    let path = format!("/apps/{}/summary?env=prod", app.app_id);
    let summary = hub.get_until(&token, &path, |answer| answer["data"]["requests"] == 19).await;
    assert_eq!(summary["data"]["requests"], 19);
    let dead = |system: &Value| {
        system["processes"][0]["state"]["workers"][0]["dead_letters"]["failed"] == 1
            && watchdog(system, "dead_letters")["state"] == "alarm"
    };
    let system = hub.get_until(&token, "/system", dead).await;
    assert_eq!(system["processes"][0]["state"]["workers"][0]["panics"], 0, "the worker itself lived on");
    let ready = hub.request(Method::GET, "/readyz").send().await.unwrap();
    assert_eq!(ready.status(), StatusCode::OK);
}

/// A store that panics when it is to delete what is too old, for as long as it is told to.
struct BrokenExpiry {
    inner: Arc<dyn TrafficWriter>,
    is_broken: Arc<AtomicBool>,
}

#[async_trait]
impl TrafficWriter for BrokenExpiry {
    async fn write(&self, reports: &[AcceptedReport]) -> Result<Written, StoreError> {
        self.inner.write(reports).await
    }

    async fn write_startups(&self, startups: &[AcceptedStartup]) -> Result<(), StoreError> {
        self.inner.write_startups(startups).await
    }

    async fn write_request_logs(&self, batches: &[AcceptedRequestLogs]) -> Result<Written, StoreError> {
        self.inner.write_request_logs(batches).await
    }

    async fn note_settled(&self, marks: &[IngestMark]) -> Result<(), StoreError> {
        self.inner.note_settled(marks).await
    }

    async fn delete_expired(&self, now: UnixSecs, retention: &Retention) -> Result<(), StoreError> {
        assert!(!self.is_broken.load(Ordering::SeqCst), "a bug in the store");
        self.inner.delete_expired(now, retention).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.inner.check().await
    }
}

#[tokio::test]
async fn a_job_that_panics_is_seen_and_starts_again() {
    let is_broken = Arc::new(AtomicBool::new(true));
    let switch = is_broken.clone();
    let change = move |stores: &mut sendry_hub::app::Stores| {
        let Traffic { writer, reader, eraser } = stores.traffic.clone().unwrap();
        let writer = Arc::new(BrokenExpiry { inner: writer, is_broken: switch });
        stores.traffic = Some(Traffic { writer, reader, eraser });
    };
    let hub = TestHub::builder().stores(change).start().await;
    let token = hub.token().await;
    let ready = async || hub.request(Method::GET, "/readyz").send().await.unwrap();
    let becomes = async |status: StatusCode| {
        while ready().await.status() != status {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, becomes(StatusCode::SERVICE_UNAVAILABLE)).await.unwrap();
    assert!(ready().await.text().await.unwrap().contains("not running after a panic: retention"));
    let told = |system: &Value| watchdog(system, "worker_down")["state"] == "alarm";
    let system = hub.get_until(&token, "/system", told).await;
    let detail = watchdog(&system, "worker_down")["detail"].as_str().unwrap();
    assert!(detail.contains("retention on "), "{detail}");
    let metrics = hub.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    let panics =
        metrics.lines().find_map(|line| line.strip_prefix("sendry_task_panics_total{task=\"retention\"} "));
    assert!(panics.unwrap().parse::<u64>().unwrap() > 0);

    is_broken.store(false, Ordering::SeqCst);
    tokio::time::timeout(PATIENCE * 3, becomes(StatusCode::OK)).await.expect("it starts again and lasts");
}

/// A queue whose consumers panic for a while.
struct BrokenConsumers {
    inner: Arc<dyn sendry_hub::queue::Consumers>,
    panics_left: std::sync::atomic::AtomicU32,
}

#[async_trait]
impl sendry_hub::queue::Consumers for BrokenConsumers {
    async fn consume(
        &self,
        topic: sendry_hub::queue::Topic,
    ) -> Result<Box<dyn sendry_hub::queue::Consumer>, sendry_hub::queue::QueueError> {
        use std::sync::atomic::Ordering;
        let left =
            self.panics_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        assert!(left.is_err(), "a bug in the worker");
        self.inner.consume(topic).await
    }
}

#[tokio::test]
async fn a_worker_that_panics_starts_again_and_is_not_ready_until_it_has_run_for_a_while() {
    let change = |stores: &mut sendry_hub::app::Stores| {
        let queue = stores.queue.as_mut().unwrap();
        let inner = queue.consumers.clone();
        queue.consumers = Arc::new(BrokenConsumers { inner, panics_left: 4.into() });
    };
    let hub = TestHub::builder().stores(change).start().await;
    let (app, token) = (hub.app().await, hub.token().await);
    let report = report_of("prod", hub.clock.now() / 60, vec![traffic_of("GET", "/a", 200, 1)]);
    assert_eq!(hub.send(&app.write_key, &report).await.status(), StatusCode::ACCEPTED);
    let path = format!("/apps/{}/summary?env=prod", app.app_id);
    hub.get_until(&token, &path, |answer| answer["data"]["requests"] == 1).await;
    let ready = async || hub.request(Method::GET, "/readyz").send().await.unwrap();
    let first = ready().await;
    assert_eq!(first.status(), StatusCode::SERVICE_UNAVAILABLE, "it has only just started");
    assert!(first.text().await.unwrap().contains("not running after a panic"));
    let recovered = async {
        while ready().await.status() != StatusCode::OK {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, recovered).await.unwrap();
    let metrics = hub.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    let panics: u64 = metrics
        .lines()
        .filter(|line| line.starts_with("sendry_worker_panics_total{"))
        .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(panics, 4);
}
