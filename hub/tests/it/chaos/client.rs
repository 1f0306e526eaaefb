//! Who sends, as SDKs do: each report until it is accepted, under one id. What was sent is the truth.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::StatusCode;
use sendry_sdk::protocol::Report;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

use super::hub::Door;
use crate::harness::{client_builder, gzip, report_of, traffic};

const PACE: Duration = Duration::from_millis(40);
const RETRY_AFTER: Duration = Duration::from_secs(2);
const STATUSES: [u16; 4] = [200, 201, 404, 500];
const ROUTES: u64 = 12;
/// Every tenth report is sent twice, every seventh is an hour late, and beside every twentieth poison is sent.
const COPY_EVERY: u64 = 10;
const LATE_EVERY: u64 = 7;
const POISON_EVERY: u64 = 20;

/// Requests by route, status and minute.
pub(super) type Counts = BTreeMap<(String, u16, i64), u64>;

/// What was sent.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) truth: Mutex<Counts>,
    /// Ids of reports that can never be stored, with the reason.
    pub(super) poison: Mutex<BTreeSet<(Uuid, &'static str)>>,
    /// Reports that are kept for another worker, with their routes.
    kept: Mutex<Vec<(String, Vec<u8>)>>,
    pub(super) reports: AtomicU64,
    pub(super) late: AtomicU64,
    pub(super) copied_at_once: AtomicU64,
    pub(super) copied_when_stored: AtomicU64,
    /// Answers of 202, to copies and poison too.
    accepted: AtomicU64,
    /// Attempts that were answered with 503, or not at all.
    pub(super) refused: AtomicU64,
}

pub(super) struct Client {
    http: reqwest::Client,
    door: Door,
    /// Counts attempts, which go to the ingests in turn.
    turns: AtomicUsize,
    pub(super) sent: Sent,
    is_keeping: AtomicBool,
    is_done: AtomicBool,
}

/// When a report is sent a second time.
#[derive(Clone, Copy)]
enum Copy {
    None,
    AtOnce,
    WhenStored,
    /// When [`Client::send_kept`] says so.
    Later,
}

impl Client {
    pub(super) fn new(door: Door) -> Arc<Self> {
        let http = client_builder().no_proxy().timeout(Duration::from_secs(15)).build().unwrap();
        let (is_keeping, is_done) = (AtomicBool::new(false), AtomicBool::new(false));
        Arc::new(Self { http, door, turns: AtomicUsize::new(0), sent: Sent::default(), is_keeping, is_done })
    }

    /// Sends until [`Self::end`], and returns when everything was accepted.
    pub(super) async fn run(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(PACE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut tasks = JoinSet::new();
        for number in 0.. {
            ticks.tick().await;
            if self.is_done.load(Ordering::Relaxed) {
                break;
            }
            tasks.spawn(self.clone().send(number));
            if number % POISON_EVERY == 3 {
                tasks.spawn(self.clone().send_poison(number));
            }
        }
        while let Some(sent) = tasks.join_next().await {
            sent.unwrap();
        }
    }

    pub(super) fn end(&self) {
        self.is_done.store(true, Ordering::Relaxed);
    }

    /// Waits until something more is accepted.
    pub(super) async fn is_accepted_again(&self) {
        let before = self.sent.accepted.load(Ordering::Relaxed);
        while self.sent.accepted.load(Ordering::Relaxed) == before {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// While true, every tenth report is kept to be sent again.
    pub(super) fn keep(&self, keeping: bool) {
        self.is_keeping.store(keeping, Ordering::Relaxed);
    }

    /// Waits until everything that was kept is stored, and returns its number.
    pub(super) async fn kept_is_stored(&self) -> usize {
        let routes: Vec<_> = self.sent.kept.lock().unwrap().iter().map(|(route, _)| route.clone()).collect();
        for route in &routes {
            self.is_stored(route).await;
        }
        routes.len()
    }

    pub(super) async fn send_kept(&self) {
        let kept = std::mem::take(&mut *self.sent.kept.lock().unwrap());
        for (_, body) in kept {
            self.deliver(&body).await;
        }
    }

    async fn send(self: Arc<Self>, number: u64) {
        let copy = self.copy_of(number);
        let report = self.report(number, copy);
        let route = report.routes[0].path.clone();
        let body = serde_json::to_vec(&report).unwrap();
        match copy {
            Copy::None => self.deliver(&body).await,
            Copy::AtOnce => {
                tokio::join!(self.deliver(&body), self.deliver(&body));
                self.sent.copied_at_once.fetch_add(1, Ordering::Relaxed);
            }
            Copy::WhenStored => {
                self.deliver(&body).await;
                self.is_stored(&route).await;
                self.deliver(&body).await;
                self.sent.copied_when_stored.fetch_add(1, Ordering::Relaxed);
            }
            Copy::Later => {
                self.deliver(&body).await;
                self.sent.kept.lock().unwrap().push((route, body));
            }
        }
    }

    fn copy_of(&self, number: u64) -> Copy {
        match number % COPY_EVERY {
            0 if self.is_keeping.load(Ordering::Relaxed) => Copy::Later,
            0 if (number / COPY_EVERY).is_multiple_of(2) => Copy::AtOnce,
            0 => Copy::WhenStored,
            _ => Copy::None,
        }
    }

    /// Makes a report and notes it as true. One whose storing is waited for has a route of its own.
    fn report(&self, number: u64, copy: Copy) -> Report {
        let is_late = number % LATE_EVERY == 1;
        let minute = minute_now() - if is_late { 60 } else { 0 };
        let first = match copy {
            Copy::None | Copy::AtOnce => format!("/r{}", number % ROUTES),
            Copy::WhenStored | Copy::Later => format!("/copies/{number}"),
        };
        let second = format!("/r{}", (number + 5) % ROUTES);
        let rows = [(first, number % 4, 1 + number % 5), (second, number / 4 % 4, 1 + number % 3)];
        let rows = rows.map(|(route, status, count)| (route, STATUSES[status as usize], count));
        let mut truth = self.sent.truth.lock().unwrap();
        for (route, status, count) in &rows {
            *truth.entry((route.clone(), *status, minute)).or_default() += count;
        }
        self.sent.reports.fetch_add(1, Ordering::Relaxed);
        self.sent.late.fetch_add(u64::from(is_late), Ordering::Relaxed);
        let rows = rows.map(|(route, status, count)| traffic("GET", &route, status, count));
        report_of("chaos", minute, rows.into())
    }

    /// Sends what ingest cannot tell from a report, and a worker can: lists that are none, or minutes of yesterday.
    async fn send_poison(self: Arc<Self>, number: u64) {
        let is_malformed = (number / POISON_EVERY).is_multiple_of(2);
        let yesterday = minute_now() - 24 * 60;
        let report = report_of("chaos", yesterday, vec![traffic("GET", "/r1", 200, 1_000_000)]);
        let mut body = serde_json::to_value(&report).unwrap();
        if is_malformed {
            body["routes"] = Value::from("none");
        }
        let reason = if is_malformed { "malformed" } else { "clock" };
        self.sent.poison.lock().unwrap().insert((report.report_id, reason));
        self.deliver(&serde_json::to_vec(&body).unwrap()).await;
    }

    /// Sends until an ingest accepts it; a copy that is sent at once goes to another.
    async fn deliver(&self, body: &[u8]) {
        loop {
            let turn = self.turns.fetch_add(1, Ordering::Relaxed) % self.door.ingests.len();
            let url = format!("{}/ingest/v1/report", self.door.ingests[turn]);
            let request = self.http.post(&url).bearer_auth(&self.door.key).body(gzip(body));
            let request =
                request.header("content-type", "application/json").header("content-encoding", "gzip");
            match request.send().await.map(|answer| answer.status()) {
                Ok(StatusCode::ACCEPTED) => {
                    self.sent.accepted.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                Ok(StatusCode::SERVICE_UNAVAILABLE) | Err(_) => {
                    self.sent.refused.fetch_add(1, Ordering::Relaxed);
                }
                Ok(other) => panic!("a report was answered with {other}"),
            }
            tokio::time::sleep(RETRY_AFTER).await;
        }
    }

    /// Waits until a route is there.
    async fn is_stored(&self, route: &str) {
        let path = format!("{}/summary?{}&method=GET&path={route}", self.door.app(), self.door.range());
        loop {
            if self.ask(&path).await.is_some_and(|answer| answer["data"]["requests"].as_u64() > Some(0)) {
                return;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// An answer of the query API; none while it has none.
    pub(super) async fn ask(&self, path: &str) -> Option<Value> {
        let url = format!("{}/api/v1{path}", self.door.query);
        let answer = self.http.get(url).bearer_auth(&self.door.token).send().await.ok()?;
        match answer.status() {
            StatusCode::OK => answer.json().await.ok(),
            status if status.is_server_error() => None,
            status => panic!("{path} was answered with {status}"),
        }
    }

    /// A figure of the hub's own metrics, as it is now.
    pub(super) async fn metric(&self, name: &str) -> Option<u64> {
        let answer = self.http.get(format!("{}/metrics", self.door.query)).send().await.ok()?;
        let page = answer.text().await.ok()?;
        page.lines().find_map(|line| line.strip_prefix(name))?.trim().parse().ok()
    }

    /// What the query API says, in the truth's own form.
    pub(super) async fn stored(&self) -> Counts {
        let (app, range) = (self.door.app(), self.door.range());
        let endpoints = self.ask(&format!("{app}/endpoints?{range}&limit=10000")).await.expect("an answer");
        let mut counts = Counts::new();
        for row in endpoints["data"].as_array().unwrap() {
            let route = row["path"].as_str().unwrap();
            let path = format!("{app}/traffic?{range}&step=60&method=GET&path={route}");
            let traffic = self.ask(&path).await.expect("an answer");
            for point in traffic["data"].as_array().unwrap() {
                let minute = point["start"].as_i64().unwrap() / 60;
                for (status, count) in point["by_status"].as_object().unwrap() {
                    let key = (route.to_owned(), status.parse().unwrap(), minute);
                    assert_eq!(counts.insert(key, count.as_u64().unwrap()), None, "a minute is told once");
                }
            }
        }
        counts
    }
}

fn minute_now() -> i64 {
    jiff::Timestamp::now().as_second() / 60
}
