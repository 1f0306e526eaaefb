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

mod audit;
mod directory;
mod people;
pub mod postgres;
mod preferences;
mod records;
pub mod sqlite;

pub use audit::{Actor, ActorKind, AuditEntry, AuditFilter, NewAuditEntry};
pub use directory::MetadataDirectory;
pub use people::{
    Acceptance, AccountChange, Grant, Identity, Invitation, NewPasswordReset, NewSession, Role, Session,
    SessionRecord, User,
};
pub use preferences::{ApdexThreshold, ExpectedError, SavedView};
pub use records::{
    App, ConsumerRecord, Credential, CredentialKind, DeletedApp, Environment, EnvironmentAdmission, Lease,
    Maker, NewCredential, NewToken, Process, SecretHash, Token,
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
    Apps
    + DeletedApps
    + Credentials
    + Tokens
    + Users
    + Accounts
    + Invitations
    + Identities
    + Sessions
    + AuditLog
    + Preferences
    + SavedViews
    + Consumers
    + Leases
    + Notes
    + Processes
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
    async fn environments(&self, app_id: AppId) -> Result<Vec<Environment>, StoreError>;
    /// Makes room for another; false when the app has no such environment.
    async fn delete_environment(&self, app_id: AppId, env: &str) -> Result<bool, StoreError>;
    /// False when there is no such app.
    async fn rename_app(&self, app_id: AppId, name: &str) -> Result<bool, StoreError>;
    /// Deletes the app and everything that belongs to it here, its credentials, tokens and consumers among it, and notes that
    /// it was deleted; false when there is no such app.
    async fn delete_app(&self, app_id: AppId, now: UnixSecs) -> Result<bool, StoreError>;
}

/// Apps that were deleted, until nothing of them is stored anywhere.
#[async_trait]
pub trait DeletedApps: Send + Sync {
    /// All, the one that was deleted first first.
    async fn deleted_apps(&self) -> Result<Vec<DeletedApp>, StoreError>;
    /// Forgets that there ever was the app, with what messages that were under way left of it here.
    async fn forget_deleted_app(&self, app_id: AppId) -> Result<(), StoreError>;
}

/// Numbers that hubs leave each other and themselves.
#[async_trait]
pub trait Notes: Send + Sync {
    /// Replaces what stands under the name.
    async fn write_note(&self, name: &str, value: i64) -> Result<(), StoreError>;
    async fn note(&self, name: &str) -> Result<Option<i64>, StoreError>;
    async fn delete_note(&self, name: &str) -> Result<(), StoreError>;
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

/// The tokens of programs that use the query API.
#[async_trait]
pub trait Tokens: Send + Sync {
    async fn create_token(&self, token: &NewToken) -> Result<(), StoreError>;
    /// All, revoked ones too, the newest first.
    async fn tokens(&self) -> Result<Vec<Token>, StoreError>;
    /// The one with this hash, revoked or not.
    async fn token_by_hash(&self, hash: &SecretHash) -> Result<Option<Token>, StoreError>;
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

/// What becomes of people.
#[async_trait]
pub trait Accounts: Send + Sync {
    async fn user(&self, id: Uuid) -> Result<Option<User>, StoreError>;
    /// All, by address.
    async fn users(&self) -> Result<Vec<User>, StoreError>;
    /// Replaces what the user may do. Never takes the last enabled admin of the whole hub away.
    async fn set_grants(&self, id: Uuid, grants: &[Grant]) -> Result<AccountChange, StoreError>;
    /// Keeps the user out since `disabled_at`, ending all sessions, or lets the user in again. Never disables the last admin.
    async fn set_disabled(
        &self,
        id: Uuid,
        disabled_at: Option<UnixSecs>,
    ) -> Result<AccountChange, StoreError>;
    /// Sets the password's hash and voids a link to reset it; false when there is no such user.
    async fn set_password(&self, id: Uuid, password_hash: &str) -> Result<bool, StoreError>;
    /// Deletes the user with everything that is the user's own. Never the last admin.
    async fn delete_user(&self, id: Uuid) -> Result<AccountChange, StoreError>;
    async fn touch_log_in(&self, id: Uuid, now: UnixSecs) -> Result<(), StoreError>;
}

/// Links that let people in.
#[async_trait]
pub trait Invitations: Send + Sync {
    async fn create_invitation(&self, invitation: &Invitation, hash: &SecretHash) -> Result<(), StoreError>;
    /// All, used and revoked ones too, the newest first.
    async fn invitations(&self) -> Result<Vec<Invitation>, StoreError>;
    /// The one with this hash, open or not.
    async fn invitation_by_hash(&self, hash: &SecretHash) -> Result<Option<Invitation>, StoreError>;
    /// Creates the user and uses the invitation up, or neither. It is checked again that its maker may still give the grant.
    async fn accept_invitation(
        &self,
        hash: &SecretHash,
        user: &User,
        now: UnixSecs,
    ) -> Result<Acceptance, StoreError>;
    /// False when there is none that is neither used nor revoked.
    async fn revoke_invitation(&self, id: Uuid, now: UnixSecs) -> Result<bool, StoreError>;
    /// Makes this the user's one link to reset the password; an earlier one becomes void.
    async fn set_password_reset(&self, reset: &NewPasswordReset) -> Result<(), StoreError>;
    /// Sets the password, uses the link up and ends all sessions; none when the link is unknown or expired, its user is
    /// disabled, or its maker is no admin of the whole hub any more.
    async fn use_password_reset(
        &self,
        hash: &SecretHash,
        password_hash: &str,
        now: UnixSecs,
    ) -> Result<Option<User>, StoreError>;
}

/// Who people are at identity providers.
#[async_trait]
pub trait Identities: Send + Sync {
    async fn user_by_identity(&self, identity: &Identity) -> Result<Option<User>, StoreError>;
    /// Remembers that this is the user; the user must exist. Linking again changes nothing.
    async fn link_identity(
        &self,
        identity: &Identity,
        user_id: Uuid,
        now: UnixSecs,
    ) -> Result<(), StoreError>;
}

/// Who is logged in.
#[async_trait]
pub trait Sessions: Send + Sync {
    async fn create_session(&self, session: &NewSession) -> Result<(), StoreError>;
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
    /// The sessions of a user, the last seen first.
    async fn sessions_of(&self, user_id: Uuid) -> Result<Vec<SessionRecord>, StoreError>;
    /// Ends one session of a user; false when the user has no such session.
    async fn end_session(&self, user_id: Uuid, id: Uuid) -> Result<bool, StoreError>;
    /// Ends all sessions of a user but the given one.
    async fn end_sessions_of(&self, user_id: Uuid, except: Option<Uuid>) -> Result<(), StoreError>;
}

/// What was done, and by whom.
#[async_trait]
pub trait AuditLog: Send + Sync {
    async fn write_audit(&self, entry: &NewAuditEntry) -> Result<(), StoreError>;
    /// The newest first.
    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditEntry>, StoreError>;
    /// Deletes what was done before then.
    async fn delete_audit(&self, before: UnixSecs) -> Result<(), StoreError>;
}

/// How the figures of an app are judged.
#[async_trait]
pub trait Preferences: Send + Sync {
    /// Those that were set, by path and method; the app's own first.
    async fn apdex_thresholds(&self, app_id: AppId) -> Result<Vec<ApdexThreshold>, StoreError>;
    /// Replaces all of the app. The app must exist.
    async fn set_apdex_thresholds(
        &self,
        app_id: AppId,
        thresholds: &[ApdexThreshold],
    ) -> Result<(), StoreError>;
    /// Those of the app, by path, method and status.
    async fn expected_errors(&self, app_id: AppId) -> Result<Vec<ExpectedError>, StoreError>;
    /// False when it was expected already. The app must exist.
    async fn expect_error(&self, error: &ExpectedError) -> Result<bool, StoreError>;
    /// False when the app has no such entry.
    async fn unexpect_error(&self, app_id: AppId, id: Uuid) -> Result<bool, StoreError>;
}

/// Pages that people keep.
#[async_trait]
pub trait SavedViews: Send + Sync {
    async fn create_view(&self, view: &SavedView) -> Result<(), StoreError>;
    /// The owner's and all that are shared, by name.
    async fn views(&self, owner_id: Option<Uuid>) -> Result<Vec<SavedView>, StoreError>;
    /// False when there is no such view.
    async fn change_view(&self, id: Uuid, name: &str, shared: bool) -> Result<bool, StoreError>;
    /// False when there is no such view.
    async fn delete_view(&self, id: Uuid) -> Result<bool, StoreError>;
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
    /// Forgets at most `limit` consumers that were last written before then; how many there were.
    async fn expire_consumers(&self, before: UnixSecs, limit: u32) -> Result<u64, StoreError>;
    /// Forgets who a hash stands for; false when it was not known.
    async fn forget_consumer(&self, app_id: AppId, hash: &ConsumerHash) -> Result<bool, StoreError>;
}

/// Who does what must be done once: a job's name, a holder, and until when.
///
/// A lease spares work, it guards nothing: times are the callers', and a hub whose clock is ahead takes over early. So what is
/// done under a lease must stay right when two do it.
#[async_trait]
pub trait Leases: Send + Sync {
    /// Takes the lease when nobody has it or its time is over, prolongs it for who has it; false when another has it. One that
    /// ends later by more than a day was taken by somebody whose clock was far ahead, and is over too.
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
