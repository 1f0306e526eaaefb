//! How long it takes from a 202 until the query API answers with what was accepted, and what a hub takes of memory and CPU, loaded
//! and idle: `cargo xtask bench freshness`, or `cargo bench -p sendry-hub --bench freshness -- embedded|apart`.
//!
//! Real processes, once one on embedded stores and once a process for each role on RabbitMQ, ClickHouse and PostgreSQL (see
//! `docs/testing.md`), under a steady load of reports of 50 series; beside it probes: reports of one route each, asked for until
//! they are there. Then nothing is sent, and a proxy counts what still goes to ClickHouse. `--idle SECS` says for how long.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

#[path = "../../tests/it/amqp.rs"]
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
mod amqp;
#[path = "../../tests/it/clickhouse.rs"]
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
mod engine;
#[path = "../../tests/it/guard.rs"]
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
mod guard;
#[path = "../support/part.rs"]
#[allow(dead_code, reason = "shared with other benches")]
mod part;
#[path = "../../tests/it/postgres.rs"]
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
mod postgres;
mod processes;
#[path = "../../tests/it/proxy.rs"]
#[allow(dead_code, reason = "shared with other benches")]
mod proxy;
#[path = "../support/reports.rs"]
#[allow(dead_code, reason = "shared with other benches")]
mod reports;

use std::time::{Duration, Instant};

use processes::{Processes, Usage};
use proxy::Proxy;
use sendry_sdk::protocol::Report;

const PROBES: usize = 300;
const LOAD_PER_SEC: u64 = 100;
const SERIES: u32 = 50;
const BUDGET: Duration = Duration::from_secs(5);
/// What is stored, rolled up and looked after just after the load is not idleness.
const SETTLES_FOR: Duration = Duration::from_secs(30);
const IDLE_SECS: u64 = 90;

/// What the shared harnesses expect of their crate.
mod harness {
    /// Speaks plain HTTP only; the TLS provider is what reqwest insists on.
    pub fn client_builder() -> reqwest::ClientBuilder {
        _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder()
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|given| given != "--bench").collect();
    let idle = arguments.iter().position(|given| given == "--idle").and_then(|at| arguments.get(at + 1));
    let idle = Duration::from_secs(idle.map_or(IDLE_SECS, |secs| secs.parse().expect("a number of seconds")));
    let wants = |part: &str| {
        let named = |name: &&str| arguments.iter().any(|given| given == name);
        named(&part) || !["embedded", "apart"].iter().any(named)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    if wants("embedded") {
        println!("one process on embedded stores");
        runtime.block_on(run(Processes::start(&["all"], &[]), None, idle));
    }
    if wants("apart") {
        println!("a process for each role, on RabbitMQ, ClickHouse and PostgreSQL");
        let server = engine::Server::start();
        let (prefix, metadata) = (amqp::Prefix::new(), postgres::Database::create());
        let at = server.url().rsplit('@').next().unwrap_or_default().to_owned();
        let proxy = runtime.block_on(Proxy::to(&at));
        let variables = vec![
            ("SENDRY_QUEUE_URL", amqp::url()),
            ("SENDRY_QUEUE__PREFIX", prefix.name.clone()),
            ("SENDRY_TRAFFIC_URL", format!("clickhouse://default@{}/sendry", proxy.address)),
            ("SENDRY_METADATA_URL", metadata.url()),
        ];
        let processes = Processes::start(&["ingest", "worker", "query"], &variables);
        runtime.block_on(run(processes, Some(proxy), idle));
    }
}

async fn run(hub: Processes, proxy: Option<Proxy>, idle: Duration) {
    print_usage("at the start", &hub.usage(), None);
    let load = tokio::spawn(load(hub.ingest.clone(), hub.key.clone()));
    let (mut times, started, before) = (Vec::new(), Instant::now(), hub.usage());
    for probe in 0..PROBES {
        times.push(time_probe(&hub, probe).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    print_usage("under load", &hub.usage(), Some((&before, started.elapsed())));
    load.abort();
    times.sort_unstable();
    let at = |q: f64| times[((times.len() - 1) as f64 * q) as usize];
    println!(
        "  {PROBES} probes beside {LOAD_PER_SEC} reports/s of {SERIES} series, from 202 to the query API: p50 {:.0?}, p95 {:.0?}, p99 {:.0?} \
         ({}), max {:.0?}",
        at(0.5),
        at(0.95),
        at(0.99),
        if at(0.99) < BUDGET { "met" } else { "MISSED" },
        at(1.0)
    );
    tokio::time::sleep(SETTLES_FOR).await;
    if let Some(proxy) = &proxy {
        proxy.take();
    }
    let (started, before) = (Instant::now(), hub.usage());
    tokio::time::sleep(idle).await;
    print_usage("idle", &hub.usage(), Some((&before, started.elapsed())));
    if let Some(proxy) = &proxy {
        let passed = proxy.take();
        let each = idle.as_secs_f64() / passed.len().max(1) as f64;
        println!(
            "  {} statements to ClickHouse in {idle:?} without traffic: one in {each:.0} s",
            passed.len()
        );
    }
}

fn print_usage(when: &str, usage: &[Usage], since: Option<(&[Usage], Duration)>) {
    for (at, one) in usage.iter().enumerate() {
        let busy = since.map_or(String::new(), |(before, time)| {
            let share = (one.cpu - before[at].cpu).as_secs_f64() / time.as_secs_f64();
            format!(", {:.1} % of a core", share * 100.0)
        });
        let (anonymous, peak) = (one.anonymous_kb as f64 / 1e3, one.peak_kb as f64 / 1e3);
        println!(
            "  {when}: {:<6} {anonymous:.1} MB anonymous, {peak:.1} MB at most with its program{busy}",
            one.role
        );
    }
}

/// The time from the 202 of a report until its route is answered for.
async fn time_probe(hub: &Processes, probe: usize) -> Duration {
    let path = format!("/probe/{probe}");
    let mut report = reports::report(probe as u64, 1, reports::this_minute());
    report.routes[0].path.clone_from(&path);
    let count = report.minutes[0].routes[0].count;
    send(&hub.ingest, &hub.key, &report).await;
    let accepted = Instant::now();
    while hub.requests(&path).await != Some(count) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    accepted.elapsed()
}

async fn load(url: String, key: String) {
    let mut ticks = tokio::time::interval(Duration::from_millis(1_000 / LOAD_PER_SEC));
    for number in 0.. {
        ticks.tick().await;
        send(&url, &key, &reports::report(number, SERIES, reports::this_minute())).await;
    }
}

pub fn client() -> reqwest::Client {
    harness::client_builder().no_proxy().timeout(Duration::from_secs(30)).build().expect("a client")
}

async fn send(url: &str, key: &str, report: &Report) {
    static CLIENT: std::sync::OnceLock<reqwest::Client> = std::sync::OnceLock::new();
    let request = CLIENT.get_or_init(client).post(url).bearer_auth(key).json(report);
    let response = request.send().await.expect("the hub answers");
    assert_eq!(response.status(), 202, "{:?}", response.text().await);
}
