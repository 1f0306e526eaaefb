//! The real binary: the command line's contract, signals, and a death without warning.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use reqwest::Response;
use sendry_sdk::protocol::Report;
use serde_json::Value;
use tempfile::TempDir;

use crate::guard::Guarded;
use crate::harness::{PATIENCE, client, report_of, traffic};

pub(crate) fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sendry-hub"));
    command.args(arguments).current_dir(dir).env_clear();
    command.env("SENDRY_DATA_DIR", dir.join("data")).env("SENDRY_LISTEN", "127.0.0.1:0");
    command
}

pub(crate) fn run(dir: &Path, arguments: &[&str]) -> Output {
    command(dir, arguments).output().unwrap()
}

pub(crate) fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A hub in a process of its own; killed when the test ends.
pub(crate) struct Served {
    child: Guarded,
    pub(crate) url: String,
    setup_link: Option<String>,
}

impl Served {
    pub(crate) fn start(dir: &Path) -> Self {
        Self::start_with(dir, &[])
    }

    pub(crate) fn start_with(dir: &Path, variables: &[(&str, &str)]) -> Self {
        Self::spawn(dir, command(dir, &["serve"]), variables)
    }

    pub(crate) fn start_role(dir: &Path, role: &str, variables: &[(&str, &str)]) -> Self {
        Self::spawn(dir, command(dir, &["serve", "--role", role]), variables)
    }

    pub(crate) fn spawn(dir: &Path, mut serve: Command, variables: &[(&str, &str)]) -> Self {
        serve.envs(variables.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = Guarded::spawn(&mut serve);
        let mut lines = BufReader::new(child.child().stdout.take().unwrap()).lines().map(Result::unwrap);
        let listens = lines.next().unwrap();
        let url = listens.strip_prefix("Sendry listens on ").unwrap().to_owned();
        let has_users = Path::exists(&dir.join("has-users"));
        let setup_link = if has_users { None } else { lines.nth(1).map(|line| line.trim().to_owned()) };
        std::thread::spawn(move || lines.count());
        Self { child, url, setup_link }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn wait(&mut self) -> std::process::ExitStatus {
        self.child.wait()
    }

    pub(crate) fn signal(&self, name: &str) {
        self.child.signal(name);
    }
}

pub(crate) struct Reporter {
    pub(crate) url: String,
    key: String,
    token: String,
    app: String,
}

impl Reporter {
    pub(crate) fn new(dir: &Path, url: &str) -> Self {
        let app = json(&run(dir, &["app", "create", "shop", "--json"]));
        let token = json(&run(dir, &["token", "create", "test", "--json"]));
        Self::with(url, &app, &token)
    }

    /// For an app and a token as the command line printed them.
    pub(crate) fn with(url: &str, app: &Value, token: &Value) -> Self {
        let field = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
        Self {
            url: url.to_owned(),
            key: field(app, "write_key"),
            token: field(token, "token"),
            app: field(app, "app_id"),
        }
    }

    pub(crate) async fn send(&self, path: &str) -> bool {
        let now = jiff::Timestamp::now().as_second();
        let report = report_of("prod", now / 60, vec![traffic("GET", path, 200, 1)]);
        let request =
            client().post(format!("{}/ingest/v1/report", self.url)).bearer_auth(&self.key).json(&report);
        request.send().await.is_ok_and(|response| response.status() == 202)
    }

    pub(crate) async fn send_report(&self, report: &Report) -> Response {
        let url = format!("{}/ingest/v1/report", self.url);
        client().post(url).bearer_auth(&self.key).json(report).send().await.unwrap()
    }

    /// An answer of the query API.
    pub(crate) async fn ask(&self, path: &str) -> Value {
        let url = format!("{}/api/v1{path}", self.url);
        client().get(url).bearer_auth(&self.token).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn requests(&self) -> u64 {
        let summary = self.ask(&format!("/apps/{}/summary?env=prod", self.app)).await;
        summary["data"]["requests"].as_u64().unwrap()
    }

    pub(crate) async fn wait_for(&self, requests: u64) {
        let stored = async {
            while self.requests().await != requests {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, stored).await.unwrap();
    }
}

#[tokio::test]
async fn the_command_line_works_beside_a_running_hub_and_keeps_its_contract() {
    let dir = tempfile::tempdir().unwrap();
    let hub = Served::start(dir.path());
    let app = json(&run(dir.path(), &["app", "create", "shop", "--json"]));
    let fields: Vec<_> = app.as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["app_id", "client_id", "write_key"]);
    let client_id = app["client_id"].as_str().unwrap();
    let id: uuid::Uuid = client_id.parse().unwrap();
    assert_eq!((id.get_version_num(), id.to_string().as_str()), (4, client_id));
    let key = app["write_key"].as_str().unwrap();
    let random = key.strip_prefix("sdry_").unwrap();
    assert!((32..=64).contains(&random.len()) && random.chars().all(|c| c.is_ascii_alphanumeric()));
    let reporter = Reporter::new(dir.path(), &hub.url);
    assert!(reporter.send("/a").await);
    reporter.wait_for(1).await;
    let listed = run(dir.path(), &["app", "list", "--json"]);
    assert_eq!(text(&listed.stdout).lines().count(), 2);
    assert!(!text(&listed.stdout).contains(key));
}

#[tokio::test]
async fn a_link_for_the_first_user_is_printed_until_there_is_one() {
    let dir = tempfile::tempdir().unwrap();
    let first = Served::start(dir.path());
    let link = first.setup_link.clone().unwrap();
    assert!(link.starts_with(&format!("{}/setup#token=sdru_", first.url)), "{link}");
    drop(first);
    let second = Served::start(dir.path());
    assert_ne!(second.setup_link, Some(link));
    drop(second);
    let mut create = command(dir.path(), &["user", "create", "Ann@Example.com", "--role", "admin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    create.stdin.take().unwrap().write_all(b"correct horse battery\n").unwrap();
    assert!(create.wait().unwrap().success());
    std::fs::write(dir.path().join("has-users"), "").unwrap();
    let third = Served::start(dir.path());
    let body = serde_json::json!({"email": "ann@example.com", "password": "correct horse battery"});
    let login = client().post(format!("{}/api/v1/session", third.url)).json(&body).send().await.unwrap();
    assert_eq!(login.status(), 200);
}

#[tokio::test]
async fn what_was_answered_with_202_survives_a_kill_and_is_counted_once() {
    let dir = tempfile::tempdir().unwrap();
    let hub = Served::start(dir.path());
    let mut reporter = Reporter::new(dir.path(), &hub.url);
    let mut accepted = 0;
    for at in 0..60 {
        accepted += u64::from(reporter.send(&format!("/{at}")).await);
    }
    hub.signal("KILL");
    drop(hub);
    let again = Served::start(dir.path());
    reporter.url.clone_from(&again.url);
    assert_eq!(accepted, 60);
    reporter.wait_for(accepted).await;
}

#[tokio::test]
async fn a_signal_ends_the_hub_in_order_and_with_success() {
    for signal in ["TERM", "INT"] {
        let dir = tempfile::tempdir().unwrap();
        let mut hub = Served::start(dir.path());
        let mut reporter = Reporter::new(dir.path(), &hub.url);
        assert!(reporter.send("/a").await);
        hub.signal(signal);
        let ended = tokio::task::spawn_blocking(move || hub.child.wait());
        assert!(tokio::time::timeout(PATIENCE, ended).await.unwrap().unwrap().success());
        let again = Served::start(dir.path());
        reporter.url.clone_from(&again.url);
        reporter.wait_for(1).await;
    }
}

#[tokio::test]
async fn a_data_directory_has_one_hub_and_one_owner() {
    let dir = tempfile::tempdir().unwrap();
    let hub = Served::start(dir.path());
    let second = run(dir.path(), &["serve"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(text(&second.stderr).contains("another hub works on"), "{}", text(&second.stderr));
    drop(hub);
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(dir.path().join("data")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o700);
}

#[tokio::test]
async fn a_file_has_one_hub_whatever_their_data_directories_are() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let hub = Served::start(one.path());
    let link = two.path().join("link.db");
    std::os::unix::fs::symlink(one.path().join("data/queue.db"), &link).unwrap();
    for file in [one.path().join("data/queue.db"), link] {
        let url = format!("sqlite:{}", file.display());
        let second = command(two.path(), &["serve"]).env("SENDRY_QUEUE_URL", url).output().unwrap();
        assert_eq!(second.status.code(), Some(1));
        assert!(text(&second.stderr).contains("another hub works on"), "{}", text(&second.stderr));
    }
    drop(hub);
}

#[tokio::test]
async fn before_anything_closes_the_hub_says_that_it_ends_and_goes_on_accepting() {
    let dir = tempfile::tempdir().unwrap();
    let mut hub = Served::start_with(dir.path(), &[("SENDRY_HTTP__DRAIN_DELAY_SECS", "3")]);
    let reporter = Reporter::new(dir.path(), &hub.url);
    let ready = async |url: &str| client().get(format!("{url}/readyz")).send().await.unwrap();
    assert_eq!(ready(&hub.url).await.status(), 200);
    hub.signal("TERM");
    let turned = async {
        while ready(&hub.url).await.status() != 503 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, turned).await.unwrap();
    assert!(ready(&hub.url).await.text().await.unwrap().contains("\"draining\":true"));
    assert!(reporter.send("/late").await);
    let ended = tokio::task::spawn_blocking(move || hub.child.wait());
    assert!(tokio::time::timeout(PATIENCE, ended).await.unwrap().unwrap().success());
}

/// Runs a command that must fail, and returns what it said.
fn fails(dir: &TempDir, arguments: &[&str], variables: &[(&str, &str)], code: i32) -> String {
    let output =
        command(dir.path(), arguments).envs(variables.iter().copied()).stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stderr)
}

#[test]
fn wrong_usage_and_configuration_exit_with_2_and_say_why() {
    let dir = tempfile::tempdir().unwrap();
    fails(&dir, &["nonsense"], &[], 2);
    fails(&dir, &[], &[], 2);
    fails(&dir, &["app", "create"], &[], 2);
    fails(&dir, &["user", "create", "ann@example.com", "--role", "king"], &[], 2);
    assert!(
        fails(&dir, &["user", "create", "ann@example.com", "--role", "admin"], &[], 2)
            .contains("standard input")
    );
    assert!(fails(&dir, &["serve"], &[("SENDRY_LISTEN", "x")], 2).contains("http.listen"));
    assert!(fails(&dir, &["config", "check"], &[("SENDRY_LOG__FORMAT", "x")], 2).contains("log.format"));
    for (name, url) in [
        ("SENDRY_QUEUE_URL", "kafka://ann:secret@q"),
        ("SENDRY_TRAFFIC_URL", "clickhouse://ann:secret@t/?sceure=1"),
        ("SENDRY_METADATA_URL", "mysql://ann:secret@m"),
    ] {
        let said = fails(&dir, &["serve"], &[(name, url)], 2);
        assert!(said.contains("does not have") && !said.contains("secret"), "{said}");
    }
    let said = fails(&dir, &["serve", "--role", "ingest,worker"], &[], 2);
    assert!(said.contains("SQLite") && said.contains("SENDRY_TRAFFIC_URL"), "{said}");
    assert!(!said.contains("SENDRY_QUEUE_URL"), "query has nothing to do with the queue: {said}");
    let file = dir.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    let said = fails(&dir, &["serve"], &[("SENDRY_DATA_DIR", file.to_str().unwrap())], 2);
    assert!(said.contains("storage.data_dir") && said.contains("SENDRY_DATA_DIR"), "{said}");
}

#[test]
fn what_fails_exits_with_1_and_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = fails(&dir, &["serve"], &[("SENDRY_LISTEN", &address)], 1);
    assert!(said.contains("http.listen") && said.contains("SENDRY_LISTEN"), "{said}");
    let metadata = [("SENDRY_METADATA_URL", "postgres://ann:secret@127.0.0.1:1/hub")];
    let said = fails(&dir, &["serve"], &metadata, 1);
    assert!(said.contains("PostgreSQL at 127.0.0.1:1") && !said.contains("secret"), "{said}");
    let nobody = uuid::Uuid::nil().to_string();
    assert!(fails(&dir, &["token", "revoke", &nobody], &[], 1).contains("token list"));
    assert!(fails(&dir, &["dead-letters", "replay", &nobody], &[], 1).contains("dead-letters list"));
}

#[test]
fn the_configuration_is_printed_with_its_origins() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("sendry-hub.toml"), "[retention]\nminutes_days = 7\n").unwrap();
    let printed = text(&run(dir.path(), &["config", "print"]).stdout);
    assert!(printed.contains("retention.minutes_days = 7  # file sendry-hub.toml"), "{printed}");
    assert!(printed.contains("http.listen = 127.0.0.1:0  # environment variable SENDRY_LISTEN"), "{printed}");
    assert!(printed.contains("log.format = text  # default"), "{printed}");
    assert!(run(dir.path(), &["config", "check"]).status.success());
}

#[tokio::test]
async fn dead_letters_are_listed_shown_replayed_and_dropped_beside_a_running_hub() {
    let dir = tempfile::tempdir().unwrap();
    let hub = Served::start(dir.path());
    let reporter = Reporter::new(dir.path(), &hub.url);
    for _ in 0..2 {
        let old = report_of("prod", 1_000, vec![traffic("GET", "/old", 200, 1)]);
        let request =
            client().post(format!("{}/ingest/v1/report", hub.url)).bearer_auth(&reporter.key).json(&old);
        assert_eq!(request.send().await.unwrap().status(), 202);
    }
    let list = || text(&run(dir.path(), &["dead-letters", "list", "--json"]).stdout);
    let wait_for = async |count: usize| {
        let counted = async {
            while list().lines().count() != count {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(PATIENCE, counted).await.unwrap();
    };
    wait_for(2).await;
    let first: Value = serde_json::from_str(list().lines().next().unwrap()).unwrap();
    assert_eq!((&first["reason"], &first["kind"]), (&Value::from("clock"), &Value::from("report")));
    let id = first["id"].as_str().unwrap();
    let shown = text(&run(dir.path(), &["dead-letters", "show", id]).stdout);
    assert!(shown.contains("/old"), "{shown}");
    assert!(run(dir.path(), &["dead-letters", "drop", id]).status.success());
    wait_for(1).await;
    let replayed = run(dir.path(), &["dead-letters", "replay", "--all"]);
    assert!(text(&replayed.stdout).contains("Replayed 1."), "{}", text(&replayed.stderr));
    // The running hub takes it and finds it wrong again.
    wait_for(1).await;
}
