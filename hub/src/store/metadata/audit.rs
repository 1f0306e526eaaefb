//! Entries of the audit log: plain data.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::clock::UnixSecs;
use crate::queue::AppId;

/// What did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ActorKind {
    /// A person on the dashboard.
    User,
    /// A program with an API token.
    Token,
    /// Somebody on the hub's command line.
    Cli,
    /// The hub itself, for somebody who was not logged in yet.
    Hub,
}

impl ActorKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Token => "token",
            Self::Cli => "cli",
            Self::Hub => "hub",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::User, Self::Token, Self::Cli, Self::Hub].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Who did something, by the name of that time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub kind: ActorKind,
    pub id: Option<Uuid>,
    /// An e-mail address, or the name of a token.
    pub name: String,
    /// Where the request came from.
    pub address: Option<String>,
}

/// Something that was done, to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAuditEntry {
    pub at: UnixSecs,
    pub actor: Actor,
    /// What was done, as `user.disable`.
    pub action: String,
    pub target_id: Option<String>,
    pub target_name: Option<String>,
    /// The app that it concerns.
    pub app_id: Option<AppId>,
    /// What else there is to say; never a secret.
    pub details: serde_json::Value,
}

/// Something that was done. Ids rise with time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    pub id: i64,
    pub entry: NewAuditEntry,
}

/// Which entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only those before this one.
    pub before: Option<i64>,
    /// Only those that concern one of these apps; none: all.
    pub apps: Option<Vec<AppId>>,
    /// Only this action.
    pub action: Option<String>,
    /// Only what this actor did, by name.
    pub actor: Option<String>,
    /// Only since then.
    pub from: Option<UnixSecs>,
    /// Only before then.
    pub to: Option<UnixSecs>,
    pub limit: u32,
}
