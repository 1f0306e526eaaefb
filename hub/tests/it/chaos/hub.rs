//! A hub in five processes: two ingests, two workers, one query; and the three servers under them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::task::block_in_place;

use crate::broker::{self, Broker};
use crate::link::Link;
use crate::process::{Served, command, json};
use crate::{clickhouse, postgres};

/// What the queue's names begin with.
pub(super) const PREFIX: &str = "chaos";

/// How to reach a hub.
pub(super) struct Door {
    pub(super) ingests: Vec<String>,
    pub(super) query: String,
    pub(super) key: String,
    pub(super) token: String,
    app_id: String,
    started_at: i64,
}

impl Door {
    /// For an app and a token as the command line printed them.
    pub(super) fn new(ingests: Vec<String>, query: String, (app, token): (&Value, &Value)) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            ingests,
            query,
            key: text(&app["write_key"]),
            token: text(&token["token"]),
            app_id: text(&app["app_id"]),
            started_at: jiff::Timestamp::now().as_second(),
        }
    }

    pub(super) fn app(&self) -> String {
        format!("/apps/{}", self.app_id)
    }

    /// From before what is late to after what is sent.
    pub(super) fn range(&self) -> String {
        format!("env=chaos&from={}&to={}", self.started_at - 2 * 3_600, self.started_at + 3_600)
    }
}

/// Dropped from its processes down to its servers.
pub(super) struct Hub {
    /// The first ingest, which only its way to the broker fails, and query.
    _others: [Served; 2],
    /// The second ingest.
    ingest: Option<Served>,
    ingest_at: String,
    workers: [Option<Served>; 2],
    traffic: clickhouse::Database,
    metadata: postgres::Database,
    clickhouse: clickhouse::Server,
    /// The ways to the broker.
    to_ingest: Link,
    to_workers: Link,
    pub(super) broker: Broker,
    dir: TempDir,
    /// What was done to it, and how often.
    pub(super) faults: BTreeMap<&'static str, u32>,
}

impl Hub {
    pub(super) async fn start() -> (Self, Door) {
        let dir = tempfile::tempdir().unwrap();
        // No set-up link is printed and waited for.
        std::fs::write(dir.path().join("has-users"), "").unwrap();
        let broker = Broker::start().await;
        let to_ingest = Link::to(broker.address()).await;
        let to_workers = Link::to(broker.address()).await;
        let (clickhouse, metadata) =
            block_in_place(|| (clickhouse::Server::start(), postgres::Database::create()));
        let traffic = clickhouse::Database::on(&clickhouse.url());
        let variables = |link: &Link| variables(&link.address.to_string(), &traffic, &metadata);
        let create = |arguments: &[&str]| -> Value {
            json(&command(dir.path(), arguments).envs(variables(&to_ingest)).output().unwrap())
        };
        let (app, token) = block_in_place(|| {
            (create(&["app", "create", "shop", "--json"]), create(&["token", "create", "test", "--json"]))
        });
        let first = serve(&dir, "ingest", &variables(&to_ingest));
        let query = serve(&dir, "query", &variables(&to_workers));
        let ingest_at = format!("127.0.0.1:{}", broker::free_port());
        let ingests = vec![first.url.clone(), format!("http://{ingest_at}")];
        let door = Door::new(ingests, query.url.clone(), (&app, &token));
        let (workers, faults) = ([None, None], BTreeMap::new());
        let mut hub = Self {
            _others: [first, query],
            ingest: None,
            ingest_at,
            workers,
            traffic,
            metadata,
            clickhouse,
            to_ingest,
            to_workers,
            broker,
            dir,
            faults,
        };
        hub.start_ingest();
        hub.start_worker(0);
        hub.start_worker(1);
        (hub, door)
    }

    pub(super) fn start_ingest(&mut self) {
        let mut variables = variables(&self.to_ingest.address.to_string(), &self.traffic, &self.metadata);
        variables.push(("SENDRY_LISTEN", self.ingest_at.clone()));
        self.ingest = Some(serve(&self.dir, "ingest", &variables));
    }

    pub(super) fn kill_ingest(&mut self) {
        self.ingest = None;
        self.note("ingest killed");
    }

    pub(super) fn start_worker(&mut self, which: usize) {
        let variables = variables(&self.to_workers.address.to_string(), &self.traffic, &self.metadata);
        self.workers[which] = Some(serve(&self.dir, "worker", &variables));
    }

    pub(super) fn kill_worker(&mut self, which: usize) {
        self.workers[which] = None;
        self.note("worker killed");
    }

    /// Stops a worker in the middle of what it does, until the broker has given what it holds to the other; then it goes on with it.
    pub(super) async fn freeze_worker(&mut self, which: usize, during: Duration) {
        let worker = self.workers[which].as_ref().unwrap();
        worker.signal("STOP");
        tokio::time::sleep(during).await;
        worker.signal("CONT");
        self.note("worker frozen");
    }

    /// Breaks the workers' connections to the broker, and ingest's for longer.
    pub(super) async fn cut(&mut self, workers_for: Duration, ingest_for: Duration) {
        self.to_workers.cut();
        tokio::time::sleep(workers_for).await;
        self.to_workers.mend().await;
        self.to_ingest.cut();
        tokio::time::sleep(ingest_for).await;
        self.to_ingest.mend().await;
        self.note("workers' way to the broker cut");
        self.note("ingest's way to the broker cut");
    }

    pub(super) async fn delay(&mut self, delay: Duration, during: Duration) {
        let links = [&self.to_ingest, &self.to_workers];
        links.iter().for_each(|link| link.delay(delay));
        tokio::time::sleep(during).await;
        links.iter().for_each(|link| link.delay(Duration::ZERO));
        self.note("ways to the broker slowed");
    }

    pub(super) async fn restart_broker(&mut self) {
        self.broker.kill();
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.broker.restart().await;
        self.note("broker killed");
    }

    pub(super) fn kill_clickhouse(&mut self) {
        self.clickhouse.kill();
        self.note("ClickHouse killed");
    }

    pub(super) fn restart_clickhouse(&mut self) {
        block_in_place(|| self.clickhouse.restart());
    }

    fn note(&mut self, fault: &'static str) {
        *self.faults.entry(fault).or_default() += 1;
    }
}

fn serve(dir: &TempDir, role: &str, variables: &[(&'static str, String)]) -> Served {
    let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    block_in_place(|| Served::start_role(dir.path(), role, &variables))
}

fn variables(
    broker: &str,
    traffic: &clickhouse::Database,
    metadata: &postgres::Database,
) -> Vec<(&'static str, String)> {
    vec![
        ("SENDRY_QUEUE_URL", broker::url(broker)),
        ("SENDRY_QUEUE__PREFIX", PREFIX.to_owned()),
        ("SENDRY_TRAFFIC_URL", traffic.url()),
        ("SENDRY_METADATA_URL", metadata.url()),
    ]
}
