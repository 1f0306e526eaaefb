//! The metadata store: what people configured, and who is who. A seam with one contract and several backends.
//!
//! Ingest asks it whose key a key is, the worker for the secret of consumers' hashes and who they are, query and auth for the
//! rest; the command line works on it beside a running hub. Secrets are only ever stored as hashes ([`SecretHash`],
//! passwords as argon2id), but for the keys in [`Consumers::secret`], which cannot be.
//!
//! Every method is one short transaction. Times are given by the caller, in Unix seconds.
//!
//! To add a backend: 1. a folder here that implements [`MetadataStore`]; 2. a URL scheme in `app`; 3. its line in the contract
//! suite `hub/tests/it/metadata_contract.rs`, which must pass unchanged.

mod directory;
pub mod postgres;
mod records;
pub mod sqlite;

pub use directory::MetadataDirectory;
pub use records::{
    App, ConsumerRecord, Credential, CredentialKind, EnvironmentAdmission, Lease, NewCredential, NewToken,
    Process, ReadToken, Role, SecretHash, Session, User,
};

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;

use super::traffic::ConsumerHash;
use super::{StoreError, TableSize};
use crate::clock::{UnixMillis, UnixSecs};
use crate::queue::AppId;

/// A connected metadata store.
pub type Metadata = Arc<dyn MetadataStore>;

/// Everything a backend does.
#[async_trait]
pub trait MetadataStore:
    Apps + Credentials + Tokens + Users + Sessions + Consumers + Leases + Processes
{
    /// Fails when nothing can be read now.
    async fn check(&self) -> Result<(), StoreError>;
    /// How much room each table takes, where that costs little to know.
    async fn table_sizes(&self) -> Result<Vec<TableSize>, StoreError> {
        Ok(Vec::new())
    }
    /// Writes back what is open and lets go of the store.
    async fn close(&self);
}

/// Apps and their environments.
#[async_trait]
pub trait Apps: Send + Sync {
    /// Creates an app with its first credentials, all or none.
    async fn create_app(&self, app: &App, credentials: &[NewCredential]) -> Result<(), StoreError>;
    async fn app(&self, app_id: AppId) -> Result<Option<App>, StoreError>;
    /// All apps, by name.
    async fn apps(&self) -> Result<Vec<App>, StoreError>;
    /// Creates the environment on first use, unless the app has [`ENVS_PER_APP_MAX`] others.
    ///
    /// [`ENVS_PER_APP_MAX`]: sendry_sdk::protocol::limits::ENVS_PER_APP_MAX
    async fn admit_environment(
        &self,
        app_id: AppId,
        env: &str,
        now: UnixSecs,
    ) -> Result<EnvironmentAdmission, StoreError>;
    /// The environments of an app, by name.
    async fn environments(&self, app_id: AppId) -> Result<Vec<String>, StoreError>;
}

/// The credentials with which apps write.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// False when there is no such app.
    async fn create_credential(&self, credential: &NewCredential) -> Result<bool, StoreError>;
    /// All of an app, revoked ones too, the newest first.
    async fn credentials(&self, app_id: AppId) -> Result<Vec<Credential>, StoreError>;
    /// The one with this hash, revoked or not.
    async fn credential_by_hash(&self, hash: &SecretHash) -> Result<Option<Credential>, StoreError>;
    /// False when the app has no such credential. Revoking again changes nothing.
    async fn revoke_credential(&self, app_id: AppId, id: Uuid, now: UnixSecs) -> Result<bool, StoreError>;
    async fn touch_credential(&self, id: Uuid, now: UnixSecs) -> Result<(), StoreError>;
}

/// The tokens with which programs read.
#[async_trait]
pub trait Tokens: Send + Sync {
    async fn create_token(&self, token: &NewToken) -> Result<(), StoreError>;
    /// All, revoked ones too, the newest first.
    async fn tokens(&self) -> Result<Vec<ReadToken>, StoreError>;
    /// The one with this hash, revoked or not.
    async fn token_by_hash(&self, hash: &SecretHash) -> Result<Option<ReadToken>, StoreError>;
    /// False when there is no such token. Revoking again changes nothing.
    async fn revoke_token(&self, id: Uuid, now: UnixSecs) -> Result<bool, StoreError>;
    async fn touch_token(&self, id: Uuid, now: UnixSecs) -> Result<(), StoreError>;
}

/// People, and how the first of them comes in.
#[async_trait]
pub trait Users: Send + Sync {
    /// False when the address is taken.
    async fn create_user(&self, user: &User) -> Result<bool, StoreError>;
    /// The user of this address, which is in lower case.
    async fn user_by_email(&self, email: &str) -> Result<Option<User>, StoreError>;
    async fn has_users(&self) -> Result<bool, StoreError>;
    /// Makes this the one valid set-up token; earlier ones become void.
    async fn set_setup_token(&self, hash: &SecretHash, expires_at: UnixSecs) -> Result<(), StoreError>;
    /// Creates the first user and voids the token; false when the token is wrong or expired, or there is a user already.
    async fn create_first_user(
        &self,
        user: &User,
        token: &SecretHash,
        now: UnixSecs,
    ) -> Result<bool, StoreError>;
}

/// Who is logged in.
#[async_trait]
pub trait Sessions: Send + Sync {
    async fn create_session(
        &self,
        hash: &SecretHash,
        user_id: Option<Uuid>,
        now: UnixSecs,
    ) -> Result<(), StoreError>;
    /// The session with its user; expired ones too.
    async fn session(&self, hash: &SecretHash) -> Result<Option<Session>, StoreError>;
    async fn touch_session(&self, hash: &SecretHash, now: UnixSecs) -> Result<(), StoreError>;
    async fn delete_session(&self, hash: &SecretHash) -> Result<(), StoreError>;
    /// Deletes the sessions created or last seen before the given times.
    async fn delete_sessions(
        &self,
        created_before: UnixSecs,
        seen_before: UnixSecs,
    ) -> Result<(), StoreError>;
}

/// Who the hashes in the traffic stand for.
#[async_trait]
pub trait Consumers: Send + Sync {
    /// The secret of this name; made up at the first call and the same for ever.
    async fn secret(&self, name: &str) -> Result<[u8; 32], StoreError>;
    /// Adds consumers or brings them up to date; a name or group that is not given stays.
    async fn write_consumers(
        &self,
        app_id: AppId,
        consumers: &[ConsumerRecord],
        now: UnixSecs,
    ) -> Result<(), StoreError>;
    /// Those of the hashes that are known.
    async fn consumers(
        &self,
        app_id: AppId,
        hashes: &[ConsumerHash],
    ) -> Result<Vec<ConsumerRecord>, StoreError>;
    /// Forgets who a hash stands for; false when it was not known.
    async fn forget_consumer(&self, app_id: AppId, hash: &ConsumerHash) -> Result<bool, StoreError>;
}

/// Who does what must be done once: a job's name, a holder, and until when.
///
/// A lease spares work, it guards nothing: times are the callers', and a hub whose clock is ahead takes over early. So what is
/// done under a lease must stay right when two do it.
#[async_trait]
pub trait Leases: Send + Sync {
    /// Takes the lease when nobody has it or its time is over, prolongs it for who has it; false when another has it.
    async fn hold_lease(&self, lease: &Lease, now: UnixMillis) -> Result<bool, StoreError>;
    /// Lets go of it; nothing happens when another has it.
    async fn release_lease(&self, name: &str, holder: Uuid) -> Result<(), StoreError>;
    /// All that were taken and not let go of, by name; those whose time is over too.
    async fn leases(&self) -> Result<Vec<Lease>, StoreError>;
}

/// The hub's own processes, as they tell of themselves.
#[async_trait]
pub trait Processes: Send + Sync {
    /// Adds the process, or says that it is still there and how.
    async fn write_process(&self, process: &Process) -> Result<(), StoreError>;
    /// All, the longest running first; those that have not been seen for long too.
    async fn processes(&self) -> Result<Vec<Process>, StoreError>;
    /// The process ends.
    async fn remove_process(&self, id: Uuid) -> Result<(), StoreError>;
    /// Forgets those that were last seen before this time.
    async fn remove_processes(&self, seen_before: UnixMillis) -> Result<(), StoreError>;
}
