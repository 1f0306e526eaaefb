//! A hub on this machine: its CLI, and the server on embedded stores in a directory of its own.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::http;
use crate::process::Service;

/// Migrations of a fresh data directory take well under a second; a busy machine takes longer to start a process.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// The hub's program and where it keeps its data.
pub(crate) struct Hub {
    pub(crate) program: PathBuf,
    pub(crate) data_dir: PathBuf,
}

/// What an app reports with.
pub(crate) struct App {
    pub(crate) app_id: String,
    pub(crate) write_key: String,
}

/// Whether the dashboard asks who is there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogIn {
    Asked,
    /// Whoever asks from this machine is logged in.
    Automatic,
}

impl Hub {
    pub(crate) fn create_app(&self, name: &str) -> Result<App> {
        let answer = self.ask(&["app", "create", name, "--json"])?;
        Ok(App { app_id: field(&answer, "app_id")?, write_key: field(&answer, "write_key")? })
    }

    /// Creates a token for the query API.
    pub(crate) fn create_token(&self, name: &str) -> Result<String> {
        field(&self.ask(&["token", "create", name, "--json"])?, "token")
    }

    /// Creates a user who may do everything.
    pub(crate) fn create_admin(&self, email: &str, password: &str) -> Result<()> {
        let mut command = Command::new(&self.program);
        self.configure(command.args(["user", "create", email, "--role", "admin"]).stdin(Stdio::piped()));
        let mut hub = command.stdout(Stdio::null()).spawn().context("the hub's CLI cannot be run")?;
        hub.stdin.take().context("the hub's CLI takes no input")?.write_all(password.as_bytes())?;
        ensure!(hub.wait()?.success(), "sendry-hub could not create the user {email}");
        Ok(())
    }

    /// Starts the server.
    pub(crate) fn serve(&self, listen: SocketAddr, log_in: LogIn) -> Result<Service> {
        let mut service = Service::start("hub", &self.program, &self.data_dir.join("hub.log"), |hub| {
            self.configure(hub.arg("serve"));
            hub.env("SENDRY_LISTEN", listen.to_string());
            hub.env("SENDRY_DASHBOARD__AUTO_LOGIN", (log_in == LogIn::Automatic).to_string());
        })?;
        http::wait_until_ready(listen, "/readyz", READY_WITHIN, || must_run(&mut service))?;
        Ok(service)
    }

    fn ask(&self, arguments: &[&str]) -> Result<Value> {
        let mut command = Command::new(&self.program);
        self.configure(command.args(arguments).stdin(Stdio::null()));
        let output = command.output().with_context(|| format!("{} cannot be run", self.program.display()))?;
        let words = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "sendry-hub {}: {words}", arguments.join(" "));
        serde_json::from_slice(&output.stdout).context("the hub's CLI said no JSON")
    }

    /// Runs it in its data directory and without the settings of whoever runs this.
    fn configure(&self, command: &mut Command) {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SENDRY_") {
                command.env_remove(name);
            }
        }
        command.current_dir(&self.data_dir).env("SENDRY_DATA_DIR", self.data_dir.join("stores"));
    }
}

fn field(answer: &Value, name: &str) -> Result<String> {
    Ok(answer[name].as_str().with_context(|| format!("the hub's CLI did not tell {name}"))?.to_owned())
}

/// Fails with its last words when a service has ended.
pub(crate) fn must_run(service: &mut Service) -> Result<()> {
    match service.ended()? {
        Some(status) => {
            bail!("the {} ended with {status}; it said last:\n{}", service.name, service.last_words())
        }
        None => Ok(()),
    }
}

/// An empty directory at `path`.
pub(crate) fn fresh_dir(path: &Path) -> Result<()> {
    if path.exists() {
        std::fs::remove_dir_all(path).with_context(|| format!("{} cannot be emptied", path.display()))?;
    }
    std::fs::create_dir_all(path).with_context(|| format!("{} cannot be made", path.display()))
}
