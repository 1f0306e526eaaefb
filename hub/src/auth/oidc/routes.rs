//! The two addresses of a log-in with the provider: where it begins, and where the provider sends people back.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;
use utoipa::IntoParams;

use super::state::{Begun, COOKIE, SECS};
use super::{Failure, Provider};
use crate::auth::cookie::Cookie;
use crate::auth::journal::Change;
use crate::auth::{Auth, Guess, Visitor};
use crate::http::extract::Params;
use crate::http::origin::is_own_path;
use crate::http::problem::Problem;
use crate::query::answer::ReadErrors;
use crate::store::metadata::ActorKind;

/// The name under which the metadata store keeps the key of the cookie's signature.
const KEY: &str = "provider_log_ins";
/// Where the two addresses are, below the dashboard's.
const PATH: &str = "/api/v1/session/oidc";
/// Characters of the page to return to.
const NEXT_CHARS_MAX: usize = 2_000;

/// Where to go afterwards.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BeginParams {
    /// A path of the dashboard with its query. Its first page when absent, or when it leads elsewhere.
    pub next: Option<String>,
}

/// What the provider sends back.
#[derive(Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallbackParams {
    pub code: Option<String>,
    pub state: Option<String>,
    /// Why the provider did not log somebody in.
    pub error: Option<String>,
}

/// Sends the browser to the provider's log-in page.
///
/// Where that fails, it is sent to the dashboard's `/login?error=…`: `provider_unreachable`, `provider_misconfigured`.
#[utoipa::path(get, path = "/session/oidc", tag = "session", security(()), params(BeginParams),
    responses((status = 303, description = "To the provider, or to the log-in page with an error"), ReadErrors))]
pub async fn begin(
    State(auth): State<Arc<Auth>>,
    Params(params): Params<BeginParams>,
) -> Result<Response, Problem> {
    let provider = auth.configured_provider()?;
    let is_short = |next: &String| next.len() <= NEXT_CHARS_MAX;
    let next = params.next.filter(|next| is_own_path(next) && is_short(next));
    let begun = provider.begin(next.unwrap_or_else(|| "/".to_owned()), auth.now() + SECS).await;
    Ok(match begun {
        Ok((url, begun)) => {
            let key = auth.metadata.secret(KEY).await?;
            to(&url, &[auth.provider_cookie(&begun.sign(&key), SECS)])
        }
        Err(failure) => auth.to_log_in(failure),
    })
}

/// Takes somebody back from the provider and logs in.
///
/// Where that fails, the browser is sent to the dashboard's `/login?error=…`: `provider_unreachable`, `provider_misconfigured`,
/// `provider_denied`, `log_in_expired`, `no_verified_email`, `domain_not_allowed`, `no_role`, `unknown_user`, `disabled`,
/// `store_unavailable`.
#[utoipa::path(get, path = "/session/oidc/callback", tag = "session", security(()), params(CallbackParams),
    responses((status = 303, description = "To the dashboard, or to the log-in page with an error"), ReadErrors,
        (status = 429, description = "Too many attempts", body = Problem, content_type = "application/problem+json")))]
pub async fn callback(
    State(auth): State<Arc<Auth>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Params(params): Params<CallbackParams>,
) -> Result<Response, Problem> {
    let provider = auth.configured_provider()?;
    let visitor = auth.visitor(&headers, peer);
    auth.check_throttle(Guess::from(&visitor.key()))?;
    Ok(match auth.come_back(provider, &headers, params, &visitor).await {
        Ok(response) => response,
        Err(failure) => {
            if failure == Failure::Expired {
                auth.throttle.record_failure(Guess::from(&visitor.key()), auth.now());
            }
            tracing::info!(%failure, "A log-in with the identity provider was refused.");
            auth.to_log_in(failure)
        }
    })
}

impl Auth {
    async fn come_back(
        &self,
        provider: &Provider,
        headers: &HeaderMap,
        params: CallbackParams,
        visitor: &Visitor,
    ) -> Result<Response, Failure> {
        let key = self.metadata.secret(KEY).await?;
        let begun = self.find_cookie(headers, COOKIE, &self.page(PATH));
        let begun = begun.and_then(|value| Begun::verify(value, &key, self.now()));
        let begun = begun.ok_or(Failure::Expired)?;
        let state = params.state.unwrap_or_default();
        if !bool::from(subtle::ConstantTimeEq::ct_eq(state.as_bytes(), begun.state.as_bytes())) {
            return Err(Failure::Expired);
        }
        let code = params.code.filter(|_| params.error.is_none()).ok_or(Failure::Denied)?;
        let claims = provider.finish(code, &begun).await?;
        let user = self.recognise(provider, &claims, visitor).await?;
        let session = self.open_session(Some(&user), visitor).await?;
        let change = Change::new("session.open").detail("by", provider.name());
        self.record(visitor.actor(ActorKind::User, &user), change).await;
        Ok(to(&self.page(&begun.next), &[session, self.provider_cookie("", 0)]))
    }

    fn configured_provider(&self) -> Result<&Provider, Problem> {
        let detail = "No identity provider is configured here (oidc.issuer). Log in with a password.";
        self.provider.as_ref().ok_or_else(|| Problem::not_found(detail))
    }

    fn to_log_in(&self, failure: Failure) -> Response {
        let page = self.page(&format!("/login?error={}", failure.kind()));
        to(&page, &[self.provider_cookie("", 0)])
    }

    /// The address of a page of the dashboard on this host.
    fn page(&self, path: &str) -> String {
        let base = self.config.public_url.as_ref().map_or("", |url| url.path()).trim_end_matches('/');
        format!("{base}{path}")
    }

    fn provider_cookie(&self, value: &str, max_age_secs: i64) -> HeaderValue {
        let path = self.page(PATH);
        self.set_cookie(&Cookie { name: COOKIE, value, path: &path, max_age_secs, same_site: "Lax" })
    }
}

fn to(address: &str, cookies: &[HeaderValue]) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    // What cannot be a header's value was no address of ours.
    headers.insert(LOCATION, HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/")));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in cookies {
        headers.append(SET_COOKIE, cookie.clone());
    }
    response
}
