#![forbid(unsafe_code)]
//! `shop serve` is the API, `shop load` its customers.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::time::Duration;

use clap::Parser;
use sendry_sdk_axum::{RequestLogLayer, RequestLogs, Sendry};
use shop::load::{self, Load};
use shop::state::{Faults, Shop};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

#[derive(Parser)]
#[command(version, about)]
enum Command {
    /// Serves the API; Sendry reads SENDRY_WRITE_KEY, SENDRY_HUB_URL and SENDRY_ENV.
    Serve {
        #[arg(long, default_value = "127.0.0.1:8700")]
        listen: SocketAddr,
    },
    /// Sends believable traffic to a running shop.
    Load {
        /// Where the shop listens.
        #[arg(long, default_value = "http://127.0.0.1:8700")]
        target: String,
        /// Requests a second, before waves and bursts.
        #[arg(long, default_value_t = 40.0)]
        rate: f64,
        /// Seconds until it ends; for ever when absent.
        #[arg(long)]
        duration: Option<u64>,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let printed =
        tracing_subscriber::fmt::layer().with_ansi(std::io::stdout().is_terminal()).with_filter(filter);
    let logged = RequestLogLayer::new().with_filter(Targets::new().with_target("shop", LevelFilter::DEBUG));
    tracing_subscriber::registry().with(printed).with(logged).init();
    match Command::parse() {
        Command::Serve { listen } => serve(listen).await,
        Command::Load { target, rate, duration } => {
            load::run(Load { target, rate, duration: duration.map(Duration::from_secs) }).await
        }
    }
}

async fn serve(listen: SocketAddr) -> anyhow::Result<()> {
    let app = shop::api::router(Shop::open(Faults::USUAL));

    sendry_sdk_axum::capture_panics();
    let logs =
        RequestLogs::new().request_bodies().response_bodies().client_address().keep_first_per_minute(5);
    let sendry = Sendry::builder()
        .app_version(env!("CARGO_PKG_VERSION"))
        .request_logs(logs.sample_rate(0.2).keep_slower_than(Duration::from_millis(800)))
        .build()?;
    let app = sendry_sdk_axum::instrument(app, &sendry);

    let listener = TcpListener::bind(listen).await?;
    tracing::info!("the shop listens on http://{}", listener.local_addr()?);
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).with_graceful_shutdown(asked_to_stop()).await?;
    sendry.shutdown().await?; // reports the last seconds
    Ok(())
}

async fn asked_to_stop() {
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    let Ok(mut terminate) = terminate else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => (),
        _ = tokio::signal::ctrl_c() => (),
    }
}
