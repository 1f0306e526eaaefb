//! People, as an admin of the whole hub sees and changes them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Rows;
use super::account::{SessionRow, row};
use super::links::{Link, RESET_PAGE};
use crate::auth::journal::Change;
use crate::auth::{Auth, Caller, Grant, secret};
use crate::http::extract::{JsonBody, PathParams};
use crate::http::problem::Problem;
use crate::query::answer::ChangeErrors;
use crate::store::metadata::{AccountChange, NewPasswordReset, User};

/// How long a link to reset a password works.
const RESET_SECS: i64 = 24 * 3_600;

/// Grants of one user: more than a hub has apps.
const GRANTS_MAX: usize = 200;

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserRow {
    pub id: Uuid,
    pub email: String,
    /// At most one a scope, the whole hub's first. Empty: may log in and sees nothing.
    pub grants: Vec<Grant>,
    /// False for who comes from an identity provider alone.
    pub has_password: bool,
    pub created_at: i64,
    pub last_log_in_at: Option<i64>,
    /// Since when nobody logs in as this user; null: not disabled.
    pub disabled_at: Option<i64>,
}

/// What becomes of a user; what is left out or null stays.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UserChange {
    /// All roles that are held from now on, at most one a scope.
    pub grants: Option<Vec<Grant>>,
    /// True keeps the user out and ends all sessions.
    pub disabled: Option<bool>,
}

/// Names a user.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct UserPath {
    pub user_id: Uuid,
}

/// Names a session of a user.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct UserSessionPath {
    pub user_id: Uuid,
    pub session_id: Uuid,
}

/// All users, by address.
#[utoipa::path(get, path = "/users", tag = "access",
    responses((status = 200, description = "The answer", body = Rows<UserRow>), ChangeErrors))]
pub async fn users(State(auth): State<Arc<Auth>>) -> Result<Json<Rows<UserRow>>, Problem> {
    let users = auth.metadata.users().await?;
    Ok(Json(Rows { data: users.into_iter().map(user_row).collect() }))
}

fn user_row(user: User) -> UserRow {
    UserRow {
        id: user.id,
        email: user.email,
        grants: user.grants,
        has_password: user.password_hash.is_some(),
        created_at: user.created_at,
        last_log_in_at: user.last_log_in_at,
        disabled_at: user.disabled_at,
    }
}

/// Changes what a user may do, or keeps the user out. The last admin of the whole hub stays one.
#[utoipa::path(patch, path = "/users/{user_id}", tag = "access", params(UserPath), request_body = UserChange,
    responses((status = 200, description = "The answer", body = UserRow), ChangeErrors,
        (status = 409, description = "The last admin", body = Problem, content_type = "application/problem+json")))]
pub async fn change_user(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    PathParams(UserPath { user_id }): PathParams<UserPath>,
    JsonBody(change): JsonBody<UserChange>,
) -> Result<Json<UserRow>, Problem> {
    let user = find(&auth, user_id).await?;
    if let Some(grants) = change.grants.filter(|grants| *grants != user.grants) {
        check_grants(&auth, &grants).await?;
        done(auth.metadata.set_grants(user_id, &grants).await?, user_id)?;
        let change = Change::new("user.change_roles").target(user_id, &user.email);
        let change = change.detail("before", show(&user.grants)).detail("after", show(&grants));
        auth.record(caller.actor(), change).await;
    }
    if let Some(disabled) = change.disabled.filter(|disabled| *disabled != user.disabled_at.is_some()) {
        let disabled_at = disabled.then(|| auth.now());
        done(auth.metadata.set_disabled(user_id, disabled_at).await?, user_id)?;
        let action = if disabled { "user.disable" } else { "user.enable" };
        auth.record(caller.actor(), Change::new(action).target(user_id, &user.email)).await;
    }
    let changed = find(&auth, user_id).await?;
    Ok(Json(user_row(changed)))
}

/// Refuses two roles on one scope, and apps that there are not.
async fn check_grants(auth: &Auth, grants: &[Grant]) -> Result<(), Problem> {
    let mut scopes: Vec<_> = grants.iter().map(|grant| grant.app_id).collect();
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.len() != grants.len() || grants.len() > GRANTS_MAX {
        let detail = format!("Give at most one role for each scope, and at most {GRANTS_MAX}.");
        return Err(Problem::bad_request("bad_grants", detail));
    }
    for app_id in scopes.into_iter().flatten() {
        if auth.metadata.app(app_id).await?.is_none() {
            return Err(Problem::bad_request("bad_grants", format!("There is no app {app_id}.")));
        }
    }
    Ok(())
}

fn show(grants: &[Grant]) -> serde_json::Value {
    serde_json::json!(grants)
}

/// Deletes a user. The last admin of the whole hub stays.
#[utoipa::path(delete, path = "/users/{user_id}", tag = "access", params(UserPath),
    responses((status = 204, description = "Done"), ChangeErrors,
        (status = 409, description = "The last admin", body = Problem, content_type = "application/problem+json")))]
pub async fn delete_user(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    PathParams(UserPath { user_id }): PathParams<UserPath>,
) -> Result<StatusCode, Problem> {
    let user = find(&auth, user_id).await?;
    done(auth.metadata.delete_user(user_id).await?, user_id)?;
    auth.record(caller.actor(), Change::new("user.delete").target(user_id, &user.email)).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a link with which the user sets a new password, once, within a day. An earlier one is void.
#[utoipa::path(post, path = "/users/{user_id}/password-reset", tag = "access", params(UserPath),
    responses((status = 201, description = "Created", body = Link), ChangeErrors))]
pub async fn reset_password(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    PathParams(UserPath { user_id }): PathParams<UserPath>,
) -> Result<(StatusCode, Json<Link>), Problem> {
    let user = find(&auth, user_id).await?;
    let token = secret::generate(secret::RESET_PREFIX);
    let expires_at = auth.now() + RESET_SECS;
    let maker_id = caller.maker().user_id;
    let reset = NewPasswordReset { user_id, hash: secret::hash(&token), maker_id, expires_at };
    auth.metadata.set_password_reset(&reset).await?;
    auth.record(caller.actor(), Change::new("user.reset_password").target(user_id, &user.email)).await;
    Ok((StatusCode::CREATED, Json(Link::new(user_id, RESET_PAGE, token, expires_at))))
}

/// The sessions of a user, the last used first.
#[utoipa::path(get, path = "/users/{user_id}/sessions", tag = "access", params(UserPath),
    responses((status = 200, description = "The answer", body = Rows<SessionRow>), ChangeErrors))]
pub async fn sessions_of_user(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    PathParams(UserPath { user_id }): PathParams<UserPath>,
) -> Result<Json<Rows<SessionRow>>, Problem> {
    find(&auth, user_id).await?;
    let current = caller.person().ok().map(|(_, session_id, _)| session_id);
    let sessions = auth.metadata.sessions_of(user_id).await?;
    Ok(Json(Rows { data: sessions.into_iter().map(|session| row(session, current)).collect() }))
}

/// Ends all sessions of a user.
#[utoipa::path(delete, path = "/users/{user_id}/sessions", tag = "access", params(UserPath),
    responses((status = 204, description = "Done"), ChangeErrors))]
pub async fn end_sessions(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    PathParams(UserPath { user_id }): PathParams<UserPath>,
) -> Result<StatusCode, Problem> {
    let user = find(&auth, user_id).await?;
    auth.metadata.end_sessions_of(user_id, None).await?;
    auth.record(caller.actor(), Change::new("user.end_sessions").target(user_id, &user.email)).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one session of a user.
#[utoipa::path(delete, path = "/users/{user_id}/sessions/{session_id}", tag = "access", params(UserSessionPath),
    responses((status = 204, description = "Done"), ChangeErrors))]
pub async fn end_session(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    PathParams(UserSessionPath { user_id, session_id }): PathParams<UserSessionPath>,
) -> Result<StatusCode, Problem> {
    let user = find(&auth, user_id).await?;
    if !auth.metadata.end_session(user_id, session_id).await? {
        return Err(Problem::not_found("The user has no such session; it may have ended."));
    }
    auth.record(caller.actor(), Change::new("user.end_session").target(user_id, &user.email)).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(auth: &Auth, user_id: Uuid) -> Result<User, Problem> {
    auth.metadata.user(user_id).await?.ok_or_else(|| no_user(user_id))
}

fn no_user(user_id: Uuid) -> Problem {
    Problem::not_found(format!("There is no user {user_id}."))
}

fn done(change: AccountChange, user_id: Uuid) -> Result<(), Problem> {
    match change {
        AccountChange::Done => Ok(()),
        AccountChange::Unknown => Err(no_user(user_id)),
        AccountChange::LastAdmin => Err(Problem::new(
            StatusCode::CONFLICT,
            "last_admin",
            "This is the last admin of the whole hub. Make somebody else one first.",
        )),
    }
}
