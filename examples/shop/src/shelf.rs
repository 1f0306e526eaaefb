//! A bounded in-memory collection with running numbers, in place of a database table.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps the newest `max` items; the oldest leaves first.
pub struct Shelf<T> {
    max: usize,
    rows: Mutex<Rows<T>>,
}

struct Rows<T> {
    next_id: u64,
    by_id: BTreeMap<u64, T>,
}

impl<T: Clone> Shelf<T> {
    /// Returns an empty shelf whose first id is `first_id`.
    pub fn new(first_id: u64, max: usize) -> Self {
        Self { max, rows: Mutex::new(Rows { next_id: first_id, by_id: BTreeMap::new() }) }
    }

    /// Adds what `make` builds from its id and returns a copy.
    pub fn insert(&self, make: impl FnOnce(u64) -> T) -> T {
        let mut rows = self.lock();
        let id = rows.next_id;
        rows.next_id += 1;
        let item = make(id);
        rows.by_id.insert(id, item.clone());
        if rows.by_id.len() > self.max {
            rows.by_id.pop_first();
        }
        item
    }

    pub fn get(&self, id: u64) -> Option<T> {
        self.lock().by_id.get(&id).cloned()
    }

    /// Changes an item in place; `None` when there is none of that id.
    pub fn update<R>(&self, id: u64, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.lock().by_id.get_mut(&id).map(change)
    }

    pub fn remove(&self, id: u64) -> Option<T> {
        self.lock().by_id.remove(&id)
    }

    /// The first item that fits.
    pub fn find(&self, fits: impl Fn(&T) -> bool) -> Option<T> {
        self.lock().by_id.values().find(|item| fits(item)).cloned()
    }

    /// Up to `max` items that fit, newest first.
    pub fn newest(&self, max: usize, fits: impl Fn(&T) -> bool) -> Vec<T> {
        self.lock().by_id.values().rev().filter(|item| fits(item)).take(max).cloned().collect()
    }

    pub fn len(&self) -> usize {
        self.lock().by_id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Rows<T>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_item_leaves_when_the_shelf_is_full() {
        let shelf = Shelf::new(10, 2);
        for _ in 0..3 {
            shelf.insert(|id| id);
        }
        assert_eq!(shelf.get(10), None);
        assert_eq!(shelf.newest(9, |_| true), [12, 11]);
    }
}
