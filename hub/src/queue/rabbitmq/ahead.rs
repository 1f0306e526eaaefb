//! How many envelopes a consumer has the broker send ahead. The broker counts messages and not their bytes, and a thousand of the
//! largest would fill the memory. So it begins with few, asks for more when they turn out to be small, and for fewer when what is out
//! becomes too much.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of bodies that are too much, and how many of them shall be ahead.
const BYTES_MAX: u64 = 64 * 1024 * 1024;
const BYTES_AHEAD: u64 = BYTES_MAX / 2;

/// How many to begin with: of the largest (4 MiB) they are not too much.
const FIRST: u16 = 16;

/// How many times the number of now is asked for at a time.
const GROWTH: u16 = 4;

/// The number of now, and what it rests on.
pub(super) struct Ahead {
    now: u16,
    max: u16,
    /// Envelopes that came, and their bytes: the older ones count for less.
    seen: u64,
    bytes: u64,
    out: Arc<AtomicU64>,
}

/// The bytes that a delivery has out, until it is dropped.
pub(super) struct Share {
    bytes: u64,
    out: Arc<AtomicU64>,
}

impl Ahead {
    pub(super) fn up_to(max: u16) -> Self {
        Self { now: FIRST.min(max), max, seen: 0, bytes: 0, out: Arc::default() }
    }

    pub(super) fn now(&self) -> u16 {
        self.now
    }

    /// An envelope with so many bytes came.
    pub(super) fn take(&mut self, bytes: usize) -> Share {
        let bytes = bytes as u64;
        if self.seen >= 8 * u64::from(self.now) {
            (self.seen, self.bytes) = (self.seen / 2, self.bytes / 2);
        }
        (self.seen, self.bytes) = (self.seen + 1, self.bytes + bytes);
        self.out.fetch_add(bytes, Ordering::Relaxed);
        Share { bytes, out: self.out.clone() }
    }

    /// Changes the number when another is much better; tells whether it did.
    pub(super) fn adapt(&mut self) -> bool {
        let usual = (self.bytes / self.seen.max(1)).max(1);
        let fitting = u16::try_from(BYTES_AHEAD / usual).unwrap_or(u16::MAX).clamp(1, self.max);
        let more = fitting.min(self.now.saturating_mul(GROWTH));
        let is_much_more = more >= self.now.saturating_mul(2) || (more == self.max && more > self.now);
        if self.out.load(Ordering::Relaxed) >= BYTES_MAX {
            self.change(fitting.min(self.now))
        } else if is_much_more && self.seen >= u64::from(self.now) {
            self.change(more)
        } else {
            false
        }
    }

    fn change(&mut self, to: u16) -> bool {
        let changes = to != self.now;
        if changes {
            (self.now, self.seen, self.bytes) = (to, 0, 0);
        }
        changes
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.out.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: usize = 5_000;
    const LARGEST: usize = 4 * 1024 * 1024;

    /// The numbers that it changes to while envelopes come, each settled when `room` others are out.
    fn changes(ahead: &mut Ahead, envelopes: usize, bytes: usize, room: usize) -> Vec<u16> {
        let mut out = std::collections::VecDeque::new();
        let come = (0..envelopes).filter_map(|_| {
            out.push_back(ahead.take(bytes));
            if out.len() > room {
                out.pop_front();
            }
            ahead.adapt().then(|| ahead.now())
        });
        come.collect()
    }

    #[test]
    fn many_small_ones_are_ahead_and_few_large_ones() {
        let mut ahead = Ahead::up_to(1_152);
        assert_eq!(changes(&mut ahead, 10_000, SMALL, 1_152), [64, 256, 1_024, 1_152]);
        let fewer = changes(&mut ahead, 100, LARGEST, 1_152);
        assert!(fewer[0] < 1_152 && *fewer.last().unwrap() <= 8, "{fewer:?}");
        assert_eq!(changes(&mut ahead, 1_000, LARGEST, 7), Vec::<u16>::new(), "eight of them are right");
        assert_eq!(changes(&mut ahead, 20_000, SMALL, 1_152).last(), Some(&1_152));
    }

    #[test]
    fn the_largest_never_are_more_than_there_is_room_for() {
        let mut ahead = Ahead::up_to(1_152);
        let fewer = changes(&mut ahead, 17, LARGEST, 17);
        assert_eq!(fewer, [8]);
        let mut few = Ahead::up_to(3);
        assert_eq!((few.now(), changes(&mut few, 100, SMALL, 3)), (3, vec![]));
    }
}
