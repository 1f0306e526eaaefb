//! From parameters to what is looked for.

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::super::answer::PageParams;
use super::super::asked::Asked;
use crate::http::problem::Problem;
use crate::store::traffic::{LogBudget, LogPage, LogPosition, LogSearch};

/// Logs of a page, when nobody asks otherwise: what a screen shows, and a little more.
const LIMIT_DEFAULT: usize = 100;
/// A page is in memory at once, and a log may have a hundred kilobytes.
const LIMIT_MAX: usize = 1_000;

/// Characters of a text that is looked for.
const TEXT_CHARS_MAX: usize = 500;

/// What to look for in request logs, beside method, path, status and consumer.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LogParams {
    /// Stands in the URL, a header, a body, an application log or an id, whatever the case of ASCII letters.
    pub text: Option<String>,
    /// The trace: 32 hexadecimal digits.
    pub trace_id: Option<String>,
    /// Milliseconds that the request took at the least.
    #[param(value_type = Option<f64>)]
    pub min_ms: Option<String>,
    /// Milliseconds that it took at the most.
    #[param(value_type = Option<f64>)]
    pub max_ms: Option<String>,
}

impl LogParams {
    /// What is looked for, within what was asked.
    pub(super) fn search(&self, asked: &Asked) -> Result<LogSearch, Problem> {
        let window = asked.range.asked;
        Ok(LogSearch {
            from: window.from,
            to: window.to,
            filter: asked.filter.clone(),
            duration_us_min: parse_millis("min_ms", self.min_ms.as_deref())?,
            duration_us_max: parse_millis("max_ms", self.max_ms.as_deref())?,
            trace_id: given(&self.trace_id).map(parse_trace_id).transpose()?,
            text: given(&self.text).map(parse_text).transpose()?,
            budget: LogBudget::default(),
        })
    }
}

fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

fn parse_millis(name: &str, text: Option<&str>) -> Result<Option<u64>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let millis = text.parse::<f64>().ok().filter(|millis| millis.is_finite() && *millis >= 0.0);
    let millis = millis.ok_or_else(|| {
        Problem::bad_request("bad_duration", format!("`{name}` is {text:?}; give milliseconds, such as 250."))
    })?;
    Ok(Some((millis * 1_000.0).round() as u64))
}

fn parse_trace_id(text: &str) -> Result<String, Problem> {
    let is_one = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_one.then(|| text.to_ascii_lowercase()).ok_or_else(|| {
        let detail = "`trace_id` is not 32 hexadecimal digits, as the second part of a `traceparent` is.";
        Problem::bad_request("bad_trace_id", detail)
    })
}

fn parse_text(text: &str) -> Result<String, Problem> {
    if text.chars().count() <= TEXT_CHARS_MAX {
        return Ok(text.to_owned());
    }
    Err(Problem::bad_request("text_too_long", format!("`text` has at most {TEXT_CHARS_MAX} characters.")))
}

/// Reads which page is asked for.
pub(super) fn parse_page(params: &PageParams) -> Result<LogPage, Problem> {
    let limit = params.limit.as_deref().map_or(Ok(LIMIT_DEFAULT), |text| {
        let limit = text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
        limit.ok_or_else(|| Problem::bad_request("bad_limit", "`limit` is a whole number from 1 to 1000."))
    })?;
    let after = params.next.as_deref().map(decode).transpose()?;
    Ok(LogPage { after, limit })
}

/// A place as a cursor.
pub(super) fn encode(position: LogPosition) -> String {
    format!("{}-{}", position.time_us, position.id.simple())
}

fn decode(cursor: &str) -> Result<LogPosition, Problem> {
    let position = cursor.rsplit_once('-').and_then(|(time, id)| {
        Some(LogPosition { time_us: time.parse().ok()?, id: Uuid::try_parse(id).ok()? })
    });
    position
        .ok_or_else(|| Problem::bad_request("bad_cursor", "`next` is not what a page gave as its `next`."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_nothing_else_is_one() {
        for time_us in [0, -5, 1_800_000_000_123_456] {
            let position = LogPosition { time_us, id: Uuid::from_u128(7) };
            assert_eq!(decode(&encode(position)), Ok(position));
        }
        for bad in ["", "5", "x-00000000000000000000000000000007", "5-7"] {
            assert!(decode(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn durations_are_milliseconds_with_a_fraction() {
        assert_eq!(parse_millis("min_ms", Some("1.5")), Ok(Some(1_500)));
        assert_eq!(parse_millis("min_ms", Some("")), Ok(None));
        for bad in ["-1", "NaN", "1s", "inf"] {
            assert!(parse_millis("min_ms", Some(bad)).is_err(), "{bad}");
        }
    }
}
