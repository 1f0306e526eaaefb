//! How the queue is: asked of the broker, with what is in hand here beside it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lapin::Channel;
use lapin::options::{BasicGetOptions, BasicNackOptions, QueueDeclareOptions};
use lapin::types::{FieldTable, ShortString};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::hand::Hands;
use super::link::Link;
use super::message::Message;
use super::topology::{Names, TOPICS, index};
use crate::clock::UnixMillis;
use crate::queue::{QueueError, QueueHealth, QueueStats, Topic};

/// How long the age of what waits may be known from before. AMQP cannot look into a queue: the first envelope is taken out
/// and put back, and for that moment no worker gets it.
const PEEK_EVERY: Duration = Duration::from_secs(10);

/// How long figures wait for a consumer that is on its way out.
const LEAVING_WAIT: Duration = Duration::from_secs(1);

/// The two links: one that publishes, one that consumes.
type Links = [Link; 2];

pub(super) struct RabbitHealth {
    links: Links,
    names: Arc<Names>,
    hands: Arc<Hands>,
    peeked: [Mutex<Option<Peek>>; 2],
}

/// When a queue's first envelope was accepted, and when that was looked up.
#[derive(Clone, Copy)]
struct Peek {
    at: Instant,
    oldest: Option<UnixMillis>,
}

impl RabbitHealth {
    pub(super) fn new(links: Links, names: Arc<Names>, hands: Arc<Hands>) -> Self {
        Self { links, names, hands, peeked: Default::default() }
    }

    fn consuming(&self) -> &Link {
        &self.links[1]
    }

    /// When the first of what waits was accepted.
    async fn oldest_waiting(&self, topic: Topic) -> Result<Option<UnixMillis>, QueueError> {
        let mut peeked = self.peeked[index(topic)].lock().await;
        if let Some(peek) = peeked.filter(|peek| peek.at.elapsed() < PEEK_EVERY) {
            return Ok(peek.oldest);
        }
        let channel = self.consuming().channel().await?;
        let got = channel.basic_get(self.names.queue(topic), BasicGetOptions { no_ack: false }).await?;
        let oldest = match got {
            Some(mut got) => {
                let tag = got.delivery.delivery_tag;
                channel.basic_nack(tag, BasicNackOptions { multiple: false, requeue: true }).await?;
                Some(Message::read(topic, &mut got.delivery).envelope.accepted_at)
            }
            None => None,
        };
        channel.close(200, "looked".into()).await?;
        *peeked = Some(Peek { at: Instant::now(), oldest });
        Ok(oldest)
    }
}

/// Asks for a queue that must be there, without making it.
async fn ask(channel: &Channel, queue: ShortString) -> Result<lapin::Queue, QueueError> {
    let options = QueueDeclareOptions { passive: true, ..Default::default() };
    Ok(channel.queue_declare(queue, options, FieldTable::default()).await?)
}

#[async_trait]
impl QueueHealth for RabbitHealth {
    async fn check(&self, topic: Topic) -> Result<(), QueueError> {
        self.links[0].check_writable()?;
        for link in &self.links {
            let channel = link.channel().await?;
            match ask(&channel, self.names.queue(topic)).await {
                Ok(_) => channel.close(200, "checked".into()).await?,
                // Somebody deleted it.
                Err(_) => link.declare_again(topic).await?,
            }
        }
        Ok(())
    }

    /// `depth` is what waits at the broker and what this process has in hand; what other processes have in hand, about a
    /// prefetch each, the broker does not tell. `oldest_accepted_at` is that of what is in hand here, else of the first that
    /// waits, which may be known from up to ten seconds ago.
    async fn stats(&self, topic: Topic) -> Result<QueueStats, QueueError> {
        let hand = self.hands.of(topic);
        // Else a consumer that was just dropped would be counted.
        let _ = tokio::time::timeout(LEAVING_WAIT, hand.all_left()).await;
        let channel = self.consuming().channel().await?;
        let live = ask(&channel, self.names.queue(topic)).await?;
        let dead = ask(&channel, self.names.dead_queue(topic)).await?;
        channel.close(200, "asked".into()).await?;
        let waiting = u64::from(live.message_count());
        let oldest_accepted_at = match hand.oldest() {
            None if waiting > 0 => self.oldest_waiting(topic).await?,
            oldest => oldest,
        };
        Ok(QueueStats {
            depth: waiting + hand.count(),
            oldest_accepted_at,
            consumers: live.consumer_count().into(),
            dead_letters: dead.message_count().into(),
        })
    }

    async fn close(&self) {
        for topic in TOPICS {
            let _ = tokio::time::timeout(LEAVING_WAIT, self.hands.of(topic).all_left()).await;
        }
        for link in &self.links {
            link.close().await;
        }
    }
}
