//! The hub's configuration: defaults, then a TOML file, then the environment.
//!
//! [`SETTINGS`] lists every key once: what it means, what it is when nobody sets it, and what is allowed. Loading, errors,
//! `sendry-hub config print` and `docs/configuration.md` all come from that list. The result is a plain [`Config`] that `app`
//! takes apart; nothing reads configuration through a global.

mod docs;
mod error;
mod load;
mod provider;
mod settings;
mod value;

pub use docs::reference;
pub use error::ConfigError;
pub use load::{Loaded, Sources, load};
pub use settings::{SETTINGS, Setting};

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::certificates::Authorities;
use crate::http::peer::TrustedProxies;
use crate::queue::rabbitmq::QueueType;
use crate::store::metadata::{Grant, Role};
use crate::store::traffic::Retention;

/// Everything that can be configured, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    pub http: HttpConfig,
    pub storage: StorageConfig,
    pub queue: QueueConfig,
    pub retention: Retention,
    pub ingest: IngestConfig,
    pub auth: AuthConfig,
    pub dashboard: DashboardConfig,
    pub log: LogConfig,
}

/// The listener.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpConfig {
    pub listen: SocketAddr,
    /// How the hub is reached from outside; none: by its listen address.
    pub public_url: Option<PublicUrl>,
    /// Whose word about a client's address is taken.
    pub trusted_proxies: TrustedProxies,
    /// From the end of a request's head to the end of its answer.
    pub request_timeout: Duration,
    /// How long the hub goes on accepting after it was asked to end, while `/readyz` says that it ends.
    pub drain_delay: Duration,
    /// How long a shutdown waits for requests and the worker.
    pub shutdown_timeout: Duration,
}

/// The hub's address as people use it: scheme, host and perhaps a path, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Scheme and host, as browsers send it in `Origin`.
    pub fn origin(&self) -> &str {
        let host = self.0.find("://").map_or(0, |at| at + 3);
        let end = self.0[host..].find('/').map_or(self.0.len(), |at| host + at);
        &self.0[..end]
    }

    /// The path under which the hub is reached; `/` without one.
    pub fn path(&self) -> &str {
        let path = &self.0[self.origin().len()..];
        if path.is_empty() { "/" } else { path }
    }

    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

/// Where things are kept. A URL that is none is SQLite in the data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageConfig {
    pub data_dir: PathBuf,
    /// Authorities that are trusted beside the public ones, and the file they stand in.
    pub authorities: Option<Authorities>,
    pub ca_file: Option<PathBuf>,
    pub queue_url: Option<String>,
    pub traffic_url: Option<String>,
    /// The cluster of ClickHouse servers whose replicas keep traffic; none: one server.
    pub clickhouse_cluster: Option<String>,
    pub metadata_url: Option<String>,
}

/// How the queue is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueConfig {
    /// What names in RabbitMQ begin with.
    pub prefix: String,
    pub rabbitmq_queue_type: QueueType,
    /// Bytes that the embedded queue may hold.
    pub bytes_max: u64,
}

/// What ingest accepts.
#[derive(Debug, Clone, PartialEq)]
pub struct IngestConfig {
    /// Messages a second of one app, above which it answers 429; none: no limit.
    pub messages_per_second_max: Option<u32>,
    /// What SDKs are told about their rhythm; none: they keep their own.
    pub sync_interval_secs: Option<u64>,
}

/// Log-ins and sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthConfig {
    /// Whether people log in with a password.
    pub password_log_in: bool,
    /// A session ends when it was not used for this long.
    pub session_idle_secs: i64,
    /// A session ends after this long in any case.
    pub session_max_secs: i64,
    /// How long the audit log is kept.
    pub audit_secs: i64,
    /// Who else says who people are.
    pub provider: Option<ProviderConfig>,
}

/// An OpenID Connect provider.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderConfig {
    pub issuer: String,
    pub client_id: String,
    /// None for a public client.
    pub client_secret: Option<String>,
    /// What the button of the log-in says.
    pub name: String,
    /// Beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that holds roles or groups, with dots into nested claims.
    pub role_claim: Option<String>,
    /// What values of the claim stand for.
    pub role_map: Vec<(String, Grant)>,
    /// What is held on the whole hub where no value stands for anything.
    pub default_role: Option<Role>,
    /// The domains of e-mail addresses that are let in; empty: all.
    pub allowed_domains: Vec<String>,
    /// Whether people who are not known yet become users.
    pub create_users: bool,
    /// Whether an address counts that the provider does not call verified.
    pub trust_unverified_email: bool,
}

impl std::fmt::Debug for ProviderConfig {
    /// Leaves the secret out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderConfig")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// The dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DashboardConfig {
    /// Logs visitors from this machine in as admins. For demonstrations, on loopback only.
    pub auto_login: bool,
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    pub format: LogFormat,
    /// As `tracing_subscriber::EnvFilter` reads it.
    pub filter: String,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}
