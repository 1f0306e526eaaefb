//! RabbitMQ: the one on the standard port if it lets the tests in, else a broker of our own on loopback.
//!
//! Tests that stop or freeze a broker start their own, from the same package; so it is installed in any case.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::Provided;
use crate::process::Service;
use crate::{http, tools};

const STANDARD_PORT: u16 = 5672;
const PACKAGES: &[&str] = &["rabbitmq-server"];
/// The server itself. What Debian puts on the PATH changes the user first.
const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";
/// A broker starts within eight seconds on a quiet machine.
const LIMIT: Duration = Duration::from_secs(120);
const USER: &str = "guest";

pub(super) fn provide() -> Result<Provided> {
    let is_there = Path::new(SERVER).is_file() || (tools::can_install() && tools::install(PACKAGES)?);
    if !is_there {
        bail!(
            "{SERVER} is not there, and not installed: apt-get install {} (brokers in containers do not help the tests that \
             stop one)",
            PACKAGES.join(" ")
        );
    }
    match speaks_amqp(STANDARD_PORT) {
        true => Ok(Provided::found()),
        false => start(),
    }
}

/// Whether somebody answers the protocol's greeting with its first frame: a method on channel 0.
fn speaks_amqp(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let greet = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"AMQP\x00\x00\x09\x01")?;
        let mut first = [0; 3];
        stream.read_exact(&mut first)?;
        Ok(first == [1, 0, 0])
    };
    greet().unwrap_or(false)
}

/// A broker and the port mapper that Erlang needs, both on loopback alone, and in one process group.
fn start() -> Result<Provided> {
    let dir = tempfile::tempdir()?;
    let (port, epmd, distribution) = (free_port()?, free_port()?, free_port()?);
    let log = dir.path().join("log");
    // The port mapper first, else the server starts one of its own, which leaves the process group.
    let script = "epmd -address 127.0.0.1 -port \"$ERL_EPMD_PORT\" & \
                  until epmd -names >/dev/null 2>&1; do sleep 0.05; done; exec \"$0\"";
    let mut service = Service::start("RabbitMQ", Path::new("/bin/sh"), &log, |shell| {
        shell.args(["-c", script, SERVER]);
        on_loopback(shell, dir.path(), [port, epmd, distribution]);
    })?;
    let until = Instant::now() + LIMIT;
    while !speaks_amqp(port) {
        let ended = service.ended()?.is_some();
        ensure!(!ended && Instant::now() < until, "it did not start:\n{}", service.last_words());
        std::thread::sleep(Duration::from_millis(250));
    }
    Ok(Provided::started(format!("amqp://{USER}:{USER}@127.0.0.1:{port}/%2f"), service, dir))
}

fn on_loopback(command: &mut Command, dir: &Path, [port, epmd, distribution]: [u16; 3]) {
    command.env("HOME", dir).env("RABBITMQ_NODENAME", format!("sendry{port}@localhost"));
    command.env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1").env("RABBITMQ_NODE_PORT", port.to_string());
    command.env("RABBITMQ_DIST_PORT", distribution.to_string()).env("ERL_EPMD_PORT", epmd.to_string());
    command.env("ERL_EPMD_ADDRESS", "127.0.0.1");
    command.env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}");
    command.env("RABBITMQ_MNESIA_BASE", dir.join("data")).env("RABBITMQ_LOG_BASE", dir.join("logs"));
    command.env("RABBITMQ_ENABLED_PLUGINS_FILE", dir.join("plugins"));
    command.env("RABBITMQ_CONFIG_FILE", dir.join("none")).env("RABBITMQ_LOGS", "-");
}

fn free_port() -> Result<u16> {
    Ok(http::listen_address(0)?.port())
}
