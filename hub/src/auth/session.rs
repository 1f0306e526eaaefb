//! Sessions: made at log-in, found by their cookie, ended by log-out or by time.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderValue, header};
use uuid::Uuid;

use super::cookie::Cookie;
use super::routes::SessionUser;
use super::{Auth, Role, TOUCH_SECS, secret};
use crate::http::peer::one_client;
use crate::store::StoreError;
use crate::store::metadata::{Actor, ActorKind, NewSession, SecretHash, Session, User};

/// The name of the session's cookie, without the prefix that it has over https.
pub const SESSION_COOKIE: &str = "sendry_session";

/// Who the automatic log-in on loopback logs in.
const LOCAL_USER: &str = "operator@localhost";

/// Characters of a browser's name that are kept.
const USER_AGENT_CHARS: usize = 200;

/// A found session.
pub(super) struct Found {
    pub(super) id: Uuid,
    pub(super) hash: SecretHash,
    pub(super) user: SessionUser,
}

/// Where a request comes from, before it is known from whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    pub address: IpAddr,
    pub user_agent: Option<String>,
}

impl Visitor {
    /// What a throttle takes for one.
    pub fn key(&self) -> String {
        one_client(self.address)
    }

    /// How the audit log names somebody who was not logged in yet.
    pub fn actor(&self, kind: ActorKind, user: &User) -> Actor {
        let address = Some(self.address.to_string());
        Actor { kind, id: Some(user.id), name: user.email.clone(), address }
    }
}

impl Auth {
    /// Who stands behind the connection.
    pub(crate) fn visitor(&self, headers: &HeaderMap, peer: SocketAddr) -> Visitor {
        let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Visitor {
            address: self.config.trusted_proxies.client(headers, peer),
            user_agent: agent.map(|agent| agent.chars().take(USER_AGENT_CHARS).collect()),
        }
    }

    /// Makes a session and returns its cookie: always a new one, whatever the visitor brought along. Sessions that ended
    /// are deleted on the way.
    pub(super) async fn open_session(
        &self,
        user: Option<&User>,
        visitor: &Visitor,
    ) -> Result<HeaderValue, StoreError> {
        let now = self.now();
        let sessions = &self.config.sessions;
        self.metadata
            .delete_sessions(now - sessions.session_max_secs, now - sessions.session_idle_secs)
            .await?;
        let id = secret::generate_session();
        let session = NewSession {
            id: Uuid::now_v7(),
            hash: secret::hash(&id),
            user_id: user.map(|user| user.id),
            address: Some(visitor.address.to_string()),
            user_agent: visitor.user_agent.clone(),
            created_at: now,
        };
        self.metadata.create_session(&session).await?;
        if let Some(user) = user {
            self.metadata.touch_log_in(user.id, now).await?;
        }
        Ok(self.cookie(&id, sessions.session_max_secs))
    }

    /// The cookie that ends a session in the browser.
    pub(super) fn ended_cookie(&self) -> HeaderValue {
        self.cookie("", 0)
    }

    /// Finds the session of the request's cookie, if it has one that did not end.
    pub(super) async fn find_session(&self, headers: &HeaderMap) -> Result<Option<Found>, StoreError> {
        let id = self.find_cookie(headers, SESSION_COOKIE, self.cookie_path());
        let Some(id) = id else { return Ok(None) };
        let hash = secret::hash(id);
        let Some(session) = self.metadata.session(&hash).await? else { return Ok(None) };
        let now = self.now();
        if self.has_ended(&session) {
            return Ok(None);
        }
        if now - session.last_seen_at >= TOUCH_SECS {
            self.metadata.touch_session(&hash, now).await?;
        }
        Ok(self.user_of(&session).map(|user| Found { id: session.id, hash, user }))
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
            Some(user) => user.disabled_at.is_none().then(|| SessionUser::of(user)),
            None => self.config.auto_login.then(local_user),
        }
    }

    fn cookie(&self, value: &str, max_age_secs: i64) -> HeaderValue {
        let path = self.cookie_path();
        self.set_cookie(&Cookie { name: SESSION_COOKIE, value, path, max_age_secs, same_site: "Strict" })
    }

    fn cookie_path(&self) -> &str {
        self.config.public_url.as_ref().map_or("/", |url| url.path())
    }
}

pub(super) fn local_user() -> SessionUser {
    SessionUser {
        id: None,
        email: LOCAL_USER.to_owned(),
        role: Some(Role::Admin),
        grants: vec![Role::Admin.into()],
        has_password: false,
    }
}
