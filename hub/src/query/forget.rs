//! `DELETE /apps/{app_id}/consumers/{consumer_id}`: forgets a person.
//!
//! Traffic knows a consumer by a keyed hash alone. Who stands behind it is one row of the metadata, and what that one asked
//! and was answered are its request logs: both go. The counts stay; they name nobody any more.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::answer::ChangeErrors;
use super::state::Query;
use crate::auth::journal::Change;
use crate::auth::{Auth, Caller};
use crate::http::extract::PathParams;
use crate::http::problem::Problem;
use crate::store::traffic::ConsumerHash;

/// Names a consumer of an app.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ConsumerPath {
    /// The public id of the app.
    pub app_id: Uuid,
    /// `consumer_id`, as answers give it.
    pub consumer_id: String,
}

/// What was forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Forgotten {
    /// How many request logs were deleted, in all environments.
    pub request_logs: u64,
    /// Whether it was known who it is.
    pub was_known: bool,
}

/// Forgets who a consumer is, and deletes its request logs in all environments of the app.
///
/// Its counts stay, without a name. What it does from now on is stored as ever: let the application stop naming it first.
#[utoipa::path(
    delete, path = "/apps/{app_id}/consumers/{consumer_id}", tag = "consumers", params(ConsumerPath),
    responses((status = 200, description = "Done", body = Forgotten), ChangeErrors)
)]
pub async fn forget_consumer(
    caller: Caller,
    State(query): State<Arc<Query>>,
    State(auth): State<Arc<Auth>>,
    PathParams(ConsumerPath { app_id, consumer_id }): PathParams<ConsumerPath>,
) -> Result<Json<Forgotten>, Problem> {
    query.check_app(app_id).await?;
    let hash = parse(&consumer_id)?;
    // The name goes last: as long as it is there, whoever was interrupted finds the consumer and does it again.
    let request_logs = query.eraser.erase_request_logs(app_id, hash).await?;
    let was_known = query.metadata.forget_consumer(app_id, &hash).await?;
    let change = Change::new("consumer.forget").target(&consumer_id, "").app(Some(app_id));
    auth.record(caller.actor(), change.detail("request_logs", request_logs)).await;
    tracing::info!(app.id = %app_id, consumer.id = consumer_id, request_logs, "A consumer was forgotten.");
    Ok(Json(Forgotten { request_logs, was_known }))
}

fn parse(consumer_id: &str) -> Result<ConsumerHash, Problem> {
    let hash = hex::decode(consumer_id).ok().and_then(|bytes| ConsumerHash::try_from(bytes).ok());
    hash.ok_or_else(|| {
        Problem::not_found(format!("{consumer_id:?} is no `consumer_id`; the list of consumers has them."))
    })
}
