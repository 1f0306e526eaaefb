//! A batch on its way to the store, and what becomes of it.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use crate::queue::Delivery;
use crate::store::StoreError;
use crate::store::traffic::{AcceptedReport, AcceptedRequestLogs, AcceptedStartup, TrafficWriter, Written};

use super::decode::Refusal;

/// A delivery that waits for its message to be stored.
pub(super) struct Pending {
    pub(super) delivery: Delivery,
    /// Set when the message is stored for what is left of it, and the envelope is a dead letter all the same.
    pub(super) refusal: Option<Refusal>,
}

/// Messages of one kind with their deliveries, at the same places.
pub(super) struct Batch<T> {
    messages: Vec<T>,
    pending: Vec<Pending>,
}

/// What became of a part of a batch.
pub(super) enum Outcome {
    Stored(Vec<Pending>, Written),
    /// The store refuses this one, and it alone.
    Refused(Pending, StoreError),
    /// The store is down; these were not stored.
    Outage(Vec<Pending>, StoreError),
}

impl<T> Default for Batch<T> {
    fn default() -> Self {
        Self { messages: Vec::new(), pending: Vec::new() }
    }
}

/// What can be written to the traffic store.
pub(super) trait Storable: Sized + Send + Sync {
    fn write(
        writer: &dyn TrafficWriter,
        messages: &[Self],
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;
}

impl Storable for AcceptedReport {
    async fn write(writer: &dyn TrafficWriter, messages: &[Self]) -> Result<Written, StoreError> {
        writer.write(messages).await
    }
}

impl Storable for AcceptedStartup {
    async fn write(writer: &dyn TrafficWriter, messages: &[Self]) -> Result<Written, StoreError> {
        writer.write_startups(messages).await?;
        Ok(Written { stored: messages.len(), duplicates: 0 })
    }
}

impl Storable for AcceptedRequestLogs {
    async fn write(writer: &dyn TrafficWriter, messages: &[Self]) -> Result<Written, StoreError> {
        writer.write_request_logs(messages).await
    }
}

/// Writes, and takes a panic for a refusal: the halves find whose it is, and after three attempts that one is a dead letter, kept
/// with its reason. Left alone, the panic would come back with the message for ever and take the worker with it each time.
async fn write<T: Storable>(writer: &dyn TrafficWriter, messages: &[T]) -> Result<Written, StoreError> {
    match AssertUnwindSafe(T::write(writer, messages)).catch_unwind().await {
        Ok(written) => written,
        Err(panic) => Err(panicked("storing", panic.as_ref())),
    }
}

/// What a panic says, as the failure of a message.
pub(super) fn panicked(doing: &str, panic: &(dyn Any + Send)) -> StoreError {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text");
    tracing::error!(panic = text, "The worker panicked over a message. Please report it.");
    StoreError::Refused(format!("{doing} it panicked: {text}"))
}

impl<T: Storable> Batch<T> {
    pub(super) fn push(&mut self, message: T, pending: Pending) {
        self.messages.push(message);
        self.pending.push(pending);
    }

    /// Stores it whole if it can be; a part that the store refuses is halved until the one it refuses is found. After an
    /// outage nothing more is tried.
    pub(super) async fn store(self, writer: &dyn TrafficWriter) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        let mut parts = vec![self];
        while let Some(mut part) = parts.pop() {
            if part.pending.is_empty() {
                continue;
            }
            match write(writer, &part.messages).await {
                Ok(written) => outcomes.push(Outcome::Stored(part.pending, written)),
                Err(error) if error.is_outage() => {
                    let rest = parts.into_iter().flat_map(|part| part.pending);
                    outcomes.push(Outcome::Outage(part.pending.into_iter().chain(rest).collect(), error));
                    break;
                }
                Err(error) if part.pending.len() == 1 => {
                    outcomes.extend(part.pending.pop().map(|pending| Outcome::Refused(pending, error)));
                }
                Err(_) => {
                    let second = part.split_off_half();
                    parts.extend([second, part]);
                }
            }
        }
        outcomes
    }

    fn split_off_half(&mut self) -> Self {
        let half = self.pending.len() / 2;
        Self { messages: self.messages.split_off(half), pending: self.pending.split_off(half) }
    }
}
