//! A filled queue and one worker that drains it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use sendry_hub::clock::ManualClock;
use sendry_hub::queue::{self, AppId, ENVELOPE_VERSION, Encoding, Envelope, Kind, Queue, Topic};
use sendry_hub::store::StoreError;
use sendry_hub::store::traffic::clickhouse::{self, Target};
use sendry_hub::store::traffic::{ConsumerKey, Retention, TrafficWriter, sqlite};
use sendry_hub::worker::{Directory, KnownConsumer, Worker, WorkerParts};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use uuid::Uuid;

use crate::part::{cpu_of, status_kb};
use crate::{Outcome, amqp, reports};

pub const NOW: i64 = 1_700_000_040;
const PUBLISHERS: u64 = 64;

/// How long it took, and how much CPU time of this process.
#[derive(Serialize, Deserialize)]
pub struct Drained {
    pub published: Duration,
    pub stored: Duration,
    pub cpu: Duration,
    /// Memory at the most: until everything was published, and in all.
    pub published_kb: u64,
    pub peak_kb: u64,
}

/// Into the embedded store.
pub async fn into_sqlite(dir: &Path, series: u32, reports: u64) -> Outcome<Drained> {
    let clock = ManualClock::at(NOW);
    let store = sqlite::connect(&dir.join("traffic.db"), clock.clone(), Retention::default()).await?;
    let queue = queue::sqlite::connect(&dir.join("queue.db"), u64::MAX, clock.clone()).await?;
    let drained = drain(queue, &clock, Arc::new(store.clone()), (series, reports)).await?;
    store.close().await;
    Ok(drained)
}

/// Into a ClickHouse; one behind the tests' proxy swallows what comes, where that is asked for. Out of the embedded queue or, where a
/// prefix is given, out of RabbitMQ.
pub async fn into_clickhouse(
    dir: &Path,
    url: &str,
    (swallow, prefix): (Option<&str>, Option<&str>),
    amount: (u32, u64),
) -> Outcome<Drained> {
    let clock = ManualClock::at(NOW);
    let target = Target::parse(url).ok_or("that is no URL of a ClickHouse")?;
    let store = clickhouse::connect(&target, None, clock.clone(), Retention::default()).await?;
    if let Some(swallow) = swallow {
        crate::harness::client_builder().no_proxy().build()?.get(swallow).send().await?;
    }
    let queue = match prefix {
        Some(prefix) => queue::rabbitmq::connect(&amqp::config(&amqp::url(), prefix), clock.clone()).await?,
        None => queue::sqlite::connect(&dir.join("queue.db"), u64::MAX, clock.clone()).await?,
    };
    drain(queue, &clock, Arc::new(store), amount).await
}

async fn drain(
    queue: Queue,
    clock: &Arc<ManualClock>,
    writer: Arc<dyn TrafficWriter>,
    (series, reports): (u32, u64),
) -> Outcome<Drained> {
    let bodies: Vec<_> = (0..reports).map(|number| reports::packed(number, series, NOW / 60)).collect();
    let started = Instant::now();
    publish(&queue, bodies).await?;
    let published = started.elapsed();
    let parts = WorkerParts {
        queue: queue.clone(),
        writer,
        directory: Arc::new(Everybody),
        consumer_key: ConsumerKey::new(*b"bench"),
        clock: clock.clone(),
    };
    let (stop, stopped) = watch::channel(false);
    let process = std::process::id();
    let published_kb = status_kb(process, "VmHWM:");
    let (started, cpu) = (Instant::now(), cpu_of(process));
    let running = tokio::spawn(Worker::new(Topic::Reports, parts).run(stopped));
    while queue.health.stats(Topic::Reports).await?.depth > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (stored, cpu) = (started.elapsed(), cpu_of(process) - cpu);
    stop.send(true)?;
    running.await?;
    queue.health.close().await;
    Ok(Drained { published, stored, cpu, published_kb, peak_kb: status_kb(process, "VmHWM:") })
}

async fn publish(queue: &Queue, bodies: Vec<Vec<u8>>) -> Outcome<()> {
    let mut left = (0u64..).zip(bodies).peekable();
    while left.peek().is_some() {
        let group = left
            .by_ref()
            .take(PUBLISHERS as usize)
            .map(|(number, body)| queue.producer.publish(Topic::Reports, envelope(number, body)));
        for published in futures_util::future::join_all(group).await {
            published?;
        }
    }
    Ok(())
}

/// A report as ingest hands it on.
pub fn envelope(number: u64, body: Vec<u8>) -> Envelope {
    Envelope {
        version: ENVELOPE_VERSION,
        ingest_id: Uuid::from_u128(1),
        ingest_sequence: number,
        accepted_at: NOW * 1_000,
        app_id: Uuid::from_u128(2),
        kind: Kind::Report,
        encoding: Encoding::Gzip,
        body: body.into(),
    }
}

/// Knows every app.
struct Everybody;

#[async_trait]
impl Directory for Everybody {
    async fn app_exists(&self, _app_id: AppId) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn register_environment(&self, _app_id: AppId, _env: &str) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn register_consumers(
        &self,
        _app_id: AppId,
        _consumers: &[KnownConsumer],
    ) -> Result<(), StoreError> {
        Ok(())
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
