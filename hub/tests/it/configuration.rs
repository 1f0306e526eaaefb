//! Where configuration comes from, what wins, and what an error says.

use std::path::PathBuf;
use std::time::Duration;

use sendry_hub::config::{Config, ConfigError, LogFormat, SETTINGS, Sources, load};

fn from(file: Option<&str>, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("hub.toml");
    let file = file.map(|text| std::fs::write(&path, text).map(|()| path.clone()).unwrap());
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    load(&Sources { file, variables }).map(|loaded| loaded.config)
}

#[test]
fn without_anything_it_listens_on_loopback_and_keeps_its_data_beside_itself() {
    let config = from(None, &[]).unwrap();
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8600");
    assert_eq!(config.storage.data_dir, PathBuf::from("./sendry-data"));
    assert_eq!(config.retention, sendry_hub::store::traffic::Retention::default());
    assert!(!config.dashboard.auto_login);
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let file = "[http]\nlisten = \"127.0.0.1:1\"\nrequest_timeout_secs = 7\n[log]\nformat = \"json\"\n";
    let config = from(Some(file), &[("SENDRY_HTTP__LISTEN", "127.0.0.1:2")]).unwrap();
    assert_eq!(config.http.listen.port(), 2);
    assert_eq!(config.http.request_timeout, Duration::from_secs(7));
    assert_eq!(config.log.format, LogFormat::Json);
}

#[test]
fn every_setting_has_its_name_in_the_environment_and_the_short_names_work() {
    let short = [
        ("SENDRY_LISTEN", "127.0.0.1:3"),
        ("SENDRY_DATA_DIR", "/data"),
        ("SENDRY_QUEUE_URL", "amqp://q"),
        ("SENDRY_TRAFFIC_URL", "clickhouse://t"),
        ("SENDRY_METADATA_URL", "postgres://m"),
        ("SENDRY_PUBLIC_URL", "https://sendry.example.com/sub/"),
    ];
    let config = from(None, &short).unwrap();
    assert_eq!(config.http.listen.port(), 3);
    assert_eq!(config.storage.data_dir, PathBuf::from("/data"));
    assert_eq!(config.storage.queue_url.as_deref(), Some("amqp://q"));
    assert_eq!(config.storage.traffic_url.as_deref(), Some("clickhouse://t"));
    assert_eq!(config.storage.metadata_url.as_deref(), Some("postgres://m"));
    let public_url = config.http.public_url.unwrap();
    assert_eq!((public_url.origin(), public_url.path()), ("https://sendry.example.com", "/sub"));
    for setting in SETTINGS.iter().filter(|setting| setting.default.is_some()) {
        let value = setting.default.unwrap().trim_matches('"');
        from(None, &[(&setting.variable(), value)]).unwrap();
    }
}

#[test]
fn an_error_names_the_setting_its_source_and_what_is_allowed() {
    let error = from(None, &[("SENDRY_LISTEN", "everywhere")]).unwrap_err().to_string();
    for part in
        ["http.listen", "\"everywhere\"", "environment variable SENDRY_LISTEN", "an IP address and a port"]
    {
        assert!(error.contains(part), "{error}");
    }
    let error = from(Some("[retention]\nminutes_days = \"many\"\n"), &[]).unwrap_err().to_string();
    for part in ["retention.minutes_days", "\"many\"", "file ", "hub.toml", "from 1 to 400"] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn what_is_out_of_bounds_is_refused() {
    for (name, value) in [
        ("SENDRY_HTTP__REQUEST_TIMEOUT_SECS", "0"),
        ("SENDRY_HTTP__PUBLIC_URL", "ftp://x"),
        ("SENDRY_HTTP__PUBLIC_URL", "sendry.example.com"),
        ("SENDRY_RETENTION__MINUTES_DAYS", "401"),
        ("SENDRY_RETENTION__COARSE_DAYS", "31"),
        ("SENDRY_INGEST__SYNC_INTERVAL_SECS", "4"),
        ("SENDRY_DASHBOARD__AUTO_LOGIN", "perhaps"),
        ("SENDRY_LOG__FORMAT", "xml"),
        ("SENDRY_LOG__FILTER", "a=b=c"),
        ("SENDRY_DATA_DIR", ""),
    ] {
        assert!(matches!(from(None, &[(name, value)]), Err(ConfigError::Invalid { .. })), "{name}={value}");
    }
}

#[test]
fn unknown_keys_are_errors_that_suggest_what_was_meant() {
    let error = from(Some("[http]\nlissten = 1\n"), &[]).unwrap_err().to_string();
    assert!(
        error.contains("http.lissten") && error.contains("hub.toml") && error.contains("http."),
        "{error}"
    );
    let error = from(Some("listen = 1\n"), &[]).unwrap_err().to_string();
    assert!(error.contains("listen") && error.contains("http.listen"), "{error}");
    let meant = [
        ("SENDRY_HTTP__LISSTEN", "http.listen (SENDRY_HTTP__LISTEN)"),
        ("SENDRY_TRAFIC__URL", "traffic.url (SENDRY_TRAFFIC__URL)"),
        ("SENDRY_TRAFIC_URL", "traffic.url (SENDRY_TRAFFIC__URL)"),
        ("SENDRY_LISTN", "http.listen (SENDRY_HTTP__LISTEN)"),
    ];
    for (name, setting) in meant {
        let error = from(None, &[(name, "1")]).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(&format!("did you mean {setting}?")), "{error}");
    }
    let error = from(None, &[("SENDRY_COFFEE__SUGAR", "2")]).unwrap_err().to_string();
    assert!(error.contains("config print"), "{error}");
    // These belong to the SDK, which may run in the same environment, and to Kubernetes, which names services so.
    let others = ["WRITE_KEY", "HUB_URL", "ENV", "APP_VERSION", "PORT", "SERVICE_HOST", "QUEUE_PORT"];
    from(None, &others.map(|rest| format!("SENDRY_{rest}")).each_ref().map(|name| (name.as_str(), "x")))
        .unwrap();
}

#[test]
fn a_file_that_is_none_or_not_there_is_named() {
    assert!(matches!(from(Some("not toml"), &[]), Err(ConfigError::File { .. })));
    let missing = Sources { file: Some("/nowhere/hub.toml".into()), variables: Vec::new() };
    let error = load(&missing).unwrap_err().to_string();
    assert!(error.contains("/nowhere/hub.toml") && error.contains("--config"), "{error}");
}

#[test]
fn the_automatic_log_in_is_refused_where_others_can_reach_it() {
    let on = ("SENDRY_DASHBOARD__AUTO_LOGIN", "true");
    assert!(from(None, &[on]).unwrap().dashboard.auto_login);
    let error = from(None, &[on, ("SENDRY_LISTEN", "0.0.0.0:8600")]).unwrap_err().to_string();
    assert!(error.contains("dashboard.auto_login") && error.contains("0.0.0.0:8600"), "{error}");
}

#[test]
fn what_may_hold_a_password_is_never_printed() {
    let variables = vec![("SENDRY_QUEUE_URL".to_owned(), "amqp://ann:secret@q".to_owned())];
    let loaded = load(&Sources { file: None, variables }).unwrap();
    assert!(!format!("{:?}", loaded.values).contains("ann:"));
}
