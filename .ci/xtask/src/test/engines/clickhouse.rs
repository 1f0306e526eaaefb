//! ClickHouse: the server on the standard port if there is one, else the engine as a library behind our own gateway.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::Provided;
use crate::process::{Service, check};
use crate::workspace::{self, say};
use crate::{http, tools};

const GATEWAY: &str = ".ci/clickhouse/gateway.py";
const STANDARD_PORT: u16 = 8123;
/// The engine: 181 MB to download, 560 MB installed. Its dependencies are for data frames, which the gateway has no use for.
const ENGINE: &str = "chdb-core==26.9.0";
/// Unpacks what the client packs; without it the gateway does so itself, slowly.
const UNPACKER: &str = "lz4";
const INSTALLS_WITHIN: Duration = Duration::from_secs(900);
const STARTS_WITHIN: Duration = Duration::from_secs(60);

pub(super) fn provide() -> Result<Provided> {
    let standard = SocketAddr::from((Ipv4Addr::LOCALHOST, STANDARD_PORT));
    if http::get(standard, "/ping", "").is_ok_and(|answer| answer.status == 200) {
        return Ok(Provided::found());
    }
    let dir = tempfile::tempdir()?;
    let (service, port) = start(dir.path(), 0)?;
    Ok(Provided::started(format!("clickhouse://default@127.0.0.1:{port}"), service, dir))
}

/// Starts the gateway on a port, its data, log and port in `dir`, and waits until it answers.
fn start(dir: &Path, port: u16) -> Result<(Service, u16)> {
    let python = python()?;
    let (gateway, port_file) = (workspace::root().join(GATEWAY), dir.join("port"));
    let mut service = Service::start("ClickHouse", &python, &dir.join("log"), |command| {
        command.arg(&gateway).args(["--port", &port.to_string(), "--port-file"]).arg(&port_file);
        command.arg("--data").arg(dir.join("data"));
    })?;
    let port = wait(&port_file, &mut service)?;
    Ok((service, port))
}

/// `cargo xtask clickhouse`: one on the standard port, where tests that are run without this tool look for it.
pub(crate) fn serve() -> Result<()> {
    let dir = workspace::target_dir()?.join("clickhouse-data");
    std::fs::create_dir_all(&dir)?;
    let port_file = dir.join("port");
    if port_file.exists() {
        std::fs::remove_file(port_file)?;
    }
    let (mut service, port) = start(&dir, STANDARD_PORT)?;
    say(format_args!(
        "ClickHouse at clickhouse://default@127.0.0.1:{port}, data in {}; Ctrl-C ends it",
        dir.display()
    ));
    while service.ended()?.is_none() {
        std::thread::sleep(Duration::from_millis(200));
    }
    bail!("it ended:\n{}", service.last_words())
}

/// The Python that has the engine; installed once, beside what cargo builds. Benches and tests that start a server of their own look
/// for it there.
pub(crate) fn python() -> Result<PathBuf> {
    let dir = workspace::target_dir()?.join(format!("clickhouse-{}", ENGINE.replace("==", "-")));
    let python = dir.join("bin/python");
    if has_engine(&python) {
        return Ok(python);
    }
    let Some(system) = tools::find(&["python3"]) else {
        bail!("not found, and not installed: set SENDRY_TEST_CLICKHOUSE_URL, or install Python 3 with venv");
    };
    say(format_args!("Installing {ENGINE} into {}", dir.display()));
    check(&system, INSTALLS_WITHIN, |command| {
        command.args(["-m", "venv", "--clear"]).arg(&dir);
    })
    .context("set SENDRY_TEST_CLICKHOUSE_URL, or install Python 3 with venv")?;
    check(&python, INSTALLS_WITHIN, |command| {
        command.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            ENGINE,
            UNPACKER,
        ]);
    })?;
    ensure!(has_engine(&python), "{ENGINE} was installed and cannot be imported");
    Ok(python)
}

fn has_engine(python: &Path) -> bool {
    let mut command = Command::new(python);
    command
        .args(["-c", "import chdb, lz4.block"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    python.is_file() && command.status().is_ok_and(|status| status.success())
}

/// The port that the gateway wrote when it was ready.
fn wait(port_file: &Path, service: &mut Service) -> Result<u16> {
    let until = Instant::now() + STARTS_WITHIN;
    loop {
        if let Ok(port) = std::fs::read_to_string(port_file) {
            return port.trim().parse().context("the gateway wrote no port");
        }
        let ended = service.ended()?.is_some();
        ensure!(!ended && Instant::now() < until, "it did not start:\n{}", service.last_words());
        std::thread::sleep(Duration::from_millis(50));
    }
}
