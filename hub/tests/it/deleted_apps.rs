//! What becomes of an app that is deleted: who asks for it, who still sends to it, and what was stored of it.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use reqwest::Method;
use sendry_hub::clock::{Clock, ManualClock};
use sendry_hub::query::keys::CreatedApp;
use sendry_hub::queue::{DeadLetterReason, ENVELOPE_VERSION, Encoding, Envelope, Kind, Queue, Topic};
use sendry_hub::store::metadata::Role;
use sendry_hub::store::traffic::{Retention, SETTLED_AFTER_SECS, TrafficReader, sqlite};
use sendry_hub::worker::{EraseJob, EraseParts};
use tempfile::TempDir;
use tokio::sync::watch;
use uuid::Uuid;

use crate::harness::{TestHub, problem, report_of, traffic};
use crate::traffic_contract::fixture;

const NOW: i64 = fixture::NOW;

/// A hub whose clock the test moves, and an app that reported.
async fn seeded() -> (TestHub, Arc<ManualClock>, CreatedApp, String) {
    let clock = ManualClock::at(NOW);
    let hub = TestHub::builder().clock(clock.clone()).start().await;
    let app = hub.app().await;
    send(&hub, &app, 202).await;
    let path = format!("/apps/{}", app.app_id);
    let summary = format!("{path}/summary?env=prod");
    hub.get_until(&hub.token().await, &summary, |answer| answer["data"]["requests"] == 5).await;
    (hub, clock, app, path)
}

async fn send(hub: &TestHub, app: &CreatedApp, status: u16) {
    let report = report_of("prod", hub.clock.now() / 60 - 1, vec![traffic("GET", "/orders", 200, 5)]);
    assert_eq!(hub.send(&app.write_key, &report).await.status(), status);
}

async fn delete(hub: &TestHub, path: &str) {
    let admin = hub.session_with(&[Role::Admin.into()]).await;
    let deleted = hub.with_session(Method::DELETE, path, &admin).send().await.unwrap();
    assert_eq!(deleted.status(), 204);
}

/// A page of `/metrics` with a figure in it.
async fn metrics_with(hub: &TestHub, line: &str) {
    let shown = async {
        loop {
            let page = hub.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
            if page.lines().any(|one| one == line) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(crate::harness::PATIENCE, shown)
        .await
        .unwrap_or_else(|_| panic!("{line} is never shown"));
}

#[tokio::test]
async fn nobody_sees_a_deleted_app_and_what_is_sent_to_it_is_refused_and_counted() {
    let (hub, _clock, app, path) = seeded().await;
    let token = hub.token().await;
    delete(&hub, &path).await;
    let asked = hub.request(Method::GET, &format!("/api/v1{path}/summary?env=prod")).bearer_auth(&token);
    problem(asked.send().await.unwrap(), 404).await;
    // A key is believed for three seconds.
    let refused = async {
        loop {
            let report = report_of("prod", NOW / 60, vec![traffic("GET", "/orders", 200, 5)]);
            let answer = hub.send(&app.write_key, &report).await;
            if answer.status() == 401 {
                return problem(answer, 401).await;
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    let refused = tokio::time::timeout(crate::harness::PATIENCE, refused).await.expect("the key ends");
    assert_eq!(refused["type"], "unauthorized");
    metrics_with(&hub, "sendry_ingest_refused_total{reason=\"unauthorized\"} 1").await;
    // A second deletion finds nothing.
    let admin = hub.session_with(&[Role::Admin.into()]).await;
    problem(hub.with_session(Method::DELETE, &path, &admin).send().await.unwrap(), 404).await;
}

#[tokio::test]
async fn what_was_under_way_to_a_deleted_app_is_a_dead_letter_that_says_so() {
    let (clock, slot) = (ManualClock::at(NOW), Arc::<Mutex<Option<Queue>>>::default());
    let to_be_filled = slot.clone();
    let hub = TestHub::builder().clock(clock.clone());
    let hub = hub.stores(move |stores| *to_be_filled.lock().unwrap() = stores.queue.clone()).start().await;
    let queue = slot.lock().unwrap().take().unwrap();
    let report = report_of("prod", NOW / 60, vec![traffic("GET", "/orders", 200, 5)]);
    let gone = Uuid::from_u128(0xdead);
    let envelope = Envelope {
        version: ENVELOPE_VERSION,
        ingest_id: Uuid::from_u128(7),
        ingest_sequence: 0,
        accepted_at: clock.now_ms(),
        app_id: gone,
        kind: Kind::Report,
        encoding: Encoding::Identity,
        body: Bytes::from(serde_json::to_vec(&report).unwrap()),
    };
    queue.producer.publish(Topic::Reports, envelope).await.unwrap();
    metrics_with(&hub, "sendry_worker_dead_letters_total{topic=\"reports\",reason=\"unknown_app\"} 1").await;
    let dead = queue.dead_letters.list(None, 9).await.unwrap();
    assert_eq!(
        (dead.len(), dead[0].reason, dead[0].envelope.app_id),
        (1, DeadLetterReason::UnknownApp, gone)
    );
}

/// Told to end, the job looks once.
async fn look(job: &EraseJob) {
    let (_stop, stopped) = watch::channel(true);
    job.clone().run(stopped).await;
}

#[tokio::test]
async fn what_is_stored_of_a_deleted_app_is_erased_after_a_restart_too_and_what_came_late_with_it() {
    let (hub, clock, app, path) = seeded().await;
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("traffic.db");
    let scope = sendry_hub::store::traffic::Scope { app_id: app.app_id, env: "prod".into() };
    let stored = async |traffic: &sqlite::SqliteTraffic| traffic.freshness(app.app_id).await.unwrap().len();
    let write = async |traffic: &sqlite::SqliteTraffic| {
        let report =
            fixture::report_of(&scope, &[fixture::call(NOW, ("GET", "/orders"), 200, &[5]).by("ann")]);
        sendry_hub::store::traffic::TrafficWriter::write(traffic, &[report]).await.unwrap();
    };
    let job = |traffic: &sqlite::SqliteTraffic| {
        EraseJob::new(EraseParts {
            process_id: Uuid::new_v4(),
            metadata: hub.metadata.clone(),
            eraser: Arc::new(traffic.clone()),
            clock: clock.clone(),
        })
    };
    let traffic = sqlite::connect(&file, clock.clone(), Retention::default()).await.unwrap();
    write(&traffic).await;
    look(&job(&traffic)).await;
    assert_eq!(stored(&traffic).await, 1, "an app that is there keeps everything");
    delete(&hub, &path).await;
    look(&job(&traffic)).await;
    assert_eq!(stored(&traffic).await, 1, "workers believe for a while that the app is there");
    traffic.close().await;

    let traffic = sqlite::connect(&file, clock.clone(), Retention::default()).await.unwrap();
    clock.advance(200);
    look(&job(&traffic)).await;
    assert_eq!(stored(&traffic).await, 0);
    write(&traffic).await;
    clock.advance(SETTLED_AFTER_SECS - 200);
    let job = job(&traffic);
    look(&job).await;
    assert_eq!(stored(&traffic).await, 0, "what a frozen worker wrote");
    assert_eq!(hub.metadata.deleted_apps().await.unwrap().len(), 1, "this clock may have jumped just now");
    write(&traffic).await;
    clock.advance(120);
    look(&job).await;
    assert_eq!(stored(&traffic).await, 0);
    assert_eq!(hub.metadata.deleted_apps().await.unwrap(), []);
}

#[tokio::test]
async fn an_app_that_was_deleted_by_a_clock_far_ahead_is_erased_all_the_same() {
    let (hub, clock, app, path) = seeded().await;
    let dir = TempDir::new().unwrap();
    let traffic =
        sqlite::connect(&dir.path().join("traffic.db"), clock.clone(), Retention::default()).await.unwrap();
    let scope = sendry_hub::store::traffic::Scope { app_id: app.app_id, env: "prod".into() };
    let report = fixture::report_of(&scope, &[fixture::call(NOW, ("GET", "/orders"), 200, &[5]).by("ann")]);
    sendry_hub::store::traffic::TrafficWriter::write(&traffic, &[report]).await.unwrap();
    let years = 14 * 365 * 86_400;
    clock.set_by(years);
    delete(&hub, &path).await;
    clock.set_by(-years);
    let job = EraseJob::new(EraseParts {
        process_id: Uuid::new_v4(),
        metadata: hub.metadata.clone(),
        eraser: Arc::new(traffic.clone()),
        clock: clock.clone(),
    });
    for wait in [0, 120, SETTLED_AFTER_SECS - 120] {
        assert_eq!(hub.metadata.deleted_apps().await.unwrap().len(), 1);
        clock.advance(wait);
        look(&job).await;
    }
    assert_eq!(traffic.freshness(app.app_id).await.unwrap(), []);
    assert_eq!(hub.metadata.deleted_apps().await.unwrap(), []);
}
