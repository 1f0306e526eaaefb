//! The command line. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.
//!
//! All commands but `serve` open the stores for a moment and work beside a running hub.

mod app;
mod backup;
mod config;
mod dead_letters;
mod doctor;
mod migrate_store;
mod openapi;
mod serve;
mod token;
mod user;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use serde::Serialize;

use crate::app::AppError;
use crate::clock::{SharedClock, SystemClock};
use crate::config::{self as configuration, Config, ConfigError, Loaded, Sources};
use crate::queue::QueueError;
use crate::store::StoreError;

/// What is doing in an HTTP API: requests, errors and latency of every endpoint, every minute.
#[derive(Debug, Parser)]
#[command(name = "sendry-hub", version, about, arg_required_else_help = true)]
struct Arguments {
    /// The configuration file; without it `sendry-hub.toml` in the working directory, if it is there.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the hub.
    Serve(serve::Serve),
    /// Apps and their write keys.
    #[command(subcommand)]
    App(app::AppCommand),
    /// Tokens for programs that use the API.
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// People who log in.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Messages that can never be stored, and why.
    #[command(subcommand, name = "dead-letters")]
    DeadLetters(dead_letters::DeadLettersCommand),
    /// Looks at everything the hub needs, and says what to do about what is not as it should be.
    Doctor(doctor::Doctor),
    /// Copies the embedded stores into a directory, beside a running hub.
    Backup(backup::Backup),
    /// Puts a backup back, where no hub runs and nothing is.
    Restore(backup::Restore),
    /// Copies traffic from SQLite into the configured ClickHouse, where no hub runs; may be interrupted and run again.
    MigrateStore(migrate_store::MigrateStore),
    /// The configuration: checked, printed, described.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Prints the OpenAPI document of the query API.
    Openapi,
}

/// Why a command did not do what it should.
#[derive(Debug)]
enum Failure {
    /// Exit code 2.
    Usage(String),
    /// Exit code 1.
    Failed(String),
}

impl Failure {
    fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Config(error) => error.into(),
            AppError::Store(StoreError::Misconfigured(sentence))
            | AppError::Queue(QueueError::Misconfigured(sentence)) => Self::Usage(sentence),
            error => Self::failed(error),
        }
    }
}

/// Reads the arguments of the process, runs the command and reports how it went.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let code = match execute(arguments) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Usage(message)) => (2, message),
        Err(Failure::Failed(message)) => (1, message),
    };
    let _ = writeln!(std::io::stderr().lock(), "error: {}", code.1);
    ExitCode::from(code.0)
}

fn execute(arguments: Arguments) -> Result<(), Failure> {
    let load = || configuration::load(&Sources::of_process(arguments.config));
    match arguments.command {
        Command::Openapi => openapi::run(),
        Command::Config(command) => config::run(&command, load),
        Command::Serve(serve) => serve::run(&serve, load()?),
        Command::Doctor(doctor) => {
            blocking(load()?, |context| async move { doctor::run(&doctor, context).await })
        }
        Command::Backup(command) => {
            blocking(load()?, |context| async move { backup::take(&command, context).await })
        }
        Command::Restore(command) => {
            blocking(load()?, |context| async move { backup::restore(&command, context).await })
        }
        Command::MigrateStore(command) => {
            blocking(load()?, |context| async move { migrate_store::run(&command, context).await })
        }
        Command::App(command) => blocking(load()?, |context| app::run(command, context)),
        Command::Token(command) => blocking(load()?, |context| token::run(command, context)),
        Command::User(command) => blocking(load()?, |context| user::run(command, context)),
        Command::DeadLetters(command) => blocking(load()?, |context| dead_letters::run(command, context)),
    }
}

/// What a short command works with.
struct Context {
    config: Config,
    clock: SharedClock,
}

impl Context {
    fn now(&self) -> i64 {
        self.clock.now()
    }
}

/// Runs a short command on a runtime of one thread.
fn blocking<F: Future<Output = Result<(), Failure>>>(
    loaded: Loaded,
    command: impl FnOnce(Context) -> F,
) -> Result<(), Failure> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::failed)?;
    runtime.block_on(command(Context { config: loaded.config, clock: Arc::new(SystemClock) }))
}

/// Writes a line to standard output; a reader that went away is a failure like any other.
fn print(line: impl std::fmt::Display) -> Result<(), Failure> {
    writeln!(std::io::stdout().lock(), "{line}").map_err(Failure::failed)
}

/// Writes a value as one line of JSON.
fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    print(serde_json::to_string(value).map_err(Failure::failed)?)
}

/// Unix seconds as people read them; `never` for none.
fn show_time(secs: Option<i64>) -> String {
    let time = secs.and_then(|secs| jiff::Timestamp::from_second(secs).ok());
    time.map_or_else(|| "never".to_owned(), |time| time.to_string())
}
