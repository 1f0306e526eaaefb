//! Who of the hub somebody at the provider is, and with which roles.
//!
//! Known is who came before (issuer and subject); else who has a user with the same verified address; else, where that is
//! configured, a new user is made. Where `oidc.role_claim` is set, the provider decides about the roles of people who have no
//! password of their own, each time they log in; who was given a password here keeps what an admin gave.

use serde_json::Value;

use super::provider::Claims;
use super::{Failure, Provider};
use crate::auth::journal::Change;
use crate::auth::{Auth, Grant, Visitor, is_email, new_user, normalize_email};
use crate::store::StoreError;
use crate::store::metadata::{AccountChange, ActorKind, Identity, User};

impl From<StoreError> for Failure {
    /// The one place where a store's failure during a log-in with the provider is logged.
    fn from(error: StoreError) -> Self {
        tracing::warn!(%error, "A store could not be reached during a log-in.");
        Self::Store
    }
}

impl Auth {
    /// Finds or makes the user, brings the roles up to date, and refuses who is not let in.
    pub(super) async fn recognise(
        &self,
        provider: &Provider,
        claims: &Claims,
        visitor: &Visitor,
    ) -> Result<User, Failure> {
        let subject = claims.get("sub").and_then(Value::as_str).ok_or(Failure::NoEmail)?;
        let identity = Identity { issuer: provider.config.issuer.clone(), subject: subject.to_owned() };
        let known = self.metadata.user_by_identity(&identity).await?;
        let email = email(provider, claims);
        check_domain(provider, known.as_ref().map(|user| user.email.as_str()).or(email.as_deref()))?;
        let user = match known {
            Some(user) => user,
            None => {
                let email = email.ok_or(Failure::NoEmail)?;
                let user = match self.metadata.user_by_email(&email).await? {
                    Some(user) => user,
                    None => self.make_user(provider, claims, &email, visitor).await?,
                };
                self.metadata.link_identity(&identity, user.id, self.now()).await?;
                user
            }
        };
        if user.disabled_at.is_some() {
            return Err(Failure::Disabled);
        }
        self.bring_up_to_date(provider, claims, user, visitor).await
    }

    async fn make_user(
        &self,
        provider: &Provider,
        claims: &Claims,
        email: &str,
        visitor: &Visitor,
    ) -> Result<User, Failure> {
        if !provider.config.create_users {
            return Err(Failure::UnknownUser);
        }
        let grants = grants(provider, claims);
        let Some(first) = grants.first().copied() else { return Err(Failure::NoRole) };
        let mut user = new_user(email, first, String::new(), self.now());
        (user.password_hash, user.grants) = (None, grants);
        if !self.metadata.create_user(&user).await? {
            // Somebody of this address came in at the same moment.
            return self.metadata.user_by_email(email).await?.ok_or(Failure::Store);
        }
        let change = Change::new("user.create").target(user.id, email).detail("by", provider.name());
        let change = change.detail("grants", serde_json::json!(user.grants));
        self.record(visitor.actor(ActorKind::Hub, &user), change).await;
        Ok(user)
    }

    async fn bring_up_to_date(
        &self,
        provider: &Provider,
        claims: &Claims,
        user: User,
        visitor: &Visitor,
    ) -> Result<User, Failure> {
        if provider.config.role_claim.is_none() || user.password_hash.is_some() {
            return Ok(user);
        }
        let grants = grants(provider, claims);
        if grants.is_empty() {
            return Err(Failure::NoRole);
        }
        if grants == user.grants {
            return Ok(user);
        }
        match self.metadata.set_grants(user.id, &grants).await? {
            AccountChange::Done => {
                let change = Change::new("user.change_roles").target(user.id, &user.email);
                let change = change.detail("before", serde_json::json!(user.grants));
                let change = change.detail("after", serde_json::json!(grants)).detail("by", provider.name());
                self.record(visitor.actor(ActorKind::Hub, &user), change).await;
                Ok(User { grants, ..user })
            }
            AccountChange::LastAdmin => {
                tracing::warn!(user.id = %user.id, "The last admin of the hub stays one, whatever the provider says.");
                Ok(user)
            }
            AccountChange::Unknown => Err(Failure::UnknownUser),
        }
    }
}

/// The address, if it counts.
fn email(provider: &Provider, claims: &Claims) -> Option<String> {
    let email = normalize_email(claims.get("email")?.as_str()?);
    let is_verified = match claims.get("email_verified") {
        Some(Value::Bool(verified)) => *verified,
        Some(Value::String(verified)) => verified == "true",
        _ => false,
    };
    (is_email(&email) && (is_verified || provider.config.trust_unverified_email)).then_some(email)
}

fn check_domain(provider: &Provider, email: Option<&str>) -> Result<(), Failure> {
    let allowed = &provider.config.allowed_domains;
    if allowed.is_empty() {
        return Ok(());
    }
    let domain = email.and_then(|email| email.rsplit_once('@')).map(|(_, domain)| domain);
    match domain {
        Some(domain) if allowed.iter().any(|one| one == domain) => Ok(()),
        Some(_) => Err(Failure::Domain),
        None => Err(Failure::NoEmail),
    }
}

/// The roles that the claim stands for, the highest of each scope; the default where it stands for none.
fn grants(provider: &Provider, claims: &Claims) -> Vec<Grant> {
    let config = &provider.config;
    let values = config.role_claim.as_deref().and_then(|name| claim(claims, name)).map(texts);
    let values = values.unwrap_or_default();
    let mapped = config.role_map.iter().filter(|(value, _)| values.contains(&value.as_str()));
    let mut grants: Vec<Grant> = mapped.map(|(_, grant)| *grant).collect();
    grants.sort_by_key(|grant| (grant.app_id, std::cmp::Reverse(grant.role)));
    grants.dedup_by_key(|grant| grant.app_id);
    if grants.is_empty() {
        grants.extend(config.default_role.map(Grant::from));
    }
    grants
}

/// A claim by its name, or by a path with dots into nested claims.
pub(super) fn claim<'a>(claims: &'a Claims, name: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let (first, rest) = name.split_once('.')?;
    claim(claims.get(first)?.as_object()?, rest)
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}
