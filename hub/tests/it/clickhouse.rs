//! ClickHouse for tests: a server that is there, a database of its own for each test, and a server of its own for a test that stops it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sendry_hub::store::traffic::clickhouse::Target;
use tempfile::TempDir;
use uuid::Uuid;

use crate::guard::Guarded;

/// Where a server is when nobody says otherwise.
const STANDARD: &str = "clickhouse://default@127.0.0.1:8123";

/// How long a test waits for its database to be gone; it has passed by then.
const DROP_LIMIT: Duration = Duration::from_secs(30);

/// A database; gone when it is dropped.
pub(crate) struct Database {
    server: String,
    name: String,
}

impl Database {
    pub(crate) fn create() -> Self {
        let server = std::env::var("SENDRY_TEST_CLICKHOUSE_URL").unwrap_or_else(|_| STANDARD.to_owned());
        Self::on(server.trim_end_matches('/'))
    }

    /// One on the server with this URL. It is made when it is connected to.
    pub(crate) fn on(server: &str) -> Self {
        Self::named(server, format!("sendry_test_{}", Uuid::new_v4().simple()))
    }

    /// One of this name.
    pub(crate) fn named(server: &str, name: String) -> Self {
        Self { server: server.to_owned(), name }
    }

    /// As `traffic.url` takes it.
    pub(crate) fn url(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Host and port of the server.
    pub(crate) fn address(&self) -> String {
        let place = self.server.rsplit_once('@').map_or(self.server.as_str(), |(_, place)| place);
        place.trim_start_matches("clickhouse://").to_owned()
    }

    pub(crate) fn target(&self) -> Target {
        Target::parse(&self.url()).unwrap()
    }

    /// Runs a statement in it.
    pub(crate) async fn run(&self, sql: &str) {
        self.client().query_raw(sql).execute().await.unwrap();
    }

    /// The only number that a question answers.
    pub(crate) async fn number(&self, sql: &str) -> u64 {
        self.client()
            .query_raw(&format!("SELECT toUInt64(assumeNotNull(({sql})))"))
            .fetch_one()
            .await
            .unwrap()
    }

    /// The texts that a question answers.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let client = clickhouse::Client::with_database(self.client(), "default").with_validation(false);
        client.query_raw(sql).fetch_all().await.unwrap()
    }

    fn client(&self) -> clickhouse::Client {
        client(&self.server).with_database(&self.name)
    }
}

/// A client of the server with this URL.
fn client(server: &str) -> clickhouse::Client {
    let (credentials, host) = server.trim_start_matches("clickhouse://").rsplit_once('@').unwrap();
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    clickhouse::Client::default().with_url(format!("http://{host}")).with_user(user).with_password(password)
}

impl Drop for Database {
    fn drop(&mut self) {
        let (client, name) = (client(&self.server), self.name.clone());
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            // A test may have stopped its server.
            let dropped = client.query_raw(&format!("DROP DATABASE IF EXISTS {name}")).execute();
            drop(runtime.block_on(async { tokio::time::timeout(DROP_LIMIT, dropped).await }));
        });
        drop(thread.join());
    }
}

/// A server of a test's own, on a directory that survives it. Dropping it kills it.
pub(crate) struct Server {
    process: Option<Guarded>,
    dir: PathBuf,
    /// Taken away with the server, where nobody else named it.
    _scratch: Option<TempDir>,
    port: u16,
}

impl Server {
    pub(crate) fn start() -> Self {
        let scratch = TempDir::new().unwrap();
        let mut server = Self::start_in(scratch.path().to_path_buf());
        server._scratch = Some(scratch);
        server
    }

    /// On a directory that stays.
    pub(crate) fn start_in(dir: PathBuf) -> Self {
        let mut server = Self { dir, _scratch: None, port: 0, process: None };
        server.restart();
        server
    }

    /// As [`Database::on`] takes it.
    pub(crate) fn url(&self) -> String {
        format!("clickhouse://default@127.0.0.1:{}", self.port)
    }

    /// Kills it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it again on its data and its port; on a free one the first time.
    pub(crate) fn restart(&mut self) {
        self.kill();
        let port_file = self.dir.join("port");
        drop(std::fs::remove_file(&port_file));
        let mut command = Command::new(python());
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.ci/clickhouse/gateway.py"));
        command.arg("--data").arg(self.dir.join("data")).arg("--port").arg(self.port.to_string());
        command.arg("--port-file").arg(&port_file).stdout(Stdio::null());
        self.process = Some(Guarded::spawn(&mut command));
        let until = Instant::now() + Duration::from_secs(60);
        self.port = loop {
            if let Ok(port) = std::fs::read_to_string(&port_file) {
                break port.parse().unwrap();
            }
            assert!(Instant::now() < until, "ClickHouse does not start");
            std::thread::sleep(Duration::from_millis(20));
        };
    }
}

/// The Python that has the engine; `cargo xtask` installs it.
fn python() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let installed = std::fs::read_dir(target).unwrap().flatten().map(|entry| entry.path());
    let mut found =
        installed.filter(|path| path.join("pyvenv.cfg").is_file()).map(|path| path.join("bin/python"));
    found.next().expect("the engine is not installed: run `cargo xtask clickhouse` once")
}
