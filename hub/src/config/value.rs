//! From merged values to a checked [`Config`].

use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use figment::Figment;
use figment::value::Value;

use super::{
    AuthConfig, Config, ConfigError, DashboardConfig, HttpConfig, IngestConfig, LogConfig, LogFormat,
    PublicUrl, QueueConfig, SETTINGS, Setting, StorageConfig,
};
use crate::certificates::Authorities;
use crate::queue::rabbitmq::QueueType;
use crate::store::traffic::Retention;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// The merged values.
pub(super) struct Values<'a> {
    figment: &'a Figment,
}

impl<'a> Values<'a> {
    pub(super) fn new(figment: &'a Figment) -> Self {
        Self { figment }
    }

    /// Takes every setting out and checks it.
    pub(super) fn config(&self) -> Result<Config, ConfigError> {
        let config = Config {
            http: self.http()?,
            storage: self.storage()?,
            queue: self.queue()?,
            retention: self.retention()?,
            ingest: self.ingest()?,
            auth: AuthConfig {
                password_log_in: self.required("auth.password_log_in", parse::<bool>)?,
                session_idle_secs: self.number("auth.session_idle_hours", 1, 8_760)? * HOUR,
                session_max_secs: self.number("auth.session_max_days", 1, 365)? * DAY,
                audit_secs: self.number("retention.audit_days", 1, 4_000)? * DAY,
                provider: self.provider()?,
            },
            dashboard: DashboardConfig { auto_login: self.required("dashboard.auto_login", parse::<bool>)? },
            log: self.log()?,
        };
        self.check_provider(&config)?;
        if config.dashboard.auto_login && !config.http.listen.ip().is_loopback() {
            let problem = format!("http.listen is {}, which others can reach", config.http.listen);
            return Err(self.invalid("dashboard.auto_login", problem));
        }
        Ok(config)
    }

    fn http(&self) -> Result<HttpConfig, ConfigError> {
        let secs = |key| Ok(Duration::from_secs(self.number(key, 1, 600)?.unsigned_abs()));
        Ok(HttpConfig {
            listen: self.required("http.listen", parse)?,
            public_url: self.optional("http.public_url", public_url)?,
            trusted_proxies: self.required("http.trusted_proxies", parse)?,
            request_timeout: secs("http.request_timeout_secs")?,
            drain_delay: Duration::from_secs(self.number("http.drain_delay_secs", 0, 300)?.unsigned_abs()),
            shutdown_timeout: secs("http.shutdown_timeout_secs")?,
        })
    }

    fn storage(&self) -> Result<StorageConfig, ConfigError> {
        Ok(StorageConfig {
            data_dir: self.required("storage.data_dir", not_empty).map(PathBuf::from)?,
            ca_file: self.optional("storage.ca_file", not_empty)?.map(PathBuf::from),
            authorities: self.optional("storage.ca_file", |path| Authorities::parse(&read_file(path)?))?,
            queue_url: self.secret("queue.url", "queue.url_file")?,
            traffic_url: self.secret("traffic.url", "traffic.url_file")?,
            clickhouse_cluster: self.optional("traffic.clickhouse_cluster", not_empty)?,
            metadata_url: self.secret("metadata.url", "metadata.url_file")?,
        })
    }

    /// A value that is set or stands in a file that is set; not both.
    pub(super) fn secret(&self, key: &str, file_key: &str) -> Result<Option<String>, ConfigError> {
        let file = self.optional(file_key, |path| not_empty(read_file(path)?.trim()))?;
        let own = self.optional(key, not_empty)?;
        if file.is_some() && own.is_some() {
            return Err(self.invalid(file_key, format!("{key} is set too; leave one of them out")));
        }
        Ok(own.or(file))
    }

    fn queue(&self) -> Result<QueueConfig, ConfigError> {
        let queue_type = |text: &str| match text {
            "quorum" => Ok(QueueType::Quorum),
            "classic" => Ok(QueueType::Classic),
            _ => Err("there is no such type".to_owned()),
        };
        let megabytes = self.number("queue.max_mb", 16, 1_000_000)?;
        Ok(QueueConfig {
            prefix: self.required("queue.prefix", name)?,
            rabbitmq_queue_type: self.required("queue.rabbitmq_queue_type", queue_type)?,
            bytes_max: megabytes.unsigned_abs() * 1024 * 1024,
        })
    }

    fn retention(&self) -> Result<Retention, ConfigError> {
        let minutes = self.number("retention.minutes_days", 1, 400)?;
        let coarse = self.number("retention.coarse_days", 1, 4_000)?;
        if coarse < minutes {
            return Err(self.invalid("retention.coarse_days", format!("retention.minutes_days is {minutes}")));
        }
        let request_logs = self.number("retention.request_logs_days", 1, 400)?;
        Ok(Retention {
            minutes_secs: minutes * DAY,
            coarse_secs: coarse * DAY,
            request_logs_secs: request_logs * DAY,
        })
    }

    fn ingest(&self) -> Result<IngestConfig, ConfigError> {
        let per_second = self.number("ingest.messages_per_second_max", 0, 1_000_000)?;
        let interval = self.optional("ingest.sync_interval_secs", |text| in_range(text, 5, 300))?;
        Ok(IngestConfig {
            messages_per_second_max: u32::try_from(per_second).ok().filter(|limit| *limit > 0),
            sync_interval_secs: interval.map(i64::unsigned_abs),
        })
    }

    fn log(&self) -> Result<LogConfig, ConfigError> {
        let format = |text: &str| match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err("there is no such format".to_owned()),
        };
        let filter = |text: &str| {
            let filter = tracing_subscriber::EnvFilter::try_new(text).map_err(|error| error.to_string());
            filter.map(|_| text.to_owned())
        };
        Ok(LogConfig {
            format: self.required("log.format", format)?,
            filter: self.required("log.filter", filter)?,
        })
    }

    pub(super) fn number(&self, key: &str, min: i64, max: i64) -> Result<i64, ConfigError> {
        self.required(key, |text| in_range(text, min, max))
    }

    pub(super) fn required<T>(
        &self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        match self.optional(key, parse)? {
            Some(value) => Ok(value),
            None => Err(self.invalid(key, "it is not set".to_owned())),
        }
    }

    pub(super) fn optional<T>(
        &self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(text) = self.text(key) else { return Ok(None) };
        parse(&text).map(Some).map_err(|problem| self.invalid(key, problem))
    }

    pub(super) fn text(&self, key: &str) -> Option<String> {
        match self.figment.find_value(key).ok()? {
            Value::String(_, text) => Some(text.trim().to_owned()),
            Value::Bool(_, value) => Some(value.to_string()),
            Value::Num(_, number) => {
                let whole = number.to_i128().map(|number| number.to_string());
                whole.or_else(|| number.to_f64().map(|number| number.to_string()))
            }
            _ => Some("a table or list".to_owned()),
        }
    }

    fn origin(&self, key: &str) -> String {
        self.figment
            .find_metadata(key)
            .map_or_else(|| "not set".to_owned(), |metadata| metadata.name.to_string())
    }

    pub(super) fn invalid(&self, key: &str, problem: String) -> ConfigError {
        let setting = Setting::find(key);
        let hidden = setting.is_some_and(|setting| setting.may_hold_secret);
        let value = self.text(key).map_or_else(|| "nothing".to_owned(), |text| format!("{text:?}"));
        ConfigError::Invalid {
            key: key.to_owned(),
            value: if hidden { "(hidden)".to_owned() } else { value },
            origin: self.origin(key),
            problem,
            allowed: setting.map_or_else(String::new, |setting| setting.allowed.to_owned()),
        }
    }

    /// Every setting with its value and origin.
    pub(super) fn describe(&self) -> Vec<(&'static Setting, Option<String>, String)> {
        let value = |setting: &Setting| match self.text(setting.key) {
            Some(_) if setting.may_hold_secret => Some("(hidden)".to_owned()),
            text => text,
        };
        SETTINGS.iter().map(|setting| (setting, value(setting), self.origin(setting.key))).collect()
    }
}

pub(super) fn parse<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

fn in_range(text: &str, min: i64, max: i64) -> Result<i64, String> {
    let number: i64 = parse(text)?;
    if (min..=max).contains(&number) { Ok(number) } else { Err("it is out of range".to_owned()) }
}

fn name(text: &str) -> Result<String, String> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if is_plain && (1..=64).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err("it is not such a name".to_owned())
    }
}

fn read_file(path: &str) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("the file cannot be read: {error}"))
}

pub(super) fn not_empty(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("it is empty".to_owned()) } else { Ok(text.to_owned()) }
}

fn public_url(text: &str) -> Result<PublicUrl, String> {
    let uri: http::Uri = parse(text)?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    if !is_http || uri.host().is_none_or(str::is_empty) || uri.query().is_some() || text.contains('@') {
        return Err("it is not such a URL".to_owned());
    }
    Ok(PublicUrl(text.trim_end_matches('/').to_owned()))
}
