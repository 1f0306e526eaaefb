//! PostgreSQL of a test's own, on loopback alone, with TLS.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::broker::free_port;
use crate::guard::Guarded;

/// A server of a test's own, which speaks TLS. Dropping it kills it.
pub(crate) struct Server {
    _process: Guarded,
    _dir: TempDir,
    pub(crate) port: u16,
}

impl Server {
    /// With a certificate and its key, as PEM.
    pub(crate) fn start(certificate: &str, key: &str) -> Self {
        let (dir, port) = (TempDir::with_prefix("sendry-postgres-").unwrap(), free_port());
        own(dir.path(), 0o755);
        let data = dir.path().join("data");
        let mut initdb = program("initdb");
        initdb.args(["--auth=trust", "--encoding=UTF8", "--no-sync", "-U", USER, "-D"]).arg(&data);
        assert!(initdb.stdout(Stdio::null()).status().unwrap().success());
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            std::fs::write(data.join(name), text).unwrap();
            own(&data.join(name), 0o600);
        }
        let mut server = program("postgres");
        server.arg("-D").arg(&data).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        server.args(["-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "ssl=on"]);
        let server = server.stdout(Stdio::null()).stderr(Stdio::null());
        let process = Guarded::spawn(server);
        let until = Instant::now() + Duration::from_secs(60);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "PostgreSQL does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { _process: process, _dir: dir, port }
    }
}

/// The user of Debian's package: the server refuses to run as root.
const USER: &str = "postgres";

/// A program of the newest server that is installed, run by its user.
fn program(name: &str) -> Command {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed");
    let programs = versions.flatten().map(|version| version.path().join("bin").join(name));
    let newest = programs.filter(|program| program.is_file()).max().unwrap_or_else(|| PathBuf::from(name));
    let mut command = Command::new("setpriv");
    if is_root() {
        command.args(["--reuid", USER, "--regid", USER, "--clear-groups"]).arg(newest);
    } else {
        command = Command::new(newest);
    }
    command.current_dir("/").stdin(Stdio::null());
    command
}

/// Gives a file to the server's user.
fn own(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    if is_root() {
        let id = |what: &str| {
            let output = Command::new("id").args([what, USER]).output().unwrap();
            String::from_utf8_lossy(&output.stdout).trim().parse::<u32>().unwrap()
        };
        chown(path, Some(id("-u")), Some(id("-g"))).unwrap();
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
