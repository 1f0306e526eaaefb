//! `GET /apps/{app_id}/request-logs`: single requests, the newest first.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::answer::{AppPath, EnvParams, FilterParams, PageParams, Range, RangeParams, ReadErrors};
use super::super::asked::Asked;
use super::search::{encode, parse_page};
use super::{Known, LogConsumer, LogParams, millis};
use crate::http::extract::Params;
use crate::http::problem::Problem;
use crate::store::traffic::{FoundLogs, StoredLog};

/// A request at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LogRow {
    pub id: Uuid,
    /// When it arrived, in microseconds of Unix time.
    pub time_us: i64,
    pub method: String,
    /// The template, as the framework writes it.
    pub path: String,
    /// The URL as requested, its query masked.
    pub url: String,
    pub status: u16,
    pub duration_ms: f64,
    /// Null where the application names nobody.
    pub consumer: Option<LogConsumer>,
    pub client_address: Option<String>,
    pub trace_id: Option<String>,
    /// The sizes of the bodies, where known.
    pub request_bytes: Option<u64>,
    pub response_bytes: Option<u64>,
}

/// A page of request logs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LogList {
    pub range: Range,
    /// When the newest stored report of the environment was accepted; null when there is none.
    pub as_of: Option<i64>,
    pub data: Vec<LogRow>,
    /// Where the next page begins, or the search goes on, for the parameter `next`; null when there is nothing more.
    pub next: Option<String>,
    /// The time, in microseconds, at which the search stopped because it had looked at enough: everything that fits and is
    /// newer is in this page or one before. Null when the page is full or everything was looked at.
    pub stopped_at_us: Option<i64>,
    /// How many logs were looked at for this page, at the most.
    pub searched: u64,
}

/// Single requests, the newest first.
///
/// A search looks at 500,000 logs at the most, and for a text at 256 MiB of them, and then says where it stopped: `next` goes on there.
#[utoipa::path(
    get, path = "/apps/{app_id}/request-logs", tag = "request logs",
    params(AppPath, EnvParams, RangeParams, FilterParams, LogParams, PageParams),
    responses((status = 200, description = "The answer", body = LogList), ReadErrors)
)]
pub async fn request_logs(
    asked: Asked,
    Params(log): Params<LogParams>,
    Params(page): Params<PageParams>,
) -> Result<Json<LogList>, Problem> {
    let (search, page) = (log.search(&asked)?, parse_page(&page)?);
    let found = asked.query.traffic.request_logs(&asked.scope, &search, &page).await?;
    let hashes = found.logs.iter().filter_map(|log| log.consumer);
    let known = Known::of(&asked.query, asked.scope.app_id, hashes).await?;
    let FoundLogs { logs, next, stopped, searched } = found;
    Ok(Json(LogList {
        range: asked.range.describe_requests(None),
        as_of: asked.as_of().await?,
        data: logs.into_iter().map(|log| row(log, &known)).collect(),
        next: next.map(encode),
        stopped_at_us: next.filter(|_| stopped).map(|position| position.time_us),
        searched,
    }))
}

fn row(stored: StoredLog, known: &Known) -> LogRow {
    let log = stored.log;
    LogRow {
        id: log.id,
        time_us: log.time_us,
        method: log.method,
        path: log.path,
        url: log.url,
        status: log.status,
        duration_ms: millis(log.duration_us),
        consumer: stored.consumer.map(|hash| known.consumer(hash)),
        client_address: log.client_address,
        trace_id: log.trace_id,
        request_bytes: log.request_body.bytes,
        response_bytes: log.response_body.bytes,
    }
}
