//! How many bytes a consumer has out. The broker counts the messages that it sends ahead and not their bytes; so a consumer that
//! holds too much leaves until half of it is settled.

use std::sync::Arc;

use tokio::sync::watch;

/// Bytes of bodies beyond which nothing more is taken: ten times what a prefetch of usual reports has, and sixteen of the largest.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What one consumer has out. Cloning shares it.
#[derive(Clone)]
pub(super) struct Held(Arc<watch::Sender<u64>>);

/// The part that a delivery has in it, until it is dropped.
pub(super) struct Share {
    held: Held,
    bytes: u64,
}

impl Default for Held {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Held {
    pub(super) fn add(&self, bytes: usize) -> Share {
        let bytes = bytes as u64;
        self.0.send_modify(|held| *held += bytes);
        Share { held: self.clone(), bytes }
    }

    pub(super) fn is_too_much(&self) -> bool {
        *self.0.borrow() >= BYTES_MAX
    }

    /// Waits until half of the room is free.
    pub(super) async fn is_little(&self) {
        // An error cannot be: the sender is ours.
        let _ = self.0.subscribe().wait_for(|held| *held <= BYTES_MAX / 2).await;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.held.0.send_modify(|held| *held -= self.bytes);
    }
}
