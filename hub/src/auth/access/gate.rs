//! The gate before every handler of the API.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{ConnectInfo, MatchedPath, RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, header};

use super::caller::{no_app, too_low};
use super::{Caller, Needs, Rule, Who, rule};
use crate::auth::Auth;
use crate::http::problem::Problem;
use crate::queue::AppId;
use crate::store::metadata::Role;

/// What the templates of the routes begin with.
const PREFIX: &str = "/api/v1";

/// Lets a request through, with its [`Caller`] where somebody was asked for, or refuses it.
pub async fn gate(
    State(auth): State<Arc<Auth>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    route: MatchedPath,
    params: Result<RawPathParams, RawPathParamsRejection>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = route.as_str().strip_prefix(PREFIX).unwrap_or(route.as_str());
    let Some(rule) = rule(request.method().as_str(), path) else {
        return no_rule(request.method(), path).into_response();
    };
    let Ok(params) = params else {
        return Problem::not_found("The path is not UTF-8, so it names nothing.").into_response();
    };
    let app_id = params.iter().find(|(name, _)| *name == "app_id").map(|(_, value)| value);
    let sender = Sender { headers: request.headers(), method: request.method(), peer };
    match auth.admit(rule, app_id, sender).await {
        Ok(Some(caller)) => _ = request.extensions_mut().insert(caller),
        Ok(None) => {}
        Err(problem) => return problem.into_response(),
    }
    next.run(request).await
}

/// What tells who sent a request.
#[derive(Clone, Copy)]
struct Sender<'a> {
    headers: &'a HeaderMap,
    method: &'a Method,
    peer: SocketAddr,
}

/// No such method, or a route that was forgotten in the table.
fn no_rule(method: &Method, path: &str) -> Problem {
    let detail = format!("There is nothing to {method} at {path}; /api/v1/openapi.json describes all.");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}

impl Auth {
    async fn admit(
        &self,
        rule: &Rule,
        app_id: Option<&str>,
        sender: Sender<'_>,
    ) -> Result<Option<Caller>, Problem> {
        if rule.needs == Needs::Nobody {
            if !sender.method.is_safe() {
                self.check_site(sender.headers)?;
            }
            return Ok(None);
        }
        let caller = self.caller(sender).await?;
        decide(rule, app_id, &caller)?;
        Ok(Some(caller))
    }

    /// Who asks: the token, or else the session. A change with a session must come from the dashboard itself.
    async fn caller(&self, Sender { headers, method, peer }: Sender<'_>) -> Result<Caller, Problem> {
        let address = self.config.trusted_proxies.client(headers, peer);
        if let Some(secret) = bearer(headers) {
            let Some(found) = self.find_token(secret).await? else {
                let detail = "The token is unknown, expired or revoked, or who made it is gone. `sendry-hub token create` makes one.";
                return Err(Problem::unauthorized(detail));
            };
            let who = Who::Token { id: found.token.id, name: found.token.name };
            return Ok(Caller { who, grants: found.grants, address });
        }
        let found = self.find_session(headers).await?;
        let Some(found) = found else { return Err(Problem::unauthorized("Log in, or send a token.")) };
        self.check_change(method, headers)?;
        let user = found.user;
        let who = Who::Person { id: user.id, email: user.email, session_id: found.id };
        Ok(Caller { who, grants: user.grants, address })
    }
}

fn decide(rule: &Rule, app_id: Option<&str>, caller: &Caller) -> Result<(), Problem> {
    match rule.needs {
        Needs::Nobody => Ok(()),
        Needs::Person if matches!(caller.who, Who::Person { .. }) => Ok(()),
        Needs::Person => {
            Err(Problem::forbidden("no_account", "A token has no account. Log in to change your own."))
        }
        Needs::Hub(role) => caller.require(role, None),
        Needs::App(role) => {
            let app_id = app_id.unwrap_or_default();
            let parsed: AppId = app_id.parse().map_err(|_| no_app(app_id))?;
            caller.require(role, Some(parsed))
        }
        // Who may see nothing sees an empty list of apps, which says so better than an error.
        Needs::Anywhere(Role::Viewer) => Ok(()),
        Needs::Anywhere(role) if caller.may_somewhere(role) => Ok(()),
        Needs::Anywhere(role) => Err(too_low(&format!("the role {} ({})", role.as_str(), rule.operation))),
    }
}

/// The token of `Authorization: Bearer`.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
