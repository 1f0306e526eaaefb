//! Before a message is stored: its app must be there, its environment and its consumers registered.
//!
//! What was registered is remembered for a while, so that in the steady state the metadata store is asked once a minute.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use super::decode::{Message, Refusal};
use super::directory::Directory;
use crate::clock::{SharedClock, UnixMillis};
use crate::queue::{AppId, DeadLetterReason};
use crate::store::StoreError;

/// How long it is believed that an app or environment is there. Within it, traffic of a deleted app is still stored.
const BELIEVED_MS: i64 = 60_000;

/// Consumers that are known to be registered, 16 bytes each; beyond it all are registered anew.
const REGISTERED_MAX: usize = 50_000;

/// How long it is remembered that a consumer is registered: the metadata knows to the day when it called last, and forgets by that.
const REGISTERED_MS: i64 = 86_400_000;

/// Registers what messages name.
pub(super) struct Registrar {
    directory: Arc<dyn Directory>,
    clock: SharedClock,
    /// Until when an environment is believed to be registered.
    environments: HashMap<(AppId, String), UnixMillis>,
    /// Hashes of app, consumer and its name: a new name is registered again.
    registered: HashSet<u64>,
    /// Since when they are remembered.
    registered_since: UnixMillis,
}

impl Registrar {
    pub(super) fn new(directory: Arc<dyn Directory>, clock: SharedClock) -> Self {
        let (environments, registered) = (HashMap::new(), HashSet::new());
        Self { directory, clock, environments, registered, registered_since: 0 }
    }

    /// Makes sure that the app is there and everything the message names is registered.
    pub(super) async fn admit(&mut self, message: Message) -> Result<Result<Message, Refusal>, StoreError> {
        match self.register(&message).await {
            Ok(None) => Ok(Ok(message)),
            Ok(Some(refusal)) => Ok(Err(refusal)),
            Err(StoreError::Refused(detail)) => Ok(Err(Refusal { reason: DeadLetterReason::Failed, detail })),
            Err(error) => Err(error),
        }
    }

    async fn register(&mut self, message: &Message) -> Result<Option<Refusal>, StoreError> {
        let key = (message.app_id(), message.env().to_owned());
        let now = self.clock.now_ms();
        if self.environments.get(&key).is_none_or(|until| *until < now) {
            if let Some(refusal) = self.register_environment(&key).await? {
                return Ok(Some(refusal));
            }
            self.environments.retain(|_, until| *until >= now);
            self.environments.insert(key, now + BELIEVED_MS);
        }
        self.register_consumers(message).await?;
        Ok(None)
    }

    async fn register_environment(
        &self,
        (app_id, env): &(AppId, String),
    ) -> Result<Option<Refusal>, StoreError> {
        if !self.directory.app_exists(*app_id).await? {
            let detail = format!("there is no app {app_id}");
            return Ok(Some(Refusal { reason: DeadLetterReason::UnknownApp, detail }));
        }
        if !self.directory.register_environment(*app_id, env).await? {
            let detail = format!("{env:?} would be one environment too many");
            return Ok(Some(Refusal { reason: DeadLetterReason::TooManyEnvironments, detail }));
        }
        Ok(None)
    }

    async fn register_consumers(&mut self, message: &Message) -> Result<(), StoreError> {
        let (app_id, now) = (message.app_id(), self.clock.now_ms());
        if !(0..REGISTERED_MS).contains(&(now - self.registered_since)) {
            self.registered.clear();
            self.registered_since = now;
        }
        let (mut new, mut hashes) = (Vec::new(), Vec::new());
        for consumer in message.consumers() {
            let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one((app_id, consumer));
            if !self.registered.contains(&hash) {
                new.push(consumer.clone());
                hashes.push(hash);
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        self.directory.register_consumers(app_id, &new).await?;
        if self.registered.len() + hashes.len() > REGISTERED_MAX {
            self.registered.clear();
        }
        self.registered.extend(hashes);
        Ok(())
    }
}
