//! The promise, end to end: a million requests through the layer, over HTTP into a real hub process, and read back through the
//! query API. Counts are equal exactly, every quantile is within 2.2 %; while every report is sent twice, and the hub is killed
//! in the middle and started again.
#![expect(clippy::print_stdout, reason = "what it measured is worth reading")]

mod client;
mod hub;
mod model;

use std::time::Duration;

use client::Traffic;
use hub::HubProcess;
use model::Truth;
use sendry_sdk::protocol::WORST_QUANTILE_ERROR;
use serde_json::Value;

const REQUESTS: u64 = 1_000_000;
/// The test clock's minutes that the requests are spread over.
const MINUTES: u64 = 5;
/// After how many requests the hub is killed, and after how many it is back.
const KILLED_AT: u64 = 400_000;
const BACK_AT: u64 = 550_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_million_requests_are_read_back_as_they_were() {
    let mut hub = HubProcess::start().await;
    let mut traffic =
        Traffic::new(&hub, Duration::from_secs(MINUTES * 60) / u32::try_from(REQUESTS).unwrap());
    for sent in 0..REQUESTS {
        match sent {
            KILLED_AT => hub.kill(),
            BACK_AT => hub.restart().await,
            _ => {}
        }
        traffic.send().await;
        if sent % 20_000 == 19_999 {
            // Fails while the hub is down; the reports are kept.
            _ = traffic.sendry.flush().await;
        }
    }
    traffic.sendry.shutdown().await.expect("the hub is back and takes what was kept");
    assert!(traffic.outages() > 0, "the hub was down in between");
    hub.wait_for_requests(REQUESTS).await;

    let truth = traffic.truth();
    assert_endpoints(&hub, &truth).await;
    assert_minutes(&hub, &truth).await;
    assert_statuses(&hub, &truth).await;
    assert_eq!(lost_requests(&hub).await, Vec::<Value>::new(), "nothing was lost");
    let instances = hub.get("instances", "").await;
    assert_eq!(instances["data"][0]["missing_reports"], 0);
    println!("the hub after it: {}", hub.memory());
    hub.stop();
}

/// What was lost but groups of server errors: a report holds a hundred of them, and here every route fails in two ways.
async fn lost_requests(hub: &HubProcess) -> Vec<Value> {
    let losses = hub.get("losses", "").await;
    let losses = losses["data"].as_array().unwrap().iter();
    losses.filter(|loss| loss["reason"] != "server_errors_dropped").cloned().collect()
}

/// Counts and quantiles of each of the sixty routes.
async fn assert_endpoints(hub: &HubProcess, truth: &Truth) {
    let endpoints = hub.get("endpoints", "").await;
    let rows = endpoints["data"].as_array().unwrap();
    assert_eq!(rows.len(), truth.routes.len());
    let mut worst: f64 = 0.0;
    for row in rows {
        let route = &truth.routes[row["path"].as_str().unwrap()];
        assert_eq!(row["requests"], route.durations.len(), "{row}");
        assert_eq!(row["server_errors"], route.count(|status| status >= 500), "{row}");
        assert_eq!(row["client_errors"], route.count(|status| (400..500).contains(&status)), "{row}");
        for (name, q) in [("p50_ms", 0.50), ("p75_ms", 0.75), ("p95_ms", 0.95), ("p99_ms", 0.99)] {
            let error = (row[name].as_f64().unwrap() / route.quantile_ms(q) - 1.0).abs();
            assert!(error <= WORST_QUANTILE_ERROR + 1e-6, "{name} of {row}: {}", route.quantile_ms(q));
            worst = worst.max(error);
        }
    }
    println!("{REQUESTS} requests, {} routes; worst quantile off by {:.2} %", rows.len(), worst * 100.0);
}

/// Counts by minute and status, over all routes.
async fn assert_minutes(hub: &HubProcess, truth: &Truth) {
    let traffic = hub.get("traffic", "&step=60").await;
    let mut minutes = std::collections::BTreeMap::new();
    for bucket in traffic["data"].as_array().unwrap() {
        for (status, count) in bucket["by_status"].as_object().unwrap() {
            let key = (bucket["start"].as_i64().unwrap() / 60, status.parse::<u16>().unwrap());
            minutes.insert(key, count.as_u64().unwrap());
        }
    }
    assert_eq!(minutes, truth.minutes);
}

/// Counts by route and status.
async fn assert_statuses(hub: &HubProcess, truth: &Truth) {
    for (path, route) in &truth.routes {
        let escaped = path.replace('{', "%7B").replace('}', "%7D");
        let traffic = hub.get("traffic", &format!("&method=GET&path={escaped}")).await;
        let mut statuses = std::collections::BTreeMap::<u16, u64>::new();
        for bucket in traffic["data"].as_array().unwrap() {
            for (status, count) in bucket["by_status"].as_object().unwrap() {
                *statuses.entry(status.parse().unwrap()).or_default() += as_count(count);
            }
        }
        assert_eq!(statuses, route.statuses, "{path}");
    }
}

fn as_count(value: &Value) -> u64 {
    value.as_u64().expect("a count")
}
