//! Handing a message to a transport, which may be the application's own: its panic is caught and counted, and costs one attempt.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use super::transport::{Message, Transport, TransportError};
use crate::losses::Losses;
use crate::protocol::{Accepted, LossReason};

/// Sends a message.
pub(super) async fn deliver(
    transport: &dyn Transport,
    message: Message,
    losses: &Losses,
) -> Result<Accepted, TransportError> {
    let panicked = || {
        losses.record(LossReason::CallbackPanicked, 1);
        TransportError::Unavailable { detail: "the transport panicked".to_owned(), retry_after: None }
    };
    let mut sending =
        catch_unwind(AssertUnwindSafe(|| transport.send(message))).map_err(|_panic| panicked())?;
    poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| sending.as_mut().poll(cx)));
        polled.unwrap_or_else(|_panic| Poll::Ready(Err(panicked())))
    })
    .await
}
