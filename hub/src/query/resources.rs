//! `GET /apps/{app_id}/resources`: what each instance used, over time.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{AppPath, EnvParams, List, RangeParams, ReadErrors, StepParams};
use super::asked::{Answer, Asked};
use super::steps;
use crate::http::extract::Params;
use crate::store::traffic::ResourceBucket;

/// Means of one instance's samples within one step; null where it has none of a kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ResourcePoint {
    /// The beginning of the step.
    pub start: i64,
    pub instance_id: Uuid,
    /// CPU time per time; 1.0 is one core.
    pub cpu: Option<f64>,
    pub rss_bytes: Option<f64>,
    /// Share of the runtime's time that was busy, from 0 to 1.
    pub runtime_busy: Option<f64>,
    pub runtime_queue_depth: Option<f64>,
    pub runtime_blocking_threads: Option<f64>,
}

/// What each instance used, over time. Steps without samples are left out.
#[utoipa::path(
    get, path = "/apps/{app_id}/resources", tag = "health", params(AppPath, EnvParams, RangeParams, StepParams),
    responses((status = 200, description = "The answer", body = List<ResourcePoint>), ReadErrors)
)]
pub async fn resources(asked: Asked, Params(step): Params<StepParams>) -> Answer<List<ResourcePoint>> {
    let steps = steps::choose(&asked.range, step.step.as_deref())?;
    let buckets = asked.query.traffic.resources(&asked.scope, &steps.steps).await?;
    asked.steps(&steps, buckets.into_iter().map(point).collect()).await
}

fn point(bucket: ResourceBucket) -> ResourcePoint {
    ResourcePoint {
        start: bucket.start,
        instance_id: bucket.instance_id,
        cpu: bucket.cpu,
        rss_bytes: bucket.rss_bytes,
        runtime_busy: bucket.runtime_busy,
        runtime_queue_depth: bucket.runtime_queue_depth,
        runtime_blocking_threads: bucket.runtime_blocking_threads,
    }
}
