//! Publishing: one channel for all, many messages in flight, each answered for by the broker.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::ShortString;
use lapin::{Channel, Confirmation};
use tokio::sync::{Mutex, Semaphore};

use super::link::Link;
use super::message::Message;
use super::topology::{Names, index, key};
use crate::queue::{Envelope, Producer, QueueError, Topic};

/// How long a message may take from here to its confirm, its wait for a place among [`IN_FLIGHT_MAX`] included. A broker that
/// hangs confirms nothing, and nothing else would tell its sender. What is confirmed too late comes twice, which is harmless.
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(5);

/// Messages of a topic that wait for their confirm at a time. More gain nothing in throughput and cost large messages much.
const IN_FLIGHT_MAX: usize = 128;

/// Publishes with confirms.
pub(super) struct Publisher {
    link: Link,
    names: Arc<Names>,
    /// One for each topic, so that large request logs do not stand between a report and its confirm.
    lanes: [Lane; 2],
}

struct Lane {
    channel: Mutex<Option<Channel>>,
    places: Semaphore,
}

impl Default for Lane {
    fn default() -> Self {
        Self { channel: Mutex::default(), places: Semaphore::new(IN_FLIGHT_MAX) }
    }
}

/// Where a message goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Destination {
    Live,
    Dead,
}

#[async_trait]
impl Producer for Publisher {
    async fn publish(&self, topic: Topic, envelope: Envelope) -> Result<(), QueueError> {
        self.send(topic, Destination::Live, &Message::new(envelope)).await
    }
}

impl Publisher {
    pub(super) fn new(link: Link, names: Arc<Names>) -> Self {
        Self { link, names, lanes: Default::default() }
    }

    /// Returns once the broker has it in a queue.
    pub(super) async fn send(
        &self,
        topic: Topic,
        to: Destination,
        message: &Message,
    ) -> Result<(), QueueError> {
        self.link.check_writable()?;
        match tokio::time::timeout(PUBLISH_TIMEOUT, self.send_and_wait(topic, to, message)).await {
            Ok(sent) => sent,
            Err(_) => Err(QueueError::Unavailable(format!(
                "RabbitMQ did not confirm a message within {} s",
                PUBLISH_TIMEOUT.as_secs()
            ))),
        }
    }

    async fn send_and_wait(
        &self,
        topic: Topic,
        to: Destination,
        message: &Message,
    ) -> Result<(), QueueError> {
        let lane = &self.lanes[index(topic)];
        let closed = |_| QueueError::Unavailable("the queue was closed".to_owned());
        let _place = lane.places.acquire().await.map_err(closed)?;
        let channel = self.channel(lane).await?;
        let exchange = match to {
            Destination::Live => self.names.exchange.clone(),
            Destination::Dead => self.names.dead_exchange.clone(),
        };
        // Mandatory: without it the broker confirms a message that no queue took. Not immediate: RabbitMQ does not know it.
        let options = BasicPublishOptions { mandatory: true, immediate: false };
        let (routing_key, body) = (ShortString::from(key(topic)), message.envelope.body.as_ref());
        let sent = channel.basic_publish(exchange, routing_key, options, body, message.properties()).await?;
        self.judge(topic, sent.await?).await
    }

    /// An ack says that the broker is done with the message, and with a returned message beside it that it was thrown away.
    async fn judge(&self, topic: Topic, confirmation: Confirmation) -> Result<(), QueueError> {
        match confirmation {
            Confirmation::Ack(None) => Ok(()),
            Confirmation::Ack(Some(returned)) => {
                let why = format!("RabbitMQ had no queue for a message ({})", returned.reply_text);
                self.link.declare_again(topic).await?;
                Err(QueueError::Unavailable(why))
            }
            Confirmation::Nack(_) => {
                Err(QueueError::Unavailable("RabbitMQ could not keep a message (nack)".to_owned()))
            }
            Confirmation::NotRequested => {
                Err(QueueError::Unavailable("RabbitMQ does not confirm on this channel".to_owned()))
            }
        }
    }

    async fn channel(&self, lane: &Lane) -> Result<Channel, QueueError> {
        let mut current = lane.channel.lock().await;
        if let Some(channel) = current.as_ref().filter(|channel| channel.status().connected()) {
            return Ok(channel.clone());
        }
        let channel = self.link.channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        *current = Some(channel.clone());
        Ok(channel)
    }
}
