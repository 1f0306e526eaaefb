//! Consumers as traffic knows them: keyed hashes. The worker computes them when it stores, query when it filters.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::queue::AppId;

/// A consumer without who it is: see [`ConsumerKey::hash`].
pub type ConsumerHash = [u8; 16];

/// The hub's secret for consumers' hashes. It lives in the metadata store; without it nobody can tell from traffic who called.
#[derive(Clone)]
pub struct ConsumerKey(Vec<u8>);

impl ConsumerKey {
    pub fn new(secret: impl Into<Vec<u8>>) -> Self {
        Self(secret.into())
    }

    /// HMAC-SHA-256 of app and identifier, cut to 16 bytes: the same caller has another hash in another app.
    pub fn hash(&self, app_id: AppId, identifier: &str) -> ConsumerHash {
        let mut mac = match Hmac::<Sha256>::new_from_slice(&self.0) {
            Ok(mac) => mac,
            Err(_) => unreachable!("HMAC takes a key of any length"),
        };
        mac.update(app_id.as_bytes());
        mac.update(identifier.as_bytes());
        let digest = mac.finalize().into_bytes();
        let mut hash = [0; 16];
        hash.copy_from_slice(&digest[..16]);
        hash
    }
}

impl std::fmt::Debug for ConsumerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ConsumerKey(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_depends_on_key_app_and_identifier_and_on_nothing_else() {
        let key = ConsumerKey::new(*b"one");
        let app = AppId::from_u128(1);
        let hash = key.hash(app, "ann");
        assert_eq!(hash, key.hash(app, "ann"));
        assert_ne!(hash, key.hash(app, "bob"));
        assert_ne!(hash, key.hash(AppId::from_u128(2), "ann"));
        assert_ne!(hash, ConsumerKey::new(*b"two").hash(app, "ann"));
    }
}
