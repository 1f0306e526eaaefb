//! The worker's view of the metadata store. It remembers nothing: the worker does.

use async_trait::async_trait;

use super::{ConsumerRecord, EnvironmentAdmission, Metadata};
use crate::clock::SharedClock;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::worker::{Directory, KnownConsumer};

/// Answers the worker from the metadata store.
pub struct MetadataDirectory {
    metadata: Metadata,
    clock: SharedClock,
}

impl MetadataDirectory {
    pub fn new(metadata: Metadata, clock: SharedClock) -> Self {
        Self { metadata, clock }
    }
}

#[async_trait]
impl Directory for MetadataDirectory {
    async fn app_exists(&self, app_id: AppId) -> Result<bool, StoreError> {
        Ok(self.metadata.app(app_id).await?.is_some())
    }

    async fn register_environment(&self, app_id: AppId, env: &str) -> Result<bool, StoreError> {
        let admission = self.metadata.admit_environment(app_id, env, self.clock.now()).await?;
        Ok(admission == EnvironmentAdmission::Admitted)
    }

    async fn register_consumers(&self, app_id: AppId, consumers: &[KnownConsumer]) -> Result<(), StoreError> {
        let records: Vec<_> = consumers.iter().map(record).collect();
        self.metadata.write_consumers(app_id, &records, self.clock.now()).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.metadata.check().await
    }
}

fn record(known: &KnownConsumer) -> ConsumerRecord {
    let consumer = known.consumer.clone();
    ConsumerRecord {
        hash: known.hash,
        identifier: consumer.identifier,
        name: consumer.name,
        group: consumer.group,
    }
}
