//! Who asks, and what that one may do.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;
use uuid::Uuid;

use crate::http::problem::Problem;
use crate::queue::AppId;
use crate::store::metadata::{Actor, ActorKind, Grant, Maker, Role};

/// Somebody whom the gate let in.
#[derive(Debug, Clone)]
pub struct Caller {
    pub who: Who,
    pub grants: Vec<Grant>,
    pub address: IpAddr,
}

/// A person or a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    Person {
        /// None for the automatic log-in on loopback.
        id: Option<Uuid>,
        email: String,
        session_id: Uuid,
    },
    Token {
        id: Uuid,
        name: String,
    },
}

impl Caller {
    /// Whether at least this role is held on the app; without an app: on the whole hub.
    pub fn may(&self, role: Role, app_id: Option<AppId>) -> bool {
        self.grants
            .iter()
            .any(|grant| grant.role >= role && (grant.app_id.is_none() || grant.app_id == app_id))
    }

    /// Whether at least this role is held anywhere.
    pub fn may_somewhere(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role >= role)
    }

    /// Refuses who does not hold the role there; an app that is not even visible does not exist.
    pub fn require(&self, role: Role, app_id: Option<AppId>) -> Result<(), Problem> {
        if self.may(role, app_id) {
            return Ok(());
        }
        match app_id {
            Some(app_id) if !self.may(Role::Viewer, Some(app_id)) => Err(no_app(&app_id.to_string())),
            Some(_) => Err(too_low(&format!("the role {} on this app", role.as_str()))),
            None => Err(too_low(&format!("the role {} on the whole hub", role.as_str()))),
        }
    }

    /// The apps on which at least this role is held; none: all there are.
    pub fn apps(&self, role: Role) -> Option<Vec<AppId>> {
        if self.may(role, None) {
            return None;
        }
        let held = self.grants.iter().filter(|grant| grant.role >= role);
        Some(held.filter_map(|grant| grant.app_id).collect())
    }

    /// The person's id, session and address; refuses programs and the automatic log-in, which have no account.
    pub fn person(&self) -> Result<(Uuid, Uuid, &str), Problem> {
        match &self.who {
            Who::Person { id: Some(id), email, session_id } => Ok((*id, *session_id, email)),
            _ => Err(Problem::forbidden(
                "no_account",
                "Only a person with an account of their own has this. Log in with an e-mail address.",
            )),
        }
    }

    /// On whose rights rests what this one makes.
    pub fn maker(&self) -> Maker {
        let (user_id, email) = match &self.who {
            Who::Person { id, email, .. } => (*id, email.clone()),
            // INVARIANT: what rests on its maker's rights is made by admins, which tokens never are.
            Who::Token { name, .. } => (None, name.clone()),
        };
        Maker { user_id, email }
    }

    /// How the audit log names this one.
    pub fn actor(&self) -> Actor {
        let (kind, id, name) = match &self.who {
            Who::Person { id, email, .. } => (ActorKind::User, *id, email),
            Who::Token { id, name } => (ActorKind::Token, Some(*id), name),
        };
        Actor { kind, id, name: name.clone(), address: Some(self.address.to_string()) }
    }
}

pub(super) fn no_app(app_id: &str) -> Problem {
    Problem::not_found(format!("There is no app {app_id}."))
}

pub(super) fn too_low(needed: &str) -> Problem {
    Problem::forbidden("role", format!("This needs {needed}. Ask an admin."))
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    /// INVARIANT: a handler that asks for the caller answers nobody when the gate did not run before it.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The route is not behind the gate.")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(grants: Vec<Grant>) -> Caller {
        let who = Who::Token { id: Uuid::nil(), name: "ci".into() };
        Caller { who, grants, address: IpAddr::from([127, 0, 0, 1]) }
    }

    #[test]
    fn a_role_on_the_hub_is_one_on_every_app_and_one_on_an_app_is_none_elsewhere() {
        let (shop, blog) = (Uuid::new_v4(), Uuid::new_v4());
        let everywhere = caller(vec![Role::Editor.into()]);
        assert!(everywhere.may(Role::Viewer, Some(shop)) && everywhere.may(Role::Editor, None));
        assert!(!everywhere.may(Role::Admin, Some(shop)));
        assert_eq!(everywhere.apps(Role::Viewer), None);
        let there = caller(vec![Grant { role: Role::Editor, app_id: Some(shop) }]);
        assert!(there.may(Role::Editor, Some(shop)) && there.may_somewhere(Role::Editor));
        assert!(!there.may(Role::Viewer, Some(blog)) && !there.may(Role::Viewer, None));
        assert_eq!(there.apps(Role::Viewer), Some(vec![shop]));
        assert_eq!(there.apps(Role::Admin), Some(vec![]));
        assert_eq!(there.require(Role::Admin, Some(shop)).unwrap_err().status, 403);
        assert_eq!(there.require(Role::Viewer, Some(blog)).unwrap_err().status, 404);
        assert!(!caller(Vec::new()).may_somewhere(Role::Viewer));
    }
}
