//! The worker's view of the metadata store.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::{ConsumerRecord, EnvironmentAdmission, Metadata};
use crate::clock::SharedClock;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::traffic::ConsumerHash;
use crate::worker::{Directory, KnownConsumer};

/// Answers remembered of each kind. Consumers change rarely, so writing each once a process is enough.
const REMEMBERED_MAX: usize = 50_000;

/// Answers the worker, and remembers what it need not ask or write twice.
pub struct MetadataDirectory {
    metadata: Metadata,
    clock: SharedClock,
    environments: Remembered<(AppId, String)>,
    consumers: Remembered<(AppId, KnownConsumer)>,
}

impl MetadataDirectory {
    pub fn new(metadata: Metadata, clock: SharedClock) -> Self {
        Self { metadata, clock, environments: Remembered::default(), consumers: Remembered::default() }
    }
}

#[async_trait]
impl Directory for MetadataDirectory {
    async fn app_exists(&self, app_id: AppId) -> Result<bool, StoreError> {
        Ok(self.metadata.app(app_id).await?.is_some())
    }

    async fn register_environment(&self, app_id: AppId, env: &str) -> Result<bool, StoreError> {
        let pair = (app_id, env.to_owned());
        if self.environments.contains(&pair) {
            return Ok(true);
        }
        let admission = self.metadata.admit_environment(app_id, env, self.clock.now()).await?;
        if admission == EnvironmentAdmission::Admitted {
            self.environments.insert(pair);
        }
        Ok(admission == EnvironmentAdmission::Admitted)
    }

    async fn register_consumers(&self, app_id: AppId, consumers: &[KnownConsumer]) -> Result<(), StoreError> {
        let is_new = |consumer: &&KnownConsumer| !self.consumers.contains(&(app_id, (*consumer).clone()));
        let new: Vec<_> = consumers.iter().filter(is_new).cloned().collect();
        if new.is_empty() {
            return Ok(());
        }
        let records: Vec<_> = new.iter().map(record).collect();
        self.metadata.write_consumers(app_id, &records, self.clock.now()).await?;
        new.into_iter().for_each(|consumer| self.consumers.insert((app_id, consumer)));
        Ok(())
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.metadata.check().await
    }
}

fn record(known: &KnownConsumer) -> ConsumerRecord {
    let KnownConsumer { hash, consumer } = known.clone();
    let hash: ConsumerHash = hash;
    ConsumerRecord { hash, identifier: consumer.identifier, name: consumer.name, group: consumer.group }
}

/// A bounded set; when it is full it begins anew.
struct Remembered<T>(Mutex<HashSet<T>>);

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Eq + Hash> Remembered<T> {
    fn contains(&self, item: &T) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(item)
    }

    fn insert(&self, item: T) {
        let mut items = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if items.len() >= REMEMBERED_MAX {
            items.clear();
        }
        items.insert(item);
    }
}
