//! What stands in memory about each topic: which envelopes are out with a worker, and who waits.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::queue::Topic;

/// The state of both topics.
#[derive(Default)]
pub(super) struct Topics {
    reports: TopicState,
    request_logs: TopicState,
}

impl Topics {
    pub(super) fn of(&self, topic: Topic) -> &TopicState {
        match topic {
            Topic::Reports => &self.reports,
            Topic::RequestLogs => &self.request_logs,
        }
    }
}

/// One topic: a cursor over the table, and what was taken out of order.
///
/// INVARIANT: an envelope in the table is above the cursor, or returned, or out; never two of them.
#[derive(Default)]
pub(super) struct TopicState {
    taken: Mutex<Taken>,
    arrived: Notify,
    consumers: AtomicU64,
    /// Held while a consumer reads, so that two never read the same rows.
    pub(super) reading: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Taken {
    /// The highest id that was ever taken.
    cursor: i64,
    /// Ids at or below the cursor that were given back. At most as many as were out.
    returned: BTreeSet<i64>,
}

impl TopicState {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something was published: wakes who waits.
    pub(super) fn wake(&self) {
        self.arrived.notify_one();
    }

    /// Waits until something was published or given back since the last wait.
    pub(super) async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// An envelope is not out any more and was not settled: it is the next to be received.
    pub(super) fn give_back(&self, id: i64) {
        self.taken().returned.insert(id);
        self.wake();
    }

    /// Up to `max` ids that were given back, oldest first.
    pub(super) fn take_returned(&self, max: usize) -> Vec<i64> {
        let mut taken = self.taken();
        let ids: Vec<i64> = taken.returned.iter().take(max).copied().collect();
        for id in &ids {
            taken.returned.remove(id);
        }
        ids
    }

    pub(super) fn cursor(&self) -> i64 {
        self.taken().cursor
    }

    pub(super) fn advance(&self, id: i64) {
        let mut taken = self.taken();
        taken.cursor = taken.cursor.max(id);
    }

    pub(super) fn consumers(&self) -> u64 {
        self.consumers.load(Ordering::Relaxed)
    }

    pub(super) fn consumer_came(&self) {
        self.consumers.fetch_add(1, Ordering::Relaxed);
    }

    /// A consumer is gone; another that waits looks whether it left something.
    pub(super) fn consumer_left(&self) {
        self.consumers.fetch_sub(1, Ordering::Relaxed);
        self.wake();
    }
}
