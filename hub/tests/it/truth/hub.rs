//! A hub as a process of its own, on a directory of its own.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tempfile::TempDir;

use crate::guard::Guarded;

const BINARY: &str = env!("CARGO_BIN_EXE_sendry-hub");
/// How long the hub may take to start, or to store what it accepted. Generous: the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct HubProcess {
    pub write_key: String,
    app_id: String,
    token: String,
    data_dir: TempDir,
    address: String,
    process: Guarded,
    variables: Vec<(&'static str, String)>,
    client: reqwest::Client,
}

impl HubProcess {
    /// On embedded stores.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With variables of the environment that say more.
    pub async fn start_with(variables: &[(&'static str, String)]) -> Self {
        let data_dir = TempDir::with_prefix("sendry-truth-").unwrap();
        let app = printed(&run(data_dir.path(), &["app", "create", "truth", "--json"]));
        let token = printed(&run(data_dir.path(), &["token", "create", "truth", "--json"]));
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let hub = Self {
            write_key: app["write_key"].as_str().unwrap().to_owned(),
            app_id: app["app_id"].as_str().unwrap().to_owned(),
            token: token["token"].as_str().unwrap().to_owned(),
            process: serve(data_dir.path(), &address, variables),
            variables: variables.to_vec(),
            data_dir,
            address,
            client: client(),
        };
        hub.wait_until_ready().await;
        hub
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn data_dir(&self) -> &Path {
        self.data_dir.path()
    }

    /// As `kill -9` does.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    pub async fn restart(&mut self) {
        self.process = serve(self.data_dir.path(), &self.address, &self.variables);
        self.wait_until_ready().await;
    }

    pub fn stop(mut self) {
        self.kill();
    }

    /// Anonymous memory of the process and the CPU time it took so far, as Linux tells.
    pub fn memory(&self) -> String {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let anonymous = status.lines().find(|line| line.starts_with("RssAnon")).unwrap_or("RssAnon: unknown");
        let schedstat =
            std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap_or_default();
        let ticks: u64 =
            schedstat.split(' ').skip(13).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        format!(
            "{}, {:.2} s of CPU so far",
            anonymous.split_whitespace().collect::<Vec<_>>().join(" "),
            ticks as f64 / 100.0
        )
    }

    /// A list of the query API, over the last hour and the next minutes.
    pub async fn get(&self, what: &str, more: &str) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let range = format!("env=truth&from={}&to={}", now - 3_600, now + 300);
        let url = format!("{}/api/v1/apps/{}/{what}?{range}{more}", self.url(), self.app_id);
        let response = self.client.get(url).bearer_auth(&self.token).send().await.unwrap();
        assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
        response.json().await.unwrap()
    }

    /// Waits until as many requests as that can be read back.
    pub async fn wait_for_requests(&self, expected: u64) {
        let started = Instant::now();
        loop {
            let endpoints = self.get("endpoints", "").await;
            let rows = endpoints["data"].as_array().unwrap().clone();
            let stored: u64 = rows.iter().map(|row| row["requests"].as_u64().unwrap()).sum();
            if stored >= expected {
                return assert_eq!(stored, expected);
            }
            assert!(started.elapsed() < PATIENCE, "{stored} of {expected} requests are stored");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn wait_until_ready(&self) {
        let started = Instant::now();
        let url = format!("{}/readyz", self.url());
        loop {
            match self.client.get(&url).send().await {
                Ok(response) if response.status() == 200 => return,
                _ => assert!(started.elapsed() < PATIENCE, "the hub is not ready"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn serve(data_dir: &Path, address: &str, variables: &[(&'static str, String)]) -> Guarded {
    let mut serve = command(data_dir);
    serve
        .arg("serve")
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .env("SENDRY_LISTEN", address)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Guarded::spawn(&mut serve)
}

fn run(data_dir: &Path, args: &[&str]) -> Output {
    let output = command(data_dir).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn printed(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The binary with nothing of this process's configuration.
fn command(data_dir: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command.env_clear().env("SENDRY_DATA_DIR", data_dir).current_dir(data_dir).stdin(Stdio::null());
    command
}

pub fn client() -> reqwest::Client {
    crate::harness::client_builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap()
}
