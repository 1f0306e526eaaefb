//! Exports of request logs that are large: what they cost the hub, and how many there may be.

use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt;
use reqwest::Response;
use sendry_hub::clock::SystemClock;
use sendry_hub::store::traffic::{AcceptedRequestLogs, IngestMark, Retention, TrafficWriter, sqlite};
use sendry_sdk::protocol::{LoggedBody, RequestLog, RequestLogBatchHead};
use tempfile::TempDir;
use uuid::Uuid;

use crate::harness::{PATIENCE, client, problem};
use crate::process::{Served, json, run};

/// Logs written at once.
const BATCH: usize = 2_000;
/// The text of each.
const TEXT_BYTES: usize = 700;
const MEBIBYTE: u64 = 1_048_576;
/// What an export may cost: some pages of 200 logs, and what the allocator keeps of them.
const GROWTH_MAX: u64 = 32 * MEBIBYTE;

/// A hub in a process of its own, with an app that logged so many requests within the last hour.
struct Exporting {
    _dir: TempDir,
    served: Served,
    token: String,
    path: String,
}

impl Exporting {
    async fn start(logs: usize) -> Self {
        let dir = TempDir::new().unwrap();
        let app = json(&run(dir.path(), &["app", "create", "shop", "--json"]));
        let token = json(&run(dir.path(), &["token", "create", "test", "--json"]));
        let app_id: Uuid = app["app_id"].as_str().unwrap().parse().unwrap();
        fill(&dir.path().join("data"), app_id, logs).await;
        let served = Served::start(dir.path());
        let path = format!("/api/v1/apps/{app_id}/request-logs/export?env=prod");
        Self { served, token: token["token"].as_str().unwrap().to_owned(), path, _dir: dir }
    }

    /// Begins an export; what it sends waits to be read.
    async fn begin(&self, parameters: &str) -> Response {
        let url = format!("{}{}{parameters}", self.served.url, self.path);
        client().get(url).bearer_auth(&self.token).send().await.unwrap()
    }

    /// What the process holds that is in no file.
    fn anonymous_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.served.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1_024
    }
}

/// Writes logs into the traffic store of a hub that is not running.
async fn fill(data_dir: &Path, app_id: Uuid, logs: usize) {
    let now = jiff::Timestamp::now().as_second();
    let path = data_dir.join("traffic.db");
    let store = sqlite::connect(&path, std::sync::Arc::new(SystemClock), Retention::default()).await.unwrap();
    let log = |number: usize| RequestLog {
        id: Uuid::from_u128(number as u128 + 1),
        time_us: now * 1_000_000 - 10 * number as i64,
        method: "POST".into(),
        path: "/orders".into(),
        url: format!("/orders?n={number}"),
        status: 200,
        request_body: LoggedBody {
            bytes: Some(TEXT_BYTES as u64),
            text: Some("x".repeat(TEXT_BYTES)),
            ..LoggedBody::default()
        },
        ..RequestLog::default()
    };
    for first in (0..logs).step_by(BATCH) {
        let batch = AcceptedRequestLogs {
            app_id,
            accepted_at: now * 1_000,
            ingest: IngestMark {
                ingest_id: Uuid::from_u128(5),
                sequence: first as u64,
                accepted_at: now * 1_000,
            },
            head: RequestLogBatchHead {
                batch_id: Uuid::new_v4(),
                env: "prod".into(),
                ..RequestLogBatchHead::default()
            },
            logs: (first..first + BATCH).map(log).collect(),
            consumer_hashes: vec![None; BATCH],
            hub_losses: Vec::new(),
        };
        store.write_request_logs(&[batch]).await.unwrap();
    }
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_of_200_000_logs_takes_the_memory_of_some_pages() {
    const LOGS: usize = 200_000;
    let hub = Exporting::start(LOGS).await;
    // Caches are filled, and everything that is made once is made.
    assert!(hub.begin("&format=ndjson&limit=1000").await.text().await.unwrap().ends_with('\n'));
    let before = hub.anonymous_memory();
    let answer = hub.begin("&format=ndjson").await;
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["x-sendry-rows"].to_str().unwrap()),
        (200, "200000")
    );
    let (mut body, mut lines, mut bytes, mut highest) = (answer.bytes_stream(), 0, 0, 0);
    while let Some(piece) = body.next().await {
        let piece = piece.expect("the file is whole");
        lines += piece.iter().filter(|byte| **byte == b'\n').count();
        bytes += piece.len() as u64;
        highest = highest.max(hub.anonymous_memory());
    }
    assert_eq!(lines, LOGS);
    assert!(bytes > 4 * GROWTH_MAX, "{bytes} bytes are too few to tell anything");
    let growth = highest.saturating_sub(before);
    assert!(growth < GROWTH_MAX, "{} MiB more for a file of {} MiB", growth / MEBIBYTE, bytes / MEBIBYTE);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_exports_are_under_way_at_a_time_and_one_that_is_given_up_makes_room() {
    // Far more than what the sockets between hub and client hold.
    let hub = Exporting::start(30_000).await;
    let mut begun = Vec::new();
    for _ in 0..4 {
        let answer = hub.begin("&format=ndjson").await;
        assert_eq!(answer.status(), 200);
        begun.push(answer);
    }
    let refused = hub.begin("").await;
    assert_eq!(refused.headers()["retry-after"], "10");
    assert_eq!(problem(refused, 429).await["type"], "too_many_exports");
    drop(begun.pop());
    begun.push(accepted(&hub).await);
    problem(hub.begin("").await, 429).await;
}

/// An export that is accepted in the end.
async fn accepted(hub: &Exporting) -> Response {
    let accepted = async {
        loop {
            let answer = hub.begin("&format=ndjson").await;
            if answer.status() == 200 {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, accepted).await.expect("there is room again")
}
