//! A real OpenID Connect provider as a process of the test, and a browser that is as dumb as the flow allows.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Stdio;

use reqwest::{Method, Response};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::harness::{PATIENCE, TestHub, client};

/// How the hub is reached as far as the provider knows. The browser knows better.
pub(crate) const PUBLIC_URL: &str = "http://hub.test/sendry";

/// The running provider; it ends with the test.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    _process: Child,
}

impl Provider {
    /// Starts it; `claims` says where it tells them: `id_token` or `userinfo`.
    pub(crate) async fn start(claims: &str) -> Self {
        let own = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/oidc");
        let folder = std::env::var_os("SENDRY_TEST_OPENID_DIR").map_or_else(own, PathBuf::from);
        assert!(
            folder.join("node_modules").exists(),
            "the provider is not installed; run cargo xtask test, or npm ci in hub/tests/oidc"
        );
        let mut process = Command::new("node")
            .args(["provider.mjs", claims])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("node runs");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let issuer = tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
        // Read on, so that it never waits for a reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { issuer, _process: process }
    }

    /// The settings of a hub that logs in here.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("SENDRY_PUBLIC_URL", PUBLIC_URL.to_owned()),
            ("SENDRY_OIDC__ISSUER", self.issuer.clone()),
            ("SENDRY_OIDC__CLIENT_ID", "sendry".to_owned()),
            ("SENDRY_OIDC__CLIENT_SECRET", "the secret of the hub".to_owned()),
            ("SENDRY_OIDC__SCOPES", "email groups".to_owned()),
            ("SENDRY_OIDC__ROLE_CLAIM", "groups".to_owned()),
        ]
    }
}

/// Keeps cookies by origin and follows redirects one by one.
pub(crate) struct Browser<'a> {
    hub: &'a TestHub,
    cookies: HashMap<String, HashMap<String, String>>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(hub: &'a TestHub) -> Self {
        Self { hub, cookies: HashMap::new() }
    }

    /// Logs in at the provider under a name and comes back to the hub: the answer of the hub's callback.
    pub(crate) async fn log_in(&mut self, name: &str, next: &str) -> Response {
        let mut url = format!("{PUBLIC_URL}/api/v1/session/oidc?next={next}");
        for _ in 0..20 {
            let is_callback = url.starts_with(&format!("{PUBLIC_URL}/api/v1/session/oidc/callback"));
            let response = self.request(Method::GET, &url, None).await;
            if is_callback || url_of(&response, &url).is_some_and(|next| next.contains("/login?")) {
                return response;
            }
            url = match url_of(&response, &url) {
                Some(next) => next,
                None => self.fill_in(response, &url, name).await,
            };
        }
        panic!("the log-in goes round in circles at {url}");
    }

    /// Submits the form of the provider's page: who logs in, or that it is agreed.
    async fn fill_in(&mut self, page: Response, url: &str, name: &str) -> String {
        let status = page.status();
        let text = page.text().await.unwrap();
        assert!(status.is_success(), "{url}: {status} {text}");
        let prompt = if text.contains("value=\"login\"") { "login" } else { "consent" };
        let form = format!("prompt={prompt}&login={name}&password=any");
        let response = self.request(Method::POST, url, Some(form)).await;
        url_of(&response, url).unwrap_or_else(|| panic!("{url} leads nowhere: {response:?}"))
    }

    /// One request with the cookies of its origin; addresses of the hub go where it listens.
    pub(crate) async fn request(&mut self, method: Method, url: &str, form: Option<String>) -> Response {
        let origin = url.split('/').take(3).collect::<Vec<_>>().join("/");
        let real = url.replacen("http://hub.test", &self.hub.url, 1);
        let jar = self.cookies.entry(origin).or_default();
        let cookies: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = client().request(method, real).header("cookie", cookies.join("; "));
        if let Some(form) = form {
            request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        }
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            match value {
                "" => _ = jar.remove(name),
                value => _ = jar.insert(name.to_owned(), value.to_owned()),
            }
        }
        response
    }

    /// The cookies that the hub set, as a header.
    pub(crate) fn hub_cookies(&self) -> String {
        let jar = self.cookies.get("http://hub.test").into_iter().flatten();
        jar.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    pub(crate) fn set_hub_cookie(&mut self, name: &str, value: &str) {
        let jar = self.cookies.entry("http://hub.test".to_owned()).or_default();
        jar.insert(name.to_owned(), value.to_owned());
    }
}

/// Where a redirect leads, from the page that it was answered for.
pub(crate) fn url_of(response: &Response, page: &str) -> Option<String> {
    let location = response.headers().get("location")?.to_str().unwrap();
    if location.starts_with("http") {
        return Some(location.to_owned());
    }
    let origin = page.split('/').take(3).collect::<Vec<_>>().join("/");
    Some(format!("{origin}{location}"))
}
