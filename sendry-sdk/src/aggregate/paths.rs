//! Path templates as small numbers, so that counting a request compares numbers and a report names each template once.
//!
//! The table is shared and only grows; every thread remembers what it looked up, so that a request takes no lock for it.

use std::cell::RefCell;
use std::hash::BuildHasher;
use std::sync::RwLock;
use std::sync::atomic::{AtomicU32, Ordering};

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::protocol::{FOLDED_PATH, UNMATCHED_PATH, limits};
use crate::recent::Recent;
use crate::text::cut;

/// Templates beyond this number are counted as [`PathId::FOLDED`]. No service has so many; who does counts raw paths by mistake.
const PATHS_MAX: usize = 4_096;

/// The number of a path template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PathId(pub(crate) u32);

impl PathId {
    pub(crate) const UNMATCHED: Self = Self(0);
    pub(crate) const FOLDED: Self = Self(1);
}

/// The templates seen so far, in the order of their numbers.
pub(crate) struct Paths {
    /// Tells the tables of several clients in one process apart.
    number: u32,
    table: RwLock<Table>,
}

/// A set of strings with their numbers, found by content.
struct Table {
    hasher: DefaultHashBuilder,
    index: HashTable<PathId>,
    paths: Vec<Box<str>>,
}

impl Paths {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let mut table =
            Table { hasher: DefaultHashBuilder::default(), index: HashTable::new(), paths: Vec::new() };
        table.insert(UNMATCHED_PATH);
        table.insert(FOLDED_PATH);
        Self { number: NEXT.fetch_add(1, Ordering::Relaxed), table: RwLock::new(table) }
    }

    /// The number of `path`, given out at the first call. The second answer is false when there are too many.
    #[inline]
    pub(crate) fn id_of(&self, path: &str) -> (PathId, bool) {
        let path = cut(path, limits::PATH_BYTES_MAX);
        let known = REMEMBERED.try_with(|tables| tables.borrow().find(self.number, path)).ok().flatten();
        match known {
            Some(id) => (id, true),
            None => self.look_up(path),
        }
    }

    #[cold]
    fn look_up(&self, path: &str) -> (PathId, bool) {
        let known = self.read(|table| table.find(path).or_else(|| table.is_full().then_some(PathId::FOLDED)));
        let id = known.unwrap_or_else(|| {
            let mut table = self.table.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            table.find(path).unwrap_or_else(|| table.insert(path))
        });
        let fits = id != PathId::FOLDED || path == FOLDED_PATH;
        if fits {
            // Fails only while the thread ends; then the next look-up is slow again.
            _ = REMEMBERED.try_with(|tables| tables.borrow_mut().remember(self.number, path, id));
        }
        (id, fits)
    }

    /// The template of a number that this table gave out.
    pub(crate) fn path_of(&self, id: PathId) -> String {
        self.read(|table| table.paths.get(id.0 as usize).map_or(FOLDED_PATH, AsRef::as_ref).to_owned())
    }

    fn read<T>(&self, read: impl FnOnce(&Table) -> T) -> T {
        read(&self.table.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Table {
    fn is_full(&self) -> bool {
        self.paths.len() >= PATHS_MAX
    }

    fn find(&self, path: &str) -> Option<PathId> {
        let same = |id: &PathId| self.paths.get(id.0 as usize).is_some_and(|known| **known == *path);
        self.index.find(self.hasher.hash_one(path), same).copied()
    }

    fn insert(&mut self, path: &str) -> PathId {
        if self.is_full() {
            return PathId::FOLDED;
        }
        let id = PathId(self.paths.len() as u32);
        self.paths.push(path.into());
        let (hasher, paths) = (&self.hasher, &self.paths);
        let hash = |id: &PathId| hasher.hash_one(&*paths[id.0 as usize]);
        self.index.insert_unique(hasher.hash_one(path), id, hash);
        id
    }
}

thread_local! {
    static REMEMBERED: RefCell<Remembered> = const { RefCell::new(Remembered { tables: Vec::new() }) };
}

/// What one thread looked up, for each client it served. A process has one client, its tests perhaps some more.
struct Remembered {
    tables: Vec<(u32, Recent<PathId>)>,
}

impl Remembered {
    #[inline]
    fn find(&self, number: u32, path: &str) -> Option<PathId> {
        self.tables.iter().find(|(known, _)| *known == number)?.1.find(path)
    }

    fn remember(&mut self, number: u32, path: &str, id: PathId) {
        const CLIENTS_MAX: usize = 8;
        if !self.tables.iter().any(|(known, _)| *known == number) {
            self.tables.truncate(CLIENTS_MAX - 1);
            self.tables.insert(0, (number, Recent::default()));
        }
        if let Some((_, table)) = self.tables.iter_mut().find(|(known, _)| *known == number) {
            table.remember(path, id);
        }
    }
}
