//! What is particular to the queue on RabbitMQ: wrong settings, a connection that is cut, queues that somebody deleted.

use std::time::{Duration, Instant};

use bytes::Bytes;
use lapin::options::{BasicPublishOptions, QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use sendry_hub::clock::ManualClock;
use sendry_hub::queue::rabbitmq::{self, QueueType, RabbitConfig};
use sendry_hub::queue::{
    DeadLetterReason, ENVELOPE_VERSION, Encoding, Envelope, Kind, Queue, QueueError, Topic,
};
use sendry_sdk::protocol::limits;
use uuid::Uuid;

use crate::amqp::Prefix;
use crate::harness::PATIENCE;
use crate::link::Link;

async fn connect(config: &RabbitConfig) -> Result<Queue, QueueError> {
    rabbitmq::connect(config, ManualClock::at(1_700_000_000)).await
}

/// The sentence of a start that a person must mend.
async fn misconfigured(config: &RabbitConfig) -> String {
    match connect(config).await.err() {
        Some(QueueError::Misconfigured(sentence)) => sentence,
        other => panic!("{other:?}"),
    }
}

/// As the test's broker, with another user, password, place or virtual host.
fn changed(prefix: &Prefix, change: impl FnOnce(&mut lapin::uri::AMQPUri)) -> RabbitConfig {
    let config = prefix.config();
    let mut uri: lapin::uri::AMQPUri = config.url.parse().unwrap();
    change(&mut uri);
    let (user, place) = (&uri.authority.userinfo, &uri.authority);
    let vhost = uri.vhost.replace('/', "%2f");
    let url = format!("amqp://{}:{}@{}:{}/{vhost}", user.username, user.password, place.host, place.port);
    RabbitConfig { url, ..config }
}

fn envelope(number: u64) -> Envelope {
    Envelope {
        version: ENVELOPE_VERSION,
        ingest_id: Uuid::from_u128(7),
        ingest_sequence: number,
        accepted_at: 1_700_000_000_000,
        app_id: Uuid::from_u128(9),
        kind: Kind::Report,
        encoding: Encoding::Identity,
        body: Bytes::from_static(b"{}"),
    }
}

/// Publishes until it works again.
async fn publish_in_the_end(queue: &Queue, number: u64) {
    let again = async {
        while queue.producer.publish(Topic::Reports, envelope(number)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, again).await.expect("the connection comes back by itself");
}

async fn beside(prefix: &Prefix) -> (Connection, Channel) {
    let connection =
        Connection::connect(&prefix.config().url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    (connection, channel)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_and_not_shown() {
    let prefix = Prefix::new();
    let said =
        misconfigured(&changed(&prefix, |uri| uri.authority.userinfo.password = "s3cret".into())).await;
    assert!(said.contains("correct the name or the password in queue.url (SENDRY_QUEUE_URL)"), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_virtual_host_that_is_not_there_is_named_with_what_makes_it() {
    let prefix = Prefix::new();
    let said = misconfigured(&changed(&prefix, |uri| uri.vhost = "no-such-host".into())).await;
    assert!(said.contains("rabbitmqctl add_vhost no-such-host"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_of_another_type_is_told_with_the_setting() {
    let prefix = Prefix::new();
    connect(&prefix.config()).await.unwrap().health.close().await;
    let said = misconfigured(&RabbitConfig { queue_type: QueueType::Classic, ..prefix.config() }).await;
    assert!(said.contains("queue.rabbitmq_queue_type") && said.contains("inequivalent arg"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_not_there_is_told_with_its_place() {
    let prefix = Prefix::new();
    let refused = connect(&changed(&prefix, |uri| uri.authority.port = 1)).await.err().unwrap();
    assert!(matches!(refused, QueueError::Unavailable(_)), "{refused:?}");
    assert!(refused.to_string().contains("queue.url (SENDRY_QUEUE_URL)"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_connection_refuses_at_once_and_comes_back_with_its_consumer() {
    let prefix = Prefix::new();
    let uri: lapin::uri::AMQPUri = prefix.config().url.parse().unwrap();
    let mut link = Link::to(format!("{}:{}", uri.authority.host, uri.authority.port)).await;
    let queue = connect(&changed(&prefix, |uri| {
        uri.authority.host = "127.0.0.1".into();
        uri.authority.port = link.address.port();
    }))
    .await
    .unwrap();
    queue.producer.publish(Topic::Reports, envelope(0)).await.unwrap();
    let mut consumer = queue.consumers.consume(Topic::Reports).await.unwrap();
    let out = consumer.receive(1, PATIENCE).await.unwrap().pop().unwrap();

    link.cut();
    let refused = queue.producer.publish(Topic::Reports, envelope(1)).await;
    assert!(matches!(refused, Err(QueueError::Unavailable(_))), "{refused:?}");
    assert!(consumer.receive(1, PATIENCE).await.is_err(), "the worker learns of it");
    assert!(queue.health.check(Topic::Reports).await.is_err());
    assert!(out.ack().await.is_err(), "what was out comes again");
    drop(consumer);

    link.mend().await;
    publish_in_the_end(&queue, 1).await;
    let mut found = std::collections::BTreeSet::new();
    let everything = async {
        while found.len() < 2 {
            let Ok(mut consumer) = queue.consumers.consume(Topic::Reports).await else { continue };
            for delivery in consumer.receive(9, Duration::from_secs(1)).await.unwrap_or_default() {
                found.insert(delivery.envelope.ingest_sequence);
                delivery.ack().await.unwrap();
            }
        }
    };
    tokio::time::timeout(PATIENCE, everything).await.expect("nothing is lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_somebody_deleted_takes_nothing_unseen_and_is_made_again() {
    let prefix = Prefix::new();
    let queue = connect(&prefix.config()).await.unwrap();
    let (_connection, channel) = beside(&prefix).await;
    channel.queue_delete(prefix.queue("reports"), QueueDeleteOptions::default()).await.unwrap();
    let refused = queue.producer.publish(Topic::Reports, envelope(0)).await;
    assert!(
        matches!(refused, Err(QueueError::Unavailable(_))),
        "an ack without a queue is no ack: {refused:?}"
    );
    publish_in_the_end(&queue, 0).await;
    let passive = QueueDeclareOptions { passive: true, ..Default::default() };
    let made = channel.queue_declare(prefix.queue("reports"), passive, FieldTable::default()).await.unwrap();
    assert_eq!(made.message_count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_cannot_be_made_again_is_the_trouble_of_its_own_topic_alone() {
    let prefix = Prefix::new();
    let queue = connect(&prefix.config()).await.unwrap();
    let (_connection, channel) = beside(&prefix).await;
    channel.queue_delete(prefix.queue("request_logs.dead"), QueueDeleteOptions::default()).await.unwrap();
    // Somebody else's queue stands in the way of the one that is to be made before the topic's own.
    let options = QueueDeclareOptions { durable: true, ..Default::default() };
    let mut other = FieldTable::default();
    other.insert("x-queue-type".into(), lapin::types::AMQPValue::LongString("classic".into()));
    channel.queue_declare(prefix.queue("request_logs.dead"), options, other).await.unwrap();
    for name in ["reports", "request_logs"] {
        channel.queue_delete(prefix.queue(name), QueueDeleteOptions::default()).await.unwrap();
    }
    queue.health.check(Topic::Reports).await.unwrap();
    let refused = queue.health.check(Topic::RequestLogs).await;
    assert!(refused.as_ref().is_err_and(|error| error.to_string().contains("request_logs")), "{refused:?}");
    queue.producer.publish(Topic::Reports, envelope(0)).await.unwrap();
    channel.queue_delete(prefix.queue("request_logs.dead"), QueueDeleteOptions::default()).await.unwrap();
    queue.health.check(Topic::RequestLogs).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_somebody_else_can_be_looked_at_as_a_dead_letter() {
    let prefix = Prefix::new();
    let queue = connect(&prefix.config()).await.unwrap();
    let (_connection, channel) = beside(&prefix).await;
    let options = BasicPublishOptions::default();
    let sent = channel.basic_publish(
        "".into(),
        prefix.queue("reports"),
        options,
        b"hello",
        BasicProperties::default(),
    );
    sent.await.unwrap();
    let mut consumer = queue.consumers.consume(Topic::Reports).await.unwrap();
    let delivery = consumer.receive(1, PATIENCE).await.unwrap().pop().unwrap();
    delivery.dead_letter(DeadLetterReason::UnknownApp, String::new()).await.unwrap();
    let dead = queue.dead_letters.list(None, 9).await.unwrap();
    assert_eq!((dead.len(), dead[0].envelope.body.as_ref()), (1, b"hello".as_slice()));
}

#[tokio::test(flavor = "multi_thread")]
async fn few_of_the_largest_messages_are_ahead_and_many_of_small_ones() {
    const LARGE: u64 = 40;
    const SMALL: u64 = 3_000;
    let prefix = Prefix::new();
    let queue = connect(&prefix.config()).await.unwrap();
    let body = Bytes::from(vec![b' '; limits::REPORT_BYTES_MAX]);
    let large = (0..LARGE).map(|number| Envelope { body: body.clone(), ..envelope(number) });
    for envelopes in [large.collect::<Vec<_>>(), (LARGE..LARGE + SMALL).map(envelope).collect()] {
        for some in envelopes.chunks(500) {
            let publishing = some.iter().map(|one| queue.producer.publish(Topic::Reports, one.clone()));
            futures_util::future::try_join_all(publishing).await.unwrap();
        }
    }
    let mut consumer = queue.consumers.consume(Topic::Reports).await.unwrap();
    let (mut seen, mut most_large, mut most_small) = (Vec::new(), 0, 0);
    while seen.len() < (LARGE + SMALL) as usize {
        let mut held = consumer.receive(1_000, PATIENCE).await.unwrap();
        // What comes while nothing is settled.
        while let more = consumer.receive(1_000, Duration::from_millis(300)).await.unwrap()
            && !more.is_empty()
        {
            held.extend(more);
        }
        assert!(!held.is_empty(), "nothing more comes after {} messages", seen.len());
        let large = held.iter().filter(|held| held.envelope.ingest_sequence < LARGE).count();
        (most_large, most_small) = (most_large.max(large), most_small.max(held.len() - large));
        for delivery in held {
            seen.push(delivery.envelope.ingest_sequence);
            delivery.ack().await.unwrap();
        }
        // Whatever the number ahead is, there is a consumer. (One that left counts while anything is out that it got.)
        assert!(queue.health.stats(Topic::Reports).await.unwrap().consumers > 0);
    }
    assert!((2..=24).contains(&most_large), "{most_large} messages of 4 MiB were out at a time");
    assert!(most_small > 1_000, "{most_small} small messages were out at a time");
    seen.sort_unstable();
    assert_eq!(seen, (0..LARGE + SMALL).collect::<Vec<_>>());
    queue.health.close().await;
}

/// It goes while its prefetch is adapted, with everything unsettled. Figures wait up to a second for consumers that are on their way out.
#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_goes_with_the_largest_messages_leaves_nothing_behind() {
    let prefix = Prefix::new();
    let queue = connect(&prefix.config()).await.unwrap();
    let body = Bytes::from(vec![b' '; limits::REPORT_BYTES_MAX]);
    let publishing = (0..30).map(|number| {
        queue.producer.publish(Topic::Reports, Envelope { body: body.clone(), ..envelope(number) })
    });
    futures_util::future::try_join_all(publishing).await.unwrap();
    let mut waits = Vec::new();
    for _ in 0..5 {
        let mut consumer = queue.consumers.consume(Topic::Reports).await.unwrap();
        let held = consumer.receive(1_000, PATIENCE).await.unwrap();
        drop(consumer);
        drop(held);
        let began = Instant::now();
        queue.health.stats(Topic::Reports).await.unwrap();
        waits.push(began.elapsed());
        let all_back = async {
            while let stats = queue.health.stats(Topic::Reports).await.unwrap()
                && (stats.depth, stats.consumers) != (30, 0)
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, all_back).await.expect("everything goes back");
    }
    assert!(waits.iter().any(|wait| *wait < Duration::from_millis(900)), "a consumer never left: {waits:?}");
    queue.health.close().await;
}
