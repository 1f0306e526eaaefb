//! The builder: every setting with its default, its environment variable and its limits.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::Sendry;
use crate::clock::Clock;
use crate::protocol::limits;
use crate::request_log::{self, RequestLogs};
use crate::sync::transport::{HttpTransport, Transport};

const DEFAULT_HUB_URL: &str = "http://127.0.0.1:8600";
const DEFAULT_ENV: &str = "dev";

/// Settings of a [`Sendry`] client, made by [`Sendry::builder`].
///
/// What is not set is read from the environment: `SENDRY_WRITE_KEY`, `SENDRY_HUB_URL`, `SENDRY_ENV`, `SENDRY_APP_VERSION`.
#[derive(Clone, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct Builder {
    write_key: Option<String>,
    hub_url: Option<String>,
    env: Option<String>,
    app_version: Option<String>,
    spool_dir: Option<PathBuf>,
    count_options: bool,
    request_logs: Option<RequestLogs>,
    transport: Option<Arc<dyn Transport>>,
    clock: Option<Arc<dyn Clock>>,
}

impl fmt::Debug for Builder {
    /// Leaves out the write key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("hub_url", &self.hub_url)
            .field("env", &self.env)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// The app's write key, as `sendry-hub app create` prints it. Without one the client is disabled: it logs one line and
    /// costs next to nothing. Environment: `SENDRY_WRITE_KEY`.
    pub fn write_key(mut self, write_key: impl Into<String>) -> Self {
        self.write_key = Some(write_key.into());
        self
    }

    /// Where the hub listens. Default: `http://127.0.0.1:8600`. Environment: `SENDRY_HUB_URL`.
    pub fn hub_url(mut self, hub_url: impl Into<String>) -> Self {
        self.hub_url = Some(hub_url.into());
        self
    }

    /// The environment, 1 to 32 characters of `[A-Za-z0-9_-]`. Default: `dev`. Environment: `SENDRY_ENV`.
    pub fn env(mut self, env: impl Into<String>) -> Self {
        self.env = Some(env.into());
        self
    }

    /// The version of the application, at most 128 bytes: a release or a commit. Environment: `SENDRY_APP_VERSION`.
    pub fn app_version(mut self, app_version: impl Into<String>) -> Self {
        self.app_version = Some(app_version.into());
        self
    }

    /// Where reports wait that the hub did not take; when the process has ended, the next one sends them. Several processes may share
    /// it. Default: a folder of this app and environment in the system's temporary directory.
    pub fn spool_dir(mut self, spool_dir: impl Into<PathBuf>) -> Self {
        self.spool_dir = Some(spool_dir.into());
        self
    }

    /// Counts `OPTIONS` requests too. They are left out by default, because most are CORS preflights.
    pub fn count_options(mut self) -> Self {
        self.count_options = true;
        self
    }

    /// Logs single requests too. Default: none are.
    pub fn request_logs(mut self, request_logs: RequestLogs) -> Self {
        self.request_logs = Some(request_logs);
        self
    }

    /// Sends through `transport` instead of HTTP.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Takes the time from `clock` instead of the machine.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Checks the settings and starts the client: one thread of its own, no runtime needed.
    ///
    /// # Errors
    ///
    /// Names the setting that is not valid and what is allowed. A missing write key is not an error.
    pub fn build(self) -> Result<Sendry, ConfigError> {
        Ok(Sendry::start(self.resolve(|name| std::env::var_os(name))?))
    }

    fn resolve(self, variable: impl Fn(&str) -> Option<OsString>) -> Result<Config, ConfigError> {
        let set = |value: Option<String>, name: &'static str| -> Result<Option<String>, ConfigError> {
            let from_environment = || variable(name).map(OsString::into_string).transpose();
            let text = match value {
                Some(value) => Some(value),
                None => from_environment().map_err(|_| ConfigError::NotText { variable: name })?,
            };
            Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
        };
        let write_key = set(self.write_key, "SENDRY_WRITE_KEY")?;
        let hub_url = set(self.hub_url, "SENDRY_HUB_URL")?.unwrap_or_else(|| DEFAULT_HUB_URL.to_owned());
        let env = set(self.env, "SENDRY_ENV")?.unwrap_or_else(|| DEFAULT_ENV.to_owned());
        let app_version = set(self.app_version, "SENDRY_APP_VERSION")?;

        write_key.as_deref().map_or(Ok(()), check_write_key)?;
        check_env(&env)?;
        app_version.as_deref().map_or(Ok(()), check_app_version)?;
        let http = HttpTransport::new(&hub_url, write_key.as_deref().unwrap_or_default())?;
        let spool_dir = self.spool_dir.unwrap_or_else(|| default_spool_dir(write_key.as_deref(), &env));
        if spool_dir.as_os_str().is_empty() {
            return Err(ConfigError::SpoolDir);
        }
        Ok(Config {
            enabled: write_key.is_some() || self.transport.is_some(),
            env,
            app_version,
            spool_dir,
            count_options: self.count_options,
            request_logs: self.request_logs.map(RequestLogs::check).transpose()?,
            transport: self.transport.unwrap_or_else(|| Arc::new(http)),
            clock: self.clock,
        })
    }
}

/// Settings that were checked.
pub(crate) struct Config {
    pub(crate) enabled: bool,
    pub(crate) env: String,
    pub(crate) app_version: Option<String>,
    pub(crate) spool_dir: PathBuf,
    pub(crate) count_options: bool,
    pub(crate) request_logs: Option<request_log::Settings>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Option<Arc<dyn Clock>>,
}

/// A setting that is not valid.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The write key has not the form of one.
    #[error(
        "write_key (SENDRY_WRITE_KEY) is malformed: it must be `sdry_` and 32 to 64 letters or digits, \
         as `sendry-hub app create` prints it"
    )]
    WriteKey,
    /// The hub's address is not an HTTP URL.
    #[error(
        "hub_url (SENDRY_HUB_URL) is `{url}`, which is not usable: {reason}; write it like `https://sendry.example.com`"
    )]
    HubUrl {
        /// What was set.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The environment's name has other characters or a length that is not allowed.
    #[error("env (SENDRY_ENV) is `{0}`, but must be 1 to 32 characters of A-Z, a-z, 0-9, `_` and `-`")]
    Env(String),
    /// The application's version is too long.
    #[error("app_version (SENDRY_APP_VERSION) has {0} bytes, but at most 128 are allowed")]
    AppVersion(usize),
    /// The spool directory has no name.
    #[error("spool_dir is empty, but must be the path of a directory, which is made where it is not there")]
    SpoolDir,
    /// A variable of the environment is no text.
    #[error("{variable} is not text, but must be UTF-8")]
    NotText {
        /// The variable's name.
        variable: &'static str,
    },
    /// A setting of the request log is not valid.
    #[error("request_logs.{setting} is `{value}`, but must be {allowed}")]
    RequestLogs {
        /// The setting's name.
        setting: &'static str,
        /// What was set.
        value: String,
        /// What is allowed.
        allowed: &'static str,
    },
}

fn check_write_key(key: &str) -> Result<(), ConfigError> {
    let secret = key.strip_prefix("sdry_").unwrap_or_default();
    let valid = (32..=64).contains(&secret.len()) && secret.bytes().all(|b| b.is_ascii_alphanumeric());
    if valid { Ok(()) } else { Err(ConfigError::WriteKey) }
}

fn check_env(env: &str) -> Result<(), ConfigError> {
    if limits::is_env_name(env) { Ok(()) } else { Err(ConfigError::Env(env.to_owned())) }
}

fn check_app_version(version: &str) -> Result<(), ConfigError> {
    if version.len() <= limits::TEXT_BYTES_MAX { Ok(()) } else { Err(ConfigError::AppVersion(version.len())) }
}

/// One folder for each app and environment, so that a process only ever sends what is its own. The key's fingerprint is a
/// one-way mix: it tells keys apart and tells nothing about them.
fn default_spool_dir(write_key: Option<&str>, env: &str) -> PathBuf {
    const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const FNV_PRIME: u64 = 0x0100_0000_01b3;
    let bytes = write_key.unwrap_or_default().bytes().chain([0]).chain(env.bytes());
    let fingerprint = bytes.fold(FNV_OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME));
    std::env::temp_dir().join(format!("sendry-spool-{:08x}", fingerprint >> 32 ^ fingerprint & 0xffff_ffff))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sdry_0123456789abcdefghijklmnopqrstuv";

    fn resolve(builder: Builder) -> Result<Config, String> {
        builder.resolve(|_| None).map_err(|error| error.to_string())
    }

    #[test]
    fn everything_can_come_from_the_environment() {
        let variable = |name: &str| match name {
            "SENDRY_WRITE_KEY" => Some(KEY.into()),
            "SENDRY_ENV" => Some("prod".into()),
            "SENDRY_APP_VERSION" => Some("1.2.3\n".into()),
            _ => None,
        };
        let config = Builder::default().resolve(variable).map_err(|e| e.to_string()).unwrap();
        assert!(config.enabled);
        assert_eq!((config.env.as_str(), config.app_version.as_deref()), ("prod", Some("1.2.3")));
    }

    #[test]
    fn what_is_set_in_code_wins_over_the_environment() {
        let config = Builder::default().env("blue").resolve(|_| Some("prod".into()));
        assert!(config.is_err(), "the variable SENDRY_WRITE_KEY is not a key");
        let config =
            Builder::default().write_key(KEY).env("blue").hub_url("http://h").resolve(|_| Some("v".into()));
        assert_eq!(config.map_err(|e| e.to_string()).unwrap().env, "blue");
    }

    #[test]
    fn no_key_or_an_empty_one_disables_the_client() {
        assert!(!resolve(Builder::default()).unwrap().enabled);
        assert!(!resolve(Builder::default().write_key("  ")).unwrap().enabled);
    }

    #[test]
    fn invalid_settings_are_named_with_what_is_allowed() {
        let wrong = [
            (Builder::default().write_key("sdry_short"), "SENDRY_WRITE_KEY"),
            (Builder::default().write_key(format!("{KEY}-")), "sendry-hub app create"),
            (Builder::default().env("a b"), "SENDRY_ENV"),
            (Builder::default().env("x".repeat(33)), "1 to 32"),
            (Builder::default().app_version("v".repeat(129)), "128"),
            (Builder::default().hub_url("localhost:8600"), "SENDRY_HUB_URL"),
            (Builder::default().hub_url("ftp://x"), "https://"),
            (Builder::default().hub_url("http://"), "SENDRY_HUB_URL"),
            (Builder::default().hub_url("http://user:secret@hub"), "names a user"),
            (Builder::default().spool_dir(""), "spool_dir"),
        ];
        for (builder, expected) in wrong {
            let error = resolve(builder).err().unwrap();
            assert!(error.contains(expected) && !error.contains("secret"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_no_text_is_named_unless_code_sets_what_it_would() {
        use std::os::unix::ffi::OsStringExt;
        for name in ["SENDRY_WRITE_KEY", "SENDRY_HUB_URL", "SENDRY_ENV", "SENDRY_APP_VERSION"] {
            let garbage = |asked: &str| (asked == name).then(|| OsString::from_vec(vec![b'a', 0xff]));
            let error = Builder::default().resolve(garbage).err().unwrap().to_string();
            assert!(error.contains(name) && error.contains("UTF-8"), "{error}");
        }
        let garbage = |_: &str| Some(OsString::from_vec(vec![0xff]));
        let set = Builder::default().write_key(KEY).env("dev").hub_url("http://h").app_version("1");
        assert!(set.resolve(garbage).is_ok());
    }

    #[test]
    fn apps_and_environments_have_spools_of_their_own() {
        let of = |key, env| default_spool_dir(Some(key), env);
        assert_ne!(of(KEY, "dev"), of(KEY, "prod"));
        assert_ne!(of(KEY, "dev"), of("sdry_1", "dev"));
        assert!(!of(KEY, "dev").to_string_lossy().contains("0123456789abcdef"));
    }
}
