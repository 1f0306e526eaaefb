//! The queue in a file, and what only a file can be asked.

use std::sync::Arc;

use sendry_hub::queue::sqlite;
use tempfile::TempDir;

use super::*;

pub(super) struct Sqlite(TempDir);

impl Harness for Sqlite {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    async fn connect(&self) -> Queue {
        let clock: Arc<ManualClock> = ManualClock::at(NOW);
        sqlite::connect(&self.0.path().join("queue.db"), u64::MAX, clock).await.unwrap()
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_the_versions() {
    let harness = Sqlite::new();
    harness.connect().await.health.close().await;
    let path = harness.0.path().join("queue.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::query("PRAGMA user_version = 99").execute(&pool).await.unwrap();
    pool.close().await;
    let refused = sqlite::connect(&path, u64::MAX, ManualClock::at(NOW)).await.err().unwrap().to_string();
    assert!(refused.contains("schema version 99, this hub knows up to 1"), "{refused}");
}

#[tokio::test]
async fn what_another_process_replays_is_received() {
    let harness = Sqlite::new();
    let queue = harness.connect().await;
    publish(&queue, [0]).await;
    let mut consumer = consume(&queue).await;
    for delivery in consumer.receive(1, LONG).await.unwrap() {
        delivery.dead_letter(DeadLetterReason::Failed, String::new()).await.unwrap();
    }
    let beside = harness.connect().await;
    let dead = beside.dead_letters.list(None, 1).await.unwrap();
    assert!(beside.dead_letters.replay(dead[0].id).await.unwrap());
    assert_eq!(numbers(&consumer.receive(1, SOON).await.unwrap()), [0]);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_an_outage_and_then_over() {
    let harness = Sqlite::new();
    let queue = harness.connect().await;
    let url = format!("sqlite:{}", harness.0.path().join("queue.db").display());
    let other = sqlx::SqlitePool::connect(&url).await.unwrap();
    let held = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let refused = queue.producer.publish(Topic::Reports, envelope(0)).await;
    assert!(matches!(refused, Err(QueueError::Unavailable(_))), "{refused:?}");
    held.rollback().await.unwrap();
    publish(&queue, [1]).await;
    assert_eq!(numbers(&consume(&queue).await.receive(9, LONG).await.unwrap()), [1]);
}

#[tokio::test]
async fn a_drained_queue_hands_its_pages_back() {
    let harness = Sqlite::new();
    let queue = harness.connect().await;
    let big = |number| Envelope { body: Bytes::from(vec![1; 100_000]), ..envelope(number) };
    for number in 0..200 {
        queue.producer.publish(Topic::Reports, big(number)).await.unwrap();
    }
    let mut consumer = consume(&queue).await;
    for _ in 0..100 {
        let received = consumer.receive(200, SOON).await.unwrap();
        futures_util::future::join_all(received.into_iter().map(Delivery::ack)).await;
    }
    let url = format!("sqlite:{}", harness.0.path().join("queue.db").display());
    let small = async {
        while pages(&url).await > 1_000 {
            tokio::time::sleep(SOON).await;
        }
    };
    tokio::time::timeout(LONG * 2, small).await.expect("it stays above 4 MB");
}

async fn pages(url: &str) -> i64 {
    let pool = sqlx::SqlitePool::connect(url).await.unwrap();
    let (pages,): (i64,) = sqlx::query_as("PRAGMA page_count").fetch_one(&pool).await.unwrap();
    pool.close().await;
    pages
}

#[tokio::test]
async fn beyond_its_limit_it_refuses_and_loses_nothing() {
    let dir = TempDir::new().unwrap();
    let limit = 4 * 1024 * 1024;
    let queue = sqlite::connect(&dir.path().join("queue.db"), limit, ManualClock::at(NOW)).await.unwrap();
    let big = |number| Envelope { body: Bytes::from(vec![7; 100_000]), ..envelope(number) };
    let mut accepted = Vec::new();
    let refused = loop {
        let number = accepted.len() as u64;
        match queue.producer.publish(Topic::Reports, big(number)).await {
            Ok(()) => accepted.push(number),
            Err(refused) => break refused,
        }
    };
    assert!(matches!(refused, QueueError::Unavailable(_)), "{refused:?}");
    assert!(refused.to_string().contains("queue.max_mb = 4"), "{refused}");
    assert!((35..=41).contains(&accepted.len()), "{} of 100 KB in 4 MiB", accepted.len());

    let mut consumer = consume(&queue).await;
    let first = receive(consumer.as_mut(), 1).await.pop().unwrap();
    first.dead_letter(DeadLetterReason::Malformed, String::new()).await.unwrap();
    let dead_letters_count_too = queue.producer.publish(Topic::Reports, big(99)).await;
    assert!(dead_letters_count_too.is_err());
    let received = receive(consumer.as_mut(), accepted.len() - 1).await;
    assert_eq!(numbers(&received), accepted[1..]);
    ack_all(received).await;
    queue.producer.publish(Topic::Reports, big(99)).await.unwrap();
}
