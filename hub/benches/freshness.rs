//! How long it takes from a 202 until the query API answers with what was accepted: `cargo bench -p sendry-hub --bench freshness`.
//!
//! A real hub process, once on embedded stores and once with its traffic on ClickHouse (see `docs/testing.md`), under a steady load of reports of 50 series; beside it, probes: reports of one route
//! each, asked for until they are there. Then the memory of the hub, while it is loaded and after the load.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

#[path = "../tests/it/truth/hub.rs"]
#[allow(dead_code, reason = "shared with the truth test, which uses all of it")]
mod hub;

#[path = "../tests/it/clickhouse.rs"]
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
mod engine;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hub::HubProcess;
use sendry_sdk::protocol::{Buckets, Durations, Minute, Report, Route, RouteSeries, VERSION};
use uuid::Uuid;

/// What the shared harness expects of its crate.
mod harness {
    /// Speaks plain HTTP only; the TLS provider is what reqwest insists on.
    pub fn client_builder() -> reqwest::ClientBuilder {
        _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder()
    }
}

const PROBES: usize = 300;
const LOAD_PER_SEC: u64 = 100;
const SERIES: u32 = 50;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    println!("on embedded stores");
    runtime.block_on(async { run(HubProcess::start().await).await });
    println!("traffic on ClickHouse");
    let server = engine::Server::start();
    let traffic = ("SENDRY_TRAFFIC_URL", server.url());
    runtime.block_on(async { run(HubProcess::start_with(&[traffic]).await).await });
}

async fn run(hub: HubProcess) {
    println!("idle at the start: {}", hub.memory());
    let (url, key) = (format!("{}/ingest/v1/report", hub.url()), hub.write_key.clone());
    let load = tokio::spawn(load(url.clone(), key.clone()));
    let mut times = Vec::new();
    for probe in 0..PROBES {
        times.push(time_probe(&hub, &url, &key, probe).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    println!("under load:        {}", hub.memory());
    load.abort();
    times.sort_unstable();
    let at = |q: f64| times[((times.len() - 1) as f64 * q) as usize];
    println!(
        "{PROBES} probes beside {LOAD_PER_SEC} reports/s of {SERIES} series, from 202 to the query API: p50 {:?}, p95 {:?}, p99 {:?}, max {:?}",
        at(0.5),
        at(0.95),
        at(0.99),
        at(1.0)
    );
    tokio::time::sleep(Duration::from_secs(90)).await;
    println!("90 s after it:     {}", hub.memory());
    hub.stop();
}

/// The time from the 202 of a report until its route is answered for.
async fn time_probe(hub: &HubProcess, url: &str, key: &str, probe: usize) -> Duration {
    let path = format!("/probe/{probe}");
    send(url, key, &report(std::slice::from_ref(&path))).await;
    let accepted = Instant::now();
    loop {
        let endpoints = hub.get("endpoints", &format!("&path={path}")).await;
        if endpoints["data"][0]["requests"].as_u64() == Some(1) {
            return accepted.elapsed();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn load(url: String, key: String) {
    let paths: Vec<String> = (0..SERIES).map(|route| format!("/api/v1/route{route}/{{id}}")).collect();
    let mut ticks = tokio::time::interval(Duration::from_millis(1_000 / LOAD_PER_SEC));
    loop {
        ticks.tick().await;
        send(&url, &key, &report(&paths)).await;
    }
}

async fn send(url: &str, key: &str, report: &Report) {
    static CLIENT: std::sync::OnceLock<reqwest::Client> = std::sync::OnceLock::new();
    let response = CLIENT
        .get_or_init(hub::client)
        .post(url)
        .bearer_auth(key)
        .json(report)
        .send()
        .await
        .expect("the hub answers");
    assert_eq!(response.status(), 202, "{:?}", response.text().await);
}

fn report(paths: &[String]) -> Report {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let series = |route: usize| RouteSeries {
        route: route as u32,
        status: 200,
        count: 1,
        durations: Durations {
            sum_us: 900,
            max_us: 900,
            buckets: Buckets { zero: 0, counts: vec![(-162, 1)] },
        },
        ..RouteSeries::default()
    };
    Report {
        version: VERSION,
        report_id: Uuid::new_v4(),
        instance_id: Uuid::new_v4(),
        env: "truth".to_owned(),
        created_at_ms: now.as_millis() as i64,
        routes: paths.iter().map(|path| Route { method: "GET".to_owned(), path: path.clone() }).collect(),
        minutes: vec![Minute {
            minute: now.as_secs() as i64 / 60,
            routes: (0..paths.len()).map(series).collect(),
            consumers: Vec::new(),
        }],
        ..Report::default()
    }
}
