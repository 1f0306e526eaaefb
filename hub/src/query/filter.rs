//! From the parameters of a request to what is looked at.

use super::answer::FilterParams;
use super::state::Query;
use crate::http::problem::Problem;
use crate::queue::AppId;
use crate::store::traffic::{Filter, StatusClass};

/// Characters of a filter: a pattern is compared with every route, and none is longer.
const CHARS_MAX: usize = 2_000;

/// Statuses of a filter: each request is compared with each.
const STATUSES_MAX: usize = 100;

impl Query {
    /// Reads the filters; a consumer is looked up by its hash, as the traffic store knows it.
    pub(super) fn filter(&self, app_id: AppId, params: &FilterParams) -> Result<Filter, Problem> {
        let consumer = given("consumer", &params.consumer)?;
        Ok(Filter {
            method: given("method", &params.method)?.map(|method| method.to_uppercase()),
            path: given("path", &params.path)?,
            status: given("status", &params.status)?.as_deref().map_or(Ok(Vec::new()), parse_statuses)?,
            consumer: consumer.map(|identifier| self.consumer_key.hash(app_id, &identifier)),
            durations_only: false,
        })
    }
}

/// A filter that is given; one that is absurdly long is refused.
fn given(name: &str, text: &Option<String>) -> Result<Option<String>, Problem> {
    let text = text.clone().filter(|text| !text.is_empty());
    match text {
        Some(text) if text.chars().count() > CHARS_MAX => {
            let detail = format!("`{name}` has at most {CHARS_MAX} characters.");
            Err(Problem::bad_request("filter_too_long", detail))
        }
        text => Ok(text),
    }
}

fn parse_statuses(text: &str) -> Result<Vec<StatusClass>, Problem> {
    let statuses: Vec<_> = text.split(',').map(|part| parse_status(part.trim())).collect::<Result<_, _>>()?;
    if statuses.len() <= STATUSES_MAX {
        return Ok(statuses);
    }
    Err(Problem::bad_request("bad_status", format!("`status` names at most {STATUSES_MAX} statuses.")))
}

fn parse_status(text: &str) -> Result<StatusClass, Problem> {
    let exact = text.parse().ok().filter(|status| (100..=599).contains(status)).map(StatusClass::Exact);
    let class = || match text.as_bytes() {
        [digit @ b'1'..=b'5', b'x' | b'X', b'x' | b'X'] => Some(StatusClass::Class(digit - b'0')),
        _ => None,
    };
    exact.or_else(class).ok_or_else(|| {
        Problem::bad_request(
            "bad_status",
            format!("`status` is {text:?}; give statuses (404) or classes (4xx), with commas between."),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_has_an_end() {
        let of_length = |length: usize| given("path", &Some("ä".repeat(length)));
        assert!(of_length(CHARS_MAX).is_ok_and(|path| path.is_some()));
        assert_eq!(of_length(CHARS_MAX + 1).unwrap_err().kind, "filter_too_long");
        assert_eq!(of_length(0), Ok(None));
    }

    #[test]
    fn statuses_are_numbers_or_classes() {
        let list = parse_statuses("404, 5xx,201").unwrap();
        assert_eq!(list, [StatusClass::Exact(404), StatusClass::Class(5), StatusClass::Exact(201)]);
        assert!(parse_statuses("404,").is_err());
        assert!(parse_statuses(&["404"; STATUSES_MAX].join(",")).is_ok());
        assert!(parse_statuses(&["404"; STATUSES_MAX + 1].join(",")).is_err());
        assert_eq!(parse_status("404"), Ok(StatusClass::Exact(404)));
        assert_eq!(parse_status("5xx"), Ok(StatusClass::Class(5)));
        for bad in ["", "40", "600", "6xx", "0xx", "4x", "abc", "4xxx", "-1"] {
            assert!(parse_status(bad).is_err(), "{bad}");
        }
    }
}
