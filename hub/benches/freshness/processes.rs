//! A hub as processes of its own: one with all roles, or one for each role.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tempfile::TempDir;

use crate::part::{cpu_of, status_kb};

/// Variables of the environment.
pub type Variables = [(&'static str, String)];

/// Dropping it kills the processes.
pub struct Processes {
    pub ingest: String,
    pub key: String,
    query: String,
    token: String,
    app_id: String,
    running: Vec<(&'static str, Child)>,
    client: reqwest::Client,
    _dir: TempDir,
}

impl Processes {
    /// Starts one process for each of `roles`; `all` is one with all of them.
    pub fn start(roles: &[&'static str], variables: &Variables) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let create = |arguments: &[&str]| -> Value {
            let output = command(dir.path(), arguments, variables).output().expect("the hub runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            serde_json::from_slice(&output.stdout).expect("it is JSON")
        };
        let app = create(&["app", "create", "bench", "--json"]);
        let token = create(&["token", "create", "bench", "--json"]);
        let text = |value: &Value| value.as_str().expect("it is text").to_owned();
        let mut running = Vec::new();
        let (mut ingest, mut query) = (String::new(), String::new());
        for role in roles {
            let (child, url) = serve(dir.path(), role, variables);
            running.push((*role, child));
            if matches!(*role, "all" | "ingest") {
                ingest = url.clone();
            }
            if matches!(*role, "all" | "query") {
                query = url;
            }
        }
        Self {
            ingest: format!("{ingest}/ingest/v1/report"),
            key: text(&app["write_key"]),
            query,
            token: text(&token["token"]),
            app_id: text(&app["app_id"]),
            running,
            client: crate::client(),
            _dir: dir,
        }
    }

    /// How often this path was requested, as the query API answers.
    pub async fn requests(&self, path: &str) -> Option<u64> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let url = format!(
            "{}/api/v1/apps/{}/endpoints?env=prod&from={}&to={}&path={path}",
            self.query,
            self.app_id,
            now - 3_600,
            now + 300
        );
        let answer = self.client.get(url).bearer_auth(&self.token).send().await.expect("query answers");
        let answer: Value = answer.json().await.expect("it is JSON");
        answer["data"][0]["requests"].as_u64()
    }

    /// Memory and CPU time of each process.
    pub fn usage(&self) -> Vec<Usage> {
        let usage = |(role, child): &(&'static str, Child)| Usage {
            role,
            anonymous_kb: status_kb(child.id(), "RssAnon:"),
            peak_kb: status_kb(child.id(), "VmHWM:"),
            cpu: cpu_of(child.id()),
        };
        self.running.iter().map(usage).collect()
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        for (_, child) in &mut self.running {
            _ = child.kill();
            _ = child.wait();
        }
    }
}

/// What one process takes.
pub struct Usage {
    pub role: &'static str,
    pub anonymous_kb: u64,
    /// With the pages of its own program.
    pub peak_kb: u64,
    pub cpu: Duration,
}

fn serve(dir: &Path, role: &str, variables: &Variables) -> (Child, String) {
    let arguments: &[&str] = if role == "all" { &["serve"] } else { &["serve", "--role", role] };
    let mut serve = command(dir, arguments, variables);
    serve.env("SENDRY_LISTEN", "127.0.0.1:0").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = serve.spawn().expect("the hub starts");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let line = lines.next().expect("it says where it listens").expect("it is text");
    let url = line.strip_prefix("Sendry listens on ").expect("it says where it listens").to_owned();
    std::thread::spawn(move || lines.count());
    (child, url)
}

/// The binary with nothing of this process's configuration.
fn command(dir: &Path, arguments: &[&str], variables: &Variables) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sendry-hub"));
    command.args(arguments).current_dir(dir).env_clear().env("SENDRY_DATA_DIR", dir.join("data"));
    command.envs(variables.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
    command
}
