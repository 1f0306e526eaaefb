//! RabbitMQ, with queues of both types.

use sendry_hub::queue::rabbitmq::{self, QueueType, RabbitConfig};

use super::*;
use crate::amqp::Prefix;

pub(super) struct Quorum(Prefix);

pub(super) struct Classic(Prefix);

impl Harness for Quorum {
    fn new() -> Self {
        Self(Prefix::new())
    }

    async fn connect(&self) -> Queue {
        connect(&self.0, QueueType::Quorum).await
    }
}

impl Harness for Classic {
    fn new() -> Self {
        Self(Prefix::new())
    }

    async fn connect(&self) -> Queue {
        connect(&self.0, QueueType::Classic).await
    }
}

async fn connect(prefix: &Prefix, queue_type: QueueType) -> Queue {
    let config = RabbitConfig { queue_type, ..prefix.config() };
    let connected = rabbitmq::connect(&config, ManualClock::at(NOW)).await;
    connected.expect("RabbitMQ answers; see docs/testing.md")
}
