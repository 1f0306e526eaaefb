//! Extractors that say what the caller must be allowed to do. A handler that takes none is open to everybody.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use http::{HeaderMap, Method, header};

use super::{Auth, Role};
use crate::http::origin::{REQUEST_HEADER, is_cross_site};
use crate::http::problem::Problem;

/// May read: a valid token, or any session.
pub struct Reader;

/// May change apps and keys: a session of an editor or admin, from the dashboard itself.
pub struct Editor;

impl<S: Send + Sync> FromRequestParts<S> for Reader
where
    Arc<Auth>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let auth = Arc::<Auth>::from_ref(state);
        match bearer(&parts.headers) {
            Some(token) if auth.is_token(token).await? => Ok(Self),
            Some(_) => Err(Problem::unauthorized(
                "The token is unknown or revoked. `sendry-hub token create` makes one.",
            )),
            None => auth.role(parts).await.map(|_| Self),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Editor
where
    Arc<Auth>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let auth = Arc::<Auth>::from_ref(state);
        if bearer(&parts.headers).is_some() {
            return Err(Problem::forbidden("read_only", "A token reads only. Log in to change something."));
        }
        match auth.role(parts).await? {
            Role::Editor | Role::Admin => Ok(Self),
            Role::Viewer => {
                Err(Problem::forbidden("role", "A viewer reads only. Ask an editor or an admin."))
            }
        }
    }
}

impl Auth {
    /// The role of the session that the request carries.
    async fn role(&self, parts: &Parts) -> Result<Role, Problem> {
        let found = self.find_session(&parts.headers).await?;
        let Some(found) = found else { return Err(Problem::unauthorized("Log in, or send a token.")) };
        self.check_change(&parts.method, &parts.headers)?;
        Ok(found.user.role)
    }

    /// Refuses a change that a page of another site may have sent with the session's cookie.
    pub(super) fn check_change(&self, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
        if method.is_safe() {
            return Ok(());
        }
        self.check_site(headers)?;
        if headers.contains_key(REQUEST_HEADER) {
            return Ok(());
        }
        Err(Problem::forbidden(
            "cross_site",
            format!("Changes made with a session need the header `{REQUEST_HEADER}: 1`."),
        ))
    }

    /// Refuses what a browser says comes from another site.
    pub(super) fn check_site(&self, headers: &HeaderMap) -> Result<(), Problem> {
        if !is_cross_site(headers, self.config.public_url.as_ref()) {
            return Ok(());
        }
        let detail = "The request comes from a page of another origin. Behind a proxy, set http.public_url.";
        Err(Problem::forbidden("cross_site", detail))
    }
}

/// The token of `Authorization: Bearer`.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
