//! Receiving.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use lapin::Channel;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions};
use lapin::types::{FieldTable, ShortString};
use tokio::sync::mpsc;

use super::ahead::Ahead;
use super::link::Link;
use super::place::{Parts, Place};
use super::topology::Names;
use crate::queue::{Consumer, Consumers, Delivery, QueueError, Topic};

/// Envelopes that are received at once: of reports enough to spread the cost of a write, of request logs what fits into memory (a
/// batch of them takes up to a megabyte).
fn receive_max(topic: Topic) -> u16 {
    match topic {
        Topic::Reports => 384,
        Topic::RequestLogs => 20,
    }
}

/// Envelopes that the broker sends ahead of their settling at the most: two batches that a worker stores, and one that is ready.
/// [`Ahead`] knows how many it really sends. What is out waits for minutes at most, far from the broker's `consumer_timeout` (30
/// minutes): in an outage a worker gives everything back and closes its consumer.
fn prefetch_max(topic: Topic) -> u16 {
    3 * receive_max(topic)
}

pub(super) struct RabbitConsumers {
    link: Link,
    names: Arc<Names>,
    parts: Parts,
}

impl RabbitConsumers {
    pub(super) fn new(link: Link, names: Arc<Names>, parts: Parts) -> Self {
        Self { link, names, parts }
    }
}

#[async_trait]
impl Consumers for RabbitConsumers {
    async fn consume(&self, topic: Topic) -> Result<Box<dyn Consumer>, QueueError> {
        let channel = self.link.channel().await?;
        let (queue, parts) = (self.names.queue(topic), self.parts.clone());
        let ahead = Ahead::up_to(prefetch_max(topic));
        let stream = consume(&channel, queue.clone(), &ahead).await?;
        // As many places as envelopes may be ahead, and one for the end. When it is full, the next one waits in the client.
        let (sender, deliveries) = mpsc::channel(usize::from(prefetch_max(topic)) + 1);
        let pump = Pump { topic, queue, stream, channel, parts, ahead, sender };
        tokio::spawn(pump.run());
        Ok(Box::new(RabbitConsumer { topic, deliveries, parts: self.parts.clone() }))
    }
}

async fn consume(channel: &Channel, queue: ShortString, ahead: &Ahead) -> lapin::Result<lapin::Consumer> {
    // Per consumer, not per channel; each has a channel of its own all the same.
    channel.basic_qos(ahead.now(), BasicQosOptions { global: false }).await?;
    // With acknowledgements (a dead worker's envelopes come again), not exclusive (workers stand side by side). The broker makes up
    // the tag.
    let options = BasicConsumeOptions { no_ack: false, exclusive: false, ..Default::default() };
    channel.basic_consume(queue, ShortString::default(), options, FieldTable::default()).await
}

struct RabbitConsumer {
    topic: Topic,
    deliveries: mpsc::Receiver<Result<Delivery, QueueError>>,
    parts: Parts,
}

#[async_trait]
impl Consumer for RabbitConsumer {
    async fn receive(&mut self, max: usize, wait: Duration) -> Result<Vec<Delivery>, QueueError> {
        let mut received = Vec::new();
        let max = max.min(receive_max(self.topic).into());
        match tokio::time::timeout(wait, self.deliveries.recv_many(&mut received, max)).await {
            Err(_) => Ok(Vec::new()),
            // What came before the end goes back by being dropped.
            Ok(_) if received.is_empty() => Err(ended("the consumer ended before")),
            Ok(_) => received.into_iter().collect(),
        }
    }
}

impl Drop for RabbitConsumer {
    fn drop(&mut self) {
        self.parts.hands.of(self.topic).consumer_leaves();
    }
}

/// Takes envelopes from the client as they come, so that they are counted; ends when its consumer is dropped.
struct Pump {
    topic: Topic,
    queue: ShortString,
    stream: lapin::Consumer,
    channel: Channel,
    parts: Parts,
    ahead: Ahead,
    sender: mpsc::Sender<Result<Delivery, QueueError>>,
}

impl Pump {
    async fn run(mut self) {
        let error = self.forward().await;
        if let Some(error) = error {
            // A consumer that is gone does not need to hear of it.
            let _ = self.sender.send(Err(error)).await;
            self.sender.closed().await;
        } else {
            self.leave().await;
        }
        self.parts.hands.of(self.topic).consumer_left();
    }

    /// Returns why nothing comes any more; nothing when the consumer was dropped.
    async fn forward(&mut self) -> Option<QueueError> {
        loop {
            let delivered = tokio::select! {
                () = self.sender.closed() => return None,
                delivered = self.stream.next() => delivered,
            };
            match delivered {
                Some(Ok(delivered)) => {
                    let through = (&self.channel, &mut self.ahead);
                    let delivery = Place::take(self.topic, delivered, through, &self.parts);
                    // To a consumer that is gone it cannot be sent: it goes back by being dropped.
                    let _ = self.sender.send(Ok(delivery)).await;
                }
                Some(Err(error)) => return Some(error.into()),
                None => return Some(ended("the broker ended the consumer, its queue was deleted or moved")),
            }
            if self.ahead.adapt()
                && let Err(error) = self.consume_anew().await
            {
                return Some(error.into());
            }
        }
    }

    /// With another prefetch, which is a new consumer's.
    async fn consume_anew(&mut self) -> lapin::Result<()> {
        self.leave().await;
        tracing::debug!(queue.name = %self.queue, queue.prefetch = self.ahead.now(), "The prefetch was adapted.");
        self.stream = consume(&self.channel, self.queue.clone(), &self.ahead).await?;
        Ok(())
    }

    /// Tells the broker, and gives back what it sent before it knew, as it comes: it may be much.
    async fn leave(&mut self) {
        let cancelled = self.channel.basic_cancel(self.stream.tag(), BasicCancelOptions::default());
        let stream = &mut self.stream;
        let given_back = async {
            while let Some(Ok(delivered)) = stream.next().await {
                let options = BasicNackOptions { multiple: false, requeue: true };
                if delivered.acker.nack(options).await.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            () = given_back => {}
            Err(_) = cancelled => {}
        }
    }
}

fn ended(why: &str) -> QueueError {
    QueueError::Unavailable(format!("RabbitMQ sends nothing any more: {why}"))
}
