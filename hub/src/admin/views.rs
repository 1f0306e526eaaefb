//! Saved views: pages of the dashboard with their filters, kept under a name for oneself or for all who may see them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Rows;
use super::invitations::check_app;
use crate::auth::journal::Change;
use crate::auth::{Auth, Caller, Role, Who};
use crate::http::extract::{JsonBody, PathParams};
use crate::http::problem::Problem;
use crate::query::answer::ChangeErrors;
use crate::query::keys::check_name;
use crate::store::metadata::SavedView;

const URL_CHARS_MAX: usize = 4_000;
/// Views that one sees.
const VIEWS_MAX: usize = 1_000;

/// A view to be kept.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewView {
    /// 1 to 100 characters.
    pub name: String,
    /// The app that it shows; left out or null: a page that is about none.
    #[serde(default)]
    pub app_id: Option<Uuid>,
    /// Path and query below the address of the dashboard, beginning with `/`.
    pub url: String,
    /// Whether all who may see the app see the view: needs an editor of the app. False when left out.
    #[serde(default)]
    pub shared: bool,
}

/// What becomes of a view.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewChange {
    /// 1 to 100 characters.
    pub name: String,
    pub shared: bool,
}

/// A saved view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ViewRow {
    pub id: Uuid,
    pub name: String,
    pub app_id: Option<Uuid>,
    /// Path and query below the address of the dashboard.
    pub url: String,
    pub shared: bool,
    /// Whether it is the caller's own.
    pub own: bool,
    pub owner: String,
    pub created_at: i64,
}

/// Names a view.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ViewPath {
    pub view_id: Uuid,
}

/// One's own views and those that are shared, by name.
#[utoipa::path(get, path = "/views", tag = "views",
    responses((status = 200, description = "The answer", body = Rows<ViewRow>), ChangeErrors))]
pub async fn views(caller: Caller, State(auth): State<Arc<Auth>>) -> Result<Json<Rows<ViewRow>>, Problem> {
    let (owner_id, _) = owner(&caller);
    let seen = visible(&auth, &caller).await?;
    Ok(Json(Rows { data: seen.into_iter().map(|view| row(view, owner_id)).collect() }))
}

/// Keeps a view.
#[utoipa::path(post, path = "/views", tag = "views", request_body = NewView,
    responses((status = 201, description = "Created", body = ViewRow), ChangeErrors))]
pub async fn save_view(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    JsonBody(new): JsonBody<NewView>,
) -> Result<(StatusCode, Json<ViewRow>), Problem> {
    let bad = |problem: String| Problem::bad_request("bad_view", problem);
    let name = check_name(&new.name).map_err(bad)?.to_owned();
    if !is_own_address(&new.url) {
        let detail = format!(
            "`url` is a path of the dashboard with its query, of at most {URL_CHARS_MAX} characters."
        );
        return Err(bad(detail));
    }
    if let Some(app_id) = new.app_id {
        caller.require(Role::Viewer, Some(app_id))?;
    }
    check_app(&auth, new.app_id).await?;
    check_sharing(&caller, new.app_id, new.shared)?;
    if visible(&auth, &caller).await?.len() >= VIEWS_MAX {
        return Err(bad(format!("There are {VIEWS_MAX} views already; delete others first.")));
    }
    let (owner_id, owner_name) = owner(&caller);
    let view = SavedView {
        id: Uuid::now_v7(),
        owner_id,
        owner_name,
        app_id: new.app_id,
        name,
        url: new.url,
        shared: new.shared,
        created_at: auth.now(),
    };
    auth.metadata.create_view(&view).await?;
    record(&auth, &caller, "view.create", &view).await;
    Ok((StatusCode::CREATED, Json(row(view, owner_id))))
}

/// Renames a view, shares it or keeps it to oneself.
#[utoipa::path(put, path = "/views/{view_id}", tag = "views", params(ViewPath), request_body = ViewChange,
    responses((status = 200, description = "The answer", body = ViewRow), ChangeErrors))]
pub async fn change_view(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    PathParams(ViewPath { view_id }): PathParams<ViewPath>,
    JsonBody(change): JsonBody<ViewChange>,
) -> Result<Json<ViewRow>, Problem> {
    let name = check_name(&change.name).map_err(|problem| Problem::bad_request("bad_view", problem))?;
    let view = changeable(&auth, &caller, view_id).await?;
    check_sharing(&caller, view.app_id, change.shared && !view.shared)?;
    auth.metadata.change_view(view_id, name, change.shared).await?;
    let view = SavedView { name: name.to_owned(), shared: change.shared, ..view };
    record(&auth, &caller, "view.change", &view).await;
    Ok(Json(row(view, owner(&caller).0)))
}

/// Deletes a view of one's own, or a shared one as an editor.
#[utoipa::path(delete, path = "/views/{view_id}", tag = "views", params(ViewPath),
    responses((status = 204, description = "Done"), ChangeErrors))]
pub async fn delete_view(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    PathParams(ViewPath { view_id }): PathParams<ViewPath>,
) -> Result<StatusCode, Problem> {
    let view = changeable(&auth, &caller, view_id).await?;
    auth.metadata.delete_view(view_id).await?;
    record(&auth, &caller, "view.delete", &view).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Shared views are seen by whoever sees their app; what is about no app, by all.
async fn visible(auth: &Auth, caller: &Caller) -> Result<Vec<SavedView>, Problem> {
    let all = auth.metadata.views(owner(caller).0).await?;
    let sees = |view: &SavedView| view.app_id.is_none() || caller.may(Role::Viewer, view.app_id);
    Ok(all.into_iter().filter(sees).collect())
}

/// A view that the caller may change: an own one, or a shared one of an app of which the caller is an editor.
async fn changeable(auth: &Auth, caller: &Caller, view_id: Uuid) -> Result<SavedView, Problem> {
    let found = visible(auth, caller).await?.into_iter().find(|view| view.id == view_id);
    let Some(view) = found else {
        return Err(Problem::not_found(format!("There is no view {view_id}.")));
    };
    if view.owner_id != owner(caller).0 {
        caller.require(Role::Editor, view.app_id)?;
    }
    Ok(view)
}

fn check_sharing(caller: &Caller, app_id: Option<Uuid>, shared: bool) -> Result<(), Problem> {
    if shared { caller.require(Role::Editor, app_id) } else { Ok(()) }
}

/// What others see is a change for the audit log; what one keeps for oneself is not.
async fn record(auth: &Auth, caller: &Caller, action: &'static str, view: &SavedView) {
    if view.shared {
        let change = Change::new(action).target(view.id, &view.name).app(view.app_id);
        auth.record(caller.actor(), change).await;
    }
}

fn owner(caller: &Caller) -> (Option<Uuid>, String) {
    let id = match &caller.who {
        Who::Person { id, .. } => *id,
        Who::Token { id, .. } => Some(*id),
    };
    (id, caller.actor().name)
}

/// Whether it leads to a page of the dashboard and nowhere else.
fn is_own_address(url: &str) -> bool {
    let is_short = url.chars().count() <= URL_CHARS_MAX && !url.chars().any(char::is_control);
    is_short && crate::http::origin::is_own_path(url)
}

fn row(view: SavedView, owner_id: Option<Uuid>) -> ViewRow {
    ViewRow {
        id: view.id,
        name: view.name,
        app_id: view.app_id,
        url: view.url,
        shared: view.shared,
        own: view.owner_id == owner_id,
        owner: view.owner_name,
        created_at: view.created_at,
    }
}
