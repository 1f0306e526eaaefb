//! Logging in and out, and the first user.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::problem::Problem;
use crate::query::answer::ChangeErrors;

/// What a user may do. Each role may do what the ones before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads everything.
    Viewer,
    /// Changes apps and keys.
    Editor,
    /// Does everything.
    Admin,
}

/// Who is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionUser {
    pub email: String,
    pub role: Role,
}

/// The state of the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionAnswer {
    /// Null when nobody is logged in.
    pub user: Option<SessionUser>,
    /// Whether there is no user yet: the link that the hub printed at its start makes the first one.
    pub setup_required: bool,
}

/// Who logs in.
#[derive(Clone, Deserialize, ToSchema)]
pub struct LogIn {
    pub email: String,
    pub password: String,
}

/// The first user.
#[derive(Clone, Deserialize, ToSchema)]
pub struct SetUp {
    /// The one-time token of the set-up link.
    pub token: String,
    pub email: String,
    /// At least 10 characters.
    pub password: String,
}

/// A fresh session; its cookie is set beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoggedIn {
    pub user: SessionUser,
}

/// Who is logged in.
#[utoipa::path(get, path = "/session", tag = "session", security(()), responses((status = 200, description = "The answer", body = SessionAnswer)))]
pub async fn session() {}

/// Logs in and sets the session's cookie.
#[utoipa::path(
    post, path = "/session", tag = "session", security(()), request_body = LogIn,
    responses((status = 200, description = "The answer", body = LoggedIn), ChangeErrors,
        (status = 429, description = "Too many attempts", body = Problem, content_type = "application/problem+json"))
)]
pub async fn log_in() {}

/// Logs out.
#[utoipa::path(delete, path = "/session", tag = "session", responses((status = 204, description = "Done"), ChangeErrors))]
pub async fn log_out() {}

/// Makes the first user, an admin, with the one-time token of the set-up link; logs in.
#[utoipa::path(
    post, path = "/setup", tag = "session", security(()), request_body = SetUp,
    responses((status = 200, description = "The answer", body = LoggedIn), ChangeErrors)
)]
pub async fn set_up() {}
