//! Secrets that the hub makes up: their form, their entropy, and the hash under which they are stored.
//!
//! Each kind has a prefix of its own, so that scanners of repositories and logs can find one that leaked. 40 characters of 62
//! are 238 bits: they cannot be guessed, so a plain SHA-256 without salt is enough to store them.

use rand::Rng;
use rand::distr::Alphanumeric;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::clock::UnixSecs;
use crate::queue::AppId;
use crate::store::metadata::{CredentialKind, NewCredential, SecretHash};

/// What a write key begins with.
pub const WRITE_KEY_PREFIX: &str = "sdry_";
/// What an API token begins with.
pub const TOKEN_PREFIX: &str = "sdrt_";
/// What the token of a set-up link begins with.
pub const SETUP_PREFIX: &str = "sdru_";
/// What the token of an invitation begins with.
pub const INVITATION_PREFIX: &str = "sdri_";
/// What the token of a link to reset a password begins with.
pub const RESET_PREFIX: &str = "sdrp_";

/// Random characters of a secret.
const RANDOM_CHARS: usize = 40;
/// Characters of a secret by which people tell it from others: its kind and four random ones.
const SHOWN_CHARS: usize = 9;

/// Returns a new secret.
pub fn generate(prefix: &str) -> String {
    let random = rand::rng().sample_iter(Alphanumeric).take(RANDOM_CHARS).map(char::from);
    prefix.chars().chain(random).collect()
}

/// Returns 256 random bits as hexadecimal digits, for a session's cookie.
pub fn generate_session() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}

/// The hash under which a secret is stored and found.
///
/// Finding it by an index compares hashes, not secrets: how far a comparison gets tells nothing about the secret.
pub fn hash(secret: &str) -> SecretHash {
    Sha256::digest(secret.as_bytes()).into()
}

/// The first characters, which may be shown.
pub fn shown(secret: &str) -> String {
    secret.chars().take(SHOWN_CHARS).collect()
}

/// A credential for a secret, ready to be stored.
pub fn credential(app_id: AppId, kind: CredentialKind, secret: &str, now: UnixSecs) -> NewCredential {
    NewCredential {
        id: Uuid::now_v7(),
        app_id,
        kind,
        hash: hash(secret),
        prefix: shown(secret),
        created_at: now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_show_only_their_first_characters() {
        let (one, two) = (generate(WRITE_KEY_PREFIX), generate(WRITE_KEY_PREFIX));
        assert_ne!(one, two);
        assert_eq!(one.len(), 45);
        assert!(one[5..].chars().all(|c| c.is_ascii_alphanumeric()));
        assert_eq!(shown(&one), one[..9]);
        assert_ne!(hash(&one), hash(&two));
        assert_eq!(generate_session().len(), 64);
    }
}
