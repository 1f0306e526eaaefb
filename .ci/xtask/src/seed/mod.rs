//! Fills a hub with the last hour of a small API, through its ingest and with the protocol's own types.
//!
//! It is for the dashboard's tests and for pictures: the same seed gives the same traffic, the hour has a rush, a bad
//! deployment that another one mends, and three minutes in which nothing reported, and some routes are never called.
//! Callers are named, what failed has its cause, and some requests are logged. The demo uses none of this.

mod callers;
mod failures;
mod hour;
mod logs;
mod random;
mod routes;

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use sendry_sdk::protocol::{Framework, Minute, Report, RequestLogBatchHead, Sdk, Startup, VERSION};
use uuid::Uuid;

use crate::http;
use crate::workspace::say;
use hour::Hour;
use random::Random;

/// Reports reach this far back; the hub takes 65 minutes, five are left for slow machines.
pub(crate) const MINUTES: i64 = 60;

/// Minutes in one report.
const MINUTES_PER_REPORT: i64 = 5;

/// Machines with one process each.
const MACHINES: u64 = 2;

/// The minutes in which versions were deployed. The second one made payments fail, see [`hour`].
const RELEASES: [(i64, &str); 3] = [(0, "2.4.1"), (35, "2.4.2"), (40, "2.4.3")];

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

/// Sends the hour of every machine; returns how many requests it tells of.
pub(crate) fn fill(hub: SocketAddr, write_key: &str, env: &str) -> Result<u64> {
    let now_ms = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let sender = Sender { hub, write_key, env, now_ms };
    (0..MACHINES).try_fold(0, |requests, machine| Ok(requests + sender.machine(machine)?))
}

/// Where reports go, and what all of them say.
struct Sender<'a> {
    hub: SocketAddr,
    write_key: &'a str,
    env: &'a str,
    now_ms: i64,
}

impl Sender<'_> {
    /// The hour of a machine: one process after another, each with its version.
    fn machine(&self, machine: u64) -> Result<u64> {
        let mut hour = Hour::new(machine, self.now_ms / 60_000 - MINUTES);
        let (mut faults, mut logged) = (Random::new(machine), Random::new(machine));
        let mut requests = 0;
        for (at, (from, version)) in RELEASES.iter().enumerate() {
            let until = RELEASES.get(at + 1).map_or(MINUTES, |(next, _)| *next);
            let startup = self.startup(*from, version);
            self.send("/ingest/v1/startup", &serde_json::to_vec(&startup)?)?;
            for sequence in 0..(until - from) / MINUTES_PER_REPORT {
                let minutes = hour.next_minutes(MINUTES_PER_REPORT);
                requests +=
                    minutes.iter().flat_map(|minute| &minute.routes).map(|series| series.count).sum::<u64>();
                let head = RequestLogBatchHead {
                    version: VERSION,
                    batch_id: Uuid::new_v4(),
                    instance_id: startup.instance_id,
                    sequence: sequence.unsigned_abs(),
                    env: self.env.to_owned(),
                };
                self.send("/ingest/v1/request-logs", &logs::batch(&head, &mut logged, &minutes)?)?;
                let mut report = self.report(&startup, minutes, &mut hour, &mut faults);
                report.sequence = sequence.unsigned_abs();
                report.is_final = until < MINUTES && sequence + 1 == (until - from) / MINUTES_PER_REPORT;
                self.send("/ingest/v1/report", &serde_json::to_vec(&report)?)?;
            }
        }
        Ok(requests)
    }

    fn report(
        &self,
        startup: &Startup,
        minutes: Vec<Minute>,
        hour: &mut Hour,
        faults: &mut Random,
    ) -> Report {
        Report {
            version: VERSION,
            report_id: Uuid::new_v4(),
            instance_id: startup.instance_id,
            env: self.env.to_owned(),
            app_version: startup.app_version.clone(),
            created_at_ms: self.now_ms,
            routes: routes::called(),
            consumers: callers::all(),
            validation_errors: minutes
                .iter()
                .flat_map(|minute| failures::validation_errors(faults, minute))
                .collect(),
            server_errors: minutes.iter().flat_map(failures::server_errors).collect(),
            resources: minutes.iter().map(|minute| hour.resources(minute)).collect(),
            minutes,
            ..Report::default()
        }
    }

    fn startup(&self, started: i64, app_version: &str) -> Startup {
        Startup {
            version: VERSION,
            instance_id: Uuid::new_v4(),
            env: self.env.to_owned(),
            app_version: Some(app_version.to_owned()),
            sdk: Sdk { name: "sendry-sdk".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            framework: Some(Framework { name: "axum".to_owned(), version: None }),
            host: Some("seed".to_owned()),
            started_at_ms: self.now_ms - (MINUTES - started) * 60_000,
            routes: routes::all(),
            routes_complete: true,
        }
    }

    fn send(&self, path: &str, json: &[u8]) -> Result<()> {
        let answer = http::post(self.hub, path, self.write_key, json)
            .with_context(|| format!("the hub at {} did not answer", self.hub))?;
        let words = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status == 202, "{path} answered {}: {words}", answer.status);
        Ok(())
    }
}
