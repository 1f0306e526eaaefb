//! Links that let somebody in: what they hold, and what happens when they are used.
//!
//! A link names a page of the dashboard and carries its token behind `#`, which browsers do not send: it stands in no log of
//! a server or proxy. The page hands the token back in a body. Guessing is slowed down by the visitor's address.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::response::IntoResponse;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::journal::Change;
use crate::auth::routes::LoggedIn;
use crate::auth::{Auth, Guess, Role, Visitor, new_user, secret};
use crate::http::extract::JsonBody;
use crate::http::problem::Problem;
use crate::query::answer::ChangeErrors;
use crate::store::metadata::{Acceptance, ActorKind, Invitation, SecretHash};

/// The page of the dashboard where an invitation is accepted.
pub(super) const INVITATION_PAGE: &str = "/invitation";
/// The page of the dashboard where a new password is set.
pub(super) const RESET_PAGE: &str = "/password-reset";

/// A link, which is shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Link {
    /// The id of the invitation, or of the user whose password is reset.
    pub id: Uuid,
    /// The secret of the link.
    pub token: String,
    /// Where the link leads, below the address of the dashboard: `/invitation#token=…` or `/password-reset#token=…`.
    pub path: String,
    pub expires_at: i64,
}

impl Link {
    pub(super) fn new(id: Uuid, page: &str, token: String, expires_at: i64) -> Self {
        let path = format!("{page}#token={token}");
        Self { id, token, path, expires_at }
    }
}

/// The secret of a link.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkToken {
    pub token: String,
}

/// A link's secret and the password that is chosen.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkPassword {
    pub token: String,
    /// 10 to 200 characters.
    pub password: String,
}

/// What an invitation is to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitationLook {
    pub email: String,
    pub role: Role,
    /// The app that the role is for; null: the whole hub.
    pub app_name: Option<String>,
    pub created_by: String,
    pub expires_at: i64,
}

/// What the invitation of a link is to, if it can still be accepted.
#[utoipa::path(post, path = "/invitations/look", tag = "session", security(()), request_body = LinkToken,
    responses((status = 200, description = "The answer", body = InvitationLook), ChangeErrors,
        (status = 429, description = "Too many attempts", body = Problem, content_type = "application/problem+json")))]
pub async fn look_at_invitation(
    State(auth): State<Arc<Auth>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    JsonBody(link): JsonBody<LinkToken>,
) -> Result<Json<InvitationLook>, Problem> {
    let (_, invitation) = open_invitation(&auth, &auth.visitor(&headers, peer), &link.token).await?;
    let app_name = match invitation.grant.app_id {
        Some(app_id) => auth.metadata.app(app_id).await?.map(|app| app.name),
        None => None,
    };
    Ok(Json(InvitationLook {
        email: invitation.email,
        role: invitation.grant.role,
        app_name,
        created_by: invitation.created_by.email,
        expires_at: invitation.expires_at,
    }))
}

/// Accepts an invitation: creates the user with the chosen password and logs in.
#[utoipa::path(post, path = "/invitations/accept", tag = "session", security(()), request_body = LinkPassword,
    responses((status = 200, description = "The answer", body = LoggedIn), ChangeErrors,
        (status = 429, description = "Too many attempts", body = Problem, content_type = "application/problem+json")))]
pub async fn accept_invitation(
    State(auth): State<Arc<Auth>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    JsonBody(link): JsonBody<LinkPassword>,
) -> Result<impl IntoResponse, Problem> {
    let visitor = auth.visitor(&headers, peer);
    auth.check_password_log_in()?;
    let (hash, invitation) = open_invitation(&auth, &visitor, &link.token).await?;
    let password_hash = auth.hash_password(link.password).await?;
    let user = new_user(&invitation.email, invitation.grant, password_hash, auth.now());
    match auth.metadata.accept_invitation(&hash, &user, auth.now()).await? {
        Acceptance::Done => {}
        Acceptance::NotOpen => return Err(not_open()),
        Acceptance::EmailTaken => {
            let detail =
                "There is a user of this address already. Log in, or ask an admin to reset the password.";
            return Err(Problem::forbidden("email_taken", detail));
        }
    }
    let change = Change::new("invitation.accept").target(invitation.id, &user.email);
    let change = change.app(invitation.grant.app_id).detail("role", invitation.grant.role.as_str());
    auth.record(visitor.actor(ActorKind::User, &user), change).await;
    auth.logged_in(&user, &visitor).await
}

async fn open_invitation(
    auth: &Auth,
    visitor: &Visitor,
    token: &str,
) -> Result<(SecretHash, Invitation), Problem> {
    let key = visitor.key();
    auth.check_throttle(Guess::from(&key))?;
    let hash = secret::hash(token);
    let found = auth.metadata.invitation_by_hash(&hash).await?;
    if found.is_none() {
        auth.throttle.record_failure(Guess::from(&key), auth.now());
    }
    match found.filter(|invitation| invitation.is_open(auth.now())) {
        Some(invitation) => Ok((hash, invitation)),
        None => Err(not_open()),
    }
}

fn not_open() -> Problem {
    let detail = "The invitation was used, revoked or has expired. Ask whoever sent it for a new one.";
    Problem::forbidden("link_not_open", detail)
}

/// Sets a new password with the link that an admin made; ends all sessions and logs in.
#[utoipa::path(post, path = "/password-reset", tag = "session", security(()), request_body = LinkPassword,
    responses((status = 200, description = "The answer", body = LoggedIn), ChangeErrors,
        (status = 429, description = "Too many attempts", body = Problem, content_type = "application/problem+json")))]
pub async fn use_password_reset(
    State(auth): State<Arc<Auth>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    JsonBody(link): JsonBody<LinkPassword>,
) -> Result<impl IntoResponse, Problem> {
    let visitor = auth.visitor(&headers, peer);
    let key = visitor.key();
    auth.check_password_log_in()?;
    let password_hash = auth.hash_for_link(link.password, &key).await?;
    let hash = secret::hash(&link.token);
    let Some(user) = auth.metadata.use_password_reset(&hash, &password_hash, auth.now()).await? else {
        let detail = "The link was used, replaced or has expired, or the account is disabled. Ask an admin for a new one.";
        return Err(Problem::forbidden("link_not_open", detail));
    };
    auth.throttle.forgive(&user.email);
    auth.throttle.take_back(&key);
    let change = Change::new("account.reset_password").target(user.id, &user.email);
    auth.record(visitor.actor(ActorKind::User, &user), change).await;
    auth.logged_in(&user, &visitor).await
}
