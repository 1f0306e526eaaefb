//! People and what they may do: plain data.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Maker, SecretHash};
use crate::clock::UnixSecs;

/// What one may do. Each role may do what the ones before it may.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Changes apps, their keys and how their figures are judged.
    Editor,
    /// Decides who may do what, too.
    Admin,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Viewer, Self::Editor, Self::Admin].into_iter().find(|role| role.as_str() == text)
    }
}

/// A role and where it is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    pub role: Role,
    /// The app on which the role is held; null: on the whole hub.
    #[serde(default)]
    pub app_id: Option<Uuid>,
}

impl From<Role> for Grant {
    /// The role on the whole hub.
    fn from(role: Role) -> Self {
        Self { role, app_id: None }
    }
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: Uuid,
    /// In lower case.
    pub email: String,
    /// Argon2id in PHC form; none for who logs in with an identity provider alone.
    pub password_hash: Option<String>,
    pub created_at: UnixSecs,
    pub last_log_in_at: Option<UnixSecs>,
    /// Since when nobody logs in as this user.
    pub disabled_at: Option<UnixSecs>,
    /// At most one a scope, the whole hub's first.
    pub grants: Vec<Grant>,
}

/// How a change of a user went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountChange {
    Done,
    /// There is no such user.
    Unknown,
    /// Nobody could give roles any more: nothing was changed.
    LastAdmin,
}

/// A session to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    pub id: Uuid,
    pub hash: SecretHash,
    /// None for the automatic log-in on loopback.
    pub user_id: Option<Uuid>,
    pub address: Option<String>,
    pub user_agent: Option<String>,
    pub created_at: UnixSecs,
}

/// A session with its user; none is the automatic log-in on loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: Uuid,
    pub user: Option<User>,
    pub created_at: UnixSecs,
    pub last_seen_at: UnixSecs,
}

/// A session as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    pub id: Uuid,
    pub address: Option<String>,
    pub user_agent: Option<String>,
    pub created_at: UnixSecs,
    pub last_seen_at: UnixSecs,
}

/// An invitation: whoever has its link becomes a user with its grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: Uuid,
    /// In lower case.
    pub email: String,
    pub grant: Grant,
    pub created_by: Maker,
    /// Whether whoever made it may still give this grant; true before it is stored.
    pub maker_may: bool,
    pub created_at: UnixSecs,
    pub expires_at: UnixSecs,
    pub accepted_at: Option<UnixSecs>,
    pub revoked_at: Option<UnixSecs>,
}

impl Invitation {
    /// Whether its link can be used.
    pub fn is_open(&self, now: UnixSecs) -> bool {
        self.accepted_at.is_none() && self.revoked_at.is_none() && self.maker_may && now < self.expires_at
    }
}

/// A link to reset a password, to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPasswordReset {
    pub user_id: Uuid,
    pub hash: SecretHash,
    /// None: the automatic log-in on loopback.
    pub maker_id: Option<Uuid>,
    pub expires_at: UnixSecs,
}

/// How the use of an invitation went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    Done,
    /// The link is unknown, used, revoked or expired, or its maker may not give the grant any more.
    NotOpen,
    /// There is a user of this address already.
    EmailTaken,
}

/// Who somebody is at an identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub issuer: String,
    pub subject: String,
}
