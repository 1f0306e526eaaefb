//! Who asks: API tokens for programs, sessions for people, and the keys of apps ([`cache`]).
//!
//! Both hold grants: a [`Role`] on the whole hub or on one app; [`access`] decides what that allows. A session is a random
//! cookie, stored hashed, `HttpOnly` and `SameSite=Strict`; a change made with it must also prove that it comes from the
//! dashboard itself ([`site`]). The first user is made with a one-time link that the hub prints at its start, others by an
//! invitation; on loopback, and only when it is configured, visitors are logged in by themselves. What is changed, and by
//! whom, goes to the audit log ([`journal`]).

pub mod access;
pub mod cache;
mod cookie;
pub mod journal;
pub mod oidc;
pub mod password;
pub mod routes;
pub mod secret;
mod session;
mod site;
mod throttle;
mod token;

pub use crate::store::metadata::{Grant, Role};
pub use access::{Caller, Who, bearer};
pub use session::{SESSION_COOKIE, Visitor};
pub(crate) use throttle::Guess;
pub(crate) use token::grants_of;

use std::sync::Arc;

use uuid::Uuid;

use crate::clock::{SharedClock, UnixSecs};
use crate::config::{AuthConfig, PublicUrl};
use crate::http::peer::TrustedProxies;
use crate::store::StoreError;
use crate::store::metadata::{Metadata, User};
use cache::SecretCache;
use oidc::Provider;
use password::Passwords;
use throttle::Throttle;
use token::FoundToken;

/// How long a set-up link works. The next start prints a new one.
pub const SETUP_SECS: i64 = 24 * 3_600;

/// How exactly `last_used_at` and `last_seen_at` are kept.
const TOUCH_SECS: i64 = 60;

/// Everything that tells who asks.
pub struct Auth {
    pub(crate) metadata: Metadata,
    clock: SharedClock,
    config: AuthSettings,
    /// Tokens that were valid when they were asked for.
    tokens: SecretCache<FoundToken>,
    pub(crate) passwords: Passwords,
    pub(crate) throttle: Throttle,
    provider: Option<Provider>,
}

/// What auth needs of the configuration.
#[derive(Debug, Clone)]
pub struct AuthSettings {
    pub sessions: AuthConfig,
    pub public_url: Option<PublicUrl>,
    pub trusted_proxies: TrustedProxies,
    pub auto_login: bool,
}

impl Auth {
    /// Fails when an identity provider is configured and no connection to it could ever be made.
    pub fn new(metadata: Metadata, clock: SharedClock, config: AuthSettings) -> Result<Arc<Self>, String> {
        let (passwords, throttle) = (Passwords::default(), Throttle::default());
        let base = config.public_url.as_ref().map_or("", |url| url.as_str());
        let redirect_url = format!("{base}/api/v1/session/oidc/callback");
        let provider = config.sessions.provider.clone();
        let provider = provider.map(|provider| Provider::new(provider, redirect_url)).transpose()?;
        let tokens = SecretCache::default();
        Ok(Arc::new(Self { metadata, clock, config, tokens, passwords, throttle, provider }))
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

    /// What the identity provider is called, where there is one.
    pub(crate) fn provider_name(&self) -> Option<String> {
        self.provider.as_ref().map(|provider| provider.name().to_owned())
    }

    /// What is configured about log-ins.
    pub(crate) fn sessions(&self) -> &AuthConfig {
        &self.config.sessions
    }

    pub(crate) fn now(&self) -> UnixSecs {
        self.clock.now()
    }
}

/// A user with a new id and one grant; the password is already hashed.
pub fn new_user(email: &str, grant: impl Into<Grant>, password_hash: String, now: UnixSecs) -> User {
    User {
        id: Uuid::now_v7(),
        email: normalize_email(email),
        password_hash: Some(password_hash),
        created_at: now,
        last_log_in_at: None,
        disabled_at: None,
        grants: vec![grant.into()],
    }
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
        && !email.contains(|c: char| c.is_whitespace() || c.is_control())
        && parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
}
