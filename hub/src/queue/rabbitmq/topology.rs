//! What stands at the broker: names, arguments, and the reason of each.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, LongString, ShortString};
use lapin::{Channel, ExchangeKind};

use super::QueueType;
use crate::queue::Topic;

/// How often a quorum queue delivers a message before the broker takes it away by itself: practically for ever.
///
/// Attempts are counted by the hub, in a header, because to the broker an outage (given back, or a consumer that died) looks
/// like poison. Said explicitly, because brokers from 4.0 on take 20 where nothing is said. No broker takes a larger number
/// everywhere, and those before 4.0 refuse −1 for "none".
const DELIVERY_LIMIT: i32 = i32::MAX;

/// The names of everything.
#[derive(Debug)]
pub(super) struct Names {
    /// The exchange that envelopes are published to; a topic is the routing key.
    pub(super) exchange: ShortString,
    /// The exchange of dead letters.
    pub(super) dead_exchange: ShortString,
    queues: [ShortString; 2],
    dead_queues: [ShortString; 2],
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
        }
    }

    pub(super) fn queue(&self, topic: Topic) -> ShortString {
        self.queues[index(topic)].clone()
    }

    pub(super) fn dead_queue(&self, topic: Topic) -> ShortString {
        self.dead_queues[index(topic)].clone()
    }
}

/// Makes what is missing. Fails when something of that name is there and different.
pub(super) async fn declare(channel: &Channel, names: &Names, queue_type: QueueType) -> lapin::Result<()> {
    for exchange in [&names.exchange, &names.dead_exchange] {
        // Durable: it is there after the broker's restart. Direct: the routing key is the topic, nothing is matched.
        let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
        channel
            .exchange_declare(exchange.clone(), ExchangeKind::Direct, options, FieldTable::default())
            .await?;
    }
    for topic in TOPICS {
        // Dead letters first, so that there is never a queue whose dead letters have no place.
        let dead = arguments(queue_type);
        declare_queue(channel, names.dead_queue(topic), (&names.dead_exchange, topic), dead).await?;
        let mut live = arguments(queue_type);
        // The hub publishes dead letters itself, with their reason. What the broker takes away (a policy with a length or a
        // lifetime that somebody set) must not vanish either.
        live.insert("x-dead-letter-exchange".into(), text(names.dead_exchange.as_str()));
        live.insert("x-dead-letter-routing-key".into(), text(key(topic)));
        declare_queue(channel, names.queue(topic), (&names.exchange, topic), live).await?;
    }
    Ok(())
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
