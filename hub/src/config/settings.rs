//! The list of settings.

/// One key of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// `section.key`, as in the file.
    pub key: &'static str,
    /// A name in the environment that always works, beside [`Setting::variable`].
    pub short_name: Option<&'static str>,
    /// The value when nobody sets it, as it would be written in the file; none when there is none.
    pub default: Option<&'static str>,
    /// What may be set.
    pub allowed: &'static str,
    pub description: &'static str,
    /// Whether the value may hold a password, which is not printed.
    pub may_hold_secret: bool,
}

impl Setting {
    /// Returns the setting of this key.
    pub fn find(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }

    /// Its name in the environment: `SENDRY_<SECTION>__<KEY>`.
    pub fn variable(&self) -> String {
        format!("SENDRY_{}", self.key.replace('.', "__").to_uppercase())
    }
}

const fn setting(
    key: &'static str,
    default: Option<&'static str>,
    allowed: &'static str,
    description: &'static str,
) -> Setting {
    Setting { key, short_name: None, default, allowed, description, may_hold_secret: false }
}

const fn url_file(key: &'static str) -> Setting {
    let description =
        "The file of the URL, instead of the URL itself: for secrets that are handed over as files.";
    setting(key, None, "the path of a file that holds nothing else", description)
}

impl Setting {
    const fn short(mut self, name: &'static str) -> Self {
        self.short_name = Some(name);
        self
    }

    const fn secret(mut self) -> Self {
        self.may_hold_secret = true;
        self
    }
}

/// Every setting there is, in the order of the reference.
pub const SETTINGS: &[Setting] = &[
    setting(
        "http.listen",
        Some("\"127.0.0.1:8600\""),
        "an IP address and a port, such as \"0.0.0.0:8600\"",
        "Where the hub listens. Port 0 takes a free one.",
    )
    .short("SENDRY_LISTEN"),
    setting(
        "http.public_url",
        None,
        "an http:// or https:// URL without query, such as \"https://sendry.example.com\"",
        "How people reach the hub: for links, the scope of cookies and the check of a request's origin. \
         Cookies are marked `Secure` when it is https. Without it: the listen address.",
    )
    .short("SENDRY_PUBLIC_URL"),
    setting(
        "http.trusted_proxies",
        Some("\"\""),
        "addresses and networks separated by commas, such as \"10.0.0.0/8, ::1\"",
        "Proxies in front of the hub whose `X-Forwarded-For` is believed: for the throttle of log-ins and the audit log.",
    ),
    setting(
        "http.request_timeout_secs",
        Some("30"),
        "a whole number from 1 to 600",
        "How long a request may take from the end of its head to the end of its answer.",
    ),
    setting(
        "http.drain_delay_secs",
        Some("0"),
        "a whole number from 0 to 300",
        "How long the hub goes on accepting after it was asked to end, while `/readyz` answers 503. Behind a load balancer: the time \
         in which that notices, so that no request meets a closed port.",
    ),
    setting(
        "http.shutdown_timeout_secs",
        Some("20"),
        "a whole number from 1 to 600",
        "How long a shutdown waits for requests in flight and the worker's batch. What is not stored then stays in the queue.",
    ),
    setting(
        "storage.data_dir",
        Some("\"./sendry-data\""),
        "a path",
        "The directory of the embedded stores; created, readable by its owner alone, when it is missing.",
    )
    .short("SENDRY_DATA_DIR"),
    setting(
        "storage.ca_file",
        None,
        "the path of a file with certificates in PEM",
        "Authorities that are trusted beside the public ones, which are built in, when RabbitMQ (amqps://), ClickHouse (?secure=1) or \
         PostgreSQL (?sslmode=verify-full) shows a certificate. Certificates must be of version 3 and name the host.",
    ),
    setting(
        "queue.url",
        None,
        "amqp://USER:PASSWORD@HOST:5672/VHOST, amqps://…, or sqlite:PATH",
        "The queue: RabbitMQ, or SQLite. Without it: SQLite, `queue.db` in the data directory.",
    )
    .short("SENDRY_QUEUE_URL")
    .secret(),
    url_file("queue.url_file"),
    setting(
        "queue.prefix",
        Some("\"sendry\""),
        "1 to 64 characters of A-Z, a-z, 0-9, _ and -",
        "What the names of queues and exchanges in RabbitMQ begin with. Hubs that share a virtual host and are not one hub need \
         different ones.",
    ),
    setting(
        "queue.rabbitmq_queue_type",
        Some("\"quorum\""),
        "\"quorum\" or \"classic\"",
        "What RabbitMQ makes the queues of. A queue keeps its type: to change it, drain the hub, delete the queues, start again.",
    ),
    setting(
        "queue.max_mb",
        Some("2048"),
        "a whole number from 16 to 1000000",
        "Megabytes that the embedded queue may hold, dead letters included. Beyond it ingest answers 503, and SDKs send again later. \
         RabbitMQ has limits of its own.",
    ),
    setting(
        "traffic.url",
        None,
        "sqlite:PATH or clickhouse://USER:PASSWORD@HOST:8123/DATABASE, with ?secure=1 for TLS and ?compression=none where the network \
         is faster than packing",
        "The traffic store. Without it: SQLite, `traffic.db` in the data directory. The port of ClickHouse is that of its HTTP \
         interface; a database that is missing is made. It needs ClickHouse 24.8 or newer.",
    )
    .short("SENDRY_TRAFFIC_URL")
    .secret(),
    url_file("traffic.url_file"),
    setting(
        "traffic.clickhouse_cluster",
        None,
        "the name of a cluster of one shard in ClickHouse's configuration",
        "Makes ClickHouse's tables replicated ones, on all servers of the cluster. It counts when the tables are made; one server needs \
         neither this nor Keeper.",
    ),
    setting(
        "metadata.url",
        None,
        "sqlite:PATH or postgres://USER:PASSWORD@HOST:5432/DATABASE, with ?sslmode=verify-full for TLS",
        "The metadata store. PostgreSQL 12 or newer; the hub makes its tables itself. Without it: SQLite, `metadata.db` in the data directory.",
    )
    .short("SENDRY_METADATA_URL")
    .secret(),
    url_file("metadata.url_file"),
    setting(
        "retention.minutes_days",
        Some("32"),
        "a whole number from 1 to 400",
        "Days for which traffic is kept by the minute. After that 30-minute rows remain.",
    ),
    setting(
        "retention.coarse_days",
        Some("396"),
        "a whole number from 1 to 4000, not below retention.minutes_days",
        "Days for which traffic is kept at all: thirteen months.",
    ),
    setting(
        "retention.request_logs_days",
        Some("15"),
        "a whole number from 1 to 400",
        "Days for which request logs are kept.",
    ),
    setting(
        "retention.audit_days",
        Some("396"),
        "a whole number from 1 to 4000",
        "Days for which the audit log is kept.",
    ),
    setting(
        "ingest.messages_per_second_max",
        Some("2000"),
        "a whole number from 0 to 1000000; 0 means no limit",
        "Messages a second that one app may send; above it the hub answers 429. An instance sends one every 10 to 60 seconds.",
    ),
    setting(
        "ingest.sync_interval_secs",
        None,
        "a whole number from 5 to 300",
        "How often SDKs shall report. Without it they keep their own rhythm: 10 s in the first hour, then 60 s.",
    ),
    setting(
        "auth.password_log_in",
        Some("true"),
        "true or false; false only when oidc.issuer is set",
        "Whether people log in with a password. Without it only the identity provider lets them in.",
    ),
    setting(
        "auth.session_idle_hours",
        Some("168"),
        "a whole number from 1 to 8760",
        "Hours after which a session ends that nobody used.",
    ),
    setting(
        "auth.session_max_days",
        Some("30"),
        "a whole number from 1 to 365",
        "Days after which a session ends in any case.",
    ),
    setting(
        "oidc.issuer",
        None,
        "an https:// URL, or http:// for a provider on this machine",
        "The OpenID Connect provider with which people log in. Needs oidc.client_id and http.public_url; register \
         `<http.public_url>/api/v1/session/oidc/callback` with the provider as the redirect URI.",
    ),
    setting("oidc.client_id", None, "the id that the provider gave", "The hub's client id at the provider."),
    setting(
        "oidc.client_secret",
        None,
        "the secret that the provider gave",
        "The hub's client secret at the provider. Without it the hub is a public client.",
    )
    .secret(),
    setting(
        "oidc.client_secret_file",
        None,
        "the path of a file that holds nothing else",
        "The file of the client secret, instead of oidc.client_secret.",
    ),
    setting(
        "oidc.name",
        Some("\"Single sign-on\""),
        "a short text",
        "What the log-in page calls the provider.",
    ),
    setting(
        "oidc.scopes",
        Some("\"email profile\""),
        "words separated by spaces",
        "What is asked of the provider beside `openid`. The e-mail address is needed.",
    ),
    setting(
        "oidc.role_claim",
        None,
        "the name of a claim such as \"groups\" or \"realm_access.roles\"",
        "The claim of the provider that decides about roles. With it, the roles of people without a password of their own are \
         what it says, each time they log in.",
    ),
    setting(
        "oidc.role_map",
        Some("\"\""),
        "VALUE=ROLE or VALUE=ROLE@APP_ID, separated by commas, such as \"ops=admin, shop-team=editor@APP_ID\"",
        "Which value of oidc.role_claim is which role, on the whole hub or on an app.",
    ),
    setting(
        "oidc.default_role",
        Some("\"none\""),
        "\"none\", \"viewer\", \"editor\" or \"admin\"",
        "The role on the whole hub of people for whom oidc.role_map has none. With none they are not let in.",
    ),
    setting(
        "oidc.allowed_domains",
        Some("\"\""),
        "domains separated by commas, such as \"example.com\"",
        "The domains of the e-mail addresses that are let in. Without any: all that the provider lets in.",
    ),
    setting(
        "oidc.create_users",
        Some("true"),
        "true or false",
        "Whether people whom the hub does not know become users when they log in with the provider.",
    ),
    setting(
        "oidc.trust_unverified_email",
        Some("false"),
        "true or false",
        "Whether an e-mail address counts that the provider does not call verified. Only where people cannot choose their \
         address at the provider: it decides whose account they get.",
    ),
    setting(
        "dashboard.auto_login",
        Some("false"),
        "true or false; true only when http.listen is a loopback address",
        "Logs visitors from this very machine in as admins. For demonstrations.",
    ),
    setting("log.format", Some("\"text\""), "\"text\" or \"json\"", "How log lines look, on standard error."),
    setting(
        "log.filter",
        Some("\"info\""),
        "directives such as \"info,sendry_hub::worker=debug\"",
        "What is logged: a level, or levels by module.",
    ),
];
