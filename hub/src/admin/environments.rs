//! The environments of an app: listed, and deleted with all that is stored of them.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Rows;
use crate::auth::journal::Change;
use crate::auth::{Auth, Caller};
use crate::clock::UnixSecs;
use crate::http::extract::PathParams;
use crate::http::problem::Problem;
use crate::query::Query;
use crate::query::answer::{AppPath, ChangeErrors};
use crate::store::StoreError;
use crate::store::traffic::{Freshness, SETTLED_AFTER_SECS, Scope};

/// An environment as it is configured: it exists since its first use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConfiguredEnvironment {
    pub env: String,
    pub created_at: i64,
    /// Null when nothing of it is stored.
    pub first_report_at: Option<i64>,
    pub last_report_at: Option<i64>,
    /// Instances that reported within the five minutes before the last report.
    pub instances: u64,
    /// From when on it can be deleted, if nothing more is reported: 65 minutes after its last report. Null: since ever.
    pub deletable_at: Option<i64>,
}

/// Names an environment of an app.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct EnvironmentPath {
    /// The public id of the app.
    pub app_id: Uuid,
    pub env: String,
}

/// The environments of an app, by name. There are at most `environments_max` of the settings.
#[utoipa::path(get, path = "/apps/{app_id}/environments", tag = "apps", params(AppPath),
    responses((status = 200, description = "The answer", body = Rows<ConfiguredEnvironment>), ChangeErrors))]
pub async fn environments(
    State(query): State<Arc<Query>>,
    PathParams(AppPath { app_id }): PathParams<AppPath>,
) -> Result<Json<Rows<ConfiguredEnvironment>>, Problem> {
    query.check_app(app_id).await?;
    Ok(Json(Rows { data: list(&query, app_id).await? }))
}

/// Deletes an environment with everything that is stored of it: counts, errors, request logs, instances.
///
/// Refused while it reports, and for 65 minutes after its last report. One that reports again later is a new one.
#[utoipa::path(delete, path = "/apps/{app_id}/environments/{env}", tag = "apps", params(EnvironmentPath),
    responses((status = 204, description = "Done"), ChangeErrors,
        (status = 409, description = "It reported lately", body = Problem, content_type = "application/problem+json")))]
pub async fn delete_environment(
    caller: Caller,
    State(query): State<Arc<Query>>,
    State(auth): State<Arc<Auth>>,
    PathParams(EnvironmentPath { app_id, env }): PathParams<EnvironmentPath>,
) -> Result<StatusCode, Problem> {
    let known = list(&query, app_id).await?;
    let Some(known) = known.into_iter().find(|known| known.env == env) else {
        return Err(Problem::not_found(format!("The app {app_id} has no environment {env:?}.")));
    };
    if let Some(wait) = known.deletable_at.map(|at| at - auth.now()).filter(|wait| *wait > 0) {
        let detail = format!(
            "{env:?} reported lately. End its instances and come back in {} minutes.",
            wait.unsigned_abs().div_ceil(60)
        );
        return Err(Problem::new(StatusCode::CONFLICT, "still_reporting", detail));
    }
    // The name goes last: as long as it is there, whoever was interrupted finds it and does it again.
    query.eraser.erase_environment(&Scope { app_id, env: env.clone() }).await?;
    query.metadata.delete_environment(app_id, &env).await?;
    let change = Change::new("environment.delete").target(&env, &env).app(Some(app_id));
    auth.record(caller.actor(), change).await;
    tracing::info!(app.id = %app_id, env, "An environment was deleted.");
    Ok(StatusCode::NO_CONTENT)
}

/// Those of the metadata, and those of which traffic alone is known.
async fn list(query: &Query, app_id: Uuid) -> Result<Vec<ConfiguredEnvironment>, StoreError> {
    let (configured, fresh) =
        tokio::try_join!(query.metadata.environments(app_id), query.traffic.freshness(app_id))?;
    let mut fresh: HashMap<String, Freshness> = fresh.into_iter().map(|one| (one.env.clone(), one)).collect();
    let mut all: Vec<_> = configured
        .into_iter()
        .map(|environment| {
            let reported = fresh.remove(&environment.env);
            describe(environment.env, environment.created_at, reported.as_ref())
        })
        .collect();
    all.extend(
        fresh.into_values().map(|one| describe(one.env.clone(), secs(one.first_report_at), Some(&one))),
    );
    all.sort_by(|a, b| a.env.cmp(&b.env));
    Ok(all)
}

fn describe(env: String, created_at: UnixSecs, reported: Option<&Freshness>) -> ConfiguredEnvironment {
    let last_report_at = reported.map(|reported| secs(reported.last_report_at));
    ConfiguredEnvironment {
        env,
        created_at,
        first_report_at: reported.map(|reported| secs(reported.first_report_at)),
        last_report_at,
        instances: reported.map_or(0, |reported| reported.instances),
        deletable_at: last_report_at.map(|at| at + SETTLED_AFTER_SECS),
    }
}

fn secs(millis: i64) -> UnixSecs {
    millis.div_euclid(1_000)
}
