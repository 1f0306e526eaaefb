//! The startup message: who reports, and which routes it has.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Route;

/// Announces a process and its routes. Sending it again changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Startup {
    /// The version of the protocol; see [`super::VERSION`].
    #[serde(rename = "v")]
    pub version: u16,
    /// Names the process; new at every start.
    pub instance_id: Uuid,
    /// The environment, of `[A-Za-z0-9_-]{1,32}`.
    pub env: String,
    /// The version of the application, where it was configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
    /// The SDK that speaks.
    pub sdk: Sdk,
    /// The web framework, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framework: Option<Framework>,
    /// The name of the machine or container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// When the process started, in milliseconds of Unix time by its own clock.
    pub started_at_ms: i64,
    /// The routes known so far.
    #[serde(default)]
    pub routes: Vec<Route>,
    /// Whether `routes` is all there is, or only what could be learned.
    #[serde(default)]
    pub routes_complete: bool,
}

/// The part of a [`Startup`] that the hub reads before it accepts one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct StartupHead {
    /// See [`Startup::version`].
    #[serde(rename = "v")]
    pub version: u16,
    /// See [`Startup::instance_id`].
    pub instance_id: Uuid,
    /// See [`Startup::env`].
    pub env: String,
}

/// Name and version of the SDK crate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sdk {
    /// The crate's name.
    pub name: String,
    /// The crate's version.
    pub version: String,
}

/// Name and version of the web framework.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Framework {
    /// The framework's name: `axum`, `tower`, `actix-web`.
    pub name: String,
    /// Its version, where it can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}
