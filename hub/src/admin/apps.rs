//! Apps: renamed and deleted.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::journal::Change;
use crate::auth::{Auth, Caller};
use crate::http::extract::{JsonBody, PathParams};
use crate::http::problem::Problem;
use crate::query::answer::{AppPath, ChangeErrors};
use crate::query::keys::check_name;
use crate::store::metadata::App;

/// What becomes of an app.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppChange {
    /// 1 to 100 characters.
    pub name: String,
}

/// An app as it is configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConfiguredApp {
    pub app_id: Uuid,
    pub name: String,
    pub created_at: i64,
}

/// Renames an app. Its id, and with it all traffic, stays.
#[utoipa::path(patch, path = "/apps/{app_id}", tag = "apps", params(AppPath), request_body = AppChange,
    responses((status = 200, description = "The answer", body = ConfiguredApp), ChangeErrors))]
pub async fn change_app(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    PathParams(AppPath { app_id }): PathParams<AppPath>,
    JsonBody(change): JsonBody<AppChange>,
) -> Result<Json<ConfiguredApp>, Problem> {
    let name = check_name(&change.name).map_err(|problem| Problem::bad_request("bad_name", problem))?;
    let app = find(&auth, app_id).await?;
    if app.name != name {
        auth.metadata.rename_app(app_id, name).await?;
        let change = Change::new("app.rename").target(app_id, name).app(Some(app_id));
        auth.record(caller.actor(), change.detail("before", app.name)).await;
    }
    Ok(Json(ConfiguredApp { app_id, name: name.to_owned(), created_at: app.created_at }))
}

/// Deletes an app with its keys, tokens, invitations, roles, settings and the identities of its consumers.
///
/// Nothing is accepted for it any more, and nobody can ask for what is stored of it: counts, errors, request logs, instances. That is
/// erased in the background, and once more after 65 minutes, when nothing of it can be under way.
#[utoipa::path(delete, path = "/apps/{app_id}", tag = "apps", params(AppPath),
    responses((status = 204, description = "Done"), ChangeErrors))]
pub async fn delete_app(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    PathParams(AppPath { app_id }): PathParams<AppPath>,
) -> Result<StatusCode, Problem> {
    let app = find(&auth, app_id).await?;
    auth.metadata.delete_app(app_id, auth.now()).await?;
    let change = Change::new("app.delete").target(app_id, &app.name).app(Some(app_id));
    auth.record(caller.actor(), change).await;
    tracing::info!(app.id = %app_id, "An app was deleted.");
    Ok(StatusCode::NO_CONTENT)
}

async fn find(auth: &Auth, app_id: Uuid) -> Result<App, Problem> {
    let app = auth.metadata.app(app_id).await?;
    app.ok_or_else(|| Problem::not_found(format!("There is no app {app_id}.")))
}
