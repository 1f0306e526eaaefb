//! The example application of each framework against a real hub: they are asked for all that Sendry shows, and then the hub's query
//! API for what came of it. What is expected is one table for both.

mod answers;
mod requests;

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::Value;

use super::{rust, tally::Tally};
use crate::http;
use crate::hub::{self, App, Hub, LogIn};
use crate::process::Service;

const READY_WITHIN: Duration = Duration::from_secs(30);

/// Reports go out every ten seconds, but resources are told once a minute, and the first reading has nothing to compare with.
const REPORTED_WITHIN: Duration = Duration::from_secs(180);

/// How often the hub is asked whether it knows.
const ASK_EVERY: Duration = Duration::from_millis(200);

/// An example, and where the frameworks differ.
struct Example {
    program: &'static str,
    sdk: &'static str,
    /// How the application's file is called, which a panic names.
    file: &'static str,
    /// The field that a refusal of its own extractor names: actix-web names none.
    refused_field: &'static str,
}

const EXAMPLES: [Example; 2] = [
    Example { program: "everything", sdk: "sendry-sdk-axum", file: "everything.rs", refused_field: "email" },
    Example {
        program: "actix_everything",
        sdk: "sendry-sdk-actix",
        file: "actix_everything.rs",
        refused_field: "",
    },
];

/// An example that runs and reports.
struct Running {
    example: &'static Example,
    app: App,
    service: Service,
}

/// What the hub tells of one app.
struct Told<'a> {
    hub: SocketAddr,
    token: &'a str,
    app_id: &'a str,
}

pub(super) fn run() -> Result<Tally> {
    let programs = rust::programs()?;
    let dir = tempfile::tempdir()?;
    let hub = Hub { program: programs.join("sendry-hub"), data_dir: dir.path().to_owned() };
    let token = hub.create_token("examples")?;
    let address = http::listen_address(0)?;
    let mut service = hub.serve(address, LogIn::Asked)?;
    let running = EXAMPLES.iter().map(|example| start(&hub, address, &programs, example));
    let running = running.collect::<Result<Vec<_>>>()?;
    let mut tally = Tally::default();
    for one in running {
        tally.add(&judge(one, address, &token)?);
    }
    service.stop();
    Ok(tally)
}

/// Starts an example and asks it for everything.
fn start(hub: &Hub, hub_address: SocketAddr, programs: &Path, example: &'static Example) -> Result<Running> {
    let (app, address) = (hub.create_app(example.program)?, http::listen_address(0)?);
    let log = hub.data_dir.join(format!("{}.log", example.program));
    let mut service = Service::start(example.program, &programs.join(example.program), &log, |program| {
        program.arg(address.to_string()).env("TMPDIR", &hub.data_dir);
        program.env("SENDRY_HUB_URL", format!("http://{hub_address}")).env("SENDRY_ENV", "test");
        program.env("SENDRY_WRITE_KEY", &app.write_key);
    })?;
    http::wait_until_ready(address, "/healthz", READY_WITHIN, || hub::must_run(&mut service))?;
    requests::send_all(address)?;
    Ok(Running { example, app, service })
}

/// Waits until the hub knows of the requests while the example runs, ends it, and compares what the hub tells.
fn judge(mut running: Running, hub: SocketAddr, token: &str) -> Result<Tally> {
    let told = Told { hub, token, app_id: &running.app.app_id };
    told.wait_for("endpoints", |answer| answer["data"].as_array().is_some_and(|rows| !rows.is_empty()))?;
    told.wait_for("resources", |answer| answers::measured(answer).is_some())?;
    hub::must_run(&mut running.service)?;
    running.service.stop();
    told.wait_for("instances", |answer| answer["data"][0]["ended"] == true)?;
    answers::compare(running.example, &told)
}

impl Told<'_> {
    fn get(&self, what: &str) -> Result<Value> {
        let sign = if what.contains('?') { '&' } else { '?' };
        let path = format!("/api/v1/apps/{}/{what}{sign}env=test", self.app_id);
        let answer = http::get(self.hub, &path, self.token)?;
        ensure!(answer.status == 200, "{path} answers {}", answer.status);
        Ok(serde_json::from_slice(&answer.body)?)
    }

    fn wait_for(&self, what: &str, done: impl Fn(&Value) -> bool) -> Result<()> {
        let deadline = Instant::now() + REPORTED_WITHIN;
        loop {
            let answer = self.get(what)?;
            if done(&answer) {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "{what} stays {answer}");
            std::thread::sleep(ASK_EVERY);
        }
    }
}
