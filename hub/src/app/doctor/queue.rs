//! RabbitMQ: whether it lets the hub in and make its queues, and whether those there are the hub's.

use super::super::backends::QueueBackend;
use super::{Examination, refused};
use crate::queue::rabbitmq;

const NAME: &str = "queue";

/// An embedded queue is looked at as a file.
pub(super) async fn examine(backend: &QueueBackend) -> Option<Examination> {
    let QueueBackend::RabbitMq(config) = backend else { return None };
    Some(match rabbitmq::inspect(config).await {
        Ok(()) => Examination::ok(NAME, "RabbitMQ lets the hub in and make its queues"),
        Err(error) => refused(NAME, &error.to_string()),
    })
}
