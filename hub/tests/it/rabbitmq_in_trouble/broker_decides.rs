//! Rights that are just enough and rights that are too few; and messages that the broker takes away by a policy of somebody else.

use bytes::Bytes;
use sendry_hub::queue::rabbitmq::{self, QueueType, RabbitConfig};
use sendry_hub::queue::{
    DeadLetterReason, ENVELOPE_VERSION, Encoding, Envelope, Kind, Queue, QueueError, Topic,
};
use uuid::Uuid;

use super::*;

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

async fn connect(broker: &Broker, user: &str) -> Result<Queue, QueueError> {
    let url = format!("amqp://{user}:{user}@{}/%2f", broker.address());
    let config =
        RabbitConfig { url, prefix: "sendry".to_owned(), queue_type: QueueType::Quorum, authorities: None };
    rabbitmq::connect(&config, ManualClock::at(1_700_000_000)).await
}

/// The sentence of a start that a person must mend.
async fn misconfigured(broker: &Broker, user: &str) -> String {
    match connect(broker, user).await.err() {
        Some(QueueError::Misconfigured(sentence)) => sentence,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rights_that_the_refusal_names_are_enough_for_all_that_a_hub_does() {
    let broker = Broker::start().await;
    broker.control(&["add_user", "hub", "hub"]).await;
    let said = misconfigured(&broker, "hub").await;
    assert!(said.contains("does not let user \"hub\" into virtual host \"/\""), "{said}");
    let grant = "rabbitmqctl set_permissions -p / hub '^sendry[.].*' '^sendry[.].*' '^sendry[.].*'";
    assert!(said.contains(grant), "{said}");
    broker.control(&["set_permissions", "-p", "/", "hub", "^other$", "^sendry[.].*", "^sendry[.].*"]).await;
    let said = misconfigured(&broker, "hub").await;
    assert!(said.contains("make its queues") && said.contains(grant), "{said}");

    let names = "^sendry[.].*";
    broker.control(&["set_permissions", "-p", "/", "hub", names, names, names]).await;
    let queue = connect(&broker, "hub").await.unwrap();
    for topic in [Topic::Reports, Topic::RequestLogs] {
        queue.health.check(topic).await.unwrap();
    }
    queue.producer.publish(Topic::Reports, envelope(0)).await.unwrap();
    let mut consumer = queue.consumers.consume(Topic::Reports).await.unwrap();
    let delivery = consumer.receive(1, PATIENCE).await.unwrap().pop().unwrap();
    delivery.retry().await.unwrap();
    let delivery = consumer.receive(1, PATIENCE).await.unwrap().pop().unwrap();
    delivery.dead_letter(DeadLetterReason::Failed, "a test".to_owned()).await.unwrap();
    let dead = queue.dead_letters.list(None, 9).await.unwrap();
    assert!(queue.dead_letters.replay(dead[0].id).await.unwrap());
    consumer.receive(1, PATIENCE).await.unwrap().pop().unwrap().ack().await.unwrap();
    assert_eq!(queue.health.stats(Topic::Reports).await.unwrap().consumers, 1);
    queue.health.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_broker_takes_away_is_a_dead_letter_that_can_be_replayed() {
    let broker = Broker::start().await;
    let queue = connect(&broker, "guest").await.unwrap();
    let short = r#"{"max-length": 1}"#;
    broker.control(&["set_policy", "short", "^sendry[.]reports$", short, "--apply-to", "queues"]).await;
    for number in 5..8 {
        queue.producer.publish(Topic::Reports, envelope(number)).await.unwrap();
    }
    let gone = async {
        loop {
            let dead = queue.dead_letters.list(None, 9).await.unwrap();
            if dead.len() == 2 {
                return dead;
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    let dead = timeout(PATIENCE * 2, gone).await.expect("what is too much is taken away");
    assert_eq!(dead[0].reason, DeadLetterReason::Failed);
    assert!(dead[0].detail.contains("maxlen"), "{}", dead[0].detail);
    broker.control(&["clear_policy", "short"]).await;
    for letter in &dead {
        assert!(queue.dead_letters.replay(letter.id).await.unwrap());
    }
    let mut consumer = queue.consumers.consume(Topic::Reports).await.unwrap();
    let mut found = Vec::new();
    while found.len() < 3 {
        for delivery in consumer.receive(9, PATIENCE).await.unwrap() {
            found.push((delivery.envelope.clone(), delivery.attempts));
            delivery.ack().await.unwrap();
        }
    }
    found.sort_by_key(|(envelope, _)| envelope.ingest_sequence);
    assert_eq!(found, [5, 6, 7].map(|number| (envelope(number), 0)));
    queue.health.close().await;
}
