//! Sessions: made at log-in, found by their cookie, ended by log-out or by time.

use http::{HeaderMap, HeaderValue, header};

use super::routes::SessionUser;
use super::{Auth, Role, TOUCH_SECS, secret};
use crate::store::StoreError;
use crate::store::metadata::{SecretHash, Session, User};

/// The name of the session's cookie.
pub const SESSION_COOKIE: &str = "sendry_session";

/// Who the automatic log-in on loopback logs in.
const LOCAL_USER: &str = "operator@localhost";

/// A found session.
pub(super) struct Found {
    pub(super) hash: SecretHash,
    pub(super) user: SessionUser,
}

impl Auth {
    /// Makes a session and returns its cookie. Sessions that ended are deleted on the way.
    pub(super) async fn open_session(&self, user: Option<&User>) -> Result<HeaderValue, StoreError> {
        let now = self.now();
        let sessions = &self.config.sessions;
        self.metadata
            .delete_sessions(now - sessions.session_max_secs, now - sessions.session_idle_secs)
            .await?;
        let id = secret::generate_session();
        self.metadata.create_session(&secret::hash(&id), user.map(|user| user.id), now).await?;
        Ok(self.cookie(&id, sessions.session_max_secs))
    }

    /// The cookie that ends a session in the browser.
    pub(super) fn ended_cookie(&self) -> HeaderValue {
        self.cookie("", 0)
    }

    /// Finds the session of the request's cookie, if it has one that did not end.
    pub(super) async fn find_session(&self, headers: &HeaderMap) -> Result<Option<Found>, StoreError> {
        let Some(id) = session_id(headers) else { return Ok(None) };
        let hash = secret::hash(id);
        let Some(session) = self.metadata.session(&hash).await? else { return Ok(None) };
        let now = self.now();
        if self.has_ended(&session) {
            return Ok(None);
        }
        if now - session.last_seen_at >= TOUCH_SECS {
            self.metadata.touch_session(&hash, now).await?;
        }
        Ok(self.user_of(&session).map(|user| Found { hash, user }))
    }

    fn has_ended(&self, session: &Session) -> bool {
        let now = self.now();
        let sessions = &self.config.sessions;
        now - session.created_at >= sessions.session_max_secs
            || now - session.last_seen_at >= sessions.session_idle_secs
    }

    /// A session without a user counts only while the automatic log-in is configured.
    fn user_of(&self, session: &Session) -> Option<SessionUser> {
        match &session.user {
            Some(user) => Some(SessionUser { email: user.email.clone(), role: user.role }),
            None => self.config.auto_login.then(local_user),
        }
    }

    fn cookie(&self, value: &str, max_age_secs: i64) -> HeaderValue {
        let public_url = self.config.public_url.as_ref();
        let path = public_url.map_or("/", |url| url.path());
        let secure = if public_url.is_some_and(|url| url.is_https()) { "; Secure" } else { "" };
        let cookie = format!(
            "{SESSION_COOKIE}={value}; Path={path}; Max-Age={max_age_secs}; HttpOnly; SameSite=Strict{secure}"
        );
        HeaderValue::from_str(&cookie).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

pub(super) fn local_user() -> SessionUser {
    SessionUser { email: LOCAL_USER.to_owned(), role: Role::Admin }
}

fn session_id(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, value)| *name == SESSION_COOKIE && !value.is_empty()).map(|(_, value)| value)
}
