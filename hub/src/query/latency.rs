//! `GET /apps/{app_id}/latency`: percentiles over time and the merged histogram of the range.

use std::collections::HashMap;

use axum::Json;
use sendry_sdk::protocol::{Histogram, Scale};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{AppPath, EnvParams, FilterParams, Range, RangeParams, ReadErrors, StepParams};
use super::asked::{Answer, Asked};
use super::judge::Expected;
use super::statistics::{Pardoned, Percentiles, apdex, max_ms, mean_ms, round};
use super::steps;
use crate::clock::UnixSecs;
use crate::http::extract::Params;
use crate::http::problem::Problem;
use crate::store::traffic::{LatencyBucket, Totals};

/// Which time is measured.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MeasureParams {
    /// `duration` (to the end of the body, the default) or `headers` (to the response's head).
    #[param(value_type = Option<Measure>, inline)]
    pub measure: Option<String>,
}

/// Which time is measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    #[default]
    Duration,
    Headers,
}

/// Latency within one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LatencyPoint {
    /// The beginning of the step.
    pub start: i64,
    /// Requests whose time is known.
    pub requests: u64,
    /// Null for `measure=headers`: only durations are summed.
    pub mean_ms: Option<f64>,
    /// Null for `measure=headers`.
    pub max_ms: Option<f64>,
    pub p50_ms: Option<f64>,
    pub p75_ms: Option<f64>,
    pub p95_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    /// From 0 to 1; null where no request counts for it, and for `measure=headers`.
    pub apdex: Option<f64>,
}

/// A bucket of the histogram: the requests that took more than `ge_ms`, up to and including `le_ms`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HistogramBucket {
    pub ge_ms: f64,
    pub le_ms: f64,
    pub count: u64,
}

/// The histogram of the whole range: OpenTelemetry's exponential buckets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LatencyHistogram {
    /// The base of the buckets is 2^(2^-scale).
    pub scale: u8,
    /// Requests that took no measurable time.
    pub zero: u64,
    /// Non-empty buckets, rising.
    pub buckets: Vec<HistogramBucket>,
    pub requests: u64,
    pub p50_ms: Option<f64>,
    pub p75_ms: Option<f64>,
    pub p95_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    pub mean_ms: Option<f64>,
    pub max_ms: Option<f64>,
    /// How far a percentile may be from the true one, relatively.
    pub relative_error: f64,
}

/// Percentiles over time, and the histogram of the range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LatencyAnswer {
    pub range: Range,
    /// When the newest stored report of the environment was accepted; null when there is none.
    pub as_of: Option<i64>,
    pub data: Vec<LatencyPoint>,
    /// Always null: steps fit one page.
    pub next: Option<String>,
    pub histogram: LatencyHistogram,
}

/// Percentiles over time, and the histogram of the range.
///
/// Steps without requests are left out.
#[utoipa::path(
    get, path = "/apps/{app_id}/latency", tag = "traffic",
    params(AppPath, EnvParams, RangeParams, StepParams, FilterParams, MeasureParams),
    responses((status = 200, description = "The answer", body = LatencyAnswer), ReadErrors)
)]
pub async fn latency(
    asked: Asked,
    Params(step): Params<StepParams>,
    Params(measure): Params<MeasureParams>,
) -> Answer<LatencyAnswer> {
    let measure = measure.parse()?;
    let steps = steps::choose(&asked.range, step.step.as_deref())?;
    let judge = asked.query.judge(asked.scope.app_id).await?;
    let question = (&judge, Expected::ServerErrors);
    let expected = asked.query.expected_steps(&asked.scope, &steps.steps, &asked.filter, question).await?;
    let mut pardoned: HashMap<UnixSecs, Pardoned> = HashMap::new();
    for step in &expected {
        pardoned.entry(step.start).or_default().add(step.requests, &step.durations);
    }
    let filter = match measure {
        Measure::Duration => asked.filter.of_durations(),
        Measure::Headers => asked.filter.clone(),
    };
    let buckets = asked.query.traffic.latency(&asked.scope, &steps.steps, &filter).await?;
    let scale = asked.filter.duration_scale();
    let threshold_ms = judge.threshold_of(&asked.filter);
    let times = buckets.into_iter().map(|bucket| match measure {
        Measure::Headers => Times::of_headers(bucket),
        Measure::Duration => {
            let pardoned = pardoned.remove(&bucket.start).unwrap_or_default();
            let apdex = apdex_of(&bucket, &pardoned, scale, threshold_ms);
            Times::of_durations(bucket, apdex)
        }
    });
    let times: Vec<Times> = times.collect();
    let known = times.iter().filter(|times| !times.histogram.is_empty());
    Ok(Json(LatencyAnswer {
        range: asked.range.describe_steps(&steps),
        as_of: asked.as_of().await?,
        data: known.map(|times| times.point(scale)).collect(),
        next: None,
        histogram: Times::merged(&times).histogram(scale),
    }))
}

impl MeasureParams {
    fn parse(&self) -> Result<Measure, Problem> {
        match self.measure.as_deref() {
            None | Some("" | "duration") => Ok(Measure::Duration),
            Some("headers") => Ok(Measure::Headers),
            Some(other) => Err(Problem::bad_request(
                "bad_measure",
                format!("`measure` is {other:?}; give duration or headers."),
            )),
        }
    }
}

fn apdex_of(bucket: &LatencyBucket, pardoned: &Pardoned, scale: Scale, threshold_ms: u32) -> Option<f64> {
    let totals = Totals {
        apdex_durations: bucket.apdex_durations.clone(),
        by_status: vec![(500, bucket.server_errors)],
        ..Totals::default()
    };
    apdex(&totals, pardoned, scale, threshold_ms)
}

/// The times of one step, of the measure that was asked for. Sum and maximum are known of durations only.
#[derive(Default)]
struct Times {
    start: i64,
    histogram: Histogram,
    sum_us: Option<u64>,
    max_us: u64,
    apdex: Option<f64>,
}

impl Times {
    fn of_headers(bucket: LatencyBucket) -> Self {
        Self { start: bucket.start, histogram: bucket.headers, ..Self::default() }
    }

    fn of_durations(bucket: LatencyBucket, apdex: Option<f64>) -> Self {
        Self {
            start: bucket.start,
            apdex,
            histogram: bucket.durations,
            sum_us: Some(bucket.duration_sum_us),
            max_us: bucket.duration_max_us,
        }
    }

    fn merged(steps: &[Self]) -> Self {
        let mut merged = Self::default();
        for step in steps {
            merged.histogram.merge(&step.histogram);
            merged.sum_us = step.sum_us.map(|sum| merged.sum_us.unwrap_or(0).saturating_add(sum));
            merged.max_us = merged.max_us.max(step.max_us);
        }
        merged
    }

    fn mean_ms(&self) -> Option<f64> {
        mean_ms(self.sum_us?, self.histogram.count())
    }

    fn max_ms(&self) -> Option<f64> {
        self.sum_us.and_then(|_| max_ms(self.max_us, self.histogram.count()))
    }

    fn point(&self, scale: Scale) -> LatencyPoint {
        let percentiles = Percentiles::of(&self.histogram, scale, self.max_us);
        LatencyPoint {
            start: self.start,
            requests: self.histogram.count(),
            mean_ms: self.mean_ms(),
            max_ms: self.max_ms(),
            p50_ms: percentiles.p50_ms,
            p75_ms: percentiles.p75_ms,
            p95_ms: percentiles.p95_ms,
            p99_ms: percentiles.p99_ms,
            apdex: self.apdex,
        }
    }

    fn histogram(&self, scale: Scale) -> LatencyHistogram {
        let percentiles = Percentiles::of(&self.histogram, scale, self.max_us);
        let exponent = if scale == Scale::DURATION { 4 } else { 2 };
        LatencyHistogram {
            scale: exponent,
            zero: self.histogram.zero(),
            buckets: self.histogram.iter().map(|(index, count)| bucket(scale, index, count)).collect(),
            requests: self.histogram.count(),
            p50_ms: percentiles.p50_ms,
            p75_ms: percentiles.p75_ms,
            p95_ms: percentiles.p95_ms,
            p99_ms: percentiles.p99_ms,
            mean_ms: self.mean_ms(),
            max_ms: self.max_ms(),
            relative_error: round(2f64.powf(0.5 / f64::from(1u32 << exponent)) - 1.0),
        }
    }
}

fn bucket(scale: Scale, index: i16, count: u64) -> HistogramBucket {
    let bound = |index| round(scale.upper_bound(index) * 1_000.0);
    HistogramBucket { ge_ms: bound(index.saturating_sub(1)), le_ms: bound(index), count }
}
