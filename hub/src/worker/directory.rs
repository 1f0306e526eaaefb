//! What the worker asks the metadata store: which apps there are, and to remember environments and consumers.

use async_trait::async_trait;
use sendry_sdk::protocol::Consumer;

use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::traffic::ConsumerHash;

/// The apps, their environments and who their consumers are. The metadata store implements it.
#[async_trait]
pub trait Directory: Send + Sync {
    /// Whether there is such an app.
    async fn app_exists(&self, app_id: AppId) -> Result<bool, StoreError>;
    /// Makes an environment known, again is the same as once; false when the app has as many as it may.
    async fn register_environment(&self, app_id: AppId, env: &str) -> Result<bool, StoreError>;
    /// Remembers who stands behind hashes: a known one gets the name and group that came last, where they came.
    async fn register_consumers(&self, app_id: AppId, consumers: &[KnownConsumer]) -> Result<(), StoreError>;
    /// Fails when nothing can be asked now.
    async fn check(&self) -> Result<(), StoreError>;
}

/// A consumer's hash in the traffic store, and who it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KnownConsumer {
    pub hash: ConsumerHash,
    pub consumer: Consumer,
}
