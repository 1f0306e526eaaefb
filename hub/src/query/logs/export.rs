//! `GET /apps/{app_id}/request-logs/export`: everything that a search finds, as a file.
//!
//! The answer is a stream: a page of logs is read when the client has taken the one before, so an export of a million logs takes the
//! memory of one page, however slow the client is. Should a store fail on the way, the answer breaks off and does not end: no client
//! takes half a file for a whole one.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::{IntoParams, ToSchema};

use super::super::answer::{AppPath, EnvParams, FilterParams, RangeParams, ReadErrors};
use super::super::asked::Asked;
use super::one::{LogDetail, detail};
use super::{Known, LogParams, csv};
use crate::http::extract::Params;
use crate::http::problem::Problem;
use crate::store::StoreError;
use crate::store::traffic::{LogPage, LogSearch, Steps, StoredLog};

/// Logs of one export: what a spreadsheet can show, about.
pub const EXPORT_ROWS_MAX: u64 = 1_000_000;

/// Exports at a time: each keeps a store busy.
pub const EXPORTS_AT_ONCE: usize = 4;

/// Logs that are in memory at once: each may have a hundred kilobytes.
const PAGE: usize = 200;

/// How many logs the file has, at the most; absent where that is not known beforehand.
const ROWS: HeaderName = HeaderName::from_static("x-sendry-rows");
/// Where it is cut.
const ROWS_MAX: HeaderName = HeaderName::from_static("x-sendry-rows-max");

/// What the file is like.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportParams {
    /// `csv` (a row for each request, the default) or `ndjson` (each request whole, one a line).
    #[param(value_type = Option<Format>, inline)]
    pub format: Option<String>,
    /// Logs after which it is cut, at most 1,000,000, which it is when absent.
    #[param(value_type = Option<u32>)]
    pub limit: Option<String>,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum Format {
    Csv,
    Ndjson,
}

impl Format {
    fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }
}

impl ExportParams {
    fn format(&self) -> Result<Format, Problem> {
        match self.format.as_deref() {
            None | Some("" | "csv") => Ok(Format::Csv),
            Some("ndjson") => Ok(Format::Ndjson),
            Some(other) => {
                let detail = format!("`format` is {other:?}; give csv or ndjson.");
                Err(Problem::bad_request("bad_format", detail))
            }
        }
    }

    fn limit(&self) -> Result<u64, Problem> {
        let Some(text) = self.limit.as_deref().filter(|text| !text.is_empty()) else {
            return Ok(EXPORT_ROWS_MAX);
        };
        let limit = text.parse().ok().filter(|limit| (1..=EXPORT_ROWS_MAX).contains(limit));
        limit.ok_or_else(|| Problem::bad_request("bad_limit", "`limit` is a whole number from 1 to 1000000."))
    }
}

/// Request logs as a file, the newest first: everything that fits, over the whole range.
///
/// The answer is streamed. The header `x-sendry-rows` tells how many logs it has, where that is known beforehand, and
/// `x-sendry-rows-max` after how many it is cut. Texts that a spreadsheet could take for a formula begin with `'` in CSV.
#[utoipa::path(
    get, path = "/apps/{app_id}/request-logs/export", tag = "request logs",
    params(AppPath, EnvParams, RangeParams, FilterParams, LogParams, ExportParams),
    responses(
        (status = 200, description = "The file",
            content((String = "text/csv"), (LogDetail = "application/x-ndjson")),
            headers(("x-sendry-rows" = u64, description = "How many logs it has, at the most"),
                ("x-sendry-rows-max" = u64, description = "After how many it is cut"))),
        (status = 429, description = "Too many exports at a time", body = Problem, content_type = "application/problem+json"),
        ReadErrors)
)]
pub async fn export(
    asked: Asked,
    Params(log): Params<LogParams>,
    Params(params): Params<ExportParams>,
) -> Result<Response, Problem> {
    let (search, format, limit) = (log.search(&asked)?, params.format()?, params.limit()?);
    let permit = asked.query.exports.clone().try_acquire_owned().map_err(|_| {
        let detail = format!("{EXPORTS_AT_ONCE} exports are under way; try again when one is done.");
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_exports", detail).retry_after(10)
    })?;
    let count = count(&asked, &search).await?;
    let name = format!("request-logs-{}.{}", asked.scope.env, format.extension());
    let export = Export { asked, search, format, after: None, left: limit, is_first: true, _permit: permit };
    let body = Body::from_stream(stream::try_unfold(Some(export), next));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    headers.insert(ROWS_MAX, limit.into());
    headers.extend(count.map(|count| (ROWS, count.min(limit).into())));
    Ok(response)
}

/// How many logs fit, where that can be counted without reading them.
async fn count(asked: &Asked, search: &LogSearch) -> Result<Option<u64>, StoreError> {
    if search.text.is_some() {
        return Ok(None);
    }
    let steps = Steps { bounds: vec![search.from, search.to] };
    let counted = asked.query.traffic.request_log_steps(&asked.scope, search, &steps).await?;
    let is_whole = counted.stopped_at_us.is_none();
    Ok(is_whole.then(|| counted.counts.iter().map(|step| step.count).sum()))
}

/// An export under way.
struct Export {
    asked: Asked,
    search: LogSearch,
    format: Format,
    after: Option<crate::store::traffic::LogPosition>,
    left: u64,
    is_first: bool,
    _permit: OwnedSemaphorePermit,
}

/// The next piece of the file; none after the last.
async fn next(export: Option<Export>) -> Result<Option<(Bytes, Option<Export>)>, StoreError> {
    let Some(mut export) = export else { return Ok(None) };
    let mut piece = if export.is_first && export.format == Format::Csv { csv::head() } else { String::new() };
    export.is_first = false;
    // A search may look at much and find nothing: that is no piece.
    loop {
        let is_last = export.read(&mut piece).await.inspect_err(|error| {
            tracing::warn!(%error, app.id = %export.asked.scope.app_id, "An export of request logs broke off.");
        })?;
        match (is_last, piece.is_empty()) {
            (true, true) => return Ok(None),
            (true, false) => return Ok(Some((piece.into(), None))),
            (false, false) => return Ok(Some((piece.into(), Some(export)))),
            (false, true) => {}
        }
    }
}

impl Export {
    /// Appends a page; whether it is the last.
    async fn read(&mut self, piece: &mut String) -> Result<bool, StoreError> {
        let limit = PAGE.min(usize::try_from(self.left).unwrap_or(PAGE));
        let page = LogPage { after: self.after, limit };
        let query = &self.asked.query;
        let found = query.traffic.request_logs(&self.asked.scope, &self.search, &page).await?;
        let hashes = found.logs.iter().filter_map(|log| log.consumer);
        let known = Known::of(query, self.asked.scope.app_id, hashes).await?;
        self.left -= (found.logs.len() as u64).min(self.left);
        for log in found.logs {
            self.write(log, &known, piece);
        }
        self.after = found.next;
        Ok(found.next.is_none() || self.left == 0)
    }

    fn write(&self, stored: StoredLog, known: &Known, piece: &mut String) {
        match self.format {
            Format::Csv => csv::row(&stored, known, piece),
            Format::Ndjson => {
                // A log consists of texts and numbers, so there is nothing that JSON could not say.
                piece.push_str(&serde_json::to_string(&detail(stored, known)).unwrap_or_default());
                piece.push('\n');
            }
        }
    }
}
