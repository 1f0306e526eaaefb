//! `GET /apps/{app_id}/latency/heatmap`: how many requests took how long, over time.

use axum::Json;
use sendry_sdk::protocol::{Histogram, Scale};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{AppPath, EnvParams, FilterParams, Range, RangeParams, ReadErrors};
use super::asked::Asked;
use super::statistics::round;
use super::steps;
use crate::http::problem::Problem;
use crate::store::traffic::LatencyBucket;

/// Columns, about: each is some pixels wide.
const COLUMNS: i64 = 120;

/// A row: requests that took more than `ge_ms`, up to and including `le_ms`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HeatmapRow {
    pub ge_ms: f64,
    pub le_ms: f64,
}

/// A column: one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeatmapColumn {
    /// The beginning of the step.
    pub start: i64,
    /// Requests of each row, in the order of the rows.
    pub counts: Vec<u64>,
}

/// Requests by duration and time. Steps without requests are left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Heatmap {
    pub range: Range,
    /// When the newest stored report of the environment was accepted; null when there is none.
    pub as_of: Option<i64>,
    /// Rising, without gaps; four of them make a doubling. Requests that took no measurable time are in the first.
    pub rows: Vec<HeatmapRow>,
    pub data: Vec<HeatmapColumn>,
}

/// How many requests took how long, over time.
#[utoipa::path(
    get, path = "/apps/{app_id}/latency/heatmap", tag = "traffic", params(AppPath, EnvParams, RangeParams, FilterParams),
    responses((status = 200, description = "The answer", body = Heatmap), ReadErrors)
)]
pub async fn heatmap(asked: Asked) -> Result<Json<Heatmap>, Problem> {
    let steps = steps::choose_about(&asked.range, COLUMNS);
    let filter = asked.filter.of_durations();
    let buckets = asked.query.traffic.latency(&asked.scope, &steps.steps, &filter).await?;
    let columns: Vec<(i64, Histogram)> = buckets.iter().map(|bucket| column(bucket, &asked)).collect();
    let indexes = || columns.iter().flat_map(|(_, histogram)| histogram.iter().map(|(index, _)| index));
    let has_zeros = columns.iter().any(|(_, histogram)| histogram.zero() > 0);
    let (first, last) = (indexes().min(), indexes().max());
    let (first, last) = (first.unwrap_or(0), last.unwrap_or(if has_zeros { 0 } else { -1 }));
    let bound = |index: i16| round(Scale::SIZE.upper_bound(index) * 1_000.0);
    let rows = (first..=last)
        .map(|index| HeatmapRow { ge_ms: bound(index.saturating_sub(1)), le_ms: bound(index) })
        .collect();
    let data = columns.iter().filter(|(_, histogram)| !histogram.is_empty());
    Ok(Json(Heatmap {
        range: asked.range.describe_steps(&steps),
        as_of: asked.as_of().await?,
        rows,
        data: data.map(|(start, histogram)| dense(*start, histogram, first, last)).collect(),
    }))
}

/// A step's durations at four buckets a doubling: a finer row would be less than some pixels high.
fn column(bucket: &LatencyBucket, asked: &Asked) -> (i64, Histogram) {
    let shift = if asked.filter.duration_scale() == Scale::DURATION { 2 } else { 0 };
    let mut coarse = Histogram::new();
    coarse.add_zero(bucket.durations.zero());
    bucket.durations.iter().for_each(|(index, count)| coarse.add(index >> shift, count));
    (bucket.start, coarse)
}

fn dense(start: i64, histogram: &Histogram, first: i16, last: i16) -> HeatmapColumn {
    let mut counts = vec![0; usize::from(last.abs_diff(first)) + 1];
    counts[0] = histogram.zero();
    histogram.iter().for_each(|(index, count)| counts[usize::from(index.abs_diff(first))] += count);
    HeatmapColumn { start, counts }
}
