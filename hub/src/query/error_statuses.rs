//! `GET /apps/{app_id}/error-statuses`: how often each endpoint answered each status of failure, and whom.

use sendry_sdk::protocol::FOLDED_CONSUMER;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{AppPath, EnvParams, FilterParams, List, PageParams, RangeParams, ReadErrors};
use super::asked::{Answer, Asked};
use super::judge::Judge;
use super::page::{Page, by_count};
use crate::store::traffic::{Filter, StatusClass, StatusTotals};

/// One status of failure of one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorStatus {
    pub method: String,
    pub path: String,
    /// 4xx or 5xx.
    pub status: u16,
    pub count: u64,
    /// All requests of the endpoint, whatever they were answered with.
    pub requests: u64,
    /// Whether this status was marked as expected of the endpoint.
    pub expected: bool,
    /// How many different consumers got it, of those that have a name.
    pub consumers: u64,
    /// Whether there may be more of them: instances told of some that were too many for a report as one, which is not counted.
    pub more_consumers: bool,
    /// The beginning of the last minute that has it; of the half hour where that is longer ago than about a day, or of the day where
    /// no half hours are stored.
    pub last_seen_at: i64,
    /// How long that minute, half hour or day lasts, in seconds.
    pub last_seen_secs: i64,
}

/// How often each endpoint answered each status of failure, and whom; the most frequent first.
#[utoipa::path(
    get, path = "/apps/{app_id}/error-statuses", tag = "errors",
    params(AppPath, EnvParams, RangeParams, FilterParams, PageParams),
    responses((status = 200, description = "The answer", body = List<ErrorStatus>), ReadErrors)
)]
pub async fn error_statuses(asked: Asked, page: Page) -> Answer<List<ErrorStatus>> {
    let Asked { query, scope, range, filter } = &asked;
    let folded = query.consumer_key.hash(scope.app_id, FOLDED_CONSUMER);
    let filter = failures(filter);
    let mut found = query.traffic.statuses(scope, range.window, &filter, folded).await?;
    found.retain(|totals| (400..600).contains(&totals.of.status));
    let judge = query.judge(scope.app_id).await?;
    let rows = found.into_iter().map(|totals| row(totals, &judge)).collect();
    let key = |row: &ErrorStatus| by_count(row.count, &[&row.path, &row.method, &row.status.to_string()]);
    asked.page(page.of(rows, key)).await
}

/// The filter, or failures alone where it names no status.
fn failures(filter: &Filter) -> Filter {
    let mut filter = filter.clone();
    if filter.status.is_empty() {
        filter.status = vec![StatusClass::Class(4), StatusClass::Class(5)];
    }
    filter
}

fn row(totals: StatusTotals, judge: &Judge) -> ErrorStatus {
    let StatusTotals { of, requests, route_requests, .. } = totals;
    ErrorStatus {
        expected: judge.expects(&of.route.method, &of.route.path, of.status),
        method: of.route.method,
        path: of.route.path,
        status: of.status,
        count: requests,
        requests: route_requests,
        consumers: totals.consumers,
        more_consumers: totals.has_folded,
        last_seen_at: totals.last_seen_at,
        last_seen_secs: totals.last_seen_secs,
    }
}
