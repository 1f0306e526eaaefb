//! Dead letters: read by taking them out and putting them back.
//!
//! AMQP cannot look into a queue. Listing takes all letters of a topic one by one, unacknowledged, and gives them back at the
//! end; meanwhile nobody else sees them. A page costs as many reads as there are letters, about 0.2 ms each, and finding one
//! letter as many as lie before it: right for the thousands that people may look at. A quorum queue puts what is given back
//! behind what was given back before, so the queue's own order is not relied on: letters are listed by their ids, which rise
//! with the time at which they were accepted.
//!
//! A letter of which two copies lie here (see the module's head) is listed once; the other is listed when the first is gone.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use lapin::Channel;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicGetOptions, BasicNackOptions};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::link::Link;
use super::message::Message;
use super::publisher::{Destination, Publisher};
use super::topology::{Names, TOPICS};
use crate::queue::{DeadLetter, DeadLetterReason, DeadLetters, QueueError, Topic};

/// The delivery tag that means all that are out on the channel.
const ALL: u64 = 0;

pub(super) struct RabbitDeadLetters {
    link: Link,
    names: Arc<Names>,
    publisher: Arc<Publisher>,
    /// One reader at a time: two would hide letters from each other.
    reading: Mutex<()>,
}

/// The letters of one topic while they are looked at. Closing the channel, in whatever way, gives them back.
struct Browse {
    topic: Topic,
    channel: Channel,
}

impl RabbitDeadLetters {
    pub(super) fn new(link: Link, names: Arc<Names>, publisher: Arc<Publisher>) -> Self {
        Self { link, names, publisher, reading: Mutex::default() }
    }

    async fn browse(&self, topic: Topic) -> Result<Browse, QueueError> {
        Ok(Browse { topic, channel: self.link.channel().await? })
    }

    async fn next(&self, browse: &Browse) -> Result<Option<(Delivery, Message)>, QueueError> {
        // With acknowledgement: else it would be gone.
        let options = BasicGetOptions { no_ack: false };
        let got = browse.channel.basic_get(self.names.dead_queue(browse.topic), options).await?;
        Ok(got.map(|got| {
            let mut delivery = got.delivery;
            let message = Message::read(browse.topic, &mut delivery);
            (delivery, message)
        }))
    }

    async fn find(&self, browse: &Browse, id: Uuid) -> Result<Option<(Delivery, Message)>, QueueError> {
        while let Some(found) = self.next(browse).await? {
            if found.1.id == id {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Takes the letter out, after it was put where `action` says; false when there is none of that id.
    async fn take_out(&self, id: Uuid, action: Action) -> Result<bool, QueueError> {
        let _reading = self.reading.lock().await;
        for topic in TOPICS {
            let browse = self.browse(topic).await?;
            let found = self.find(&browse, id).await?;
            let is_there = found.is_some();
            if let Some((delivery, message)) = found {
                if let Action::Replay = action {
                    let alive = Message { attempts: 0, death: None, ..message };
                    self.publisher.send(topic, Destination::Live, &alive).await?;
                }
                delivery.acker.ack(BasicAckOptions::default()).await?;
            }
            browse.give_back().await?;
            if is_there {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[derive(Clone, Copy)]
enum Action {
    Replay,
    Discard,
}

impl Browse {
    /// All that is still out, in its order.
    async fn give_back(self) -> Result<(), QueueError> {
        self.channel.basic_nack(ALL, BasicNackOptions { multiple: true, requeue: true }).await?;
        Ok(self.channel.close(200, "looked".into()).await?)
    }
}

#[async_trait]
impl DeadLetters for RabbitDeadLetters {
    async fn list(&self, after: Option<Uuid>, max: usize) -> Result<Vec<DeadLetter>, QueueError> {
        let _reading = self.reading.lock().await;
        let mut page = BTreeMap::new();
        for topic in TOPICS {
            let browse = self.browse(topic).await?;
            while let Some((_, message)) = self.next(&browse).await? {
                if after.is_none_or(|after| message.id > after) {
                    page.insert(message.id, letter(topic, message));
                }
                if page.len() > max {
                    page.pop_last();
                }
            }
            browse.give_back().await?;
        }
        Ok(page.into_values().collect())
    }

    async fn show(&self, id: Uuid) -> Result<Option<DeadLetter>, QueueError> {
        let _reading = self.reading.lock().await;
        for topic in TOPICS {
            let browse = self.browse(topic).await?;
            let found = self.find(&browse, id).await?;
            browse.give_back().await?;
            if let Some((_, message)) = found {
                return Ok(Some(letter(topic, message)));
            }
        }
        Ok(None)
    }

    async fn replay(&self, id: Uuid) -> Result<bool, QueueError> {
        self.take_out(id, Action::Replay).await
    }

    async fn discard(&self, id: Uuid) -> Result<bool, QueueError> {
        self.take_out(id, Action::Discard).await
    }
}

fn letter(topic: Topic, message: Message) -> DeadLetter {
    let (reason, detail, died_at) = match message.death {
        Some(death) => (death.reason, death.detail, death.died_at),
        None => (DeadLetterReason::Failed, "somebody put it here without a reason".to_owned(), 0),
    };
    DeadLetter { id: message.id, topic, envelope: message.envelope, reason, detail, died_at }
}
