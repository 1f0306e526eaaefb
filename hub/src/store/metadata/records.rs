//! What the metadata store holds: plain data.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::people::Grant;
use crate::clock::{UnixMillis, UnixSecs};
use crate::queue::AppId;
use crate::store::traffic::ConsumerHash;

/// The SHA-256 of a secret with enough entropy that no salt is needed.
pub type SecretHash = [u8; 32];

/// A monitored app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    pub app_id: AppId,
    pub name: String,
    pub created_at: UnixSecs,
}

/// An app that was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeletedApp {
    pub app_id: AppId,
    pub deleted_at: UnixSecs,
}

/// An environment of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    pub env: String,
    /// When it was used first.
    pub created_at: UnixSecs,
}

/// Whether an environment may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvironmentAdmission {
    /// It exists, perhaps since now.
    Admitted,
    /// The app has as many others as it may.
    TooMany,
    /// There is no such app.
    UnknownApp,
}

/// What a credential is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = KeyKind)]
pub enum CredentialKind {
    /// Authorizes ingest.
    WriteKey,
    /// The write secret of other clients' protocols.
    ClientId,
}

impl CredentialKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WriteKey => "write_key",
            Self::ClientId => "client_id",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::WriteKey, Self::ClientId].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A credential to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCredential {
    pub id: Uuid,
    pub app_id: AppId,
    pub kind: CredentialKind,
    pub hash: SecretHash,
    /// The secret's first characters.
    pub prefix: String,
    pub created_at: UnixSecs,
}

/// A stored credential, without its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    pub id: Uuid,
    pub app_id: AppId,
    pub kind: CredentialKind,
    pub prefix: String,
    pub created_at: UnixSecs,
    pub last_used_at: Option<UnixSecs>,
    pub revoked_at: Option<UnixSecs>,
}

/// Who made something that rests on what its maker may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maker {
    /// None: the automatic log-in on loopback.
    pub user_id: Option<Uuid>,
    /// As it was then.
    pub email: String,
}

/// An API token to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    pub id: Uuid,
    pub name: String,
    pub hash: SecretHash,
    pub prefix: String,
    /// Viewer or editor.
    pub grant: Grant,
    /// None: somebody on the command line.
    pub created_by: Option<Maker>,
    pub created_at: UnixSecs,
    pub expires_at: Option<UnixSecs>,
}

/// A stored API token, without its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub id: Uuid,
    pub name: String,
    pub prefix: String,
    pub grant: Grant,
    /// None: somebody on the command line.
    pub created_by: Option<Maker>,
    pub created_at: UnixSecs,
    pub expires_at: Option<UnixSecs>,
    pub last_used_at: Option<UnixSecs>,
    pub revoked_at: Option<UnixSecs>,
}

impl Token {
    /// Whose rights it rests on; none: nobody's.
    pub fn maker_id(&self) -> Option<Uuid> {
        self.created_by.as_ref().and_then(|maker| maker.user_id)
    }

    /// Whether it is taken, as far as it goes by itself.
    pub fn is_valid(&self, now: UnixSecs) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|expires_at| now < expires_at)
    }
}

/// Who a consumer's hash stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerRecord {
    pub hash: ConsumerHash,
    pub identifier: String,
    pub name: Option<String>,
    pub group: Option<String>,
}

/// A job's name, who does it, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub name: String,
    /// A process: [`Process::id`].
    pub holder: Uuid,
    pub expires_at: UnixMillis,
}

/// A process of the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// New at every start.
    pub id: Uuid,
    pub host: String,
    /// Names of its roles, separated by commas.
    pub roles: String,
    pub version: String,
    pub started_at: UnixMillis,
    pub seen_at: UnixMillis,
    /// What it says about itself, as JSON; who reads it must expect the fields of any version.
    pub state: String,
}
