//! `sendry-hub serve`.

use std::io::Write;
use std::sync::Arc;

use clap::Args;

use super::{Failure, print};
use crate::app::{Hub, Role, Roles, Stores};
use crate::clock::{SharedClock, SystemClock};
use crate::config::{Config, Loaded, LogConfig, LogFormat};
use crate::lifecycle::{Signals, settle_allocator};

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// What this process does; everything when absent.
    #[arg(long, value_delimiter = ',', value_name = "ROLES")]
    role: Vec<Role>,
}

pub(super) fn run(serve: &Serve, loaded: Loaded) -> Result<(), Failure> {
    let roles = Roles::of(&serve.role);
    settle_allocator();
    init_log(&loaded.config.log);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::failed)?;
    let served = runtime.block_on(serve_until_signal(roles, loaded.config));
    // What still runs now was cut off on purpose.
    runtime.shutdown_background();
    served
}

async fn serve_until_signal(roles: Roles, config: Config) -> Result<(), Failure> {
    let mut signals = Signals::install().map_err(Failure::failed)?;
    let clock: SharedClock = Arc::new(SystemClock);
    let stores = Stores::connect_for(roles, &config, &clock).await?;
    let hub = Hub::start(config.clone(), stores, clock).await?;
    announce(&config, &hub)?;
    let signal = signals.next().await;
    tracing::info!(signal, "The hub shuts down.");
    tokio::select! {
        () = hub.shutdown() => tracing::info!("The hub is down."),
        signal = signals.next() => tracing::warn!(signal, "The shutdown was cut short."),
    }
    Ok(())
}

/// Says on standard output where the hub is and how the first user comes in.
fn announce(config: &Config, hub: &Hub) -> Result<(), Failure> {
    let own = format!("http://{}", hub.address);
    let base = config.http.public_url.as_ref().map_or(own.as_str(), |url| url.as_str());
    print(format_args!("Sendry listens on {own}"))?;
    if let Some(path) = hub.setup_path.as_ref().filter(|_| !config.dashboard.auto_login) {
        print(format_args!(
            "There is no user yet. Make the first one here, once, within 24 hours:\n  {base}{path}"
        ))?;
    }
    std::io::stdout().lock().flush().map_err(Failure::failed)
}

fn init_log(config: &LogConfig) {
    // What the broker's client shouts is told by the hub itself, in a sentence that says what to mend; `lapin=…` in the setting wins.
    let filter = tracing_subscriber::EnvFilter::new(format!("lapin=off,{}", config.filter));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Where standard error is a file on a full disk, to complain there about it would panic in the middle of a request.
    let log = log.log_internal_errors(false);
    match config.format {
        LogFormat::Text => log.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init(),
        LogFormat::Json => log.json().init(),
    }
}
