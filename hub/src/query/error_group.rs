//! `GET /apps/{app_id}/error-groups/{group_id}`: one group of errors over time, whom it hit, and with which versions.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::answer::{EnvParams, One, RangeParams, ReadErrors};
use super::asked::{Answer, Asked};
use super::logs::{Known, LogConsumer};
use super::steps;
use crate::http::extract::PathParams;
use crate::http::problem::Problem;
use crate::store::traffic::ErrorGroupDetail;

/// Consumers of a group, the most frequent first. `consumers` of the list says how many there are.
const CONSUMERS_MAX: usize = 50;

/// Points of the chart, about: it stands in a drawer.
const POINTS: i64 = 60;

/// Names a group of errors.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct GroupPath {
    /// The public id of the app.
    pub app_id: Uuid,
    /// `group_id`, as the lists of errors give it.
    pub group_id: String,
}

/// One group of errors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorGroup {
    /// Over the range; steps without any are left out.
    pub counts: Vec<ErrorPoint>,
    /// Whom it hit within the range, at most 50, the most frequent first.
    pub consumers: Vec<HitConsumer>,
    /// The versions of the app with which it was seen, ever, the one seen last first; at most 100.
    pub versions: Vec<SeenVersion>,
}

/// How often it happened within one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorPoint {
    /// The beginning of the step.
    pub start: i64,
    pub count: u64,
}

/// How often it hit a consumer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HitConsumer {
    pub consumer: LogConsumer,
    pub count: u64,
}

/// From when until when it was seen with a version of the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeenVersion {
    pub version: String,
    pub first_seen_at: i64,
    pub last_seen_at: i64,
}

/// One group of errors over time, whom it hit, and with which versions of the app it was seen.
#[utoipa::path(
    get, path = "/apps/{app_id}/error-groups/{group_id}", tag = "errors",
    params(GroupPath, EnvParams, RangeParams),
    responses((status = 200, description = "The answer", body = One<ErrorGroup>), ReadErrors)
)]
pub async fn error_group(
    asked: Asked,
    PathParams(GroupPath { group_id, .. }): PathParams<GroupPath>,
) -> Answer<One<ErrorGroup>> {
    let steps = steps::choose_about(&asked.range, POINTS);
    let found = asked.query.traffic.error_group(&asked.scope, &group_id, &steps.steps).await?;
    let Some(mut detail) = found else {
        return Err(Problem::not_found(format!("There is no group {group_id:?}; it may have expired.")));
    };
    detail.consumers.truncate(CONSUMERS_MAX);
    let hashes = detail.consumers.iter().map(|(hash, _)| *hash);
    let known = Known::of(&asked.query, asked.scope.app_id, hashes).await?;
    asked.one(asked.range.describe_steps(&steps), group(detail, &known)).await
}

fn group(detail: ErrorGroupDetail, known: &Known) -> ErrorGroup {
    let hit = |(hash, count)| HitConsumer { consumer: known.consumer(hash), count };
    let versions = detail.versions.into_iter().map(|span| SeenVersion {
        version: span.version,
        first_seen_at: span.first_seen_at,
        last_seen_at: span.last_seen_at,
    });
    ErrorGroup {
        counts: detail.counts.into_iter().map(|(start, count)| ErrorPoint { start, count }).collect(),
        consumers: detail.consumers.into_iter().map(hit).collect(),
        versions: versions.collect(),
    }
}
