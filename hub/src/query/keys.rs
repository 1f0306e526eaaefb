//! Apps and their credentials: made, listed and revoked by editors and admins.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::answer::{AppPath, ChangeErrors, ReadErrors};

/// A new app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApp {
    /// 1 to 100 characters.
    pub name: String,
}

/// A created app with its secrets, which are shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreatedApp {
    pub app_id: Uuid,
    /// A write secret for clients of other protocols; inert until it is switched on.
    pub client_id: Uuid,
    pub write_key: String,
}

/// A created write key, which is shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreatedKey {
    pub id: Uuid,
    pub write_key: String,
    /// Its first characters, by which it can be told apart later.
    pub prefix: String,
}

/// A credential without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Key {
    pub id: Uuid,
    pub kind: KeyKind,
    /// Its first characters.
    pub prefix: String,
    pub created_at: i64,
    /// Within a minute; null when it never was.
    pub last_used_at: Option<i64>,
    pub revoked_at: Option<i64>,
}

/// What a credential is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    WriteKey,
    ClientId,
}

/// The credentials of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Keys {
    pub data: Vec<Key>,
}

/// Names a credential of an app.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct KeyPath {
    /// The public id of the app.
    pub app_id: Uuid,
    /// The id of the credential.
    pub key_id: Uuid,
}

/// Creates an app.
#[utoipa::path(
    post, path = "/apps", tag = "apps", request_body = NewApp,
    responses((status = 201, description = "Created", body = CreatedApp), ChangeErrors)
)]
pub async fn create_app() {}

/// The credentials of an app, the newest first.
#[utoipa::path(
    get, path = "/apps/{app_id}/keys", tag = "apps", params(AppPath),
    responses((status = 200, description = "The answer", body = Keys), ReadErrors)
)]
pub async fn keys() {}

/// Creates a further write key for an app.
#[utoipa::path(
    post, path = "/apps/{app_id}/keys", tag = "apps", params(AppPath),
    responses((status = 201, description = "Created", body = CreatedKey), ChangeErrors)
)]
pub async fn create_key() {}

/// Revokes a credential: within seconds nothing is accepted with it any more.
#[utoipa::path(
    delete, path = "/apps/{app_id}/keys/{key_id}", tag = "apps", params(KeyPath),
    responses((status = 204, description = "Done"), ChangeErrors)
)]
pub async fn revoke_key() {}
