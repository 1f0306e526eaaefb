//! Apps and their credentials: made, listed and revoked by editors.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::answer::{AppPath, ChangeErrors, ReadErrors};
use super::state::Query;
use crate::auth::journal::Change;
use crate::auth::{Auth, Caller, secret};
use crate::clock::UnixSecs;
use crate::http::extract::{JsonBody, PathParams};
use crate::http::problem::Problem;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::metadata::{App, Credential, CredentialKind, Metadata};

/// Characters of an app's name.
const NAME_CHARS_MAX: usize = 100;

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
    pub kind: CredentialKind,
    /// Its first characters.
    pub prefix: String,
    pub created_at: i64,
    /// Within a minute; null when it never was.
    pub last_used_at: Option<i64>,
    pub revoked_at: Option<i64>,
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
pub async fn create_app(
    caller: Caller,
    State(query): State<Arc<Query>>,
    State(auth): State<Arc<Auth>>,
    JsonBody(new): JsonBody<NewApp>,
) -> Result<(StatusCode, Json<CreatedApp>), Problem> {
    let name = check_name(&new.name).map_err(|problem| Problem::bad_request("bad_name", problem))?;
    let created = make_app(&query.metadata, name, query.clock.now()).await?;
    let app_id = created.app_id;
    auth.record(caller.actor(), Change::new("app.create").target(app_id, name).app(Some(app_id))).await;
    Ok((StatusCode::CREATED, Json(created)))
}

/// Returns the name without spaces around it, or what is wrong with it.
pub fn check_name(name: &str) -> Result<&str, String> {
    let name = name.trim();
    let fits = (1..=NAME_CHARS_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name) } else { Err(format!("A name has 1 to {NAME_CHARS_MAX} characters.")) }
}

/// Creates an app with its first credentials.
pub async fn make_app(metadata: &Metadata, name: &str, now: UnixSecs) -> Result<CreatedApp, StoreError> {
    let app = App { app_id: Uuid::new_v4(), name: name.to_owned(), created_at: now };
    let (client_id, write_key) = (Uuid::new_v4(), secret::generate(secret::WRITE_KEY_PREFIX));
    let credentials = [
        secret::credential(app.app_id, CredentialKind::ClientId, &client_id.to_string(), now),
        secret::credential(app.app_id, CredentialKind::WriteKey, &write_key, now),
    ];
    metadata.create_app(&app, &credentials).await?;
    Ok(CreatedApp { app_id: app.app_id, client_id, write_key })
}

/// The credentials of an app, the newest first.
#[utoipa::path(
    get, path = "/apps/{app_id}/keys", tag = "apps", params(AppPath),
    responses((status = 200, description = "The answer", body = Keys), ReadErrors)
)]
pub async fn keys(
    State(query): State<Arc<Query>>,
    PathParams(AppPath { app_id }): PathParams<AppPath>,
) -> Result<Json<Keys>, Problem> {
    query.check_app(app_id).await?;
    let credentials = query.metadata.credentials(app_id).await?;
    Ok(Json(Keys { data: credentials.into_iter().map(key).collect() }))
}

fn key(credential: Credential) -> Key {
    Key {
        id: credential.id,
        kind: credential.kind,
        prefix: credential.prefix,
        created_at: credential.created_at,
        last_used_at: credential.last_used_at,
        revoked_at: credential.revoked_at,
    }
}

/// Creates a further write key for an app.
#[utoipa::path(
    post, path = "/apps/{app_id}/keys", tag = "apps", params(AppPath),
    responses((status = 201, description = "Created", body = CreatedKey), ChangeErrors)
)]
pub async fn create_key(
    caller: Caller,
    State(query): State<Arc<Query>>,
    State(auth): State<Arc<Auth>>,
    PathParams(AppPath { app_id }): PathParams<AppPath>,
) -> Result<(StatusCode, Json<CreatedKey>), Problem> {
    let write_key = secret::generate(secret::WRITE_KEY_PREFIX);
    let credential = secret::credential(app_id, CredentialKind::WriteKey, &write_key, query.clock.now());
    if !query.metadata.create_credential(&credential).await? {
        return Err(no_app(app_id));
    }
    let change = Change::new("key.create").target(credential.id, &credential.prefix).app(Some(app_id));
    auth.record(caller.actor(), change).await;
    Ok((StatusCode::CREATED, Json(CreatedKey { id: credential.id, write_key, prefix: credential.prefix })))
}

fn no_app(app_id: AppId) -> Problem {
    Problem::not_found(format!("There is no app {app_id}."))
}

/// Revokes a credential: within seconds nothing is accepted with it any more.
#[utoipa::path(
    delete, path = "/apps/{app_id}/keys/{key_id}", tag = "apps", params(KeyPath),
    responses((status = 204, description = "Done"), ChangeErrors)
)]
pub async fn revoke_key(
    caller: Caller,
    State(query): State<Arc<Query>>,
    State(auth): State<Arc<Auth>>,
    PathParams(KeyPath { app_id, key_id }): PathParams<KeyPath>,
) -> Result<StatusCode, Problem> {
    if !query.metadata.revoke_credential(app_id, key_id, query.clock.now()).await? {
        return Err(Problem::not_found(format!("The app {app_id} has no key {key_id}.")));
    }
    auth.record(caller.actor(), Change::new("key.revoke").target(key_id, "").app(Some(app_id))).await;
    tracing::info!(app.id = %app_id, key.id = %key_id, "A key was revoked.");
    Ok(StatusCode::NO_CONTENT)
}
