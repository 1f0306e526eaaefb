//! What can be wrong with a configuration. Every error names the setting, where it was set and what is allowed.

use std::path::PathBuf;

/// A configuration that the hub does not start with; the process exits with 2.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A value is not what the setting takes.
    #[error("{key} = {value} ({origin}) is not valid: {problem}; allowed: {allowed}")]
    Invalid { key: String, value: String, origin: String, problem: String, allowed: String },
    /// There is no such setting.
    #[error("{name} ({origin}) is not a setting{suggestion}")]
    Unknown { name: String, origin: String, suggestion: String },
    /// The file is not TOML.
    #[error("{path} is not a configuration file: {problem}")]
    File { path: PathBuf, problem: String },
    /// The file that was named cannot be read.
    #[error(
        "the configuration file {path} cannot be read: {problem}; name another with --config or leave it out"
    )]
    Unreadable { path: PathBuf, problem: String },
    /// This version has no backend for a URL, or roles cannot be split over it.
    #[error("{key} = {url:?} names a backend that this version does not have; allowed: {allowed}")]
    Backend { key: &'static str, url: String, allowed: &'static str },
    /// The directory for the embedded stores cannot be used.
    #[error(
        "storage.data_dir = {path:?} cannot be used: {problem}; set storage.data_dir (SENDRY_DATA_DIR) to a directory \
         that this user may write"
    )]
    DataDir { path: PathBuf, problem: String },
    /// `--role` asks for what the configured stores cannot do.
    #[error("--role {roles}: {problem}")]
    Roles { roles: String, problem: String },
}
