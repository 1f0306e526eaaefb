//! One's own account: the password and the sessions.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Rows;
use crate::auth::journal::Change;
use crate::auth::{Auth, Caller, Guess, password};
use crate::http::extract::{JsonBody, PathParams};
use crate::http::problem::Problem;
use crate::query::answer::ChangeErrors;
use crate::store::metadata::SessionRecord;

/// A new password for oneself.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    pub current_password: String,
    /// 10 to 200 characters.
    pub new_password: String,
}

/// A session as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionRow {
    pub id: Uuid,
    /// Whether it is the one that asks.
    pub current: bool,
    /// Where it was opened from.
    pub address: Option<String>,
    /// What the browser called itself.
    pub user_agent: Option<String>,
    pub created_at: i64,
    /// Within a minute.
    pub last_seen_at: i64,
}

/// Names one of one's own sessions.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct OwnSessionPath {
    pub session_id: Uuid,
}

/// Changes one's own password. All other sessions end.
#[utoipa::path(put, path = "/account/password", tag = "account", request_body = PasswordChange,
    responses((status = 204, description = "Done"), ChangeErrors,
        (status = 429, description = "Too many attempts", body = Problem, content_type = "application/problem+json")))]
pub async fn change_password(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    JsonBody(change): JsonBody<PasswordChange>,
) -> Result<StatusCode, Problem> {
    let (id, session_id, email) = caller.person()?;
    let key = id.to_string();
    auth.check_throttle(Guess::at(&key))?;
    auth.throttle.record_failure(Guess::at(&key), auth.now());
    let stored = auth.metadata.user(id).await?.and_then(|user| user.password_hash);
    let is_short = change.current_password.len() <= 4 * password::CHARS_MAX;
    if !is_short || !auth.passwords.verify(change.current_password, stored).await {
        return Err(Problem::bad_request("wrong_password", "The current password is not right."));
    }
    auth.throttle.forgive(&key);
    let hash = auth.hash_password(change.new_password).await?;
    auth.metadata.set_password(id, &hash).await?;
    auth.metadata.end_sessions_of(id, Some(session_id)).await?;
    auth.record(caller.actor(), Change::new("account.change_password").target(id, email)).await;
    Ok(StatusCode::NO_CONTENT)
}

/// One's own sessions, the last used first.
#[utoipa::path(get, path = "/account/sessions", tag = "account",
    responses((status = 200, description = "The answer", body = Rows<SessionRow>), ChangeErrors))]
pub async fn own_sessions(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
) -> Result<Json<Rows<SessionRow>>, Problem> {
    let (id, session_id, _) = caller.person()?;
    let sessions = auth.metadata.sessions_of(id).await?;
    Ok(Json(Rows { data: sessions.into_iter().map(|session| row(session, Some(session_id))).collect() }))
}

/// Ends all of one's own sessions but the one that asks.
#[utoipa::path(delete, path = "/account/sessions", tag = "account",
    responses((status = 204, description = "Done"), ChangeErrors))]
pub async fn end_other_sessions(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
) -> Result<StatusCode, Problem> {
    let (id, session_id, email) = caller.person()?;
    auth.metadata.end_sessions_of(id, Some(session_id)).await?;
    auth.record(caller.actor(), Change::new("account.end_sessions").target(id, email)).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one of one's own sessions.
#[utoipa::path(delete, path = "/account/sessions/{session_id}", tag = "account", params(OwnSessionPath),
    responses((status = 204, description = "Done"), ChangeErrors))]
pub async fn end_own_session(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    PathParams(OwnSessionPath { session_id }): PathParams<OwnSessionPath>,
) -> Result<StatusCode, Problem> {
    let (id, _, email) = caller.person()?;
    if !auth.metadata.end_session(id, session_id).await? {
        return Err(Problem::not_found("You have no such session; it may have ended."));
    }
    auth.record(caller.actor(), Change::new("account.end_session").target(id, email)).await;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn row(session: SessionRecord, current: Option<Uuid>) -> SessionRow {
    SessionRow {
        id: session.id,
        current: current == Some(session.id),
        address: session.address,
        user_agent: session.user_agent,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
    }
}
