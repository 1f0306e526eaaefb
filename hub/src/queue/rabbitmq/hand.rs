//! What this process has in hand: delivered by the broker and not settled yet. The broker tells how many messages wait, not
//! how many are out.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::topology::index;
use crate::clock::UnixMillis;
use crate::queue::Topic;

/// Both topics' hands.
#[derive(Default)]
pub(super) struct Hands([Hand; 2]);

impl Hands {
    pub(super) fn of(&self, topic: Topic) -> &Hand {
        &self.0[index(topic)]
    }
}

/// One topic's. About a prefetch for each consumer.
pub(super) struct Hand {
    /// How many deliveries are out, by when they were accepted.
    out: Mutex<BTreeMap<UnixMillis, u64>>,
    /// Consumers that were dropped and have not told the broker yet.
    leaving: watch::Sender<u64>,
}

impl Default for Hand {
    fn default() -> Self {
        Self { out: Mutex::default(), leaving: watch::Sender::new(0) }
    }
}

impl Hand {
    fn out(&self) -> MutexGuard<'_, BTreeMap<UnixMillis, u64>> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, accepted_at: UnixMillis) {
        *self.out().entry(accepted_at).or_default() += 1;
    }

    pub(super) fn remove(&self, accepted_at: UnixMillis) {
        let mut out = self.out();
        if let Some(count) = out.get_mut(&accepted_at) {
            *count -= 1;
            if *count == 0 {
                out.remove(&accepted_at);
            }
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.out().values().sum()
    }

    pub(super) fn oldest(&self) -> Option<UnixMillis> {
        self.out().first_key_value().map(|(accepted_at, _)| *accepted_at)
    }

    pub(super) fn consumer_leaves(&self) {
        self.leaving.send_modify(|leaving| *leaving += 1);
    }

    pub(super) fn consumer_left(&self) {
        self.leaving.send_modify(|leaving| *leaving -= 1);
    }

    /// Waits until no consumer is on its way out.
    pub(super) async fn all_left(&self) {
        // An error cannot be: the sender is ours.
        let _ = self.leaving.subscribe().wait_for(|leaving| *leaving == 0).await;
    }
}
