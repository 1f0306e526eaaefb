//! The queue on RabbitMQ, shared by as many hub processes as there are.
//!
//! Four queues ([`topology`]): one for each topic and one for each topic's dead letters, all of them durable. A process keeps
//! two connections ([`link`]), one to publish and one to consume: a broker that runs out of memory or disk stops reading from
//! connections that publish, and settling must go on then. An envelope's body is the message's body as the SDK sent it, what
//! ingest knows about it stands in properties and headers ([`message`]).
//!
//! What is promised rests on the broker: `publish` returns after the confirm, a delivery is removed after its `ack`. What moves
//! (a retry, a dead letter, a replay) is published to its new place first, with a confirm, and then acknowledged at its old
//! one: a crash in between leaves two copies and never none. Copies of a dead letter carry one id and count as one.
//!
//! A connection that is lost is opened anew, for ever. Deliveries that were out then come again, elsewhere or here; settling
//! the old ones fails, and nothing is lost by it.

mod ahead;
mod consumer;
mod dead_letters;
mod error;
mod hand;
mod health;
mod link;
mod message;
mod place;
mod publisher;
mod topology;

use std::sync::Arc;

use self::consumer::RabbitConsumers;
use self::dead_letters::RabbitDeadLetters;
use self::hand::Hands;
use self::health::RabbitHealth;
use self::link::Link;
use self::publisher::Publisher;
use self::topology::Names;
use super::{Queue, QueueError};
use crate::certificates::Authorities;
use crate::clock::SharedClock;

/// Where the broker is and what the queues there are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RabbitConfig {
    /// `amqp://user:password@host:port/vhost`, or `amqps://`.
    pub url: String,
    /// What the names of queues and exchanges begin with, so that several hubs can share a virtual host.
    pub prefix: String,
    pub queue_type: QueueType,
    /// Authorities that are trusted beside the public ones, for `amqps://`.
    pub authorities: Option<Authorities>,
}

/// What RabbitMQ makes the queues of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueueType {
    /// Replicated by Raft over the nodes of a cluster; on one node, a log with group commit. Faster than classic ones with
    /// confirms, in the middle and in the tail. Brokers that are too old for them do not know the argument and make classic ones.
    #[default]
    Quorum,
    /// On one node's disk.
    Classic,
}

/// Whether the broker lets this hub in; changes nothing there.
pub async fn inspect(config: &RabbitConfig) -> Result<(), QueueError> {
    link::look(config, &Arc::new(Names::new(&config.prefix))).await
}

/// Connects, makes what is missing at the broker, and keeps the connections until [`super::QueueHealth::close`]. Fails with
/// what to mend when the broker does not let this hub work.
pub async fn connect(config: &RabbitConfig, clock: SharedClock) -> Result<Queue, QueueError> {
    let names = Arc::new(Names::new(&config.prefix));
    let publishing = Link::open(config, &names, "publisher").await?;
    let consuming = Link::open(config, &names, "consumer").await?;
    let publisher = Arc::new(Publisher::new(publishing.clone(), names.clone()));
    let hands = Arc::<Hands>::default();
    let parts = place::Parts { publisher: publisher.clone(), hands: hands.clone(), clock };
    Ok(Queue {
        producer: publisher.clone(),
        consumers: Arc::new(RabbitConsumers::new(consuming.clone(), names.clone(), parts)),
        dead_letters: Arc::new(RabbitDeadLetters::new(consuming.clone(), names.clone(), publisher)),
        health: Arc::new(RabbitHealth::new([publishing, consuming], names, hands)),
    })
}
