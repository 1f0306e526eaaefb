//! The settings of the request log.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::body::{self, BodyRules};
use super::client_address::{Network, TrustedProxies};
use super::exclude::{self, Exclusions, PathPatterns, Unwanted, UserAgents};
use super::line::{LineWriter, Masks, Parts};
use super::mask::{self, Names};
use super::sample::Rules;
use crate::ConfigError;
use crate::protocol::RequestLog;

/// Memory for entries that wait for the writer: a burst of some ten thousand without bodies.
const WAITING_BYTES_MAX: usize = 32 * 1024 * 1024;

/// What is logged of requests, given to [`crate::Builder::request_logs`]. Without it nothing is.
///
/// By default an entry holds the URL, the headers of request and response, sizes, timing, consumer and trace ids. What is named
/// like a secret is masked, health checks are left out, and all else is logged.
///
/// ```
/// use std::time::Duration;
/// use sendry_sdk::{Sendry, request_log::RequestLogs};
///
/// # fn main() -> Result<(), sendry_sdk::ConfigError> {
/// let logs = RequestLogs::new()
///     .request_bodies()
///     .mask_fields(["passport_number"])
///     .exclude_paths(["/internal/*"])
///     .sample_rate(0.1)
///     .keep_slower_than(Duration::from_secs(1));
/// let sendry = Sendry::builder().request_logs(logs).build()?;
/// # let _ = sendry; Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "settings do nothing until they are given to a builder"]
pub struct RequestLogs {
    request_headers: bool,
    response_headers: bool,
    query: bool,
    request_bodies: bool,
    response_bodies: bool,
    body_bytes_max: usize,
    body_content_types: Vec<String>,
    client_address: bool,
    trusted_proxies: Vec<String>,
    masked_headers: Vec<String>,
    masked_query: Vec<String>,
    masked_fields: Vec<String>,
    excluded_paths: Vec<String>,
    excluded_user_agents: Vec<String>,
    unwanted: Option<Unwanted>,
    sample_rate: f64,
    slow: Option<Duration>,
    first_per_minute: u32,
    waiting_bytes_max: usize,
}

impl fmt::Debug for RequestLogs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestLogs")
            .field("request_bodies", &self.request_bodies)
            .field("response_bodies", &self.response_bodies)
            .field("sample_rate", &self.sample_rate)
            .finish_non_exhaustive()
    }
}

impl Default for RequestLogs {
    fn default() -> Self {
        Self {
            request_headers: true,
            response_headers: true,
            query: true,
            request_bodies: false,
            response_bodies: false,
            body_bytes_max: body::BODY_BYTES_MAX,
            body_content_types: owned(body::CONTENT_TYPES.iter().copied()),
            client_address: false,
            trusted_proxies: Vec::new(),
            masked_headers: owned(mask::EVERYWHERE.iter().chain(mask::HEADERS).copied()),
            masked_query: owned(mask::EVERYWHERE.iter().chain(mask::FIELDS).copied()),
            masked_fields: owned(mask::EVERYWHERE.iter().chain(mask::FIELDS).copied()),
            excluded_paths: owned(exclude::PATHS.iter().copied()),
            excluded_user_agents: owned(exclude::USER_AGENTS.iter().copied()),
            unwanted: None,
            sample_rate: 1.0,
            slow: None,
            first_per_minute: 0,
            waiting_bytes_max: WAITING_BYTES_MAX,
        }
    }
}

impl RequestLogs {
    /// Logs every request with its headers, masked, and without bodies.
    pub fn new() -> Self {
        Self::default()
    }

    /// Leaves the headers of requests out.
    pub fn without_request_headers(mut self) -> Self {
        self.request_headers = false;
        self
    }

    /// Leaves the headers of responses out.
    pub fn without_response_headers(mut self) -> Self {
        self.response_headers = false;
        self
    }

    /// Leaves query strings out.
    pub fn without_query(mut self) -> Self {
        self.query = false;
        self
    }

    /// Logs the bodies of requests, as far as the handler reads them. JSON and forms are masked field by field.
    pub fn request_bodies(mut self) -> Self {
        self.request_bodies = true;
        self
    }

    /// Logs the bodies of responses.
    pub fn response_bodies(mut self) -> Self {
        self.response_bodies = true;
        self
    }

    /// Leaves out bodies of more than so many bytes, 1 to 50,000. Default: 50,000.
    pub fn body_bytes_max(mut self, bytes: usize) -> Self {
        self.body_bytes_max = bytes;
        self
    }

    /// Logs bodies of these content types too: `text/plain`, or `text/*` for all of a kind. By default only JSON and forms are
    /// logged, because only they can be masked.
    pub fn body_content_types(mut self, types: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.body_content_types.extend(types.into_iter().map(|kind| kind.into().to_ascii_lowercase()));
        self
    }

    /// Logs the client's address: that of the connection, as far as the server tells it (in axum, with
    /// `into_make_service_with_connect_info`).
    pub fn client_address(mut self) -> Self {
        self.client_address = true;
        self
    }

    /// Believes `X-Forwarded-For` and `Forwarded` of these proxies: addresses or networks such as `10.0.0.0/8`.
    pub fn trusted_proxies(mut self, proxies: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.trusted_proxies.extend(proxies.into_iter().map(Into::into));
        self
    }

    /// Masks these headers too. Case and separators do not matter. A name of five letters or more matches anywhere in a header's
    /// name, a shorter one whole words only.
    pub fn mask_headers(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.masked_headers.extend(names.into_iter().map(Into::into));
        self
    }

    /// Masks these query parameters too; names match as in [`Self::mask_headers`].
    pub fn mask_query(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.masked_query.extend(names.into_iter().map(Into::into));
        self
    }

    /// Masks these fields of JSON bodies and forms too, at any depth; names match as in [`Self::mask_headers`].
    pub fn mask_fields(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.masked_fields.extend(names.into_iter().map(Into::into));
        self
    }

    /// Leaves out requests whose path or route matches: `/admin`, `/internal/*`, `*.png`. `*` stands for anything.
    pub fn exclude_paths(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.excluded_paths.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Leaves out requests whose user agent contains one of these, without regard to case.
    pub fn exclude_user_agents(mut self, pieces: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.excluded_user_agents.extend(pieces.into_iter().map(Into::into));
        self
    }

    /// Leaves out what `unwanted` says. It sees the entry as it would be sent, and runs on a thread of the client, so that no
    /// request waits for it. When it panics, the entry is dropped and counted.
    pub fn exclude_if(mut self, unwanted: impl Fn(&RequestLog) -> bool + Send + Sync + 'static) -> Self {
        self.unwanted = Some(Arc::new(unwanted));
        self
    }

    /// Keeps this share of the requests, 0 to 1. What fails with 5xx is always kept, and what the rules below keep. Metrics count
    /// every request whatever is kept here.
    pub fn sample_rate(mut self, rate: f64) -> Self {
        self.sample_rate = rate;
        self
    }

    /// Keeps every request that takes this long or longer.
    pub fn keep_slower_than(mut self, duration: Duration) -> Self {
        self.slow = Some(duration);
        self
    }

    /// Keeps the first requests of each route and minute, so that rare routes are seen too.
    pub fn keep_first_per_minute(mut self, requests: u32) -> Self {
        self.first_per_minute = requests;
        self
    }

    /// The memory for entries that wait to be written, 64 KiB to 1 GiB. What goes beyond is dropped and counted. Default: 32 MiB.
    pub fn waiting_bytes_max(mut self, bytes: usize) -> Self {
        self.waiting_bytes_max = bytes;
        self
    }

    /// Checks the settings.
    pub(crate) fn check(self) -> Result<Settings, ConfigError> {
        check_range("body_bytes_max", self.body_bytes_max, 1..=body::BODY_BYTES_MAX, "1 to 50000")?;
        check_range("waiting_bytes_max", self.waiting_bytes_max, 1 << 16..=1 << 30, "65536 to 1073741824")?;
        check_range("sample_rate", self.sample_rate, 0.0..=1.0, "0 to 1")?;
        check_each(
            "body_content_types",
            &self.body_content_types,
            "types like `text/plain` or `text/*`",
            is_type,
        )?;
        for (setting, names) in [
            ("mask_headers", &self.masked_headers),
            ("mask_query", &self.masked_query),
            ("mask_fields", &self.masked_fields),
            ("exclude_user_agents", &self.excluded_user_agents),
        ] {
            check_each(setting, names, "names with at least one letter or digit", is_name)?;
        }
        check_each(
            "exclude_paths",
            &self.excluded_paths,
            "patterns that begin with `/` or `*`",
            |pattern| pattern.starts_with(['/', '*']),
        )?;
        check_each(
            "trusted_proxies",
            &self.trusted_proxies,
            "addresses or networks like `10.0.0.0/8`",
            |proxy| Network::parse(proxy).is_some(),
        )?;
        Ok(Settings { checked: self })
    }
}

/// Settings that were checked.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    checked: RequestLogs,
}

impl Settings {
    pub(super) fn waiting_bytes_max(&self) -> usize {
        self.checked.waiting_bytes_max
    }

    pub(super) fn body_rules(&self) -> BodyRules {
        BodyRules {
            requests: self.checked.request_bodies,
            responses: self.checked.response_bodies,
            bytes_max: self.checked.body_bytes_max,
            content_types: self.checked.body_content_types.clone(),
        }
    }

    pub(super) fn sampling(&self) -> Rules {
        Rules {
            rate: self.checked.sample_rate,
            slow: self.checked.slow,
            first_per_minute: self.checked.first_per_minute,
        }
    }

    pub(super) fn exclusions(&self) -> Exclusions {
        Exclusions {
            paths: PathPatterns::new(&self.checked.excluded_paths),
            user_agents: UserAgents::new(&self.checked.excluded_user_agents),
            unwanted: self.checked.unwanted.clone(),
        }
    }

    pub(super) fn line_writer(&self) -> LineWriter {
        let names = |patterns: &[String]| Names::new(patterns.iter().map(String::as_str));
        let networks =
            || self.checked.trusted_proxies.iter().filter_map(|proxy| Network::parse(proxy)).collect();
        let parts = Parts {
            request_headers: self.checked.request_headers,
            response_headers: self.checked.response_headers,
            query: self.checked.query,
            client_address: self.checked.client_address.then(|| TrustedProxies::new(networks())),
        };
        let masks = Masks {
            headers: names(&self.checked.masked_headers),
            query: names(&self.checked.masked_query),
            fields: names(&self.checked.masked_fields),
        };
        LineWriter::new(parts, masks)
    }
}

fn owned<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    texts.map(str::to_owned).collect()
}

fn is_name(name: &str) -> bool {
    name.contains(char::is_alphanumeric)
}

fn is_type(text: &str) -> bool {
    let is_token = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic() && b != b'/');
    text.split_once('/').is_some_and(|(kind, subtype)| kind != "*" && is_token(kind) && is_token(subtype))
}

fn check_range<T: PartialOrd + fmt::Display>(
    setting: &'static str,
    value: T,
    range: std::ops::RangeInclusive<T>,
    allowed: &'static str,
) -> Result<(), ConfigError> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(ConfigError::RequestLogs { setting, value: value.to_string(), allowed })
}

fn check_each(
    setting: &'static str,
    values: &[String],
    allowed: &'static str,
    is_valid: impl Fn(&str) -> bool,
) -> Result<(), ConfigError> {
    match values.iter().find(|value| !is_valid(value)) {
        None => Ok(()),
        Some(value) => Err(ConfigError::RequestLogs { setting, value: value.clone(), allowed }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_settings_are_named_with_what_is_allowed() {
        let logs = RequestLogs::new;
        let wrong = [
            (logs().sample_rate(1.5), "request_logs.sample_rate is `1.5`", "0 to 1"),
            (logs().sample_rate(f64::NAN), "request_logs.sample_rate is `NaN`", "0 to 1"),
            (logs().body_bytes_max(50_001), "request_logs.body_bytes_max is `50001`", "50000"),
            (logs().body_bytes_max(0), "body_bytes_max", "1 to"),
            (logs().waiting_bytes_max(1), "waiting_bytes_max", "65536"),
            (logs().body_content_types(["json"]), "body_content_types is `json`", "text/plain"),
            (logs().body_content_types(["*/*"]), "body_content_types", "text/*"),
            (logs().mask_headers(["--"]), "mask_headers is `--`", "letter"),
            (logs().mask_query([""]), "mask_query", "letter"),
            (logs().mask_fields([" "]), "mask_fields", "letter"),
            (logs().exclude_paths(["admin"]), "exclude_paths is `admin`", "begin with `/`"),
            (logs().exclude_user_agents([""]), "exclude_user_agents", "letter"),
            (logs().trusted_proxies(["10.0.0.0/40"]), "trusted_proxies is `10.0.0.0/40`", "10.0.0.0/8"),
        ];
        for (logs, setting, allowed) in wrong {
            let error = crate::Sendry::builder().request_logs(logs).build().unwrap_err().to_string();
            assert!(error.contains(setting) && error.contains(allowed), "{error}");
        }
    }

    #[test]
    fn users_extend_the_lists_and_the_defaults_stay() {
        let logs =
            RequestLogs::new().mask_headers(["x-internal"]).mask_fields(["passport"]).mask_query(["vin"]);
        let lines = logs.check().unwrap().line_writer();
        assert!(lines.masks.headers.contain("X-Internal-Id") && lines.masks.headers.contain("cookie"));
        assert!(lines.masks.fields.contain("passport_number") && lines.masks.fields.contain("ssn"));
        assert!(lines.masks.query.contain("vin") && !lines.masks.query.contain("divine"));
    }
}
