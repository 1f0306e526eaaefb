//! PostgreSQL: the one on the standard port if it lets the tests in, else a cluster of our own on loopback.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::Provided;
use crate::process::{Service, check};
use crate::{http, tools};

const STANDARD_PORT: u16 = 5432;
const PACKAGES: &[&str] = &["postgresql"];
/// Making an empty cluster takes a few seconds, its start one.
const LIMIT: Duration = Duration::from_secs(60);
/// The Debian package's user: the server refuses to run as root.
const USER: &str = "postgres";

pub(super) fn provide() -> Result<Provided> {
    if lets_us_in() {
        return Ok(Provided::found());
    }
    let programs = programs().or_else(|| {
        let installed = tools::can_install() && tools::install(PACKAGES).is_ok_and(|installed| installed);
        installed.then(programs).flatten()
    });
    let Some(programs) = programs else {
        bail!(
            "not found, and not installed: set SENDRY_TEST_POSTGRES_URL, or apt-get install {}",
            PACKAGES.join(" ")
        );
    };
    start(&programs)
}

/// Whether the server on the standard port takes the user `postgres` without a password, as the tests come.
fn lets_us_in() -> bool {
    let mut ask = Command::new("psql");
    ask.args(["-h", "127.0.0.1", "-p", &STANDARD_PORT.to_string(), "-U", USER, "-w", "-Atc", "SELECT 1"]);
    let asked = ask.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

/// The directory of the newest server that is installed.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let newest = versions.flatten().map(|version| version.path().join("bin"));
    let newest = newest.filter(|programs| programs.join("initdb").is_file()).max();
    newest.or_else(|| Some(tools::find(&["initdb"])?.parent()?.to_owned()))
}

fn start(programs: &Path) -> Result<Provided> {
    let dir = tempfile::tempdir()?;
    let is_root = nix::unistd::geteuid().is_root();
    if is_root {
        let user = nix::unistd::User::from_name(USER)?.with_context(|| format!("there is no user {USER}"))?;
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755))?;
        chown(dir.path(), Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
    }
    let data = dir.path().join("cluster");
    let port = free_port()?;
    check(program(programs, "initdb", is_root), LIMIT, |initdb| {
        as_user(initdb, programs, "initdb", is_root);
        initdb.args(["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-U", USER, "-D"]);
        initdb.arg(&data);
    })?;
    let log = dir.path().join("log");
    let mut service =
        Service::start("PostgreSQL", &program(programs, "postgres", is_root), &log, |server| {
            as_user(server, programs, "postgres", is_root);
            server.arg("-D").arg(&data).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
            // What is written is thrown away, so nothing waits for the disk.
            server.args(["-c", "unix_socket_directories=", "-c", "max_connections=200", "-c", "fsync=off"]);
        })?;
    wait(port, &mut service)?;
    Ok(Provided::started(format!("postgres://{USER}@127.0.0.1:{port}/postgres"), service, dir))
}

/// What is started: the program, or as root one that becomes the server's user first.
fn program(programs: &Path, name: &str, is_root: bool) -> PathBuf {
    if is_root { PathBuf::from("setpriv") } else { programs.join(name) }
}

fn as_user(command: &mut Command, programs: &Path, name: &str, is_root: bool) {
    if is_root {
        command.args(["--reuid", USER, "--regid", USER, "--clear-groups"]).arg(programs.join(name));
        command.current_dir("/");
    }
}

fn free_port() -> Result<u16> {
    Ok(http::listen_address(0)?.port())
}

fn wait(port: u16, service: &mut Service) -> Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let until = Instant::now() + LIMIT;
    while TcpStream::connect(address).is_err() {
        let ended = service.ended()?.is_some();
        ensure!(!ended && Instant::now() < until, "it did not start:\n{}", service.last_words());
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}
