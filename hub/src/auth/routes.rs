//! Logging in and out, and the first user.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, FromRef, State};
use axum::response::{AppendHeaders, IntoResponse};
use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::journal::Change;
use super::password::PasswordError;
use super::session::local_user;
use super::throttle::Guess;
use super::{Auth, Grant, Role, Visitor, is_email, new_user, normalize_email, oidc, password, secret};
use crate::http::extract::JsonBody;
use crate::http::origin::is_local;
use crate::http::problem::Problem;
use crate::query::answer::ChangeErrors;
use crate::store::metadata::{ActorKind, User};

/// The routes of sessions and of the first user.
pub fn router<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Arc<Auth>: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(session, log_in, log_out))
        .routes(routes!(set_up))
        .routes(routes!(oidc::routes::begin))
        .routes(routes!(oidc::routes::callback))
}

/// Who is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionUser {
    /// Null for the automatic log-in, which has no account.
    pub id: Option<Uuid>,
    pub email: String,
    /// The highest role held anywhere; null when none is held yet.
    pub role: Option<Role>,
    /// Which roles are held, and where.
    pub grants: Vec<Grant>,
    /// Whether there is a password to change.
    pub has_password: bool,
}

impl SessionUser {
    pub(super) fn of(user: &User) -> Self {
        Self {
            id: Some(user.id),
            email: user.email.clone(),
            role: user.grants.iter().map(|grant| grant.role).max(),
            grants: user.grants.clone(),
            has_password: user.password_hash.is_some(),
        }
    }
}

/// The state of the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionAnswer {
    /// Null when nobody is logged in.
    pub user: Option<SessionUser>,
    /// Whether there is no user yet: the link that the hub printed at its start makes the first one.
    pub setup_required: bool,
    /// How people log in here.
    pub log_in: LogInWays,
}

/// How people log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogInWays {
    /// Whether with a password.
    pub password: bool,
    /// What the identity provider is called, to which `/session/oidc` leads; null when there is none.
    pub provider: Option<String>,
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
///
/// Where the automatic log-in is configured, a visitor from the hub's own machine gets a session by asking.
#[utoipa::path(get, path = "/session", tag = "session", security(()),
    responses((status = 200, description = "The answer", body = SessionAnswer)))]
async fn session(
    State(auth): State<Arc<Auth>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    if let Some(found) = auth.find_session(&headers).await? {
        return Ok(answer(None, auth.session_answer(Some(found.user), false)));
    }
    if auth.config.auto_login && is_local(&headers, peer) && auth.check_site(&headers).is_ok() {
        let cookie = auth.open_session(None, &auth.visitor(&headers, peer)).await?;
        return Ok(answer(Some(cookie), auth.session_answer(Some(local_user()), false)));
    }
    let setup_required = !auth.metadata.has_users().await?;
    Ok(answer(None, auth.session_answer(None, setup_required)))
}

/// Logs in and sets the session's cookie.
#[utoipa::path(
    post, path = "/session", tag = "session", security(()), request_body = LogIn,
    responses((status = 200, description = "The answer", body = LoggedIn), ChangeErrors,
        (status = 429, description = "Too many attempts", body = Problem, content_type = "application/problem+json"))
)]
async fn log_in(
    State(auth): State<Arc<Auth>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    JsonBody(who): JsonBody<LogIn>,
) -> Result<impl IntoResponse, Problem> {
    auth.check_password_log_in()?;
    let visitor = auth.visitor(&headers, peer);
    let (email, peer) = (normalize_email(&who.email), visitor.key());
    // Nobody has such an address, and it would stand among the keys of the throttle, of any length.
    if !is_email(&email) {
        return Err(wrong_log_in());
    }
    let guess = Guess { account: Some(&email), address: Some(&peer) };
    let user = auth.metadata.user_by_email(&email).await?;
    auth.check_throttle(guess)?;
    // Counted before the password is looked at: else all that come at once would pass the check before the first fails.
    auth.throttle.record_failure(guess, auth.now());
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    if who.password.len() > 4 * password::CHARS_MAX || !auth.passwords.verify(who.password, hash).await {
        return Err(wrong_log_in());
    }
    auth.throttle.forgive(&email);
    auth.throttle.take_back(&peer);
    match user {
        Some(user) if user.disabled_at.is_some() => {
            Err(Problem::forbidden("disabled", "This account is disabled. Ask an admin."))
        }
        Some(user) => auth.logged_in(&user, &visitor).await,
        None => Err(wrong_log_in()),
    }
}

fn wrong_log_in() -> Problem {
    Problem::unauthorized("The address or the password is wrong.")
}

/// Logs out.
#[utoipa::path(delete, path = "/session", tag = "session",
    responses((status = 204, description = "Done"), ChangeErrors))]
async fn log_out(State(auth): State<Arc<Auth>>, headers: HeaderMap) -> Result<impl IntoResponse, Problem> {
    if let Some(found) = auth.find_session(&headers).await? {
        auth.check_change(&Method::DELETE, &headers)?;
        auth.metadata.delete_session(&found.hash).await?;
    }
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(SET_COOKIE, auth.ended_cookie())])))
}

/// Makes the first user, an admin, with the one-time token of the set-up link; logs in.
#[utoipa::path(
    post, path = "/setup", tag = "session", security(()), request_body = SetUp,
    responses((status = 200, description = "The answer", body = LoggedIn), ChangeErrors,
        (status = 429, description = "Too many attempts", body = Problem, content_type = "application/problem+json"))
)]
async fn set_up(
    State(auth): State<Arc<Auth>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    JsonBody(first): JsonBody<SetUp>,
) -> Result<impl IntoResponse, Problem> {
    let visitor = auth.visitor(&headers, peer);
    let peer = visitor.key();
    if !is_email(&first.email) {
        return Err(Problem::bad_request("bad_email", "That is not an e-mail address."));
    }
    let hash = auth.hash_for_link(first.password, &peer).await?;
    let user = new_user(&first.email, Role::Admin, hash, auth.now());
    if !auth.metadata.create_first_user(&user, &secret::hash(&first.token), auth.now()).await? {
        let detail = "The link is used, expired or replaced. Restart the hub for a new one; when there is a user already, \
                      log in, or run `sendry-hub user create`.";
        return Err(Problem::forbidden("setup_token", detail));
    }
    auth.throttle.take_back(&peer);
    tracing::info!(user.id = %user.id, "The first user was created.");
    auth.record(
        visitor.actor(ActorKind::Hub, &user),
        Change::new("user.set_up").target(user.id, &user.email),
    )
    .await;
    auth.logged_in(&user, &visitor).await
}

impl Auth {
    fn session_answer(&self, user: Option<SessionUser>, setup_required: bool) -> SessionAnswer {
        let log_in =
            LogInWays { password: self.config.sessions.password_log_in, provider: self.provider_name() };
        SessionAnswer { user, setup_required, log_in }
    }

    /// Refuses who guessed wrong too often.
    pub(crate) fn check_throttle(&self, guess: Guess<'_>) -> Result<(), Problem> {
        let Some(wait) = self.throttle.wait_secs(guess, self.now()) else { return Ok(()) };
        let detail = format!("Too many wrong attempts; try again in {wait} seconds.");
        Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "throttled", detail).retry_after(wait))
    }

    /// Refuses whoever comes with a password where passwords are switched off.
    pub(crate) fn check_password_log_in(&self) -> Result<(), Problem> {
        if self.config.sessions.password_log_in {
            return Ok(());
        }
        let detail = "Log-in with a password is switched off here. Log in with your organisation's account.";
        Err(Problem::forbidden("password_log_in_off", detail))
    }

    /// Hashes a new password, or says why it cannot be one.
    pub(crate) async fn hash_password(&self, password: String) -> Result<String, Problem> {
        self.passwords.hash(password).await.map_err(not_taken)
    }

    /// Hashes the password of somebody who has nothing but a link yet, and may have made that up. It counts as a wrong attempt
    /// until the link turns out to be right, because hashing is dear: two at a time for all who log in.
    pub(crate) async fn hash_for_link(&self, password: String, address: &str) -> Result<String, Problem> {
        password::check(&password).map_err(not_taken)?;
        self.check_throttle(Guess::from(address))?;
        self.throttle.record_failure(Guess::from(address), self.now());
        self.hash_password(password).await
    }

    /// Opens a session for somebody who proved to be the user.
    pub(crate) async fn logged_in(
        &self,
        user: &User,
        visitor: &Visitor,
    ) -> Result<Answer<LoggedIn>, Problem> {
        let cookie = self.open_session(Some(user), visitor).await?;
        self.record(visitor.actor(ActorKind::User, user), Change::new("session.open")).await;
        Ok(answer(Some(cookie), LoggedIn { user: SessionUser::of(user) }))
    }
}

fn not_taken(error: PasswordError) -> Problem {
    Problem::bad_request("bad_password", format!("The password was not taken: {error}."))
}

/// An answer about a session: never cached, perhaps with its cookie.
pub(crate) type Answer<T> = (HeaderMap, Json<T>);

fn answer<T>(cookie: Option<HeaderValue>, body: T) -> Answer<T> {
    let cookie = cookie.map(|cookie| (SET_COOKIE, cookie));
    let headers = cookie.into_iter().chain([(CACHE_CONTROL, HeaderValue::from_static("no-store"))]);
    (headers.collect(), Json(body))
}
