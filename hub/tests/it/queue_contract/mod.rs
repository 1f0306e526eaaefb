//! What every queue must do, whatever it is made of. A backend is one line at the end of this file.

use std::time::Duration;

use bytes::Bytes;
use sendry_hub::clock::ManualClock;
use sendry_hub::queue::{
    Consumer, DeadLetterReason, Delivery, ENVELOPE_VERSION, Encoding, Envelope, Kind, Queue, QueueError,
    QueueStats, Topic,
};
use uuid::Uuid;

mod file;
mod rabbitmq;

const SOON: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(10);
/// A backend may look at what waits every ten seconds only, and once at a bad moment.
const FIGURES: Duration = Duration::from_secs(30);

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

/// Receives until `count` deliveries are there: an answer may hold fewer than there are.
async fn receive(consumer: &mut dyn Consumer, count: usize) -> Vec<Delivery> {
    let mut received = Vec::new();
    while received.len() < count {
        let more = consumer.receive(count - received.len(), LONG).await.unwrap();
        assert!(!more.is_empty(), "{} of {count} came", received.len());
        received.extend(more);
    }
    received
}

/// Waits until the figures are as they should be: those of a broker may lag for a moment.
async fn figures_become(queue: &Queue, topic: Topic, expected: QueueStats) {
    let mut last = QueueStats::default();
    let settling = async {
        loop {
            last = queue.health.stats(topic).await.unwrap();
            if last == expected {
                return;
            }
            tokio::time::sleep(SOON).await;
        }
    };
    let became = tokio::time::timeout(FIGURES, settling).await;
    assert!(became.is_ok(), "{last:?} does not become {expected:?}");
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
    let received = receive(consume(&queue).await.as_mut(), 3).await;
    let envelopes: Vec<_> = received.iter().map(|delivery| delivery.envelope.clone()).collect();
    assert_eq!(envelopes, (0..3).map(envelope).collect::<Vec<_>>());
    assert!(received.iter().all(|delivery| delivery.attempts == 0));
}

async fn an_answer_holds_at_most_what_was_asked_for<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    publish(&queue, 0..5).await;
    let mut consumer = consume(&queue).await;
    let mut found = Vec::new();
    while found.len() < 5 {
        let received = consumer.receive(2, LONG).await.unwrap();
        assert!((1..=2).contains(&received.len()), "{}", received.len());
        found.extend(received);
    }
    assert_eq!(numbers(&found), [0, 1, 2, 3, 4]);
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
    let mut consumer = consume(&queue).await;
    let received = receive(consumer.as_mut(), 1).await;
    assert_eq!(numbers(&received), [1]);
    assert!(consumer.receive(1, SOON).await.unwrap().is_empty());
}

async fn what_was_given_back_or_dropped_comes_again_without_blame<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    publish(&queue, 0..3).await;
    let mut consumer = consume(&queue).await;
    let mut received = receive(consumer.as_mut(), 3).await;
    received.pop().unwrap().give_back().await.unwrap();
    drop(received);
    let again = receive(consumer.as_mut(), 3).await;
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
    let out = receive(consume(&queue).await.as_mut(), 2).await;
    std::mem::forget(out);
    queue.health.close().await;
    let queue = harness.connect().await;
    let mut found = numbers(&receive(consume(&queue).await.as_mut(), 3).await);
    found.sort_unstable();
    assert_eq!(found, [0, 1, 2]);
}

async fn a_published_envelope_survives_without_a_close<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    publish(&queue, 0..10).await;
    std::mem::forget(queue);
    let queue = harness.connect().await;
    assert_eq!(receive(consume(&queue).await.as_mut(), 10).await.len(), 10);
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
    let expected = QueueStats { consumers: 1, ..QueueStats::default() };
    figures_become(&queue, Topic::Reports, expected).await;
}

async fn a_dead_letter_keeps_its_envelope_and_its_reason<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    publish(&queue, 0..2).await;
    let mut consumer = consume(&queue).await;
    for delivery in receive(consumer.as_mut(), 2).await {
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
    for delivery in receive(consumer.as_mut(), 2).await {
        delivery.dead_letter(DeadLetterReason::Failed, String::new()).await.unwrap();
    }
    let dead = queue.dead_letters.list(None, 10).await.unwrap();
    assert!(queue.dead_letters.replay(dead[0].id).await.unwrap());
    assert!(!queue.dead_letters.replay(dead[0].id).await.unwrap());
    let again = receive(consumer.as_mut(), 1).await;
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
    let mut received = receive(consumer.as_mut(), 2).await;
    received.pop().unwrap().dead_letter(DeadLetterReason::Clock, String::new()).await.unwrap();
    let oldest_accepted_at = Some(envelope(3).accepted_at);
    let expected = QueueStats { depth: 2, oldest_accepted_at, consumers: 1, dead_letters: 1 };
    figures_become(&queue, Topic::Reports, expected).await;
    figures_become(&queue, Topic::RequestLogs, QueueStats::default()).await;
    drop((consumer, received));
    figures_become(&queue, Topic::Reports, QueueStats { consumers: 0, ..expected }).await;
    let mut consumer = consume(&queue).await;
    ack_all(receive(consumer.as_mut(), 2).await).await;
    let expected = QueueStats { consumers: 1, dead_letters: 1, ..QueueStats::default() };
    figures_become(&queue, Topic::Reports, expected).await;
}

async fn the_age_of_what_waits_is_known_without_a_consumer<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    publish(&queue, 3..6).await;
    let oldest_accepted_at = Some(envelope(3).accepted_at);
    let expected = QueueStats { depth: 3, oldest_accepted_at, ..QueueStats::default() };
    figures_become(&queue, Topic::Reports, expected).await;
    let received = receive(consume(&queue).await.as_mut(), 3).await;
    assert_eq!(numbers(&received), [3, 4, 5], "looking changes no order");
    assert!(received.iter().all(|delivery| delivery.attempts == 0), "looking counts no attempt");
}

async fn two_consumers_share_what_comes<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    let (mut one, mut other) = (consume(&queue).await, consume(&queue).await);
    publish(&queue, 0..40).await;
    let mut found = Vec::new();
    while found.len() < 40 {
        for consumer in [&mut one, &mut other] {
            let received = consumer.receive(64, SOON).await.unwrap();
            found.extend(numbers(&received));
            ack_all(received).await;
        }
    }
    found.sort_unstable();
    assert_eq!(found, (0..40).collect::<Vec<_>>());
}

async fn giving_back_a_hundred_times_is_no_reason_to_die<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    publish(&queue, [0]).await;
    let mut consumer = consume(&queue).await;
    for _ in 0..100 {
        receive(consumer.as_mut(), 1).await.pop().unwrap().give_back().await.unwrap();
    }
    let last = receive(consumer.as_mut(), 1).await;
    assert_eq!((numbers(&last), last[0].attempts), (vec![0], 0));
    assert!(queue.dead_letters.list(None, 10).await.unwrap().is_empty());
}

async fn an_envelope_of_a_newer_version_is_given_back_as_it_was<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    let newer = Envelope { version: ENVELOPE_VERSION + 1, ..envelope(0) };
    queue.producer.publish(Topic::Reports, newer.clone()).await.unwrap();
    let mut consumer = consume(&queue).await;
    receive(consumer.as_mut(), 1).await.pop().unwrap().give_back().await.unwrap();
    assert_eq!(receive(consumer.as_mut(), 1).await[0].envelope, newer);
}

async fn many_dead_letters_keep_their_order_and_each_can_be_reached<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    publish(&queue, 0..50).await;
    for delivery in receive(consume(&queue).await.as_mut(), 50).await {
        delivery.dead_letter(DeadLetterReason::Malformed, String::new()).await.unwrap();
    }
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = queue.dead_letters.list(after, 7).await.unwrap();
        found.extend(page.iter().map(|letter| letter.envelope.ingest_sequence));
        after = page.last().map(|letter| letter.id);
        if page.len() < 7 {
            break;
        }
    }
    assert_eq!(found, (0..50).collect::<Vec<_>>());
    let again = queue.dead_letters.list(None, 99).await.unwrap();
    assert!(queue.dead_letters.discard(again[30].id).await.unwrap());
    assert!(queue.dead_letters.replay(again[20].id).await.unwrap());
    let left = queue.dead_letters.list(None, 99).await.unwrap();
    let left: Vec<_> = left.iter().map(|letter| letter.envelope.ingest_sequence).collect();
    assert_eq!(left, (0..50).filter(|number| ![20, 30].contains(number)).collect::<Vec<_>>());
}

async fn a_closed_queue_refuses<H: Harness>() {
    let harness = H::new();
    let queue = harness.connect().await;
    for topic in [Topic::Reports, Topic::RequestLogs] {
        queue.health.check(topic).await.unwrap();
    }
    queue.health.close().await;
    let refused = queue.producer.publish(Topic::Reports, envelope(0)).await;
    assert!(matches!(refused, Err(QueueError::Unavailable(_))), "{refused:?}");
    for topic in [Topic::Reports, Topic::RequestLogs] {
        assert!(queue.health.check(topic).await.is_err());
    }
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
            the_age_of_what_waits_is_known_without_a_consumer,
            two_consumers_share_what_comes,
            giving_back_a_hundred_times_is_no_reason_to_die,
            an_envelope_of_a_newer_version_is_given_back_as_it_was,
            many_dead_letters_keep_their_order_and_each_can_be_reached,
            a_closed_queue_refuses,
        ]);)*
    };
}

/// What the clock of every harness shows.
const NOW: i64 = 1_700_000_000;

backends! {
    sqlite_file: super::file::Sqlite,
    rabbitmq_quorum: super::rabbitmq::Quorum,
    rabbitmq_classic: super::rabbitmq::Classic,
}
