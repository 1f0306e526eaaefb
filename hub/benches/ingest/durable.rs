//! The bare loops: the same bytes made durable by the same engine, and nothing around it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties};
use sendry_hub::clock::SystemClock;
use sendry_hub::queue::{rabbitmq, sqlite};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};

use crate::load::{Load, Loaded, Pace, begin};
use crate::{amqp, reports};

/// `delivery_mode` of what is written to the disk.
const PERSISTENT: u8 = 2;

/// Publishes to the hub's own exchange on one channel with confirms, `load.connections` at a time.
pub async fn rabbitmq(url: &str, prefix: &str, load: &Load) -> Loaded {
    let config = amqp::config(url, prefix);
    let declared = rabbitmq::connect(&config, Arc::new(SystemClock)).await.expect("RabbitMQ answers");
    declared.health.close().await;
    let connection =
        Connection::connect(url, ConnectionProperties::default()).await.expect("RabbitMQ answers");
    let channel = connection.create_channel().await.expect("a channel");
    channel.confirm_select(ConfirmSelectOptions::default()).await.expect("confirms");
    let exchange = format!("{prefix}.envelopes");
    let body = Arc::<[u8]>::from(reports::packed(0, load.series, reports::this_minute()));
    let start = Instant::now();
    let senders: Vec<_> = (0..load.connections)
        .map(|which| {
            let pace = load.rate.map(|rate| Pace::new(start, rate, (which, load.connections)));
            let (channel, exchange, body) = (channel.clone(), exchange.clone(), body.clone());
            tokio::spawn(publish(channel, exchange, body, pace, start + Duration::from_secs_f64(load.secs)))
        })
        .collect();
    let mut times = Vec::new();
    for sender in senders {
        times.extend(sender.await.expect("it was confirmed"));
    }
    Loaded::of(times, start.elapsed(), body.len())
}

async fn publish(
    channel: Channel,
    exchange: String,
    body: Arc<[u8]>,
    mut pace: Option<Pace>,
    end: Instant,
) -> Vec<Duration> {
    let options = BasicPublishOptions { mandatory: true, immediate: false };
    let properties = BasicProperties::default().with_delivery_mode(PERSISTENT);
    let mut times = Vec::new();
    loop {
        let due = pace.as_mut().map(Pace::next);
        if due.unwrap_or_else(Instant::now) >= end {
            return times;
        }
        let late = due.filter(|due| *due <= Instant::now());
        if let Some(due) = due {
            tokio::time::sleep_until(due.into()).await;
        }
        let began = late.unwrap_or_else(Instant::now);
        let (exchange, key) = (exchange.as_str().into(), "reports".into());
        let sent = channel.basic_publish(exchange, key, options, &body, properties.clone()).await;
        let confirmed = sent.expect("it is sent").await.expect("it is confirmed");
        assert!(matches!(confirmed, Confirmation::Ack(None)), "{confirmed:?}");
        times.push(began.elapsed());
    }
}

/// Inserts a row of the embedded queue's table and commits, one after the other, with the queue's own settings of the file.
pub async fn sqlite(path: &Path, load: &Load) -> Loaded {
    let clock = Arc::new(SystemClock);
    sqlite::connect(path, u64::MAX, clock).await.expect("a queue").health.close().await;
    let mut connection = open(path).await;
    let body = reports::packed(0, load.series, reports::this_minute());
    let start = Instant::now();
    let end = start + Duration::from_secs_f64(load.secs);
    let mut pace = load.rate.map(|rate| Pace::new(start, rate, (0, 1)));
    let mut times = Vec::new();
    loop {
        let due = pace.as_mut().map(Pace::next);
        if due.unwrap_or_else(Instant::now) >= end {
            return Loaded::of(times, start.elapsed(), body.len());
        }
        let began = begin(due);
        insert(&mut connection, times.len() as i64, &body).await;
        times.push(began.elapsed());
    }
}

async fn open(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    options.connect().await.expect("the file opens")
}

async fn insert(connection: &mut SqliteConnection, number: i64, body: &[u8]) {
    let sql = "INSERT INTO envelopes (topic, attempts, accepted_at, version, ingest_id, ingest_sequence, app_id, kind, encoding, body) \
               VALUES (0, 0, 1, 1, zeroblob(16), ?, zeroblob(16), 'report', 'gzip', ?)";
    sqlx::query(sql).bind(number).bind(body).execute(connection).await.expect("it is committed");
}
