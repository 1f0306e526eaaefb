//! From the requests' threads to the writer: a bounded queue that nobody waits for.
//!
//! Putting in is a lock that is held for a push, and no system call but when the writer sleeps deeply or the queue has grown.
//! While there is traffic the writer looks by itself, many times a second, so that requests need not wake it.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Thread;

use super::capture::Capture;

/// Entries that wait at the most: a tenth of a second of what a writer on one core manages.
pub(super) const ENTRIES_MAX: usize = 16_384;

/// Entries at which the writer is woken before its time.
const WAKE_AT: usize = 2_048;

#[derive(Debug)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    bytes_max: usize,
    /// Whether the writer waits to be woken.
    sleeping: AtomicBool,
    writer: OnceLock<Thread>,
}

#[derive(Debug, Default)]
struct Waiting {
    #[expect(clippy::vec_box, reason = "a pointer is moved under the lock, and the tracker boxed it anyway")]
    entries: Vec<Box<Capture>>,
    bytes: usize,
}

impl Queue {
    /// A queue of at most `bytes_max` bytes of entries.
    pub(super) fn new(bytes_max: usize) -> Self {
        Self {
            waiting: Mutex::default(),
            bytes_max,
            sleeping: AtomicBool::new(false),
            writer: OnceLock::new(),
        }
    }

    /// Puts an entry in; false when there is no room.
    pub(super) fn put(&self, entry: Box<Capture>) -> bool {
        let bytes = entry.bytes();
        let mut waiting = self.lock();
        if waiting.entries.len() >= ENTRIES_MAX || waiting.bytes.saturating_add(bytes) > self.bytes_max {
            return false;
        }
        waiting.entries.push(entry);
        waiting.bytes += bytes;
        let count = waiting.entries.len();
        drop(waiting);
        // The lock orders this after `sleep`'s look into the queue, or that look finds the entry.
        if count == WAKE_AT
            || (self.sleeping.load(Ordering::Relaxed) && self.sleeping.swap(false, Ordering::Relaxed))
        {
            self.wake();
        }
        true
    }

    /// Takes everything, into an empty vector that the next entries get in exchange.
    #[expect(clippy::vec_box, reason = "as they wait")]
    pub(super) fn take(&self, entries: &mut Vec<Box<Capture>>) {
        let mut waiting = self.lock();
        mem::swap(&mut waiting.entries, entries);
        waiting.bytes = 0;
    }

    /// Called by the writer's thread alone: sleeps until there is an entry.
    pub(super) fn sleep(&self) {
        _ = self.writer.set(std::thread::current());
        self.sleeping.store(true, Ordering::Relaxed);
        if self.lock().entries.is_empty() {
            std::thread::park();
        }
        self.sleeping.store(false, Ordering::Relaxed);
    }

    /// Names the thread to wake.
    pub(super) fn set_writer(&self, writer: Thread) {
        _ = self.writer.set(writer);
    }

    fn wake(&self) {
        if let Some(writer) = self.writer.get() {
            writer.unpark();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::*;

    fn entry() -> Box<Capture> {
        Box::new(Capture::new("/a", None))
    }

    #[test]
    fn a_full_queue_takes_no_more_until_it_is_emptied() {
        let queue = Queue::new(usize::MAX);
        assert!((0..ENTRIES_MAX).all(|_| queue.put(entry())));
        assert!(!queue.put(entry()));
        let mut entries = Vec::new();
        queue.take(&mut entries);
        assert_eq!(entries.len(), ENTRIES_MAX);
        assert!(queue.put(entry()));
    }

    #[test]
    fn bytes_are_bounded_too() {
        let queue = Queue::new(entry().bytes() * 3);
        assert_eq!((0..5).filter(|_| queue.put(entry())).count(), 3);
    }

    #[test]
    fn a_sleeping_writer_is_woken_by_the_next_entry() {
        let queue = Arc::new(Queue::new(usize::MAX));
        let writer = std::thread::spawn({
            let queue = queue.clone();
            move || {
                let mut taken = Vec::new();
                while taken.is_empty() {
                    queue.sleep();
                    queue.take(&mut taken);
                }
                Instant::now()
            }
        });
        std::thread::sleep(Duration::from_millis(20));
        let put = Instant::now();
        assert!(queue.put(entry()));
        assert!(writer.join().unwrap() >= put);
    }
}
