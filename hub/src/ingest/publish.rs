//! Numbers envelopes and publishes them.
//!
//! What is accepted is numbered in *lines*, each with an id and its own running numbers, and in each line one envelope at most is
//! on its way. A number is followed by the next only when its envelope is durable; one whose publishing failed is given out again.
//! So a number that stays missing below a higher one of its line stands for a message that was lost after its 202, also when this
//! process was killed in the middle of everything. (When an error leaves open whether an envelope is durable, two may carry one
//! number. The numbers that arrived are kept as a set.) The line that came back last is taken first, so there are about as many
//! as messages at a time. Publishing runs in a task of its own, because a sender that hangs up ends its request's future at any
//! await, and the number of an envelope that is already on its way must not be given out again.

use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use super::refusal::Refusal;
use crate::queue::{Envelope, Kind, Producer, QueueError, Topic};

/// Publishes in lines, which are new at every start.
pub(super) struct Publisher {
    producer: Arc<dyn Producer>,
    /// Lines in which nothing is on its way.
    free: Mutex<Vec<Line>>,
}

/// A line of running numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    id: Uuid,
    next: u64,
}

impl Publisher {
    pub(super) fn new(producer: Arc<dyn Producer>) -> Self {
        Self { producer, free: Mutex::default() }
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
        let mut line = self.free().pop().unwrap_or_else(|| Line { id: Uuid::new_v4(), next: 0 });
        (envelope.ingest_id, envelope.ingest_sequence) = (line.id, line.next);
        let topic = topic(envelope.kind);
        let published = self.producer.publish(topic, envelope).await;
        line.next += u64::from(published.is_ok());
        self.free().push(line);
        published
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Line>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
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
    use std::collections::BTreeMap;

    use async_trait::async_trait;
    use bytes::Bytes;

    use super::*;

    /// Refuses every third envelope, each after a moment.
    #[derive(Default)]
    struct Flaky(Mutex<(u32, BTreeMap<Uuid, Vec<u64>>)>);

    #[async_trait]
    impl Producer for Flaky {
        async fn publish(&self, _: Topic, envelope: Envelope) -> Result<(), QueueError> {
            tokio::task::yield_now().await;
            let mut state = self.0.lock().unwrap();
            state.0 += 1;
            if state.0.is_multiple_of(3) {
                return Err(QueueError::Unavailable("full".into()));
            }
            state.1.entry(envelope.ingest_id).or_default().push(envelope.ingest_sequence);
            Ok(())
        }
    }

    fn envelope() -> Envelope {
        Envelope {
            version: 1,
            ingest_id: Uuid::nil(),
            ingest_sequence: 0,
            accepted_at: 0,
            app_id: Uuid::nil(),
            kind: Kind::Report,
            encoding: crate::queue::Encoding::Identity,
            body: Bytes::new(),
        }
    }

    #[tokio::test]
    async fn whatever_fails_and_whenever_it_ends_no_number_is_missing_below_another_of_its_line() {
        let flaky = Arc::new(Flaky::default());
        let publisher = Arc::new(Publisher::new(flaky.clone()));
        for at_once in [1, 7, 40, 3] {
            let publishing = (0..at_once).map(|_| publisher.publish(envelope()));
            futures_util::future::join_all(publishing).await;
            // As the queue would have it, were the process killed now.
            for numbers in flaky.0.lock().unwrap().1.values() {
                assert_eq!(*numbers, (0..numbers.len() as u64).collect::<Vec<_>>());
            }
        }
        let state = flaky.0.lock().unwrap();
        assert_eq!((state.0, state.1.values().map(Vec::len).sum::<usize>()), (51, 34));
        assert!(state.1.len() <= 40, "a line for each message at a time");
    }

    #[tokio::test]
    async fn one_message_after_the_other_needs_one_line() {
        let flaky = Arc::new(Flaky::default());
        let publisher = Arc::new(Publisher::new(flaky.clone()));
        for _ in 0..20 {
            let _ = publisher.publish(envelope()).await;
        }
        let lines = &flaky.0.lock().unwrap().1;
        assert_eq!(lines.values().collect::<Vec<_>>(), [&(0..14).collect::<Vec<_>>()]);
    }
}
