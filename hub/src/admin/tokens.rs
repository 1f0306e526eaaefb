//! API tokens: made, listed and revoked by admins of the scope that they are for.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Rows;
use super::invitations::check_app;
use crate::auth::journal::Change;
use crate::auth::{Auth, Caller, Grant, Role, grants_of, secret};
use crate::clock::UnixSecs;
use crate::http::extract::{JsonBody, PathParams};
use crate::http::problem::Problem;
use crate::query::answer::ChangeErrors;
use crate::query::keys::check_name;
use crate::store::metadata::{Maker, NewToken, Token, User};

const DAYS_MAX: i64 = 3_650;

/// A new token.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// What it is for: 1 to 100 characters.
    pub name: String,
    /// `viewer`, which it is when left out or null, or `editor`. Only people are admins.
    #[serde(default)]
    pub role: Option<Role>,
    /// The app that it is for; left out or null: the whole hub.
    #[serde(default)]
    pub app_id: Option<Uuid>,
    /// Days after which it ends, 1 to 3650; left out or null: never.
    #[serde(default)]
    pub expires_in_days: Option<i64>,
}

/// A created token, which is shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreatedToken {
    pub id: Uuid,
    pub token: String,
    /// Its first characters, by which it can be told apart later.
    pub prefix: String,
    pub expires_at: Option<i64>,
}

/// A token without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenRow {
    pub id: Uuid,
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    pub role: Role,
    /// The app that it is for; null: the whole hub.
    pub app_id: Option<Uuid>,
    /// The e-mail address of who made it; null: somebody on the command line.
    pub created_by: Option<String>,
    /// What may be done with it now: at most what who made it may. Empty: nothing, because who made it is gone, disabled or may
    /// nothing there any more.
    pub effective_grants: Vec<Grant>,
    pub created_at: i64,
    pub expires_at: Option<i64>,
    /// Within a minute; null when it never was.
    pub last_used_at: Option<i64>,
    pub revoked_at: Option<i64>,
}

/// Names a token.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct TokenPath {
    pub token_id: Uuid,
}

/// The tokens for what the caller is an admin of, the newest first.
#[utoipa::path(get, path = "/tokens", tag = "access",
    responses((status = 200, description = "The answer", body = Rows<TokenRow>), ChangeErrors))]
pub async fn tokens(caller: Caller, State(auth): State<Arc<Auth>>) -> Result<Json<Rows<TokenRow>>, Problem> {
    let (all, users) = (auth.metadata.tokens().await?, auth.metadata.users().await?);
    let own = all.into_iter().filter(|token| caller.may(Role::Admin, token.grant.app_id));
    Ok(Json(Rows { data: own.map(|token| row(token, &users)).collect() }))
}

fn row(token: Token, users: &[User]) -> TokenRow {
    let effective_grants = match token.maker_id() {
        Some(maker_id) => grants_of(token.grant, users.iter().find(|user| user.id == maker_id)),
        None => Some(vec![token.grant]),
    };
    TokenRow {
        effective_grants: effective_grants.unwrap_or_default(),
        id: token.id,
        name: token.name,
        prefix: token.prefix,
        role: token.grant.role,
        app_id: token.grant.app_id,
        created_by: token.created_by.map(|maker| maker.email),
        created_at: token.created_at,
        expires_at: token.expires_at,
        last_used_at: token.last_used_at,
        revoked_at: token.revoked_at,
    }
}

/// Creates a token.
#[utoipa::path(post, path = "/tokens", tag = "access", request_body = TokenRequest,
    responses((status = 201, description = "Created", body = CreatedToken), ChangeErrors))]
pub async fn create_token(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    JsonBody(new): JsonBody<TokenRequest>,
) -> Result<(StatusCode, Json<CreatedToken>), Problem> {
    caller.require(Role::Admin, new.app_id)?;
    check_app(&auth, new.app_id).await?;
    let (created, token) = make_token(&new, Some(caller.maker()), auth.now())
        .map_err(|problem| Problem::bad_request("bad_token", problem))?;
    auth.metadata.create_token(&token).await?;
    auth.record(caller.actor(), creation(&token)).await;
    Ok((StatusCode::CREATED, Json(created)))
}

/// Makes a token up, or says what is wrong with the request.
pub fn make_token(
    new: &TokenRequest,
    created_by: Option<Maker>,
    now: UnixSecs,
) -> Result<(CreatedToken, NewToken), String> {
    let name = check_name(&new.name)?.to_owned();
    let role = new.role.unwrap_or(Role::Viewer);
    if role == Role::Admin {
        return Err("A token is a viewer or an editor; only people are admins.".to_owned());
    }
    if new.expires_in_days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
        return Err(format!("A token ends after 1 to {DAYS_MAX} days, or never."));
    }
    let token = secret::generate(secret::TOKEN_PREFIX);
    let stored = NewToken {
        id: Uuid::now_v7(),
        name,
        hash: secret::hash(&token),
        prefix: secret::shown(&token),
        grant: Grant { role, app_id: new.app_id },
        created_by,
        created_at: now,
        expires_at: new.expires_in_days.map(|days| now + days * 86_400),
    };
    let prefix = stored.prefix.clone();
    Ok((CreatedToken { id: stored.id, token, prefix, expires_at: stored.expires_at }, stored))
}

/// What the audit log says of a new token.
pub fn creation(token: &NewToken) -> Change {
    Change::new("token.create")
        .target(token.id, &token.name)
        .app(token.grant.app_id)
        .detail("role", token.grant.role.as_str())
        .detail("expires_at", token.expires_at)
}

/// Revokes a token: within seconds nothing is answered with it any more.
#[utoipa::path(delete, path = "/tokens/{token_id}", tag = "access", params(TokenPath),
    responses((status = 204, description = "Done"), ChangeErrors))]
pub async fn revoke_token(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    PathParams(TokenPath { token_id }): PathParams<TokenPath>,
) -> Result<StatusCode, Problem> {
    let all = auth.metadata.tokens().await?;
    let found = all.into_iter().find(|token| token.id == token_id);
    let Some(token) = found.filter(|token| caller.may(Role::Admin, token.grant.app_id)) else {
        return Err(Problem::not_found(format!("There is no token {token_id}.")));
    };
    auth.metadata.revoke_token(token_id, auth.now()).await?;
    let change = Change::new("token.revoke").target(token_id, &token.name).app(token.grant.app_id);
    auth.record(caller.actor(), change).await;
    Ok(StatusCode::NO_CONTENT)
}
