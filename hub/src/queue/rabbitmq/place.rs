//! The place of an envelope that is out: settles it at the broker, once.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt;
use lapin::options::{BasicAckOptions, BasicNackOptions};
use lapin::{Acker, Channel};

use super::ahead::{Ahead, Share};
use super::hand::Hands;
use super::message::{Death, Message};
use super::publisher::{Destination, Publisher};
use crate::clock::SharedClock;
use crate::queue::{Delivery, QueueError, Settle, Settlement, Topic};

/// What settling needs, shared by all deliveries.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) publisher: Arc<Publisher>,
    pub(super) hands: Arc<Hands>,
    pub(super) clock: SharedClock,
}

/// Dropped unsettled, it gives the envelope back.
pub(super) struct Place {
    topic: Topic,
    message: Message,
    acker: Acker,
    parts: Parts,
    /// A channel that closes gives everything back that came through it, so it stays open while a delivery is out.
    _channel: Channel,
    _share: Share,
}

impl Place {
    /// Makes a delivery of what the broker sent through `channel`.
    pub(super) fn take(
        topic: Topic,
        mut delivered: lapin::message::Delivery,
        (channel, ahead): (&Channel, &mut Ahead),
        parts: &Parts,
    ) -> Delivery {
        let message = Message::read(topic, &mut delivered);
        parts.hands.of(topic).add(message.envelope.accepted_at);
        let (envelope, attempts) = (message.envelope.clone(), message.attempts);
        let (parts, channel) = (parts.clone(), channel.clone());
        let share = ahead.take(envelope.body.len());
        let acker = delivered.acker;
        let place = Self { topic, message, acker, parts, _channel: channel, _share: share };
        Delivery::new(envelope, attempts, Box::new(place))
    }

    async fn ack(&self) -> Result<(), QueueError> {
        settled(self.acker.ack(BasicAckOptions::default()).await)
    }

    /// First the new place, then the old one.
    async fn move_to(&self, to: Destination, message: &Message) -> Result<(), QueueError> {
        self.parts.publisher.send(self.topic, to, message).await?;
        self.ack().await
    }
}

#[async_trait]
impl Settle for Place {
    async fn settle(self: Box<Self>, settlement: Settlement) -> Result<(), QueueError> {
        match settlement {
            Settlement::Ack => self.ack().await,
            Settlement::GiveBack => settled(self.acker.nack(requeue()).await),
            Settlement::Retry => {
                let message = Message { attempts: self.message.attempts + 1, ..self.message.clone() };
                self.move_to(Destination::Live, &message).await
            }
            Settlement::DeadLetter(reason, detail) => {
                let death = Some(Death { reason, detail, died_at: self.parts.clock.now_ms() });
                self.move_to(Destination::Dead, &Message { death, ..self.message.clone() }).await
            }
        }
    }

    fn abandon(self: Box<Self>) {}
}

impl Drop for Place {
    fn drop(&mut self) {
        self.parts.hands.of(self.topic).remove(self.message.envelope.accepted_at);
        // Does nothing when it was settled. Asked once, the client's own thread does the rest.
        let _ = self.acker.nack(requeue()).now_or_never();
    }
}

/// Back into the queue, this one alone.
fn requeue() -> BasicNackOptions {
    BasicNackOptions { multiple: false, requeue: true }
}

/// False means that the channel is gone, and the broker gave the envelope to somebody else.
fn settled(answer: lapin::Result<bool>) -> Result<(), QueueError> {
    match answer {
        Ok(true) => Ok(()),
        Ok(false) => Err(QueueError::Unavailable(
            "the connection to RabbitMQ was lost before an envelope was settled; it comes again".to_owned(),
        )),
        Err(error) => Err(error.into()),
    }
}
