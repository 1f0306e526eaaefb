//! A hub whose broker is in trouble: short of memory, frozen, full, impatient, stingy with rights. Each test starts a broker of its
//! own. What was not accepted is sent again, as SDKs do; in the end everything is stored, once, and nothing is poison.

mod broker_decides;
mod limits;

use std::sync::Arc;

use reqwest::{Method, StatusCode};
use sendry_hub::clock::{Clock, ManualClock};
use sendry_sdk::protocol::Report;
use serde_json::Value;
use tokio::time::{Duration, sleep, timeout};

use crate::broker::{Broker, url};
use crate::harness::{Builder, PATIENCE, TestHub, report_of, traffic};

/// A hub with an app, and all that was ever sent to it.
struct Sender {
    hub: TestHub,
    clock: Arc<ManualClock>,
    app_id: String,
    key: String,
    token: String,
    reports: Vec<Report>,
}

impl Sender {
    async fn new(broker: &Broker) -> Self {
        Self::with(broker, TestHub::builder()).await
    }

    async fn with(broker: &Broker, builder: Builder) -> Self {
        let clock = ManualClock::at(jiff::Timestamp::now().as_second());
        let builder = builder.set("SENDRY_QUEUE_URL", &url(&broker.address())).clock(clock.clone());
        let hub = builder.start().await;
        let (app, token) = (hub.app().await, hub.token().await);
        let (app_id, key) = (app.app_id.to_string(), app.write_key);
        Self { hub, clock, app_id, key, token, reports: Vec::new() }
    }

    /// Sends a new report of one request.
    async fn send(&mut self) -> StatusCode {
        let report = report_of("prod", self.clock.now() / 60, vec![traffic("GET", "/a", 200, 1)]);
        self.reports.push(report.clone());
        self.hub.send(&self.key, &report).await.status()
    }

    /// Sends several at once, all of which are refused.
    async fn send_in_vain(&mut self, count: usize) {
        let first = self.reports.len();
        let report = || report_of("prod", self.clock.now() / 60, vec![traffic("GET", "/a", 200, 1)]);
        self.reports.extend((0..count).map(|_| report()));
        let sent = self.reports[first..].iter().map(|report| self.hub.send(&self.key, report));
        for answer in futures_util::future::join_all(sent).await {
            assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert!(answer.headers().contains_key("retry-after"));
        }
    }

    /// Sends everything again, and waits until it is stored: each report once.
    async fn everything_is_stored_once(&self) {
        for report in &self.reports {
            assert_eq!(self.hub.send(&self.key, report).await.status(), StatusCode::ACCEPTED);
        }
        let path = format!("/apps/{}/summary?env=prod", self.app_id);
        let all = self.reports.len() as u64;
        self.hub.get_until(&self.token, &path, |answer| answer["data"]["requests"] == all).await;
        let drained = |system: &Value| {
            let topics = system["queue"]["topics"].as_array();
            topics.is_some_and(|topics| topics.iter().all(|topic| topic["depth"] == 0))
        };
        let system = self.hub.get_until(&self.token, "/system", drained).await;
        assert_eq!(system["queue"]["topics"][0]["dead_letters"], 0);
        assert_eq!(system["gaps"], serde_json::json!([]));
        let summary = self.hub.get(&self.token, &path).await;
        assert_eq!(summary["data"]["requests"], all);
    }

    /// Sends a batch without logs.
    async fn send_logs(&self) -> StatusCode {
        let (batch_id, instance_id) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
        let head = serde_json::json!({"v": 1, "batch_id": batch_id, "instance_id": instance_id, "sequence": 0, "env": "prod"});
        let request = self.hub.request(Method::POST, "/ingest/v1/request-logs").bearer_auth(&self.key);
        let request = request.header("content-type", "application/x-ndjson").body(format!("{head}\n"));
        request.send().await.unwrap().status()
    }

    /// Waits until `/readyz` answers with this status, and returns what it says.
    async fn readiness_becomes(&self, status: StatusCode) -> String {
        let turned = async {
            loop {
                let ready = self.hub.request(Method::GET, "/readyz").send().await.unwrap();
                if ready.status() == status {
                    return ready.text().await.unwrap();
                }
                sleep(Duration::from_millis(100)).await;
            }
        };
        timeout(PATIENCE * 2, turned).await.expect("readiness turns")
    }

    /// Waits until a watchdog is in this state.
    async fn watchdog_becomes(&self, name: &str, state: &str) {
        let is_so = |system: &Value| {
            let mut watchdogs = system["watchdogs"].as_array().unwrap().iter();
            watchdogs.any(|watchdog| watchdog["name"] == name && watchdog["state"] == state)
        };
        self.hub.get_until(&self.token, "/system", is_so).await;
    }

    async fn metric(&self, line: &str) -> String {
        let page = self.hub.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
        let found = page.lines().find_map(|one| one.strip_prefix(line));
        found.unwrap_or_else(|| panic!("no {line} in {page}")).trim().to_owned()
    }

    async fn breaker(&self, topic: &str) -> String {
        self.metric(&format!("sendry_ingest_breaker_state{{topic=\"{topic}\"}}")).await
    }
}

const OPEN: &str = "2";
const CLOSED: &str = "0";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_short_of_memory_is_refused_for_in_time_and_used_again_by_itself() {
    let broker = Broker::start().await;
    let mut sender = Sender::new(&broker).await;
    assert_eq!(sender.send().await, StatusCode::ACCEPTED);
    broker.control(&["set_vm_memory_high_watermark", "absolute", "1"]).await;
    // The broker tells who publishes; those that are on their way then get no answer from it.
    sender.send_in_vain(2).await;
    let said = sender.readiness_becomes(StatusCode::SERVICE_UNAVAILABLE).await;
    assert!(said.contains("short of memory or disk"), "{said}");
    sender.send_in_vain(8).await;
    assert_eq!(sender.breaker("reports").await, OPEN);
    sender.watchdog_becomes("breaker_open", "alarm").await;

    broker.control(&["set_vm_memory_high_watermark", "0.6"]).await;
    sender.readiness_becomes(StatusCode::OK).await;
    sender.clock.advance(30);
    sender.everything_is_stored_once().await;
    assert_eq!(sender.breaker("reports").await, CLOSED);
    sender.watchdog_becomes("breaker_open", "ok").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_broker_is_refused_for_in_time_and_used_again_by_itself() {
    let broker = Broker::start().await;
    let mut sender = Sender::new(&broker).await;
    assert_eq!(sender.send().await, StatusCode::ACCEPTED);
    broker.freeze();
    let answered = timeout(PATIENCE, sender.send_in_vain(6)).await;
    answered.expect("a sender hears of it long before its own patience ends");
    assert_eq!(sender.breaker("reports").await, OPEN);
    let said = sender.readiness_becomes(StatusCode::SERVICE_UNAVAILABLE).await;
    assert!(said.contains("\"queue\":\""), "{said}");
    sender.watchdog_becomes("queue_unreachable", "alarm").await;
    sender.send_in_vain(3).await;

    broker.thaw();
    sender.readiness_becomes(StatusCode::OK).await;
    sender.clock.advance(30);
    sender.everything_is_stored_once().await;
    sender.watchdog_becomes("queue_unreachable", "ok").await;
}
