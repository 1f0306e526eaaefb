//! What every queue must do, whatever it is made of. A backend is one line at the end of this file.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sendry_hub::clock::ManualClock;
use sendry_hub::queue::{
    Consumer, DeadLetterReason, Delivery, ENVELOPE_VERSION, Encoding, Envelope, Kind, Queue, QueueError,
    Topic, sqlite,
};
use tempfile::TempDir;
use uuid::Uuid;

const SOON: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(10);

/// A place where a queue lives; connecting again finds what was there.
trait Harness: Sized + Send + Sync {
    fn new() -> Self;
    fn connect(&self) -> impl Future<Output = Queue> + Send;
}

fn envelope(number: u64) -> Envelope {
    Envelope {
        version: ENVELOPE_VERSION,
        ingest_id: Uuid::from_u128(7),
        ingest_sequence: number,
        accepted_at: 1_700_000_000_000 + number.cast_signed(),
        app_id: Uuid::from_u128(9),
        kind: Kind::Report,
        encoding: Encoding::Gzip,
        body: Bytes::from(vec![number as u8; 100]),
    }
}

async fn publish(queue: &Queue, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        queue.producer.publish(Topic::Reports, envelope(number)).await.unwrap();
    }
}

async fn consume(queue: &Queue) -> Box<dyn Consumer> {
    queue.consumers.consume(Topic::Reports).await.unwrap()
}

fn numbers(deliveries: &[Delivery]) -> Vec<u64> {
    deliveries.iter().map(|delivery| delivery.envelope.ingest_sequence).collect()
}

async fn ack_all(deliveries: Vec<Delivery>) {
    for delivery in deliveries {
        delivery.ack().await.unwrap();
    }
}

async fn what_is_published_is_received_as_it_was_oldest_first<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    publish(&queue, 0..3).await;
    let received = consume(&queue).await.receive(10, LONG).await.unwrap();
    let envelopes: Vec<_> = received.iter().map(|delivery| delivery.envelope.clone()).collect();
    assert_eq!(envelopes, (0..3).map(envelope).collect::<Vec<_>>());
    assert!(received.iter().all(|delivery| delivery.attempts == 0));
}

async fn an_answer_holds_at_most_what_was_asked_for<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    publish(&queue, 0..5).await;
    let mut consumer = consume(&queue).await;
    let first = consumer.receive(2, LONG).await.unwrap();
    let second = consumer.receive(2, LONG).await.unwrap();
    assert_eq!((numbers(&first), numbers(&second)), (vec![0, 1], vec![2, 3]));
}

async fn an_empty_queue_answers_with_nothing_after_the_wait<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    assert!(consume(&queue).await.receive(1, SOON).await.unwrap().is_empty());
}

async fn a_consumer_that_waits_is_woken<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    let mut consumer = consume(&queue).await;
    let waiting = tokio::spawn(async move { numbers(&consumer.receive(1, LONG).await.unwrap()) });
    tokio::task::yield_now().await;
    let published = tokio::time::Instant::now();
    publish(&queue, [4]).await;
    assert_eq!(waiting.await.unwrap(), [4]);
    assert!(published.elapsed() < LONG / 2, "it waited to the end");
}

async fn an_acked_delivery_never_comes_back<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    publish(&queue, 0..2).await;
    let mut consumer = consume(&queue).await;
    ack_all(consumer.receive(1, LONG).await.unwrap()).await;
    drop(consumer);
    queue.health.close().await;
    let queue = harness.connect().await;
    let received = consume(&queue).await.receive(9, LONG).await.unwrap();
    assert_eq!(numbers(&received), [1]);
}

async fn what_was_given_back_or_dropped_comes_again_without_blame<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    publish(&queue, 0..3).await;
    let mut consumer = consume(&queue).await;
    let mut received = consumer.receive(3, LONG).await.unwrap();
    received.pop().unwrap().give_back().await.unwrap();
    drop(received);
    let mut again = Vec::new();
    while again.len() < 3 {
        again.extend(consumer.receive(3, LONG).await.unwrap());
    }
    let mut found = numbers(&again);
    found.sort_unstable();
    assert_eq!(found, [0, 1, 2]);
    assert!(again.iter().all(|delivery| delivery.attempts == 0));
}

async fn what_is_out_is_not_delivered_to_another<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    publish(&queue, [0]).await;
    let out = consume(&queue).await.receive(1, LONG).await.unwrap();
    assert_eq!(numbers(&out), [0]);
    assert!(consume(&queue).await.receive(1, SOON).await.unwrap().is_empty());
}

async fn a_retry_is_counted_also_over_a_restart<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    publish(&queue, [0]).await;
    let mut consumer = consume(&queue).await;
    for attempts in 0..2 {
        let delivery = consumer.receive(1, LONG).await.unwrap().pop().unwrap();
        assert_eq!(delivery.attempts, attempts);
        delivery.retry().await.unwrap();
    }
    drop(consumer);
    queue.health.close().await;
    let queue = harness.connect().await;
    assert_eq!(consume(&queue).await.receive(1, LONG).await.unwrap()[0].attempts, 2);
}

async fn what_was_out_when_the_process_ended_comes_again<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    publish(&queue, 0..3).await;
    let out = consume(&queue).await.receive(2, LONG).await.unwrap();
    std::mem::forget(out);
    queue.health.close().await;
    let queue = harness.connect().await;
    let received = consume(&queue).await.receive(9, LONG).await.unwrap();
    assert_eq!(numbers(&received), [0, 1, 2]);
}

async fn a_published_envelope_survives_without_a_close<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    publish(&queue, 0..10).await;
    std::mem::forget(queue);
    let queue = harness.connect().await;
    assert_eq!(consume(&queue).await.receive(99, LONG).await.unwrap().len(), 10);
}

async fn topics_do_not_see_each_other<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    queue.producer.publish(Topic::RequestLogs, envelope(1)).await.unwrap();
    assert!(consume(&queue).await.receive(1, SOON).await.unwrap().is_empty());
    let mut logs = queue.consumers.consume(Topic::RequestLogs).await.unwrap();
    assert_eq!(numbers(&logs.receive(1, LONG).await.unwrap()), [1]);
}

async fn many_publishers_at_once_lose_nothing<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    let tasks = (0..200u64).map(|number| {
        let producer = queue.producer.clone();
        tokio::spawn(async move { producer.publish(Topic::Reports, envelope(number)).await })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    let mut consumer = consume(&queue).await;
    let mut found = Vec::new();
    while found.len() < 200 {
        let received = consumer.receive(64, LONG).await.unwrap();
        assert!(!received.is_empty());
        found.extend(numbers(&received));
        futures_util::future::join_all(received.into_iter().map(Delivery::ack)).await;
    }
    found.sort_unstable();
    assert_eq!(found, (0..200).collect::<Vec<_>>());
    assert_eq!(queue.health.stats(Topic::Reports).await.unwrap().depth, 0);
}

async fn a_dead_letter_keeps_its_envelope_and_its_reason<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    publish(&queue, 0..2).await;
    let mut consumer = consume(&queue).await;
    for delivery in consumer.receive(2, LONG).await.unwrap() {
        delivery.dead_letter(DeadLetterReason::Malformed, "minute 3".into()).await.unwrap();
    }
    assert!(consumer.receive(1, SOON).await.unwrap().is_empty());
    let dead = queue.dead_letters.list(None, 10).await.unwrap();
    assert_eq!(dead.len(), 2);
    assert_eq!((dead[0].reason, dead[0].detail.as_str()), (DeadLetterReason::Malformed, "minute 3"));
    assert_eq!((dead[0].envelope.clone(), dead[0].died_at), (envelope(0), NOW * 1000));
    let rest = queue.dead_letters.list(Some(dead[0].id), 10).await.unwrap();
    assert_eq!(rest.iter().map(|letter| letter.id).collect::<Vec<_>>(), [dead[1].id]);
    let shown = queue.dead_letters.show(dead[1].id).await.unwrap().unwrap();
    assert_eq!((shown.envelope, shown.topic), (envelope(1), Topic::Reports));
}

async fn a_dead_letter_is_replayed_or_dropped_once<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    publish(&queue, 0..2).await;
    let mut consumer = consume(&queue).await;
    for delivery in consumer.receive(2, LONG).await.unwrap() {
        delivery.dead_letter(DeadLetterReason::Failed, String::new()).await.unwrap();
    }
    let dead = queue.dead_letters.list(None, 10).await.unwrap();
    assert!(queue.dead_letters.replay(dead[0].id).await.unwrap());
    assert!(!queue.dead_letters.replay(dead[0].id).await.unwrap());
    let again = consumer.receive(1, LONG).await.unwrap();
    assert_eq!((numbers(&again), again[0].attempts), (vec![0], 0));
    assert!(queue.dead_letters.discard(dead[1].id).await.unwrap());
    assert!(!queue.dead_letters.discard(dead[1].id).await.unwrap());
    assert!(queue.dead_letters.show(dead[1].id).await.unwrap().is_none());
}

async fn the_figures_tell_what_waits<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    publish(&queue, 3..6).await;
    let mut consumer = consume(&queue).await;
    let mut received = consumer.receive(2, LONG).await.unwrap();
    received.pop().unwrap().dead_letter(DeadLetterReason::Clock, String::new()).await.unwrap();
    let stats = queue.health.stats(Topic::Reports).await.unwrap();
    assert_eq!((stats.depth, stats.dead_letters, stats.consumers), (2, 1, 1));
    assert_eq!(stats.oldest_accepted_at, Some(envelope(3).accepted_at));
    assert_eq!(queue.health.stats(Topic::RequestLogs).await.unwrap(), Default::default());
    drop(consumer);
    assert_eq!(queue.health.stats(Topic::Reports).await.unwrap().consumers, 0);
}

async fn a_closed_queue_refuses<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    queue.health.check().await.unwrap();
    queue.health.close().await;
    let refused = queue.producer.publish(Topic::Reports, envelope(0)).await;
    assert!(matches!(refused, Err(QueueError::Unavailable(_))), "{refused:?}");
    assert!(queue.health.check().await.is_err());
}

macro_rules! suite {
    ($name:ident, $harness:ty, [$($test:ident),* $(,)?]) => {
        mod $name {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test::<$harness>().await;
            })*
        }
    };
}

macro_rules! backends {
    ($($name:ident: $harness:ty),* $(,)?) => {
        $(suite!($name, $harness, [
            what_is_published_is_received_as_it_was_oldest_first,
            an_answer_holds_at_most_what_was_asked_for,
            an_empty_queue_answers_with_nothing_after_the_wait,
            a_consumer_that_waits_is_woken,
            an_acked_delivery_never_comes_back,
            what_was_given_back_or_dropped_comes_again_without_blame,
            what_is_out_is_not_delivered_to_another,
            a_retry_is_counted_also_over_a_restart,
            what_was_out_when_the_process_ended_comes_again,
            a_published_envelope_survives_without_a_close,
            topics_do_not_see_each_other,
            many_publishers_at_once_lose_nothing,
            a_dead_letter_keeps_its_envelope_and_its_reason,
            a_dead_letter_is_replayed_or_dropped_once,
            the_figures_tell_what_waits,
            a_closed_queue_refuses,
        ]);)*
    };
}

/// What the clock of every harness shows.
const NOW: i64 = 1_700_000_000;

struct Sqlite(TempDir);

impl Harness for Sqlite {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    async fn connect(&self) -> Queue {
        let clock: Arc<ManualClock> = ManualClock::at(NOW);
        sqlite::connect(&self.0.path().join("queue.db"), clock).await.unwrap()
    }
}

backends! { sqlite_file: super::Sqlite }

/// What only a file can be asked.
mod file {
    use super::*;

    #[tokio::test]
    async fn a_newer_schema_is_refused_with_the_versions() {
        let harness = Sqlite::new();
        harness.connect().await.health.close().await;
        let path = harness.0.path().join("queue.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        sqlx::query("PRAGMA user_version = 99").execute(&pool).await.unwrap();
        pool.close().await;
        let refused = sqlite::connect(&path, ManualClock::at(NOW)).await.err().unwrap().to_string();
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
}
