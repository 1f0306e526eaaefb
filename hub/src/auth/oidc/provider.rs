//! Talks to the provider: its configuration and keys, the address of its log-in page, and the exchange of a code for claims.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreProviderMetadata, CoreTokenResponse,
};
use openidconnect::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse,
};
use serde_json::{Map, Value};

use super::Failure;
use super::remembered::{Remembered, Want};
use super::state::Begun;
use crate::config::ProviderConfig;

const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of an answer of the provider; the largest are its keys.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// What the provider says of somebody, by claim.
pub(super) type Claims = Map<String, Value>;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A configured provider.
pub struct Provider {
    pub(super) config: ProviderConfig,
    redirect_url: String,
    http: reqwest::Client,
    /// Its configuration and keys.
    known: Remembered<CoreProviderMetadata>,
}

/// The hub called and got no answer to use.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct CallError(String);

impl Provider {
    /// `redirect_url` is where the provider sends people back.
    pub fn new(config: ProviderConfig, redirect_url: String) -> Result<Self, String> {
        Ok(Self { config, redirect_url, http: http_client()?, known: Remembered::default() })
    }

    /// What the log-in page calls it.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// The address of the provider's log-in page, and what must be remembered until somebody comes back from it.
    pub(super) async fn begin(&self, next: String, expires_at: i64) -> Result<(String, Begun), Failure> {
        let client = self.client(Want::Any).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let mut request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        for scope in &self.config.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (url, state, nonce) = request.set_pkce_challenge(challenge).url();
        let begun = Begun {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            next,
            expires_at,
        };
        Ok((url.to_string(), begun))
    }

    /// Exchanges the code for what the provider says of somebody, checked to the signature.
    pub(super) async fn finish(&self, code: String, begun: &Begun) -> Result<Claims, Failure> {
        let client = self.client(Want::Any).await?;
        let exchange = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| self.misconfigured(&format!("it names no token endpoint: {error}")))?;
        let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(begun.verifier.clone()));
        let answer = exchange.request_async(&self.caller()).await.map_err(|error| self.refused(error))?;
        let nonce = Nonce::new(begun.nonce.clone());
        let mut claims = match self.verified(&client, &answer, &nonce) {
            Ok(claims) => claims,
            // Its keys may be new.
            Err(_) => self
                .verified(&self.client(Want::New).await?, &answer, &nonce)
                .map_err(|problem| self.misconfigured(&problem))?,
        };
        self.add_userinfo(&mut claims, answer.access_token().secret()).await?;
        Ok(claims)
    }

    /// The claims of the ID token, after its signature, issuer, audience, time and nonce were checked.
    fn verified(&self, client: &Client, answer: &CoreTokenResponse, nonce: &Nonce) -> Result<Claims, String> {
        let token = answer.id_token().ok_or("it sent no ID token")?;
        token.claims(&client.id_token_verifier(), nonce).map_err(|error| format!("its ID token: {error}"))?;
        let token = token.to_string();
        let payload = token.split('.').nth(1).ok_or("its ID token has no payload")?;
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|error| format!("its ID token: {error}"))?;
        serde_json::from_slice(&payload).map_err(|error| format!("its ID token: {error}"))
    }

    /// Many providers tell the address and groups only here. What the signed token says comes first.
    async fn add_userinfo(&self, claims: &mut Claims, access_token: &str) -> Result<(), Failure> {
        let endpoint = self.metadata(Want::Any).await?.userinfo_endpoint().map(|url| url.to_string());
        let role_claim = self.config.role_claim.as_deref();
        let is_complete = claims.contains_key("email")
            && claims.contains_key("email_verified")
            && role_claim.is_none_or(|name| super::people::claim(claims, name).is_some());
        let Some(endpoint) = endpoint.filter(|_| !is_complete) else { return Ok(()) };
        let request = self.http.get(endpoint).bearer_auth(access_token);
        let request = request.build().map_err(|error| self.misconfigured(&error.to_string()))?;
        let answer = self.call(request).await.map_err(|error| self.unreachable(&error.0))?;
        if !answer.status().is_success() {
            return Err(self.misconfigured(&format!("its userinfo answers {}", answer.status())));
        }
        let more: Claims = serde_json::from_slice(answer.body())
            .map_err(|error| self.misconfigured(&format!("its userinfo: {error}")))?;
        if more.get("sub") != claims.get("sub") {
            return Err(self.misconfigured("its userinfo is about somebody else"));
        }
        add_missing(claims, more);
        Ok(())
    }

    async fn client(&self, want: Want) -> Result<Client, Failure> {
        let metadata = self.metadata(want).await?;
        let methods = metadata.token_endpoint_auth_methods_supported().cloned();
        let posts_only = methods.is_some_and(|methods| {
            methods.contains(&CoreClientAuthMethod::ClientSecretPost)
                && !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
        });
        let id = ClientId::new(self.config.client_id.clone());
        let secret = self.config.client_secret.clone().map(ClientSecret::new);
        let redirect_url = RedirectUrl::new(self.redirect_url.clone())
            .map_err(|error| self.misconfigured(&format!("http.public_url: {error}")))?;
        let client = CoreClient::from_provider_metadata(metadata, id, secret).set_redirect_uri(redirect_url);
        Ok(if posts_only { client.set_auth_type(AuthType::RequestBody) } else { client })
    }

    /// The provider's configuration and keys.
    async fn metadata(&self, want: Want) -> Result<CoreProviderMetadata, Failure> {
        self.known.get(want, self.discover()).await
    }

    async fn discover(&self) -> Result<CoreProviderMetadata, Failure> {
        let issuer = IssuerUrl::new(self.config.issuer.clone())
            .map_err(|error| self.misconfigured(&format!("oidc.issuer: {error}")))?;
        let metadata = CoreProviderMetadata::discover_async(issuer, &self.caller()).await;
        metadata.map_err(|error| match error {
            openidconnect::DiscoveryError::Request(error) => self.unreachable(&error.0),
            error => self.misconfigured(&error.to_string()),
        })
    }

    /// The hub's HTTP client in the form in which the library calls one.
    fn caller(
        &self,
    ) -> impl Fn(HttpRequest) -> std::pin::Pin<Box<dyn Future<Output = Result<HttpResponse, CallError>> + Send>>
    {
        let http = self.http.clone();
        move |request| {
            let http = http.clone();
            Box::pin(async move {
                let request =
                    reqwest::Request::try_from(request).map_err(|error| CallError(error.to_string()))?;
                call(&http, request).await
            })
        }
    }

    async fn call(&self, request: reqwest::Request) -> Result<HttpResponse, CallError> {
        call(&self.http, request).await
    }

    fn refused<T: openidconnect::ErrorResponse + std::fmt::Display + 'static>(
        &self,
        error: RequestTokenError<CallError, T>,
    ) -> Failure {
        match error {
            RequestTokenError::Request(error) => self.unreachable(&error.0),
            RequestTokenError::ServerResponse(answer) => {
                self.misconfigured(&format!("it refused the code: {answer}"))
            }
            RequestTokenError::Parse(error, _) => self.misconfigured(&format!("its answer: {error}")),
            RequestTokenError::Other(error) => self.misconfigured(&error),
        }
    }

    fn unreachable(&self, problem: &str) -> Failure {
        tracing::warn!(provider = self.config.issuer, problem, "The identity provider cannot be reached.");
        Failure::Unreachable
    }

    fn misconfigured(&self, problem: &str) -> Failure {
        tracing::error!(
            provider = self.config.issuer,
            problem,
            "The identity provider and the settings oidc.* do not go together; compare issuer, client and redirect URI."
        );
        Failure::Misconfigured
    }
}

/// Adds what the signed token does not say. An address and whether it was verified are taken from one place: else the word of one
/// place would vouch for the address of the other.
fn add_missing(claims: &mut Claims, more: Claims) {
    let pair = ["email", "email_verified"];
    if more.contains_key(pair[0]) && !pair.iter().all(|name| claims.contains_key(*name)) {
        pair.iter().for_each(|name| _ = claims.remove(*name));
    }
    for (name, value) in more {
        claims.entry(name).or_insert(value);
    }
}

async fn call(http: &reqwest::Client, request: reqwest::Request) -> Result<HttpResponse, CallError> {
    let failed = |error: reqwest::Error| CallError(error.without_url().to_string());
    let mut response = http.execute(request).await.map_err(failed)?;
    let mut answer = http::Response::builder().status(response.status());
    for (name, value) in response.headers() {
        answer = answer.header(name, value);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(CallError(format!("the answer is longer than {ANSWER_BYTES_MAX} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    answer.body(body).map_err(|error| CallError(error.to_string()))
}

/// TLS on ring with the machine's certificates. No redirect is followed: whoever can answer one for the provider must not
/// choose whom the hub calls.
fn http_client() -> Result<reqwest::Client, String> {
    use rustls_platform_verifier::BuilderVerifierExt;
    let crypto = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(crypto)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_platform_verifier())
        .map_err(|error| format!("TLS cannot be set up: {error}"))?
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("sendry-hub/", env!("CARGO_PKG_VERSION")))
        .timeout(CALL_TIMEOUT)
        .build()
        .map_err(|error| format!("the HTTP client cannot be set up: {error}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn merged(claims: Value, more: Value) -> Value {
        let (Value::Object(mut claims), Value::Object(more)) = (claims, more) else { panic!("two objects") };
        add_missing(&mut claims, more);
        Value::Object(claims)
    }

    #[test]
    fn the_word_of_userinfo_vouches_for_no_address_but_its_own() {
        let own = json!({"sub": "1", "email": "own@example.com", "email_verified": true, "groups": ["a"]});
        assert_eq!(merged(json!({"sub": "1", "email": "boss@example.com"}), own.clone()), own);
        assert_eq!(merged(json!({"sub": "1"}), own.clone()), own);
        let signed = json!({"sub": "1", "email": "a@example.com", "email_verified": false, "groups": ["b"]});
        assert_eq!(merged(signed.clone(), own), signed);
        let verified = json!({"sub": "1", "email": "a@example.com", "email_verified": true});
        let said = merged(json!({"sub": "1", "email": "a@example.com"}), json!({"email_verified": true}));
        assert_eq!(said, verified);
    }
}
