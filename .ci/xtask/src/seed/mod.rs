//! Fills a hub with the last hour of a small API, through its ingest and with the protocol's own types.
//!
//! It is for the dashboard's tests and for pictures: the same seed gives the same traffic, the hour has a rush, a bad
//! deployment and three minutes in which nothing reported, and some routes are never called. Callers are named, and what
//! failed has its cause. The demo uses none of this.

mod callers;
mod failures;
mod hour;
mod random;
mod routes;

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use sendry_sdk::protocol::{Framework, Report, Sdk, Startup, VERSION};
use uuid::Uuid;

use crate::http;
use crate::workspace::say;
use hour::Hour;
use random::Random;

/// Reports reach this far back; the hub takes 65 minutes, five are left for slow machines.
pub(crate) const MINUTES: i64 = 60;

/// Minutes in one report.
const MINUTES_PER_REPORT: i64 = 5;

/// Processes that report.
const INSTANCES: u64 = 2;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where the hub listens.
    #[arg(long, default_value = "127.0.0.1:8600")]
    hub: SocketAddr,
    /// The write key of the app to fill.
    #[arg(long, env = "SENDRY_WRITE_KEY", hide_env_values = true)]
    write_key: String,
    /// The environment to fill.
    #[arg(long, default_value = "prod")]
    env: String,
}

/// `cargo xtask seed`.
pub(crate) fn run(options: &Options) -> Result<()> {
    let requests = fill(options.hub, &options.write_key, &options.env)?;
    say(format_args!("Sent {requests} requests of the last {MINUTES} minutes to {}.", options.hub));
    Ok(())
}

/// Sends the hour of every instance; returns how many requests it tells of.
pub(crate) fn fill(hub: SocketAddr, write_key: &str, env: &str) -> Result<u64> {
    let now_ms = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let mut requests = 0;
    for instance in 0..INSTANCES {
        let instance_id = Uuid::new_v4();
        let startup = startup(instance_id, env, now_ms);
        send(hub, write_key, "/ingest/v1/startup", &serde_json::to_vec(&startup)?)?;
        let mut hour = Hour::new(instance, now_ms / 60_000 - MINUTES);
        let mut faults = Random::new(instance);
        for sequence in 0..MINUTES / MINUTES_PER_REPORT {
            let minutes = hour.next_minutes(MINUTES_PER_REPORT);
            requests +=
                minutes.iter().flat_map(|minute| &minute.routes).map(|series| series.count).sum::<u64>();
            let report = Report {
                version: VERSION,
                report_id: Uuid::new_v4(),
                instance_id,
                sequence: sequence.unsigned_abs(),
                env: env.to_owned(),
                app_version: Some("2.4.1".to_owned()),
                created_at_ms: now_ms,
                routes: routes::called(),
                consumers: callers::all(),
                validation_errors: minutes
                    .iter()
                    .flat_map(|minute| failures::validation_errors(&mut faults, minute))
                    .collect(),
                server_errors: minutes.iter().flat_map(failures::server_errors).collect(),
                resources: minutes.iter().map(|minute| hour.resources(minute)).collect(),
                minutes,
                ..Report::default()
            };
            send(hub, write_key, "/ingest/v1/report", &serde_json::to_vec(&report)?)?;
        }
    }
    Ok(requests)
}

fn startup(instance_id: Uuid, env: &str, now_ms: i64) -> Startup {
    Startup {
        version: VERSION,
        instance_id,
        env: env.to_owned(),
        app_version: Some("2.4.1".to_owned()),
        sdk: Sdk { name: "sendry-sdk".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        framework: Some(Framework { name: "axum".to_owned(), version: None }),
        host: Some("seed".to_owned()),
        started_at_ms: now_ms - MINUTES * 60_000,
        routes: routes::all(),
        routes_complete: true,
    }
}

fn send(hub: SocketAddr, write_key: &str, path: &str, json: &[u8]) -> Result<()> {
    let answer =
        http::post(hub, path, write_key, json).with_context(|| format!("the hub at {hub} did not answer"))?;
    let words = String::from_utf8_lossy(&answer.body);
    ensure!(answer.status == 202, "{path} answered {}: {words}", answer.status);
    Ok(())
}
