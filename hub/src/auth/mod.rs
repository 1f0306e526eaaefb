//! Who asks: API tokens for programs, sessions for people, and the keys of apps ([`cache`]).
//!
//! Tokens read. People have a [`Role`]: viewers read, editors and admins change. A session is a random cookie, stored hashed,
//! `HttpOnly` and `SameSite=Strict`; a change made with it must also prove that it comes from the dashboard itself
//! ([`crate::http::origin`]). The first user is made with a one-time link that the hub prints at its start; on loopback, and
//! only when it is configured, visitors are logged in by themselves.

pub mod cache;
mod caller;
pub mod password;
pub mod routes;
pub mod secret;
mod session;
mod throttle;

pub use crate::store::metadata::Role;
pub use caller::{Editor, Reader, bearer};
pub use session::SESSION_COOKIE;

use std::sync::Arc;

use uuid::Uuid;

use crate::clock::{SharedClock, UnixSecs};
use crate::config::{AuthConfig, PublicUrl};
use crate::store::StoreError;
use crate::store::metadata::{Metadata, User};
use cache::SecretCache;
use password::Passwords;
use throttle::Throttle;

/// How long a set-up link works. The next start prints a new one.
pub const SETUP_SECS: i64 = 24 * 3_600;

/// How exactly `last_used_at` and `last_seen_at` are kept.
const TOUCH_SECS: i64 = 60;

/// Everything that tells who asks.
pub struct Auth {
    metadata: Metadata,
    clock: SharedClock,
    config: AuthSettings,
    /// Valid tokens; nothing about them matters but that they are.
    tokens: SecretCache<()>,
    passwords: Passwords,
    throttle: Throttle,
}

/// What auth needs of the configuration.
#[derive(Debug, Clone)]
pub struct AuthSettings {
    pub sessions: AuthConfig,
    pub public_url: Option<PublicUrl>,
    pub auto_login: bool,
}

impl Auth {
    pub fn new(metadata: Metadata, clock: SharedClock, config: AuthSettings) -> Arc<Self> {
        let (passwords, throttle) = (Passwords::default(), Throttle::default());
        Arc::new(Self { metadata, clock, config, tokens: SecretCache::default(), passwords, throttle })
    }

    /// Makes a new set-up token when there is no user yet; the earlier one is void.
    pub async fn renew_setup_token(&self) -> Result<Option<String>, StoreError> {
        if self.metadata.has_users().await? {
            return Ok(None);
        }
        let token = secret::generate(secret::SETUP_PREFIX);
        self.metadata.set_setup_token(&secret::hash(&token), self.now() + SETUP_SECS).await?;
        Ok(Some(token))
    }

    /// Tells whether this is a valid read token.
    async fn is_token(&self, token: &str) -> Result<bool, StoreError> {
        let hash = secret::hash(token);
        let ask = async {
            let found = self.metadata.token_by_hash(&hash).await?.filter(|token| token.revoked_at.is_none());
            let Some(token) = found else { return Ok(None) };
            let now = self.now();
            if token.last_used_at.is_none_or(|last| now - last >= TOUCH_SECS) {
                self.metadata.touch_token(token.id, now).await?;
            }
            Ok(Some(()))
        };
        Ok(self.tokens.find(hash, ask).await?.is_some())
    }

    fn now(&self) -> UnixSecs {
        self.clock.now()
    }
}

/// A user with a new id; the password is already hashed.
pub fn new_user(email: &str, role: Role, password_hash: String, now: UnixSecs) -> User {
    User { id: Uuid::now_v7(), email: normalize_email(email), role, password_hash, created_at: now }
}

/// E-mail addresses are compared without regard to case.
pub fn normalize_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Tells whether it looks like an address; that it works is not our business.
pub fn is_email(email: &str) -> bool {
    let email = email.trim();
    let parts = email.split_once('@');
    email.len() <= 254
        && !email.contains(char::is_whitespace)
        && parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
}
