//! RabbitMQ of a test's own, on loopback alone: it can be killed, frozen, starved and started again on its data.

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lapin::{Connection, ConnectionProperties};
use tempfile::TempDir;

use crate::guard::Guarded;

/// What Debian puts on the PATH changes the user first.
const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";
const CONTROL: &str = "/usr/lib/rabbitmq/bin/rabbitmqctl";
/// A broker starts within eight seconds on a quiet machine, and within a minute on a busy one.
const STARTS_WITHIN: Duration = Duration::from_secs(180);
/// First the port mapper that Erlang needs, else the server starts one of its own, which leaves the process group. As systemd
/// starts it, the script becomes the server, so that a signal to the one reaches the other.
const SCRIPT: &str = "epmd -address 127.0.0.1 -port \"$ERL_EPMD_PORT\" & \
                      until epmd -names >/dev/null 2>&1; do sleep 0.05; done; exec \"$0\"";

pub(crate) struct Broker {
    server: Option<Guarded>,
    ports: [u16; 3],
    dir: TempDir,
}

impl Broker {
    pub(crate) async fn start() -> Self {
        Self::start_with("", "").await
    }

    /// With lines for `rabbitmq.conf` and terms for `advanced.config`.
    pub(crate) async fn start_with(lines: &str, terms: &str) -> Self {
        let ports = [(); 3].map(|()| free_port());
        let dir = TempDir::with_prefix("sendry-broker-").unwrap();
        std::fs::write(dir.path().join("rabbitmq.conf"), lines).unwrap();
        std::fs::write(dir.path().join("advanced.config"), format!("[{{rabbit, [{terms}]}}].")).unwrap();
        let mut broker = Self { server: None, ports, dir };
        broker.restart().await;
        broker
    }

    /// Its place, for a way to it.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.ports[0])
    }

    /// Kills it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.server = None;
    }

    /// Starts it again on its data and its ports, and waits until it lets somebody in.
    pub(crate) async fn restart(&mut self) {
        self.kill();
        let mut server = Command::new("/bin/sh");
        server.args(["-c", SCRIPT, SERVER]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.server = Some(Guarded::spawn(self.environment(&mut server)));
        let until = Instant::now() + STARTS_WITHIN;
        loop {
            if let Ok(connection) =
                Connection::connect(&url(&self.address()), ConnectionProperties::default()).await
            {
                return connection.close(200, "it is there".into()).await.unwrap();
            }
            assert!(Instant::now() < until, "RabbitMQ does not start; see {}", self.dir.path().display());
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// Stops it in the middle of what it does: its connections stay open and nothing answers.
    pub(crate) fn freeze(&self) {
        self.server.as_ref().unwrap().signal("STOP");
    }

    pub(crate) fn thaw(&self) {
        self.server.as_ref().unwrap().signal("CONT");
    }

    /// Runs `rabbitmqctl`, which must succeed.
    pub(crate) async fn control(&self, arguments: &[&str]) {
        let mut control = Command::new(CONTROL);
        self.environment(&mut control).args(arguments).stdin(Stdio::null());
        let output = tokio::task::spawn_blocking(move || control.output().unwrap()).await.unwrap();
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{arguments:?}: {}{}", said(&output.stdout), said(&output.stderr));
    }

    fn environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let [port, epmd, distribution] = self.ports.map(|port| port.to_string());
        let dir = self.dir.path();
        command.env("RUNNING_UNDER_SYSTEMD", "true");
        command.env("HOME", dir).env("RABBITMQ_NODENAME", format!("sendry{port}@localhost"));
        command.env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1").env("RABBITMQ_NODE_PORT", port);
        command.env("RABBITMQ_DIST_PORT", distribution).env("ERL_EPMD_PORT", epmd);
        command.env("ERL_EPMD_ADDRESS", "127.0.0.1");
        command.env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}");
        command.env("RABBITMQ_MNESIA_BASE", dir.join("data")).env("RABBITMQ_LOG_BASE", dir.join("logs"));
        command.env("RABBITMQ_ENABLED_PLUGINS_FILE", dir.join("plugins"));
        command.env("RABBITMQ_CONFIG_FILE", dir.join("rabbitmq.conf"));
        command.env("RABBITMQ_ADVANCED_CONFIG_FILE", dir.join("advanced.config"));
        command.env("RABBITMQ_LOGS", dir.join("log"))
    }
}

/// As `queue.url` takes it, for a broker or a way to it.
pub(crate) fn url(address: &str) -> String {
    format!("amqp://guest:guest@{address}/%2f")
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
