//! The load: visitors that walk through the shop, paced to a rate that rises and falls.
//!
//! A fixed number of visitors bounds the concurrency, one pacer the rate. Each visitor picks scenario after scenario by
//! weight. Failures of single requests are part of the picture and are not reported.

mod pace;
mod scenarios;
mod visitor;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use http::Uri;

use pace::Pacer;
use visitor::Visitor;

/// Visitors at once: enough that slow endpoints don't hold the rate down, few enough to be polite.
const VISITORS_MAX: usize = 256;

/// What to send, where to, for how long.
pub struct Load {
    /// `http://host:port`.
    pub target: String,
    /// Mean requests a second.
    pub rate: f64,
    /// For ever when absent.
    pub duration: Option<Duration>,
}

/// Sends load until its duration is over.
pub async fn run(load: Load) -> anyhow::Result<()> {
    let target: Uri =
        load.target.parse().with_context(|| format!("--target {} is not a URL", load.target))?;
    let authority = target.authority().context("--target needs a host and a port")?.clone();
    anyhow::ensure!(load.rate > 0.0 && load.rate <= 5_000.0, "--rate must be above 0 and at most 5000");
    let pacer = Arc::new(Pacer::new(load.rate));
    let visitors = ((load.rate * 2.0) as usize).clamp(8, VISITORS_MAX);
    tracing::info!(rate = load.rate, visitors, "sending load to {}", load.target);
    for _ in 0..visitors {
        let visitor = Visitor::new(authority.clone(), pacer.clone());
        tokio::spawn(scenarios::walk(visitor));
    }
    match load.duration {
        Some(duration) => tokio::time::sleep(duration).await,
        None => std::future::pending().await,
    }
    Ok(())
}
