//! Log-in with an OpenID Connect provider: code flow with PKCE, state and nonce.
//!
//! [`routes`] sends people to the provider and takes them back; [`state`] is what the browser holds in between; [`provider`]
//! talks to the provider; [`people`] decides who of the hub somebody at the provider is, and with which roles. The hub calls
//! the provider and nobody else, follows no redirect, and starts and runs while the provider is down: it is asked for its
//! configuration when the first person comes.

mod people;
mod provider;
mod remembered;
pub mod routes;
mod state;

pub use provider::Provider;

/// Why somebody is not let in. The log-in page explains it; the hub's log has the details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("the provider cannot be reached")]
    Unreachable,
    #[error("the provider and the settings oidc.* do not go together")]
    Misconfigured,
    #[error("the provider refused the log-in")]
    Denied,
    #[error("the log-in took too long or was begun elsewhere")]
    Expired,
    #[error("the provider names no verified e-mail address")]
    NoEmail,
    #[error("the domain of the address is not one of oidc.allowed_domains")]
    Domain,
    #[error("neither oidc.role_map nor oidc.default_role gives a role")]
    NoRole,
    #[error("the account is not known and oidc.create_users is off")]
    UnknownUser,
    #[error("the account is disabled")]
    Disabled,
    #[error("the hub's store cannot be reached")]
    Store,
}

impl Failure {
    /// Its name in the address of the log-in page.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Unreachable => "provider_unreachable",
            Self::Misconfigured => "provider_misconfigured",
            Self::Denied => "provider_denied",
            Self::Expired => "log_in_expired",
            Self::NoEmail => "no_verified_email",
            Self::Domain => "domain_not_allowed",
            Self::NoRole => "no_role",
            Self::UnknownUser => "unknown_user",
            Self::Disabled => "disabled",
            Self::Store => "store_unavailable",
        }
    }
}
