//! The roles apart, two processes each, on RabbitMQ, ClickHouse and PostgreSQL: one hub all the same.

use std::path::Path;
use std::time::Duration;

use reqwest::{Response, StatusCode};
use sendry_sdk::protocol::Report;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{PATIENCE, client, report_of, traffic};
use crate::process::{Served, command, json, text};
use crate::{amqp, clickhouse, postgres};

/// The three servers, with a corner of each for one test.
struct Servers {
    dir: TempDir,
    queue: amqp::Prefix,
    traffic: clickhouse::Database,
    metadata: postgres::Database,
}

impl Servers {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        // No set-up link is printed and waited for.
        std::fs::write(dir.path().join("has-users"), "").unwrap();
        Self {
            dir,
            queue: amqp::Prefix::new(),
            traffic: clickhouse::Database::create(),
            metadata: postgres::Database::create(),
        }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("SENDRY_QUEUE_URL", amqp::url()),
            ("SENDRY_QUEUE__PREFIX", self.queue.name.clone()),
            ("SENDRY_TRAFFIC_URL", self.traffic.url()),
            ("SENDRY_METADATA_URL", self.metadata.url()),
        ]
    }

    fn serve(&self, role: &str) -> Served {
        let variables = self.variables();
        let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Served::start_role(self.path(), role, &variables)
    }

    fn create(&self, arguments: &[&str]) -> Value {
        json(&command(self.path(), arguments).envs(self.variables()).output().unwrap())
    }
}

async fn get(served: &Served, path: &str) -> Response {
    client().get(format!("{}{path}", served.url)).send().await.unwrap()
}

async fn send(served: &Served, key: &str, report: &Report) -> StatusCode {
    let request = client().post(format!("{}/ingest/v1/report", served.url)).bearer_auth(key).json(report);
    request.send().await.unwrap().status()
}

async fn ask(served: &Served, token: &str, path: &str) -> Value {
    let answer =
        client().get(format!("{}/api/v1{path}", served.url)).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.json().await.unwrap()
}

/// Asks until the answer is as it should be.
async fn ask_until(served: &Served, token: &str, path: &str, done: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    let asked = async {
        loop {
            last = ask(served, token, path).await;
            if done(&last) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE * 3, asked).await;
    assert!(in_time.is_ok(), "{path} stays {last}");
    last
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_of_each_role_on_rabbitmq_clickhouse_and_postgres_are_one_hub() {
    let servers = Servers::new();
    let app = servers.create(&["app", "create", "shop", "--json"]);
    let token = servers.create(&["token", "create", "test", "--json"]);
    let (key, token) = (app["write_key"].as_str().unwrap(), token["token"].as_str().unwrap());
    let ingest = [servers.serve("ingest"), servers.serve("ingest")];
    let query = [servers.serve("query"), servers.serve("query")];
    let mut workers = [servers.serve("worker"), servers.serve("worker")];

    // Each does what its role is, and nothing else.
    assert_eq!(get(&ingest[0], "/api/v1/openapi.json").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(get(&workers[0], "/").await.status(), StatusCode::NOT_FOUND);
    let day = jiff::Timestamp::now().as_second() / 60;
    let report = |path: &str| report_of("prod", day, vec![traffic("GET", path, 200, 1)]);
    assert!(send(&query[0], key, &report("/x")).await.is_client_error());
    for served in ingest.iter().chain(&query).chain(&workers) {
        assert_eq!(get(served, "/healthz").await.status(), StatusCode::OK);
        let ready = get(served, "/readyz").await;
        let (status, said) = (ready.status(), ready.text().await.unwrap());
        assert_eq!(status, StatusCode::OK, "{said}");
        assert!(get(served, "/metrics").await.text().await.unwrap().contains("sendry_"));
    }

    // Every report goes in by one door, every fifth by both; a worker dies in the middle.
    let mut expected = 0;
    for at in 0..100 {
        let report = report(&format!("/{}", at % 7));
        assert_eq!(send(&ingest[at % 2], key, &report).await, StatusCode::ACCEPTED);
        if at % 5 == 0 {
            assert_eq!(send(&ingest[(at + 1) % 2], key, &report).await, StatusCode::ACCEPTED);
        }
        if at == 50 {
            workers[0].signal("KILL");
            workers[0] = servers.serve("worker");
        }
        expected += 1;
    }
    let summary = format!("/apps/{}/summary?env=prod", app["app_id"].as_str().unwrap());
    for served in &query {
        ask_until(served, token, &summary, |answer| answer["data"]["requests"] == expected).await;
    }

    // What was sent is settled, so that later copies would show.
    let idle = |system: &Value| {
        system["queue"]["topics"]
            .as_array()
            .is_some_and(|topics| topics.iter().all(|topic| topic["depth"] == 0))
            && system["gaps"].as_array().is_some_and(Vec::is_empty)
    };
    let system = ask_until(&query[1], token, "/system", idle).await;
    let alive = system["processes"].as_array().unwrap().iter().filter(|one| one["silent"] == false);
    let mut roles: Vec<_> = alive.map(|one| one["roles"][0].as_str().unwrap().to_owned()).collect();
    roles.sort();
    // The killed one may still be believed alive.
    roles.dedup();
    assert_eq!(roles, ["ingest", "query", "worker"]);
    let names: Vec<_> = system["leases"].as_array().unwrap().iter().map(|lease| &lease["name"]).collect();
    assert!(
        names.contains(&&Value::from("retention")) && names.contains(&&Value::from("watchdogs")),
        "{names:?}"
    );
    let answer = ask(&query[0], token, &summary).await;
    assert_eq!(answer["data"]["requests"], expected, "counted once");

    for mut served in ingest.into_iter().chain(query).chain(workers) {
        served.signal("TERM");
        let ended = tokio::task::spawn_blocking(move || served.wait());
        assert!(tokio::time::timeout(PATIENCE * 2, ended).await.unwrap().unwrap().success());
    }
}

#[test]
fn what_rabbitmq_clickhouse_and_postgres_need_is_named_when_one_of_them_is_not_a_server() {
    let servers = Servers::new();
    let refused = |role: &str, without: &str| {
        let mut serve = command(servers.path(), &["serve", "--role", role]);
        serve.envs(servers.variables().into_iter().filter(|(name, _)| *name != without));
        let output = serve.output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr);
        assert!(said.contains(without) && said.contains("SQLite"), "{said}");
    };
    refused("ingest", "SENDRY_QUEUE_URL");
    refused("ingest,worker", "SENDRY_TRAFFIC_URL");
    refused("query", "SENDRY_METADATA_URL");
}
