//! Who consumers were is forgotten when nothing is kept of them any more.

use std::sync::Arc;

use sendry_hub::clock::ManualClock;
use sendry_hub::query::keys::CreatedApp;
use sendry_hub::store::traffic::{ConsumerKey, Retention, sqlite};
use sendry_hub::worker::RetentionJob;
use serde_json::json;
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
    let dir = tempfile::tempdir().unwrap();
    let retention = Retention::default();
    let path = dir.path().join("traffic.db");
    let writer = Arc::new(sqlite::connect(&path, clock.clone(), retention).await.unwrap());
    let clean = async || {
        let job = RetentionJob {
            process_id: Uuid::new_v4(),
            metadata: hub.metadata.clone(),
            writer: writer.clone(),
            clock: clock.clone(),
            retention,
        };
        // Told to end, it runs once.
        let (_stop, stopped) = tokio::sync::watch::channel(true);
        job.run(stopped).await;
    };
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
