//! From the parameters of a request to what is looked at.

use super::answer::FilterParams;
use super::state::Query;
use crate::http::problem::Problem;
use crate::queue::AppId;
use crate::store::traffic::{Filter, StatusClass};

impl Query {
    /// Reads the filters; a consumer is looked up by its hash, as the traffic store knows it.
    pub(super) fn filter(&self, app_id: AppId, params: &FilterParams) -> Result<Filter, Problem> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        Ok(Filter {
            method: given(&params.method).map(|method| method.to_uppercase()),
            path: given(&params.path),
            status: given(&params.status).as_deref().map_or(Ok(Vec::new()), parse_statuses)?,
            consumer: given(&params.consumer).map(|identifier| self.consumer_key.hash(app_id, &identifier)),
        })
    }
}

fn parse_statuses(text: &str) -> Result<Vec<StatusClass>, Problem> {
    text.split(',').map(|part| parse_status(part.trim())).collect()
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
    fn statuses_are_numbers_or_classes() {
        let list = parse_statuses("404, 5xx,201").unwrap();
        assert_eq!(list, [StatusClass::Exact(404), StatusClass::Class(5), StatusClass::Exact(201)]);
        assert!(parse_statuses("404,").is_err());
        assert_eq!(parse_status("404"), Ok(StatusClass::Exact(404)));
        assert_eq!(parse_status("5xx"), Ok(StatusClass::Class(5)));
        for bad in ["", "40", "600", "6xx", "0xx", "4x", "abc", "4xxx", "-1"] {
            assert!(parse_status(bad).is_err(), "{bad}");
        }
    }
}
