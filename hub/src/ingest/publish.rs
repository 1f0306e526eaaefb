//! Numbers envelopes and publishes them.
//!
//! The number of an envelope is assigned when it is published. One whose publishing failed goes back and is the next to be
//! assigned, so that a failure leaves no gap: a number that stays missing stands for a message that was lost after its 202.
//! (When an error leaves open whether the envelope is durable, two may carry one number. That hides no loss: the numbers that
//! arrived are kept as a set.) Publishing runs in a task of its own, because a sender that hangs up ends its request's future
//! at any await, and the number of an envelope that is already on its way must not be given out again.

use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use super::refusal::Refusal;
use crate::queue::{Envelope, Kind, Producer, QueueError, Topic};

/// Publishes under one ingest id, which is new at every start.
pub(super) struct Publisher {
    ingest_id: Uuid,
    producer: Arc<dyn Producer>,
    numbers: Mutex<Numbers>,
}

/// Running numbers: those never assigned, and those that came back.
#[derive(Debug, Default)]
struct Numbers {
    next: u64,
    returned: Vec<u64>,
}

impl Numbers {
    fn take(&mut self) -> u64 {
        self.returned.pop().unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        })
    }
}

impl Publisher {
    pub(super) fn new(producer: Arc<dyn Producer>) -> Self {
        Self { ingest_id: Uuid::new_v4(), producer, numbers: Mutex::default() }
    }

    pub(super) fn ingest_id(&self) -> Uuid {
        self.ingest_id
    }

    /// Numbers the envelope and returns once it is durable.
    pub(super) async fn publish(self: &Arc<Self>, envelope: Envelope) -> Result<(), Refusal> {
        let publisher = self.clone();
        let published = tokio::spawn(async move { publisher.publish_numbered(envelope).await }).await;
        match published {
            Ok(result) => result.map_err(Refusal::Queue),
            Err(error) => Err(Refusal::Queue(QueueError::Unavailable(error.to_string()))),
        }
    }

    async fn publish_numbered(&self, mut envelope: Envelope) -> Result<(), QueueError> {
        let number = self.numbers().take();
        envelope.ingest_sequence = number;
        let topic = topic(envelope.kind);
        let published = self.producer.publish(topic, envelope).await;
        if published.is_err() {
            self.numbers().returned.push(number);
        }
        published
    }

    fn numbers(&self) -> std::sync::MutexGuard<'_, Numbers> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn topic(kind: Kind) -> Topic {
    match kind {
        Kind::Startup | Kind::Report => Topic::Reports,
        Kind::RequestLogs => Topic::RequestLogs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use bytes::Bytes;

    /// Refuses every third envelope.
    #[derive(Default)]
    struct Flaky(Mutex<(u32, Vec<u64>)>);

    #[async_trait]
    impl Producer for Flaky {
        async fn publish(&self, _: Topic, envelope: Envelope) -> Result<(), QueueError> {
            let mut state = self.0.lock().unwrap();
            state.0 += 1;
            if state.0.is_multiple_of(3) {
                return Err(QueueError::Unavailable("full".into()));
            }
            state.1.push(envelope.ingest_sequence);
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_failed_publish_leaves_no_gap_in_the_running_numbers() {
        let flaky = Arc::new(Flaky::default());
        let publisher = Arc::new(Publisher::new(flaky.clone()));
        let envelope = Envelope {
            version: 1,
            ingest_id: publisher.ingest_id(),
            ingest_sequence: 0,
            accepted_at: 0,
            app_id: Uuid::nil(),
            kind: Kind::Report,
            encoding: crate::queue::Encoding::Identity,
            body: Bytes::new(),
        };
        for _ in 0..20 {
            let _ = publisher.publish(envelope.clone()).await;
        }
        let numbers = flaky.0.lock().unwrap().1.clone();
        assert_eq!(numbers, (0..14).collect::<Vec<_>>());
    }
}
