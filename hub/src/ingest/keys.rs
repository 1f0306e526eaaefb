//! Whose key a key is.

use http::HeaderMap;

use super::refusal::Refusal;
use crate::auth::cache::SecretCache;
use crate::auth::{bearer, secret};
use crate::clock::SharedClock;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::metadata::{Credential, CredentialKind, Metadata};

/// How exactly `last_used_at` is kept.
const TOUCH_SECS: i64 = 60;

/// Finds the app that a write key belongs to.
pub(super) struct Keys {
    metadata: Metadata,
    clock: SharedClock,
    cache: SecretCache<AppId>,
}

impl Keys {
    pub(super) fn new(metadata: Metadata, clock: SharedClock) -> Self {
        Self { metadata, clock, cache: SecretCache::default() }
    }

    /// The app of the request's write key.
    pub(super) async fn app_of(&self, headers: &HeaderMap) -> Result<AppId, Refusal> {
        let key = bearer(headers).ok_or(Refusal::NoKey)?;
        if !key.starts_with(secret::WRITE_KEY_PREFIX) {
            return Err(Refusal::WrongKey);
        }
        let hash = secret::hash(key);
        let ask = async {
            let found = self.metadata.credential_by_hash(&hash).await?;
            let found = found.filter(|c| c.kind == CredentialKind::WriteKey && c.revoked_at.is_none());
            if let Some(credential) = &found {
                self.touch(credential);
            }
            Ok::<_, StoreError>(found.map(|credential| credential.app_id))
        };
        match self.cache.find(hash, ask).await {
            Ok(Some(app_id)) => Ok(app_id),
            Ok(None) => Err(Refusal::WrongKey),
            Err(error) => Err(Refusal::Metadata(error)),
        }
    }

    /// Notes the use of a key, at most once a minute and not while its sender waits.
    fn touch(&self, credential: &Credential) {
        let now = self.clock.now();
        if credential.last_used_at.is_some_and(|last| now - last < TOUCH_SECS) {
            return;
        }
        let (metadata, id) = (self.metadata.clone(), credential.id);
        tokio::spawn(async move {
            if let Err(error) = metadata.touch_credential(id, now).await {
                tracing::warn!(%error, "The use of a key could not be noted.");
            }
        });
    }
}
