//! What stands at the broker: names, arguments, and the reason of each.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, LongString, ShortString};
use lapin::{Channel, Connection, ExchangeKind};

use super::QueueType;
use crate::queue::Topic;

/// How often a quorum queue delivers a message before the broker takes it away by itself: practically for ever.
///
/// Attempts are counted by the hub, in a header, because to the broker an outage (given back, or a consumer that died) looks
/// like poison. Said explicitly, because brokers from 4.0 on take 20 where nothing is said. No broker takes a larger number
/// everywhere, and those before 4.0 refuse −1 for "none".
const DELIVERY_LIMIT: i32 = i32::MAX;

/// AMQP's number of "there is no such queue".
const NOT_FOUND: u16 = 404;

/// The names of everything.
#[derive(Debug)]
pub(super) struct Names {
    /// The exchange that envelopes are published to; a topic is the routing key.
    pub(super) exchange: ShortString,
    /// The exchange of dead letters.
    pub(super) dead_exchange: ShortString,
    queues: [ShortString; 2],
    dead_queues: [ShortString; 2],
    /// A queue that shows the right to make one.
    doctor: ShortString,
}

pub(super) const TOPICS: [Topic; 2] = [Topic::Reports, Topic::RequestLogs];

/// A topic's routing key, and the middle of its queues' names.
pub(super) fn key(topic: Topic) -> &'static str {
    match topic {
        Topic::Reports => "reports",
        Topic::RequestLogs => "request_logs",
    }
}

/// A topic's place in arrays.
pub(super) fn index(topic: Topic) -> usize {
    match topic {
        Topic::Reports => 0,
        Topic::RequestLogs => 1,
    }
}

impl Names {
    pub(super) fn new(prefix: &str) -> Self {
        Self {
            exchange: format!("{prefix}.envelopes").into(),
            dead_exchange: format!("{prefix}.dead").into(),
            queues: TOPICS.map(|topic| format!("{prefix}.{}", key(topic)).into()),
            dead_queues: TOPICS.map(|topic| format!("{prefix}.{}.dead", key(topic)).into()),
            doctor: format!("{prefix}.doctor.{}", uuid::Uuid::new_v4().simple()).into(),
        }
    }

    pub(super) fn queue(&self, topic: Topic) -> ShortString {
        self.queues[index(topic)].clone()
    }

    pub(super) fn dead_queue(&self, topic: Topic) -> ShortString {
        self.dead_queues[index(topic)].clone()
    }
}

/// Makes what is missing of a topic. Fails when something of that name is there and different, which closes the channel.
pub(super) async fn declare(
    channel: &Channel,
    names: &Names,
    (topic, queue_type): (Topic, QueueType),
) -> lapin::Result<()> {
    for exchange in [&names.exchange, &names.dead_exchange] {
        // Durable: it is there after the broker's restart. Direct: the routing key is the topic, nothing is matched.
        let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
        channel
            .exchange_declare(exchange.clone(), ExchangeKind::Direct, options, FieldTable::default())
            .await?;
    }
    let [(dead, its), (live, its_own)] = queues(names, topic, queue_type);
    declare_queue(channel, dead, (&names.dead_exchange, topic), its).await?;
    declare_queue(channel, live, (&names.exchange, topic), its_own).await
}

/// Whether what is there is what [`declare`] would make, and whether this user may make it. What is missing is not made: a queue
/// of the doctor's own, which ends with the connection, shows the right.
pub(super) async fn examine(
    connection: &Connection,
    names: &Names,
    queue_type: QueueType,
) -> lapin::Result<()> {
    let own = QueueDeclareOptions { exclusive: true, auto_delete: true, ..Default::default() };
    let channel = connection.create_channel().await?;
    channel.queue_declare(names.doctor.clone(), own, arguments(QueueType::Classic)).await?;
    channel.close(200, "seen".into()).await?;
    for topic in TOPICS {
        for (queue, arguments) in queues(names, topic, queue_type) {
            if is_there(connection, queue.clone()).await? {
                // To declare what is there compares it.
                let channel = connection.create_channel().await?;
                let options = QueueDeclareOptions { durable: true, ..Default::default() };
                channel.queue_declare(queue, options, arguments).await?;
                channel.close(200, "compared".into()).await?;
            }
        }
    }
    Ok(())
}

/// The broker closes the channel of who asks for what is not there.
async fn is_there(connection: &Connection, queue: ShortString) -> lapin::Result<bool> {
    let channel = connection.create_channel().await?;
    let passive = QueueDeclareOptions { passive: true, ..Default::default() };
    match channel.queue_declare(queue, passive, FieldTable::default()).await {
        Ok(_) => channel.close(200, "seen".into()).await.map(|()| true),
        Err(error) if is_not_found(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_not_found(error: &lapin::Error) -> bool {
    matches!(error.kind(), lapin::ErrorKind::ProtocolError(said) if said.get_id() == NOT_FOUND)
}

/// A topic's queues with their arguments, the dead letters first, so that there is never a queue whose dead letters have no place.
fn queues(names: &Names, topic: Topic, queue_type: QueueType) -> [(ShortString, FieldTable); 2] {
    let mut live = arguments(queue_type);
    // The hub publishes dead letters itself, with their reason. What the broker takes away (a policy with a length or a
    // lifetime that somebody set) must not vanish either.
    live.insert("x-dead-letter-exchange".into(), text(names.dead_exchange.as_str()));
    live.insert("x-dead-letter-routing-key".into(), text(key(topic)));
    [(names.dead_queue(topic), arguments(queue_type)), (names.queue(topic), live)]
}

async fn declare_queue(
    channel: &Channel,
    queue: ShortString,
    (exchange, topic): (&ShortString, Topic),
    arguments: FieldTable,
) -> lapin::Result<()> {
    // Durable: it is there after the broker's restart. Neither exclusive (every hub works on it) nor deleted with its last
    // consumer (workers come and go).
    let options = QueueDeclareOptions { durable: true, ..Default::default() };
    channel.queue_declare(queue.clone(), options, arguments).await?;
    let bound = (exchange.clone(), ShortString::from(key(topic)));
    channel.queue_bind(queue, bound.0, bound.1, QueueBindOptions::default(), FieldTable::default()).await
}

fn arguments(queue_type: QueueType) -> FieldTable {
    let mut arguments = FieldTable::default();
    match queue_type {
        QueueType::Quorum => {
            arguments.insert("x-queue-type".into(), text("quorum"));
            arguments.insert("x-delivery-limit".into(), AMQPValue::LongInt(DELIVERY_LIMIT));
        }
        // Said, because a virtual host can have another default. A classic queue counts no deliveries.
        QueueType::Classic => _ = arguments.insert("x-queue-type".into(), text("classic")),
    }
    arguments
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(LongString::from(value))
}
