//! The front of a worker: takes deliveries, decodes them off the async threads, a bounded amount at a time, and hands them on.

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::decode::{self, Message, Refusal};
use super::outage::{sleep, stopped};
use crate::queue::{Consumer, DeadLetterReason, Delivery, ENVELOPE_VERSION, Envelope, QueueError};
use crate::store::traffic::ConsumerKey;

/// Deliveries taken at once, where the queue has so many at hand: enough to fold the reports of many instances into one write.
const RECEIVE_MAX: usize = 384;

/// Deliveries of a newer version that are kept at a time.
const PARKED_MAX: usize = 32;

/// How long to wait for a delivery before looking around.
const RECEIVE_WAIT: Duration = Duration::from_secs(5);

/// Unpacked bytes after which no further envelope is decoded into the same batch: the largest reports must not all be in memory
/// at once, where up to three batches are. It is some twenty thousand series.
const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;

/// How long envelopes of a newer version are kept before they are given back, for a newer worker to take.
const PARKED_FOR: Duration = Duration::from_secs(30);

/// A delivery with what it held.
pub(super) type Decoded = (Delivery, Result<Message, Refusal>);

/// Receives and decodes.
pub(super) struct Intake {
    key: ConsumerKey,
    /// Deliveries of a newer version, and since when.
    parked: Vec<(Instant, Delivery)>,
    warned_of_version: bool,
}

impl Intake {
    pub(super) fn new(key: ConsumerKey) -> Self {
        Self { key, parked: Vec::new(), warned_of_version: false }
    }

    /// Hands batches on until `stop` says so, nobody takes them any more, or the queue is down. What was not handed on goes back,
    /// by being dropped.
    pub(super) async fn run(
        &mut self,
        mut consumer: Box<dyn Consumer>,
        batches: mpsc::Sender<Vec<Decoded>>,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<(), QueueError> {
        loop {
            let received = tokio::select! {
                biased;
                () = stopped(stop) => return Ok(()),
                () = batches.closed() => return Ok(()),
                received = consumer.receive(RECEIVE_MAX, RECEIVE_WAIT) => received?,
            };
            self.unpark();
            let mut deliveries = self.park_newer(received);
            while !deliveries.is_empty() {
                // Decoded only when there is room for it: packed it takes a fifth of the memory.
                let room = tokio::select! {
                    biased;
                    () = stopped(stop) => return Ok(()),
                    room = batches.reserve() => room,
                };
                let Ok(room) = room else { return Ok(()) };
                room.send(decode_some(&mut deliveries, &self.key).await);
            }
            if self.parked.len() >= PARKED_MAX {
                tokio::select! {
                    () = batches.closed() => return Ok(()),
                    goes_on = sleep(PARKED_FOR, stop) => if !goes_on { return Ok(()) },
                }
            }
        }
    }

    /// Gives back what was kept long enough.
    fn unpark(&mut self) {
        self.parked.retain(|(since, _)| since.elapsed() < PARKED_FOR);
    }

    /// Keeps envelopes of a newer version for a while, unsettled: given back at once they would come again at once.
    fn park_newer(&mut self, received: Vec<Delivery>) -> Vec<Delivery> {
        let (known, newer): (Vec<_>, Vec<_>) =
            received.into_iter().partition(|delivery| delivery.envelope.version <= ENVELOPE_VERSION);
        if let Some(delivery) = newer.first()
            && !std::mem::replace(&mut self.warned_of_version, true)
        {
            let version = delivery.envelope.version;
            tracing::error!(
                version,
                "The queue holds envelopes of a newer hub; they wait until a newer hub works."
            );
        }
        let now = Instant::now();
        self.parked.extend(newer.into_iter().map(|delivery| (now, delivery)));
        known
    }
}

/// Decodes the first of `deliveries`, as many as fit into a batch, and takes them out.
async fn decode_some(deliveries: &mut Vec<Delivery>, key: &ConsumerKey) -> Vec<Decoded> {
    let envelopes: Vec<Envelope> = deliveries.iter().map(|delivery| delivery.envelope.clone()).collect();
    let key = key.clone();
    let decoded = tokio::task::spawn_blocking(move || decode_all(&envelopes, &key)).await;
    let Ok(decoded) = decoded else {
        // The runtime ends: dropped deliveries go back.
        deliveries.clear();
        return Vec::new();
    };
    let rest = deliveries.split_off(decoded.len());
    std::mem::replace(deliveries, rest).into_iter().zip(decoded).collect()
}

fn decode_all(envelopes: &[Envelope], key: &ConsumerKey) -> Vec<Result<Message, Refusal>> {
    let (mut decoded, mut bytes) = (Vec::with_capacity(envelopes.len()), 0);
    for envelope in envelopes {
        if bytes > BATCH_BYTES_MAX {
            break;
        }
        decoded.push(decode_one(envelope, key, &mut bytes));
    }
    decoded
}

/// A panic in the decoder is a bug of ours, and must not take the batch or the worker with it.
fn decode_one(envelope: &Envelope, key: &ConsumerKey, bytes: &mut usize) -> Result<Message, Refusal> {
    let open = || decode::open(envelope, key);
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(open)) {
        Ok(decoded) => decoded.map(|(unpacked, message)| {
            *bytes += unpacked;
            message
        }),
        Err(_) => {
            Err(Refusal { reason: DeadLetterReason::Failed, detail: "decoding it panicked".to_owned() })
        }
    }
}
