//! Dead letters: read by taking them out and putting them back.
//!
//! AMQP cannot look into a queue. Listing takes letters one by one from the front, unacknowledged, and gives all of them back at
//! the end, which keeps their order. Meanwhile nobody else sees them, and finding the n-th letter reads n: right for the
//! hundreds of letters that people look at.

use std::collections::HashSet;
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

pub(super) struct RabbitDeadLetters {
    link: Link,
    names: Arc<Names>,
    publisher: Arc<Publisher>,
    /// One reader at a time: two would hide letters from each other.
    reading: Mutex<()>,
}

/// Letters of one topic while they are looked at.
struct Browse {
    topic: Topic,
    channel: Channel,
    /// The newest letter that is out.
    last_tag: Option<u64>,
}

impl RabbitDeadLetters {
    pub(super) fn new(link: Link, names: Arc<Names>, publisher: Arc<Publisher>) -> Self {
        Self { link, names, publisher, reading: Mutex::default() }
    }

    async fn browse(&self, topic: Topic) -> Result<Browse, QueueError> {
        Ok(Browse { topic, channel: self.link.channel().await?, last_tag: None })
    }

    async fn next(&self, browse: &mut Browse) -> Result<Option<(Delivery, Message)>, QueueError> {
        // With acknowledgement: else it would be gone.
        let options = BasicGetOptions { no_ack: false };
        let Some(got) = browse.channel.basic_get(self.names.dead_queue(browse.topic), options).await? else {
            return Ok(None);
        };
        let mut delivery = got.delivery;
        browse.last_tag = Some(delivery.delivery_tag);
        let message = Message::read(browse.topic, &mut delivery);
        Ok(Some((delivery, message)))
    }

    /// Applies `action` to every copy of the letter; false when there is none.
    async fn each_copy(&self, id: Uuid, action: Action) -> Result<bool, QueueError> {
        let _reading = self.reading.lock().await;
        for topic in TOPICS {
            let mut browse = self.browse(topic).await?;
            let done = self.act(&mut browse, id, action).await;
            browse.give_back().await?;
            if done? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn act(&self, browse: &mut Browse, id: Uuid, action: Action) -> Result<bool, QueueError> {
        let mut done = false;
        while let Some((delivery, message)) = self.next(browse).await? {
            if message.id != id {
                // A copy lies right behind its letter: both were published one after the other.
                if done {
                    break;
                }
                continue;
            }
            if !done && matches!(action, Action::Replay) {
                let alive = Message { attempts: 0, death: None, ..message };
                self.publisher.send(browse.topic, Destination::Live, &alive).await?;
            }
            delivery.acker.ack(BasicAckOptions::default()).await?;
            done = true;
        }
        Ok(done)
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
        if let Some(tag) = self.last_tag {
            self.channel.basic_nack(tag, BasicNackOptions { multiple: true, requeue: true }).await?;
        }
        Ok(self.channel.close(200, "looked".into()).await?)
    }
}

#[async_trait]
impl DeadLetters for RabbitDeadLetters {
    async fn list(&self, after: Option<Uuid>, max: usize) -> Result<Vec<DeadLetter>, QueueError> {
        let _reading = self.reading.lock().await;
        let mut page = Page { after, max, seen: HashSet::new(), letters: Vec::new() };
        for topic in TOPICS {
            let mut browse = self.browse(topic).await?;
            let mut failed = None;
            while !page.is_full() {
                match self.next(&mut browse).await {
                    Ok(Some((_, message))) => page.add(topic, message),
                    Ok(None) => break,
                    Err(error) => {
                        failed = Some(error);
                        break;
                    }
                }
            }
            browse.give_back().await?;
            if let Some(error) = failed {
                return Err(error);
            }
        }
        Ok(page.letters)
    }

    async fn show(&self, id: Uuid) -> Result<Option<DeadLetter>, QueueError> {
        let _reading = self.reading.lock().await;
        for topic in TOPICS {
            let mut browse = self.browse(topic).await?;
            let found = loop {
                match self.next(&mut browse).await {
                    Ok(Some((_, message))) if message.id == id => break Ok(Some(message)),
                    Ok(Some(_)) => {}
                    Ok(None) => break Ok(None),
                    Err(error) => break Err(error),
                }
            };
            browse.give_back().await?;
            if let Some(message) = found? {
                return Ok(Some(letter(topic, message)));
            }
        }
        Ok(None)
    }

    async fn replay(&self, id: Uuid) -> Result<bool, QueueError> {
        self.each_copy(id, Action::Replay).await
    }

    async fn discard(&self, id: Uuid) -> Result<bool, QueueError> {
        self.each_copy(id, Action::Discard).await
    }
}

/// A page of a list in the making.
struct Page {
    /// Everything up to this letter is left out.
    after: Option<Uuid>,
    max: usize,
    seen: HashSet<Uuid>,
    letters: Vec<DeadLetter>,
}

impl Page {
    fn is_full(&self) -> bool {
        self.letters.len() >= self.max
    }

    fn add(&mut self, topic: Topic, message: Message) {
        if !self.seen.insert(message.id) {
            return;
        }
        match self.after {
            Some(after) if after == message.id => self.after = None,
            Some(_) => {}
            None => self.letters.push(letter(topic, message)),
        }
    }
}

fn letter(topic: Topic, message: Message) -> DeadLetter {
    let (reason, detail, died_at) = match message.death {
        Some(death) => (death.reason, death.detail, death.died_at),
        None => (DeadLetterReason::Failed, "somebody put it here without a reason".to_owned(), 0),
    };
    DeadLetter { id: message.id, topic, envelope: message.envelope, reason, detail, died_at }
}
