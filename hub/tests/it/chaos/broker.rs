//! RabbitMQ of a test's own, on loopback alone, that can be killed and started again on its data.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lapin::{Connection, ConnectionProperties};
use tempfile::TempDir;

/// What Debian puts on the PATH changes the user first.
const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";
/// A broker starts within eight seconds on a quiet machine.
const STARTS_WITHIN: Duration = Duration::from_secs(90);

pub(super) struct Broker {
    server: Option<Child>,
    /// The port mapper that Erlang needs.
    epmd: Child,
    ports: [u16; 3],
    dir: TempDir,
}

impl Broker {
    pub(super) async fn start() -> Self {
        let ports = [(); 3].map(|()| free_port());
        let mut epmd = Command::new("epmd");
        epmd.args(["-address", "127.0.0.1", "-port", &ports[1].to_string()]);
        let epmd = epmd.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let dir = TempDir::with_prefix("sendry-chaos-").unwrap();
        let mut broker = Self { server: None, epmd, ports, dir };
        broker.restart().await;
        broker
    }

    /// Its place, for a way to it.
    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.ports[0])
    }

    /// Kills it as a power cut would.
    pub(super) fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }

    /// Starts it again on its data and its ports, and waits until it lets somebody in.
    pub(super) async fn restart(&mut self) {
        self.kill();
        self.server = Some(self.command().spawn().unwrap());
        let until = Instant::now() + STARTS_WITHIN;
        loop {
            if let Ok(connection) =
                Connection::connect(&url(&self.address()), ConnectionProperties::default()).await
            {
                return connection.close(200, "it is there".into()).await.unwrap();
            }
            assert!(Instant::now() < until, "RabbitMQ does not start");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    fn command(&self) -> Command {
        let [port, epmd, distribution] = self.ports.map(|port| port.to_string());
        let dir = self.dir.path();
        let mut command = Command::new(SERVER);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // As systemd starts it: the script becomes the server, so that killing the one kills the other.
        command.env("RUNNING_UNDER_SYSTEMD", "true");
        command.env("HOME", dir).env("RABBITMQ_NODENAME", format!("chaos{port}@localhost"));
        command.env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1").env("RABBITMQ_NODE_PORT", port);
        command.env("RABBITMQ_DIST_PORT", distribution).env("ERL_EPMD_PORT", epmd);
        command.env("ERL_EPMD_ADDRESS", "127.0.0.1");
        command.env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}");
        command.env("RABBITMQ_MNESIA_BASE", dir.join("data")).env("RABBITMQ_LOG_BASE", dir.join("logs"));
        command.env("RABBITMQ_ENABLED_PLUGINS_FILE", dir.join("plugins"));
        command.env("RABBITMQ_CONFIG_FILE", dir.join("none")).env("RABBITMQ_LOGS", "-");
        command
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
        let _ = self.epmd.kill();
        let _ = self.epmd.wait();
    }
}

/// As `queue.url` takes it, for a broker or a way to it.
pub(super) fn url(address: &str) -> String {
    format!("amqp://guest:guest@{address}/%2f")
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
