//! Request logs: one row each, who called as a hash only.

use sendry_sdk::protocol::RequestLog;
use tokio::try_join;

use super::super::ClickHouseTraffic;
use super::super::link::date_time;
use super::super::rows::{EVERYBODY, RequestLogRow};
use super::facts::{Facts, HUB_LOSSES};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::{AcceptedRequestLogs, ConsumerHash, Tier};

/// Losses of request logs are numbered from here on: a batch and a report may have one id.
const OF_LOGS: u32 = HUB_LOSSES + (1 << 19);

impl ClickHouseTraffic {
    /// Stores the batches, and marks the half hours to which they add a loss.
    pub(super) async fn store_logs(&self, batches: &[&AcceptedRequestLogs]) -> Result<(), StoreError> {
        let (mut rows, mut facts) = (Vec::new(), Facts::default());
        for batch in batches {
            let place = (batch.app_id, batch.head.env.as_str());
            let hashes = batch.consumer_hashes.iter().copied().chain(std::iter::repeat(None));
            for (log, consumer) in batch.logs.iter().zip(hashes) {
                rows.push(row(batch, log, consumer)?);
                if let Some(consumer) = consumer {
                    facts.see(place, consumer, minute_of(log));
                }
            }
            let minute = Tier::Minute.floor(batch.accepted_at.div_euclid(1_000));
            for (ordinal, loss) in (OF_LOGS..).zip(&batch.hub_losses) {
                facts.add_loss_of_logs((place, batch.head.batch_id), (minute, ordinal), loss);
            }
        }
        let known = self.known(&self.logs).await;
        let consumers = known.consumers.missing(&facts.consumers);
        let groups = known.groups.missing(&facts.groups);
        let since = known.since;
        drop(known);
        try_join!(
            self.link.insert::<RequestLogRow<'static>>("request_logs", &rows),
            self.store_consumers(&consumers),
            self.store_groups(&groups),
            self.store_facts(&facts),
        )?;
        self.mark(&facts.touched).await?;
        self.logs.lock().await.learn(since, |known| known.learn_of(&facts));
        Ok(())
    }
}

fn minute_of(log: &RequestLog) -> UnixSecs {
    log.time_us.div_euclid(60_000_000) * 60
}

fn row<'a>(
    batch: &'a AcceptedRequestLogs,
    log: &'a RequestLog,
    consumer: Option<ConsumerHash>,
) -> Result<RequestLogRow<'a>, StoreError> {
    let nameless = RequestLog { consumer: None, ..log.clone() };
    let json = serde_json::to_string(&nameless).map_err(|error| StoreError::Refused(error.to_string()))?;
    Ok(RequestLogRow {
        app_id: batch.app_id,
        env: &batch.head.env,
        time_us: log.time_us,
        id: *log.id.as_bytes(),
        accepted_at: date_time(batch.accepted_at.div_euclid(1_000)),
        method: &log.method,
        path: &log.path,
        status: log.status,
        duration_us: log.duration_us,
        consumer: consumer.unwrap_or(EVERYBODY),
        trace_id: log.trace_id.as_deref().unwrap_or_default(),
        bytes: u32::try_from(json.len()).unwrap_or(u32::MAX),
        log: json,
    })
}
