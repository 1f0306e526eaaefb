//! The job that deletes what is too old: at start and every hour, never twice at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::outage::sleep;
use crate::clock::SharedClock;
use crate::store::traffic::{Retention, TrafficWriter};

/// How long between two runs. A run deletes an hour's rows: about a hundred thousand for fifty busy routes.
const EVERY: Duration = Duration::from_secs(3_600);

/// Runs until `stop` says so. A run that fails is logged and tried again with the next.
pub async fn run(
    writer: Arc<dyn TrafficWriter>,
    clock: SharedClock,
    retention: Retention,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        if let Err(error) = writer.delete_expired(clock.now(), &retention).await {
            tracing::warn!(%error, "Old traffic could not be deleted; it is tried again in an hour.");
        }
        if !sleep(EVERY, &mut stop).await {
            return;
        }
    }
}
