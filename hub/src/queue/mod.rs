//! The queue between ingest and worker: a seam with one contract and several backends.
//!
//! Ingest publishes envelopes; when [`Producer::publish`] returns, the envelope survives a crash of everything. The worker
//! receives deliveries and settles each exactly once: [`Delivery::ack`] after it was stored, [`Delivery::give_back`] when a
//! store is down (an outage is not poison), [`Delivery::dead_letter`] when it can never be stored. What is not settled when
//! the worker dies is delivered again: at least once, in any order.
//!
//! Reports and request logs travel in queues of their own ([`Topic`]), so that logs never delay metrics.
//!
//! To add a backend: 1. a folder here with `connect(config) -> Queue`; 2. a URL scheme in `app`; 3. its line in the contract
//! suite `hub/tests/it/queue_contract.rs`, which must pass unchanged.

mod envelope;
pub mod rabbitmq;
pub mod sqlite;

pub use envelope::{AppId, ENVELOPE_VERSION, Encoding, Envelope, Kind};

use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

use crate::clock::UnixMillis;

/// The queues there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Startup messages and reports.
    Reports,
    /// Batches of request logs.
    RequestLogs,
}

/// A connected queue, in its four parts.
#[derive(Clone)]
pub struct Queue {
    pub producer: Arc<dyn Producer>,
    pub consumers: Arc<dyn Consumers>,
    pub dead_letters: Arc<dyn DeadLetters>,
    pub health: Arc<dyn QueueHealth>,
}

/// Puts envelopes in.
#[async_trait]
pub trait Producer: Send + Sync {
    /// Returns once the envelope is durable. An error means that it may or may not be: the sender tries again and storing
    /// is idempotent.
    async fn publish(&self, topic: Topic, envelope: Envelope) -> Result<(), QueueError>;
}

/// Opens consumers.
#[async_trait]
pub trait Consumers: Send + Sync {
    /// Starts to consume `topic`; dropping the consumer gives back what was not settled.
    async fn consume(&self, topic: Topic) -> Result<Box<dyn Consumer>, QueueError>;
}

/// Takes envelopes out, as deliveries.
#[async_trait]
pub trait Consumer: Send {
    /// Waits for at least one delivery, at most for `wait`, and returns up to `max` of them, oldest first.
    /// An empty answer means that nothing came.
    async fn receive(&mut self, max: usize, wait: Duration) -> Result<Vec<Delivery>, QueueError>;
}

/// One envelope on its way to the store. Settling consumes it, so it cannot be settled twice; dropping it gives it back.
pub struct Delivery {
    pub envelope: Envelope,
    /// How often storing it failed for good before, from 0.
    pub attempts: u32,
    settle: Option<Box<dyn Settle>>,
}

impl Delivery {
    /// Called by backends.
    pub fn new(envelope: Envelope, attempts: u32, settle: Box<dyn Settle>) -> Self {
        Self { envelope, attempts, settle: Some(settle) }
    }

    /// Removes it from the queue: it is stored.
    pub async fn ack(self) -> Result<(), QueueError> {
        self.settle(Settlement::Ack).await
    }

    /// Puts it back without blame: the store is down.
    pub async fn give_back(self) -> Result<(), QueueError> {
        self.settle(Settlement::GiveBack).await
    }

    /// Puts it back and counts the attempt: storing it failed with an error that may be its own.
    pub async fn retry(self) -> Result<(), QueueError> {
        self.settle(Settlement::Retry).await
    }

    /// Moves it to the dead letters: it can never be stored.
    pub async fn dead_letter(self, reason: DeadLetterReason, detail: String) -> Result<(), QueueError> {
        self.settle(Settlement::DeadLetter(reason, detail)).await
    }

    async fn settle(mut self, settlement: Settlement) -> Result<(), QueueError> {
        match self.settle.take() {
            Some(settle) => settle.settle(settlement).await,
            None => Ok(()),
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if let Some(settle) = self.settle.take() {
            settle.abandon();
        }
    }
}

/// What a worker decides about a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    Ack,
    GiveBack,
    Retry,
    DeadLetter(DeadLetterReason, String),
}

/// The backend's side of a delivery.
#[async_trait]
pub trait Settle: Send + Sync {
    async fn settle(self: Box<Self>, settlement: Settlement) -> Result<(), QueueError>;
    /// The delivery was dropped unsettled: it goes back without blame, without waiting.
    fn abandon(self: Box<Self>);
}

/// Why an envelope can never be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeadLetterReason {
    /// It is not a report, though its head was.
    Malformed,
    /// All its minutes are outside the accepted window: the sender's clock is wrong.
    Clock,
    /// It names an app that does not exist any more.
    UnknownApp,
    /// Its app has as many environments as it may.
    TooManyEnvironments,
    /// Storing it failed three times for reasons of its own.
    Failed,
}

impl DeadLetterReason {
    pub const ALL: [Self; 5] =
        [Self::Malformed, Self::Clock, Self::UnknownApp, Self::TooManyEnvironments, Self::Failed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Clock => "clock",
            Self::UnknownApp => "unknown_app",
            Self::TooManyEnvironments => "too_many_environments",
            Self::Failed => "failed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}

/// A dead letter: the envelope, why it died, and when.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    pub id: Uuid,
    pub topic: Topic,
    pub envelope: Envelope,
    pub reason: DeadLetterReason,
    pub detail: String,
    pub died_at: UnixMillis,
}

/// Reads and empties the dead letters.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// The oldest `max`, after the one named.
    async fn list(&self, after: Option<Uuid>, max: usize) -> Result<Vec<DeadLetter>, QueueError>;
    async fn show(&self, id: Uuid) -> Result<Option<DeadLetter>, QueueError>;
    /// Puts it back into its queue with no attempts counted; false when there is none of that id.
    async fn replay(&self, id: Uuid) -> Result<bool, QueueError>;
    async fn discard(&self, id: Uuid) -> Result<bool, QueueError>;
}

/// How the queue is.
#[async_trait]
pub trait QueueHealth: Send + Sync {
    /// Fails when nothing can be published to the topic, or received from it, now. It says nothing about the other one.
    async fn check(&self, topic: Topic) -> Result<(), QueueError>;
    async fn stats(&self, topic: Topic) -> Result<QueueStats, QueueError>;
    /// Finishes what is in hand and disconnects; everything after it fails.
    async fn close(&self);
}

/// A moment's figures of one topic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueStats {
    /// Envelopes waiting or being stored.
    pub depth: u64,
    /// When the oldest of them was accepted.
    pub oldest_accepted_at: Option<UnixMillis>,
    pub consumers: u64,
    pub dead_letters: u64,
}

/// What can go wrong with a queue.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The queue cannot be reached or written now; the caller tells its sender to try again later.
    #[error("the queue is not available: {0}")]
    Unavailable(String),
    /// It failed again and again, and was not asked this time.
    #[error("the queue kept failing; it is tried again in {retry_secs} s")]
    CircuitOpen { retry_secs: u64 },
    /// The queue is there and does not let this hub work as it is configured; the text says what a person must mend.
    #[error("{0}")]
    Misconfigured(String),
    /// The queue's contents are not what this version writes; a person is needed.
    #[error("the queue holds something unexpected: {0}")]
    Corrupt(String),
}
