//! Which messages this process is storing. A copy of one waits until that is done, and is then found among what is stored.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use uuid::Uuid;

use super::StoredClass;

type Id = (StoredClass, Uuid);

/// The messages in hand.
#[derive(Debug, Default)]
pub(in super::super) struct InHand {
    ids: Mutex<HashSet<Id>>,
    left: Notify,
}

/// Some of them. Dropping it gives way to who waits.
pub(super) struct Claim<'a> {
    in_hand: &'a InHand,
    ids: HashSet<Id>,
}

impl InHand {
    /// Takes all of these at once, as soon as nobody else has any of them.
    pub(super) async fn claim(&self, class: StoredClass, ids: impl Iterator<Item = Uuid>) -> Claim<'_> {
        let ids: HashSet<Id> = ids.map(|id| (class, id)).collect();
        loop {
            // Asked for before the look, so that what leaves in between is heard.
            let left = self.left.notified();
            if self.take(&ids) {
                return Claim { in_hand: self, ids };
            }
            left.await;
        }
    }

    fn take(&self, ids: &HashSet<Id>) -> bool {
        let mut taken = self.ids();
        let is_free = taken.is_disjoint(ids);
        if is_free {
            taken.extend(ids);
        }
        is_free
    }

    fn ids(&self) -> MutexGuard<'_, HashSet<Id>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.in_hand.ids().retain(|id| !self.ids.contains(id));
        self.in_hand.left.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn who_shares_a_message_waits_and_who_does_not_goes_on() {
        let in_hand = InHand::default();
        let ids = |range: std::ops::Range<u128>| range.map(Uuid::from_u128);
        let first = in_hand.claim(StoredClass::Report, ids(0..3)).await;
        let mut second = pin!(in_hand.claim(StoredClass::Report, ids(2..5)));
        assert!(second.as_mut().now_or_never().is_none());
        let logs = in_hand.claim(StoredClass::RequestLogs, ids(0..3)).await;
        let beside = in_hand.claim(StoredClass::Report, ids(3..5)).await;
        drop(first);
        assert!(second.as_mut().now_or_never().is_none(), "another has what it wants");
        drop(beside);
        let second = second.now_or_never().expect("everything is free");
        drop((second, logs));
        assert!(in_hand.ids().is_empty());
    }
}
