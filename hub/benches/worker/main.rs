//! How fast the worker is: `cargo xtask bench worker`, or
//! `cargo bench -p sendry-hub --bench worker -- decode|embedded|rabbitmq|clickhouse`.
//!
//! *decode*: gunzip, JSON and checks of a report, on one thread. *embedded*: from the embedded queue into the embedded store.
//! *rabbitmq*: from RabbitMQ into ClickHouse. *clickhouse*: from the embedded queue into ClickHouse. First through a proxy that answers
//! every insert at once: what the process then needs of CPU is decoding, making columns, packing and sending them. Then into the engine
//! behind the tests' gateway (see `docs/testing.md`), against a bare loop that sends the very same inserts of traffic, recorded by the
//! proxy: loop, worker, loop, worker. Every series has about twenty-five buckets of durations.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

#[path = "../../tests/it/amqp.rs"]
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
mod amqp;
mod drain;
#[path = "../../tests/it/clickhouse.rs"]
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
mod engine;
#[path = "../../tests/it/guard.rs"]
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
mod guard;
#[path = "../support/part.rs"]
#[allow(dead_code, reason = "shared with other benches")]
mod part;
#[path = "../../tests/it/proxy.rs"]
#[allow(dead_code, reason = "shared with other benches")]
mod proxy;
#[path = "../support/reports.rs"]
#[allow(dead_code, reason = "shared with other benches")]
mod reports;

use std::error::Error;
use std::time::{Duration, Instant};

use amqp::Prefix;
use drain::{Drained, NOW, envelope, into_clickhouse, into_sqlite};
use engine::{Database, Server};
use part::{Part, cpu_of};
use proxy::{Passed, Proxy, SWALLOW};
use sendry_hub::clock::ManualClock;
use sendry_hub::store::traffic::clickhouse::connect;
use sendry_hub::store::traffic::{ConsumerKey, Retention};
use sendry_hub::worker;

/// Series in a report, and how many reports.
const AMOUNTS: [(u32, u64); 3] = [(50, 10_000), (200, 4_000), (2_000, 400)];
const DECODING_FOR: Duration = Duration::from_secs(3);
const BUDGET_PER_CORE: f64 = 150_000.0;
const BUDGET_RATIO: f64 = 0.8;
const ROUNDS: usize = 2;
/// Any core: the engine's gateway is a process of its own and shares them.
const ANYWHERE: &str = "0,1";
/// Stands for an argument that is not given.
const NONE: &str = "-";

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What the shared harnesses expect of their crate.
mod harness {
    /// Speaks plain HTTP only; the TLS provider is what reqwest insists on.
    pub fn client_builder() -> reqwest::ClientBuilder {
        _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder()
    }
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|given| given != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["drain", url, swallow, prefix, series, reports] => {
            let dir = tempfile::tempdir()?;
            let given = |text| Some(text).filter(|text| *text != NONE);
            let amount = (series.parse()?, reports.parse()?);
            let drained = into_clickhouse(dir.path(), url, (given(swallow), given(prefix)), amount).await?;
            println!("{}", serde_json::to_string(&drained)?);
            Ok(())
        }
        ["decode"] => decode(),
        ["embedded"] => embedded().await,
        ["rabbitmq"] => rabbitmq().await,
        ["clickhouse"] => clickhouse().await,
        [] => {
            decode()?;
            embedded().await?;
            rabbitmq().await?;
            clickhouse().await
        }
        _ => Err("there is no such part: decode, embedded, rabbitmq or clickhouse".into()),
    }
}

fn decode() -> Outcome<()> {
    println!("decode (gunzip, JSON, checks), one thread:");
    let key = ConsumerKey::new(*b"bench");
    for (series, _) in AMOUNTS {
        let envelopes: Vec<_> =
            (0..32).map(|number| envelope(number, reports::packed(number, series, NOW / 60))).collect();
        let (started, before) = (Instant::now(), cpu_of(std::process::id()));
        let mut decoded = 0u64;
        for envelope in envelopes.iter().cycle() {
            let (_, message) = worker::open(envelope, &key).map_err(|refusal| refusal.detail)?;
            std::hint::black_box(message);
            decoded += 1;
            if started.elapsed() > DECODING_FOR {
                break;
            }
        }
        let cpu = cpu_of(std::process::id()) - before;
        let per_sec = decoded as f64 * f64::from(series) / cpu.as_secs_f64();
        println!("  {series:>5} series a report: {per_sec:>8.0} series/s a core");
    }
    Ok(())
}

async fn embedded() -> Outcome<()> {
    println!("embedded queue and store:");
    for amount in AMOUNTS {
        let dir = tempfile::tempdir()?;
        let drained = into_sqlite(dir.path(), amount.0, amount.1).await?;
        let published = amount.1 as f64 / drained.published.as_secs_f64();
        println!(
            "  {:>5} series a report: {:>8.0} series/s stored, {:>8.0} a core; published {published:.0} reports/s; peak {} MB",
            amount.0,
            per_sec(amount, drained.stored),
            per_sec(amount, drained.cpu),
            drained.peak_kb / 1_000
        );
    }
    Ok(())
}

fn per_sec((series, reports): (u32, u64), time: Duration) -> f64 {
    f64::from(series) * reports as f64 / time.as_secs_f64()
}

async fn rabbitmq() -> Outcome<()> {
    let server = Server::start();
    println!("RabbitMQ into ClickHouse:");
    for amount in AMOUNTS {
        let (prefix, database) = (Prefix::new(), Database::on(&server.url()));
        let drained = drain_part(&database.url(), (NONE, &prefix.name), amount)?;
        println!(
            "  {:>5} series a report: {:>7.0} rows/s into the engine; published {:.0} reports/s; peak {} MB, {} before the worker",
            amount.0,
            per_sec(amount, drained.stored),
            amount.1 as f64 / drained.published.as_secs_f64(),
            drained.peak_kb / 1_000,
            drained.published_kb / 1_000
        );
    }
    Ok(())
}

async fn clickhouse() -> Outcome<()> {
    let server = Server::start();
    println!("ClickHouse; the gateway's own floor: SELECT 1 in {:.1?}", floor(&server).await?);
    for amount in AMOUNTS {
        let (packed, swallowed) = record(&server, amount).await?;
        let made = per_sec(amount, swallowed.cpu);
        let (mut loops, mut workers) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            loops.push(per_sec(amount, replay(&server, &packed).await?));
            let database = Database::on(&server.url());
            workers.push(per_sec(amount, drain_part(&database.url(), (NONE, NONE), amount)?.stored));
        }
        let mean = |rates: &[f64]| rates.iter().sum::<f64>() / rates.len() as f64;
        let ratio = mean(&workers) / mean(&loops);
        println!(
            "  {:>5} series a report: decode + encode {made:>8.0} series/s a core ({}); into the engine {:>7.0} rows/s, bare loop \
             {:>7.0}: {ratio:.2} ({}); inserts {loops:.0?} against {workers:.0?}; peak {} MB",
            amount.0,
            verdict(made >= BUDGET_PER_CORE),
            mean(&workers),
            mean(&loops),
            verdict(ratio >= BUDGET_RATIO),
            swallowed.peak_kb / 1_000
        );
    }
    Ok(())
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

/// The median of how long the gateway takes for nothing.
async fn floor(server: &Server) -> Outcome<Duration> {
    let client = harness::client_builder().no_proxy().build()?;
    let url = format!("http://{}/", server.url().rsplit('@').next().unwrap_or_default());
    let mut times = Vec::new();
    for _ in 0..51 {
        let started = Instant::now();
        client.post(&url).body("SELECT 1").send().await?.error_for_status()?.bytes().await?;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

/// The inserts of rows of traffic that a worker makes, and what making them costs it.
async fn record(server: &Server, amount: (u32, u64)) -> Outcome<(Vec<Passed>, Drained)> {
    let proxy = Proxy::to(server.url().rsplit('@').next().unwrap_or_default()).await;
    let database = Database::on(&server.url());
    let name = database.url().rsplit('/').next().unwrap_or_default().to_owned();
    let url = format!("clickhouse://default@{}/{name}", proxy.address);
    let swallow = format!("http://{}{SWALLOW}", proxy.address);
    let drained = tokio::task::block_in_place(|| drain_part(&url, (&swallow, NONE), amount))?;
    let mut passed = proxy.take();
    passed.retain(|one| one.sql().starts_with("INSERT") && one.sql().contains("traffic_minutes"));
    for one in &mut passed {
        one.target = one.target.replace(&format!("database={name}"), "");
    }
    Ok((passed, drained))
}

/// Sends the same bytes again, into a database of their own, one insert after the other.
async fn replay(server: &Server, inserts: &[Passed]) -> Outcome<Duration> {
    let database = Database::on(&server.url());
    connect(&database.target(), None, ManualClock::at(NOW), Retention::default()).await?;
    let name = database.url().rsplit('/').next().unwrap_or_default().to_owned();
    let address = server.url().rsplit('@').next().unwrap_or_default().to_owned();
    let client = harness::client_builder().no_proxy().build()?;
    let started = Instant::now();
    for insert in inserts {
        let url = format!("http://{address}{}&database={name}", insert.target);
        let sent = client.post(url).body(insert.body.clone()).send().await?;
        let (status, said) = (sent.status(), sent.text().await?);
        assert!(status.is_success(), "{said}");
    }
    let took = started.elapsed();
    let stored = database.number("SELECT count() FROM traffic_minutes").await;
    assert!(stored > 0, "nothing was stored");
    Ok(took)
}

fn drain_part(url: &str, (swallow, prefix): (&str, &str), (series, reports): (u32, u64)) -> Outcome<Drained> {
    let (series, reports) = (series.to_string(), reports.to_string());
    let mut part = Part::start(ANYWHERE, &["drain", url, swallow, prefix, &series, &reports]);
    Ok(serde_json::from_str(&part.line())?)
}
