//! From deliveries to messages: unpacked and decoded off the async threads, a bounded amount at a time.

use super::decode::{self, Message, Refusal};
use crate::queue::{DeadLetterReason, Delivery, Envelope};
use crate::store::traffic::ConsumerKey;

/// Unpacked bytes after which no further envelope is decoded into the same batch: 64 of the largest reports must not be in
/// memory at once.
const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A delivery with what it held.
pub(super) type Decoded = (Delivery, Result<Message, Refusal>);

/// Decodes the first of `deliveries`, as many as fit into a batch, and takes them out.
pub(super) async fn decode_some(deliveries: &mut Vec<Delivery>, key: &ConsumerKey) -> Vec<Decoded> {
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
