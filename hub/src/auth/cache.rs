//! Remembers for seconds whose secret a secret is, so that the accept path does not ask the metadata store each time.
//!
//! Bounded: at most [`ENTRIES_MAX`] answers of either kind (about 2 MB), so that a flood of wrong keys costs no memory.
//! A revoked secret is refused within [`FRESH`]. While the metadata store is down, what was known is believed for [`STALE_MAX`]:
//! an outage of the metadata costs no report.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::store::StoreError;
use crate::store::metadata::SecretHash;

/// How long an answer is believed without asking again.
pub const FRESH: Duration = Duration::from_secs(3);
/// How long a positive answer is believed while nobody can be asked: as long as SDKs keep what is refused.
const STALE_MAX: Duration = Duration::from_secs(3_600);
/// How long nobody is asked again after that failed. Asking a store that is gone takes seconds, and each request would wait.
const ASK_AGAIN: Duration = Duration::from_secs(5);
/// Answers kept: more apps than one process serves.
const ENTRIES_MAX: usize = 10_000;

/// Answers by the hash of the secret.
pub struct SecretCache<T> {
    entries: Mutex<HashMap<SecretHash, Entry<T>>>,
}

#[derive(Clone)]
struct Entry<T> {
    /// None: there is no such secret, or it was revoked.
    answer: Option<T>,
    asked_at: Instant,
    /// When asking failed last, since it succeeded.
    failed_at: Option<Instant>,
}

impl<T: Clone> Entry<T> {
    fn failed_lately(&self) -> bool {
        self.failed_at.is_some_and(|at| at.elapsed() < ASK_AGAIN)
    }

    /// What is believed while nobody can be asked.
    fn believed(&self) -> Option<T> {
        self.answer.clone().filter(|_| self.asked_at.elapsed() < STALE_MAX)
    }
}

impl<T> Default for SecretCache<T> {
    fn default() -> Self {
        Self { entries: Mutex::new(HashMap::new()) }
    }
}

impl<T: Clone> SecretCache<T> {
    /// Returns what is known about the secret, or what `ask` answers.
    pub async fn find(
        &self,
        hash: SecretHash,
        ask: impl Future<Output = Result<Option<T>, StoreError>>,
    ) -> Result<Option<T>, StoreError> {
        let known = self.get(&hash);
        if let Some(entry) = known.as_ref().filter(|entry| entry.asked_at.elapsed() < FRESH) {
            return Ok(entry.answer.clone());
        }
        if let Some(believed) = known.as_ref().filter(|entry| entry.failed_lately()).and_then(Entry::believed)
        {
            return Ok(Some(believed));
        }
        match ask.await {
            Ok(answer) => {
                self.insert(hash, answer.clone());
                Ok(answer)
            }
            Err(error) => {
                self.note_failure(&hash);
                known.as_ref().and_then(Entry::believed).map(Some).ok_or(error)
            }
        }
    }

    fn note_failure(&self, hash: &SecretHash) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get_mut(hash) {
            entry.failed_at = Some(Instant::now());
        }
    }

    fn get(&self, hash: &SecretHash) -> Option<Entry<T>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).get(hash).cloned()
    }

    fn insert(&self, hash: SecretHash, answer: Option<T>) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= ENTRIES_MAX {
            entries.retain(|_, entry| entry.answer.is_some() && entry.asked_at.elapsed() < STALE_MAX);
        }
        if entries.len() >= ENTRIES_MAX {
            entries.clear();
        }
        entries.insert(hash, Entry { answer, asked_at: Instant::now(), failed_at: None });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answer(answer: Option<u8>) -> Result<Option<u8>, StoreError> {
        Ok(answer)
    }

    #[tokio::test]
    async fn a_known_answer_is_not_asked_for_again() {
        let cache = SecretCache::default();
        assert_eq!(cache.find([1; 32], answer(Some(7))).await.unwrap(), Some(7));
        assert_eq!(cache.find([1; 32], answer(None)).await.unwrap(), Some(7));
        assert_eq!(cache.find([2; 32], answer(None)).await.unwrap(), None);
        assert_eq!(cache.find([2; 32], answer(Some(9))).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_store_that_is_away_is_not_asked_for_every_request() {
        let cache = SecretCache::default();
        cache.find([1; 32], answer(Some(7))).await.unwrap();
        cache.entries.lock().unwrap().get_mut(&[1; 32]).unwrap().asked_at -= FRESH;
        let mut asked = 0;
        for _ in 0..10 {
            let ask = async {
                asked += 1;
                Err(StoreError::Unavailable("away".into()))
            };
            assert_eq!(cache.find([1; 32], ask).await.unwrap(), Some(7));
        }
        assert_eq!(asked, 1);
        let away = async { Err(StoreError::Unavailable("away".into())) };
        assert!(cache.find([2; 32], away).await.is_err(), "what was never known is not believed");
    }

    #[tokio::test]
    async fn a_flood_of_wrong_secrets_takes_no_more_memory_than_the_limit() {
        let cache = SecretCache::default();
        cache.find([255; 32], answer(Some(7))).await.unwrap();
        for wrong in 0..25_000u64 {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&wrong.to_le_bytes());
            cache.find(hash, answer(None)).await.unwrap();
        }
        assert!(cache.entries.lock().unwrap().len() <= ENTRIES_MAX);
        assert_eq!(cache.find([255; 32], answer(None)).await.unwrap(), Some(7));
    }
}
