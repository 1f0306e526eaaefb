//! `GET /apps/{app_id}/sizes`: how large requests and responses are.

use sendry_sdk::protocol::{Histogram, Scale};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{AppPath, EnvParams, FilterParams, One, RangeParams, ReadErrors};
use super::asked::{Answer, Asked};
use super::statistics::round;

/// Bodies of a size: more than `ge_bytes`, up to and including `le_bytes`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SizeBucket {
    pub ge_bytes: f64,
    pub le_bytes: f64,
    pub count: u64,
}

/// The sizes of bodies, where they were known. Percentiles are within 9.1 %, and null where no size was known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SizeHistogram {
    /// Bodies of a known size.
    pub bodies: u64,
    /// The empty ones among them.
    pub empty: u64,
    /// Of all of them together.
    pub bytes: u64,
    /// Non-empty buckets, rising.
    pub buckets: Vec<SizeBucket>,
    pub mean_bytes: Option<f64>,
    pub p50_bytes: Option<f64>,
    pub p95_bytes: Option<f64>,
    pub p99_bytes: Option<f64>,
}

/// How large requests and responses are. Of one consumer only sums are known: the histograms are empty under that filter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Sizes {
    pub request: SizeHistogram,
    pub response: SizeHistogram,
}

/// How large requests and responses are, over the range.
#[utoipa::path(
    get, path = "/apps/{app_id}/sizes", tag = "traffic", params(AppPath, EnvParams, RangeParams, FilterParams),
    responses((status = 200, description = "The answer", body = One<Sizes>), ReadErrors)
)]
pub async fn sizes(asked: Asked) -> Answer<One<Sizes>> {
    let endpoints = asked.query.traffic.endpoints(&asked.scope, asked.range.window, &asked.filter).await?;
    let (mut request, mut response) = (Histogram::new(), Histogram::new());
    let (mut request_bytes, mut response_bytes) = (0u64, 0u64);
    for totals in endpoints.iter().map(|endpoint| &endpoint.totals) {
        request.merge(&totals.request_sizes);
        response.merge(&totals.response_sizes);
        request_bytes = request_bytes.saturating_add(totals.request_bytes);
        response_bytes = response_bytes.saturating_add(totals.response_bytes);
    }
    let data =
        Sizes { request: describe(&request, request_bytes), response: describe(&response, response_bytes) };
    asked.one(asked.range.describe(), data).await
}

fn describe(sizes: &Histogram, bytes: u64) -> SizeHistogram {
    let bound = |index| round(Scale::SIZE.upper_bound(index));
    let bucket = |(index, count): (i16, u64)| SizeBucket {
        ge_bytes: bound(index.saturating_sub(1)),
        le_bytes: bound(index),
        count,
    };
    let quantile = |q| sizes.quantile(Scale::SIZE, q).map(round);
    let bodies = sizes.count();
    SizeHistogram {
        bodies,
        empty: sizes.zero(),
        bytes,
        buckets: sizes.iter().map(bucket).collect(),
        mean_bytes: (bodies > 0).then(|| round(bytes as f64 / bodies as f64)),
        p50_bytes: quantile(0.50),
        p95_bytes: quantile(0.95),
        p99_bytes: quantile(0.99),
    }
}
