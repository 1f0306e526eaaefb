//! Invitations: made, listed and revoked by admins of the scope that they are for.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Rows;
use super::links::{INVITATION_PAGE, Link};
use crate::auth::journal::Change;
use crate::auth::{Auth, Caller, Grant, Role, is_email, normalize_email, secret};
use crate::http::extract::{JsonBody, PathParams};
use crate::http::problem::Problem;
use crate::query::answer::ChangeErrors;
use crate::store::metadata::Invitation;

/// How long an invitation works when nobody says otherwise.
const HOURS_DEFAULT: i64 = 7 * 24;
const HOURS_MAX: i64 = 30 * 24;

/// Whom to invite.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    pub email: String,
    pub role: Role,
    /// The app on which the role is held; left out or null: on the whole hub.
    #[serde(default)]
    pub app_id: Option<Uuid>,
    /// Hours for which the link works, 1 to 720. 168 when left out or null.
    #[serde(default)]
    pub expires_in_hours: Option<i64>,
}

/// How an invitation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum InvitationState {
    Open,
    Accepted,
    /// Or whoever made it may not give its role any more.
    Revoked,
    Expired,
}

/// An invitation without its link, which was shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitationRow {
    pub id: Uuid,
    pub email: String,
    pub role: Role,
    pub app_id: Option<Uuid>,
    pub state: InvitationState,
    /// The e-mail address of who made it.
    pub created_by: String,
    pub created_at: i64,
    pub expires_at: i64,
    pub accepted_at: Option<i64>,
    pub revoked_at: Option<i64>,
}

/// Names an invitation.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct InvitationPath {
    pub invitation_id: Uuid,
}

/// The invitations to what the caller is an admin of, the newest first.
#[utoipa::path(get, path = "/invitations", tag = "access",
    responses((status = 200, description = "The answer", body = Rows<InvitationRow>), ChangeErrors))]
pub async fn invitations(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
) -> Result<Json<Rows<InvitationRow>>, Problem> {
    let all = auth.metadata.invitations().await?;
    let own = all.into_iter().filter(|one| caller.may(Role::Admin, one.grant.app_id));
    Ok(Json(Rows { data: own.map(|one| row(one, auth.now())).collect() }))
}

fn row(invitation: Invitation, now: i64) -> InvitationRow {
    let state = match (invitation.accepted_at, invitation.revoked_at) {
        (Some(_), _) => InvitationState::Accepted,
        (None, Some(_)) => InvitationState::Revoked,
        (None, None) if !invitation.maker_may => InvitationState::Revoked,
        (None, None) if invitation.is_open(now) => InvitationState::Open,
        (None, None) => InvitationState::Expired,
    };
    InvitationRow {
        id: invitation.id,
        email: invitation.email,
        role: invitation.grant.role,
        app_id: invitation.grant.app_id,
        state,
        created_by: invitation.created_by.email,
        created_at: invitation.created_at,
        expires_at: invitation.expires_at,
        accepted_at: invitation.accepted_at,
        revoked_at: invitation.revoked_at,
    }
}

/// Invites somebody: makes a link that works once. The hub sends no mail; hand the link over yourself.
#[utoipa::path(post, path = "/invitations", tag = "access", request_body = NewInvitation,
    responses((status = 201, description = "Created", body = Link), ChangeErrors,
        (status = 409, description = "The address is taken", body = Problem, content_type = "application/problem+json")))]
pub async fn invite(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    JsonBody(new): JsonBody<NewInvitation>,
) -> Result<(StatusCode, Json<Link>), Problem> {
    caller.require(Role::Admin, new.app_id)?;
    let email = normalize_email(&new.email);
    if !is_email(&email) {
        return Err(Problem::bad_request("bad_email", "That is not an e-mail address."));
    }
    let hours = new.expires_in_hours.unwrap_or(HOURS_DEFAULT);
    if !(1..=HOURS_MAX).contains(&hours) {
        return Err(Problem::bad_request(
            "bad_expiry",
            "`expires_in_hours` is a whole number from 1 to 720.",
        ));
    }
    check_app(&auth, new.app_id).await?;
    if auth.metadata.user_by_email(&email).await?.is_some() {
        let detail =
            "There is a user of this address already. An admin of the whole hub can change what they may do.";
        return Err(Problem::new(StatusCode::CONFLICT, "email_taken", detail));
    }
    let (token, now) = (secret::generate(secret::INVITATION_PREFIX), auth.now());
    let invitation = Invitation {
        id: Uuid::now_v7(),
        email,
        grant: Grant { role: new.role, app_id: new.app_id },
        created_by: caller.maker(),
        maker_may: true,
        created_at: now,
        expires_at: now + hours * 3_600,
        accepted_at: None,
        revoked_at: None,
    };
    auth.metadata.create_invitation(&invitation, &secret::hash(&token)).await?;
    let change = Change::new("invitation.create").target(invitation.id, &invitation.email).app(new.app_id);
    auth.record(caller.actor(), change.detail("role", new.role.as_str())).await;
    let link = Link::new(invitation.id, INVITATION_PAGE, token, invitation.expires_at);
    Ok((StatusCode::CREATED, Json(link)))
}

/// Refuses an app that there is not.
pub(super) async fn check_app(auth: &Auth, app_id: Option<Uuid>) -> Result<(), Problem> {
    let Some(app_id) = app_id else { return Ok(()) };
    match auth.metadata.app(app_id).await? {
        Some(_) => Ok(()),
        None => Err(Problem::not_found(format!("There is no app {app_id}."))),
    }
}

/// Revokes an invitation that was not accepted: its link works no more.
#[utoipa::path(delete, path = "/invitations/{invitation_id}", tag = "access", params(InvitationPath),
    responses((status = 204, description = "Done"), ChangeErrors))]
pub async fn revoke_invitation(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    PathParams(InvitationPath { invitation_id }): PathParams<InvitationPath>,
) -> Result<StatusCode, Problem> {
    let all = auth.metadata.invitations().await?;
    let found = all.into_iter().find(|one| one.id == invitation_id);
    let found = found.filter(|one| caller.may(Role::Admin, one.grant.app_id));
    let is_revoked = match &found {
        Some(_) => auth.metadata.revoke_invitation(invitation_id, auth.now()).await?,
        None => false,
    };
    let Some(found) = found.filter(|_| is_revoked) else {
        return Err(Problem::not_found("There is no such invitation that could still be revoked."));
    };
    let change = Change::new("invitation.revoke").target(found.id, &found.email).app(found.grant.app_id);
    auth.record(caller.actor(), change).await;
    Ok(StatusCode::NO_CONTENT)
}
