//! What the hub knows of people is forgotten when nothing is kept of them any more.

use std::sync::Arc;

use sendry_hub::clock::ManualClock;
use sendry_hub::query::keys::CreatedApp;
use sendry_hub::store::metadata::{Actor, ActorKind, AuditFilter, NewAuditEntry};
use sendry_hub::store::traffic::{ConsumerKey, Retention, sqlite};
use sendry_hub::worker::{RetentionJob, RetentionParts};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use crate::harness::{TestHub, report_of, traffic};

const NOW: i64 = 1_800_000_000;
const DAY: i64 = 86_400;

/// Reports of a request by each of these, and waits until it is stored.
async fn report(hub: &TestHub, app: &CreatedApp, names: &[&str]) {
    let minute = hub.clock.now() / 60;
    let mut report =
        serde_json::to_value(report_of("prod", minute, vec![traffic("GET", "/", 200, 1)])).unwrap();
    report["consumers"] = names.iter().map(|name| json!({"identifier": name})).collect();
    assert_eq!(hub.post("report", &app.write_key).json(&report).send().await.unwrap().status(), 202);
    let now = hub.clock.now();
    let fresh = |answer: &serde_json::Value| answer["as_of"] == now;
    hub.get_until(&hub.token().await, &format!("/apps/{}/summary?env=prod", app.app_id), fresh).await;
}

/// A job on a traffic store of its own, beside the hub's; it has seen the clock.
async fn job(hub: &TestHub, clock: &Arc<ManualClock>) -> (TempDir, RetentionJob) {
    let dir = TempDir::new().unwrap();
    let retention = Retention::default();
    let writer = sqlite::connect(&dir.path().join("traffic.db"), clock.clone(), retention).await.unwrap();
    let parts = RetentionParts {
        process_id: Uuid::new_v4(),
        metadata: hub.metadata.clone(),
        writer: Arc::new(writer),
        clock: clock.clone(),
        metrics: Arc::default(),
        retention,
        audit_secs: 2 * DAY,
    };
    let job = RetentionJob::new(parts);
    run_once(&job).await;
    (dir, job)
}

/// Told to end, it runs once.
async fn run_once(job: &RetentionJob) {
    let (_stop, stopped) = tokio::sync::watch::channel(true);
    job.clone().run(stopped).await;
}

#[tokio::test]
async fn the_audit_log_is_shortened() {
    let clock = ManualClock::at(NOW);
    let hub = TestHub::builder().clock(clock.clone()).start().await;
    let (_dir, job) = job(&hub, &clock).await;
    let entry = |action: &str| NewAuditEntry {
        at: hub.clock.now(),
        actor: Actor { kind: ActorKind::User, id: None, name: "ann".into(), address: None },
        action: action.to_owned(),
        target_id: None,
        target_name: None,
        app_id: None,
        details: json!({}),
    };
    hub.metadata.write_audit(&entry("app.create")).await.unwrap();
    clock.advance(DAY);
    hub.metadata.write_audit(&entry("app.delete")).await.unwrap();
    clock.advance(DAY + 1);
    run_once(&job).await;
    let all = AuditFilter { limit: 9, ..AuditFilter::default() };
    let left: Vec<_> =
        hub.metadata.audit(&all).await.unwrap().into_iter().map(|kept| kept.entry.action).collect();
    assert_eq!(left, ["app.delete"]);
}

#[tokio::test]
async fn a_consumer_is_forgotten_after_its_traffic_and_one_that_calls_again_is_not() {
    let clock = ManualClock::at(NOW);
    let hub = TestHub::builder().clock(clock.clone()).start().await;
    let app = hub.app().await;
    let key = ConsumerKey::new(hub.metadata.secret("consumer_hashes").await.unwrap());
    let names = async || {
        let hashes = ["ann", "bob"].map(|name| key.hash(app.app_id, name));
        let known = hub.metadata.consumers(app.app_id, &hashes).await.unwrap();
        known.into_iter().map(|one| one.identifier).collect::<Vec<_>>()
    };
    let (_dir, job) = job(&hub, &clock).await;
    let clean = async || run_once(&job).await;
    report(&hub, &app, &["ann", "bob"]).await;
    clock.advance(300 * DAY);
    report(&hub, &app, &["ann"]).await;
    // Thirteen months, and two days by which the metadata may be behind.
    clock.advance(98 * DAY);
    clean().await;
    assert_eq!(names().await, ["ann", "bob"]);
    clock.advance(DAY);
    clean().await;
    assert_eq!(names().await, ["ann"]);
    clock.advance(300 * DAY);
    clean().await;
    assert_eq!(names().await, [] as [&str; 0]);
}
