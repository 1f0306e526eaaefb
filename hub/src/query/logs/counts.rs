//! `GET /apps/{app_id}/request-logs/timeline` and `/facets`: how many there are, over time and of what.

use std::collections::BTreeMap;

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::answer::{AppPath, EnvParams, FilterParams, Range, RangeParams, ReadErrors};
use super::super::asked::Asked;
use super::super::steps;
use super::{Known, LogConsumer, LogParams};
use crate::http::extract::Params;
use crate::http::problem::Problem;
use crate::store::traffic::{ConsumerHash, LogGroup, LogStep, RouteKey};

/// Values of a facet, the most frequent first. Further ones can be typed.
const VALUES_MAX: usize = 50;

/// The request logs of one step, by the hundred of their status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogPoint {
    /// The beginning of the step.
    pub start: i64,
    pub requests: u64,
    /// By status, as text: `{"200": 17, "404": 1}`.
    pub by_status: BTreeMap<String, u64>,
}

/// Request logs over time. Steps without any are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogTimeline {
    pub range: Range,
    /// When the newest stored report of the environment was accepted; null when there is none.
    pub as_of: Option<i64>,
    pub data: Vec<LogPoint>,
    /// Nothing before this time, in microseconds, was counted, because enough was looked at; null when everything was.
    pub stopped_at_us: Option<i64>,
}

/// How many request logs have a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MethodCount {
    pub method: String,
    pub count: u64,
}

/// How many request logs an endpoint has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EndpointCount {
    pub method: String,
    pub path: String,
    pub count: u64,
}

/// How many request logs have a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatusCount {
    pub status: u16,
    pub count: u64,
}

/// How many request logs a consumer has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsumerCount {
    pub consumer: LogConsumer,
    pub count: u64,
}

/// What the request logs that fit have, each list the most frequent first and at most 50 long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogFacets {
    pub range: Range,
    /// When the newest stored report of the environment was accepted; null when there is none.
    pub as_of: Option<i64>,
    pub requests: u64,
    pub methods: Vec<MethodCount>,
    pub endpoints: Vec<EndpointCount>,
    pub statuses: Vec<StatusCount>,
    /// Requests of nobody in particular are in none of them.
    pub consumers: Vec<ConsumerCount>,
    /// Nothing before this time, in microseconds, was counted, because enough was looked at; null when everything was.
    pub stopped_at_us: Option<i64>,
}

/// Request logs over time, under the same filters as the list.
#[utoipa::path(
    get, path = "/apps/{app_id}/request-logs/timeline", tag = "request logs",
    params(AppPath, EnvParams, RangeParams, FilterParams, LogParams),
    responses((status = 200, description = "The answer", body = LogTimeline), ReadErrors)
)]
pub async fn timeline(asked: Asked, Params(log): Params<LogParams>) -> Result<Json<LogTimeline>, Problem> {
    let search = log.search(&asked)?;
    let steps = steps::choose_for_timeline(&asked.range);
    let counted = asked.query.traffic.request_log_steps(&asked.scope, &search, &steps.steps).await?;
    Ok(Json(LogTimeline {
        range: asked.range.describe_requests(Some(steps.secs)),
        as_of: asked.as_of().await?,
        data: points(&counted.counts),
        stopped_at_us: counted.stopped_at_us,
    }))
}

fn points(counts: &[LogStep]) -> Vec<LogPoint> {
    let mut points: BTreeMap<i64, LogPoint> = BTreeMap::new();
    for LogStep { start, status, count } in counts {
        let empty = || LogPoint { start: *start, requests: 0, by_status: BTreeMap::new() };
        let point = points.entry(*start).or_insert_with(empty);
        point.requests += count;
        *point.by_status.entry(status.to_string()).or_default() += count;
    }
    points.into_values().collect()
}

/// What the request logs that fit have: methods, endpoints, statuses and consumers with their counts.
#[utoipa::path(
    get, path = "/apps/{app_id}/request-logs/facets", tag = "request logs",
    params(AppPath, EnvParams, RangeParams, FilterParams, LogParams),
    responses((status = 200, description = "The answer", body = LogFacets), ReadErrors)
)]
pub async fn facets(asked: Asked, Params(log): Params<LogParams>) -> Result<Json<LogFacets>, Problem> {
    let search = log.search(&asked)?;
    let counted = asked.query.traffic.request_log_groups(&asked.scope, &search).await?;
    let groups = counted.counts;
    let methods = tops(&groups, |group| Some(group.route.method.clone()));
    let endpoint =
        |(RouteKey { method, path }, count): (RouteKey, u64)| EndpointCount { method, path, count };
    let endpoints = tops(&groups, |group| Some(group.route.clone()));
    let statuses = tops(&groups, |group| Some(group.status));
    let consumers: Vec<(ConsumerHash, u64)> = tops(&groups, |group| group.consumer);
    let hashes = consumers.iter().map(|(hash, _)| *hash);
    let known = Known::of(&asked.query, asked.scope.app_id, hashes).await?;
    let consumer = |(hash, count)| ConsumerCount { consumer: known.consumer(hash), count };
    Ok(Json(LogFacets {
        range: asked.range.describe_requests(None),
        as_of: asked.as_of().await?,
        requests: groups.iter().map(|group| group.count).sum(),
        methods: methods.into_iter().map(|(method, count)| MethodCount { method, count }).collect(),
        endpoints: endpoints.into_iter().map(endpoint).collect(),
        statuses: statuses.into_iter().map(|(status, count)| StatusCount { status, count }).collect(),
        consumers: consumers.into_iter().map(consumer).collect(),
        stopped_at_us: counted.stopped_at_us,
    }))
}

/// The most frequent values of the groups; equally frequent ones rise.
fn tops<T: Ord>(groups: &[LogGroup], value: impl Fn(&LogGroup) -> Option<T>) -> Vec<(T, u64)> {
    let mut sums: BTreeMap<T, u64> = BTreeMap::new();
    for group in groups {
        if let Some(value) = value(group) {
            *sums.entry(value).or_default() += group.count;
        }
    }
    let mut tops: Vec<_> = sums.into_iter().collect();
    tops.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    tops.truncate(VALUES_MAX);
    tops
}
