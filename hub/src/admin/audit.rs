//! `GET /audit-log`: what was changed, and by whom.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::{Auth, Caller, Role};
use crate::http::extract::Params;
use crate::http::problem::Problem;
use crate::query::answer::ChangeErrors;
use crate::store::metadata::{ActorKind, AuditEntry, AuditFilter};

const LIMIT_DEFAULT: u32 = 100;
const LIMIT_MAX: u32 = 1_000;

/// Which entries.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditParams {
    /// Only what concerns this app.
    #[param(value_type = Option<Uuid>)]
    pub app_id: Option<String>,
    /// Only this action, such as `user.disable`.
    pub action: Option<String>,
    /// Only what this e-mail address or token did, by name.
    pub actor: Option<String>,
    /// First moment, included: Unix seconds.
    #[param(value_type = Option<i64>)]
    pub from: Option<String>,
    /// Last moment, excluded: Unix seconds.
    #[param(value_type = Option<i64>)]
    pub to: Option<String>,
    /// Entries per page, at most 1,000. 100 when absent.
    #[param(value_type = Option<u32>)]
    pub limit: Option<String>,
    /// `next` of the page before.
    pub next: Option<String>,
}

/// Who did something, by the name of that time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditActor {
    pub kind: ActorKind,
    /// The id of the user or token; null on the command line.
    pub id: Option<Uuid>,
    pub name: String,
    /// Where the request came from.
    pub address: Option<String>,
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditRow {
    pub id: i64,
    pub at: i64,
    pub actor: AuditActor,
    /// A thing and what happened to it: `user.disable`, `token.create`.
    pub action: String,
    pub target_id: Option<String>,
    pub target_name: Option<String>,
    /// The app that it concerns; null: the whole hub.
    pub app_id: Option<Uuid>,
    /// What else there is to say, by name.
    #[schema(value_type = Object)]
    pub details: serde_json::Value,
}

/// A page of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditPage {
    pub data: Vec<AuditRow>,
    /// Where the next page begins, for the parameter `next`; null on the last page.
    pub next: Option<String>,
}

/// The audit log, the newest entry first. Admins of an app see what concerns it.
#[utoipa::path(get, path = "/audit-log", tag = "access", params(AuditParams),
    responses((status = 200, description = "The answer", body = AuditPage), ChangeErrors))]
pub async fn audit_log(
    caller: Caller,
    State(auth): State<Arc<Auth>>,
    Params(params): Params<AuditParams>,
) -> Result<Json<AuditPage>, Problem> {
    let limit = number("limit", &params.limit)?.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::bad_request("bad_limit", "`limit` is a whole number from 1 to 1000."));
    }
    let filter = AuditFilter {
        before: number("next", &params.next)?,
        apps: apps(&caller, number("app_id", &params.app_id)?)?,
        action: params.action,
        actor: params.actor,
        from: Some(
            number("from", &params.from)?.unwrap_or(i64::MIN).max(auth.now() - auth.sessions().audit_secs),
        ),
        to: number("to", &params.to)?,
        limit: limit + 1,
    };
    let mut entries = auth.metadata.audit(&filter).await?;
    let has_more = entries.len() > limit as usize;
    entries.truncate(limit as usize);
    let next = entries.last().filter(|_| has_more).map(|entry| entry.id.to_string());
    Ok(Json(AuditPage { data: entries.into_iter().map(row).collect(), next }))
}

/// The apps to look at: those of whom the caller is an admin, or the one that was asked for.
fn apps(caller: &Caller, app_id: Option<Uuid>) -> Result<Option<Vec<Uuid>>, Problem> {
    match app_id {
        Some(app_id) => caller.require(Role::Admin, Some(app_id)).map(|()| Some(vec![app_id])),
        None => Ok(caller.apps(Role::Admin)),
    }
}

fn number<T: std::str::FromStr>(name: &str, text: &Option<String>) -> Result<Option<T>, Problem> {
    let parsed = text.as_deref().map(str::parse).transpose();
    parsed.map_err(|_| Problem::bad_request("bad_parameter", format!("`{name}` cannot be understood.")))
}

fn row(AuditEntry { id, entry }: AuditEntry) -> AuditRow {
    let actor = entry.actor;
    AuditRow {
        id,
        at: entry.at,
        actor: AuditActor { kind: actor.kind, id: actor.id, name: actor.name, address: actor.address },
        action: entry.action,
        target_id: entry.target_id,
        target_name: entry.target_name,
        app_id: entry.app_id,
        details: entry.details,
    }
}
