//! `GET /settings`: what the hub's configuration says about things that people see the effect of. It is changed in the
//! configuration, not here.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use sendry_sdk::protocol::limits::ENVS_PER_APP_MAX;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Auth;
use crate::http::problem::Problem;
use crate::query::Query;
use crate::query::answer::ChangeErrors;
use crate::query::statistics::APDEX_THRESHOLD_MS;

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

/// What is configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Settings {
    /// The hub's version.
    pub version: String,
    /// Days for which traffic is kept by the minute.
    pub minutes_days: i64,
    /// Days for which traffic is kept at all.
    pub coarse_days: i64,
    /// Days for which request logs are kept.
    pub request_logs_days: i64,
    /// Environments that an app may have.
    pub environments_max: u64,
    /// Days for which the audit log is kept.
    pub audit_days: i64,
    /// Hours after which a session ends that nobody used.
    pub session_idle_hours: i64,
    /// Days after which a session ends in any case.
    pub session_max_days: i64,
    /// Whether people log in with a password.
    pub password_log_in: bool,
    /// How the identity provider is called; null when there is none.
    pub provider: Option<String>,
    /// The Apdex threshold of an app for which none is set.
    pub apdex_threshold_ms: u32,
}

/// What is configured.
#[utoipa::path(get, path = "/settings", tag = "access",
    responses((status = 200, description = "The answer", body = Settings), ChangeErrors))]
pub async fn settings(
    State(auth): State<Arc<Auth>>,
    State(query): State<Arc<Query>>,
) -> Result<Json<Settings>, Problem> {
    let (sessions, retention) = (auth.sessions(), query.retention);
    Ok(Json(Settings {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        minutes_days: retention.minutes_secs / DAY,
        coarse_days: retention.coarse_secs / DAY,
        request_logs_days: retention.request_logs_secs / DAY,
        environments_max: ENVS_PER_APP_MAX as u64,
        audit_days: sessions.audit_secs / DAY,
        session_idle_hours: sessions.session_idle_secs / HOUR,
        session_max_days: sessions.session_max_secs / DAY,
        password_log_in: sessions.password_log_in,
        provider: auth.provider_name(),
        apdex_threshold_ms: APDEX_THRESHOLD_MS,
    }))
}
