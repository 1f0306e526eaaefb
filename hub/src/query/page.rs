//! Pages of long lists, by key: the cursor names the last entry of a page, so that entries that come and go between two
//! pages are neither repeated nor skipped.

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::answer::PageParams;
use crate::http::extract::Params;
use crate::http::problem::Problem;

/// Entries of a page, when nobody asks otherwise: more endpoints than nearly any API has.
const LIMIT_DEFAULT: usize = 1_000;
const LIMIT_MAX: usize = 10_000;

/// Which page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    limit: usize,
    after: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Params(params) = Params::<PageParams>::from_request_parts(parts, state).await?;
        Self::parse(&params)
    }
}

impl Page {
    fn parse(params: &PageParams) -> Result<Self, Problem> {
        let limit = params.limit.as_deref().map_or(Ok(LIMIT_DEFAULT), |text| {
            let limit = text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
            limit.ok_or_else(|| {
                Problem::bad_request("bad_limit", "`limit` is a whole number from 1 to 10000.")
            })
        })?;
        let after = params.next.as_deref().map(decode).transpose()?;
        Ok(Self { limit, after })
    }

    /// Sorts a list by `key`; returns the page's entries and the cursor of the next page.
    pub(super) fn of<T>(&self, mut entries: Vec<T>, key: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
        entries.sort_by_cached_key(&key);
        let first = match &self.after {
            Some(after) => entries.partition_point(|entry| key(entry) <= *after),
            None => 0,
        };
        let count = entries.len();
        let page: Vec<T> = entries.into_iter().skip(first).take(self.limit).collect();
        let has_more = first + page.len() < count;
        let next = page.last().filter(|_| has_more).map(|last| hex::encode(key(last)));
        (page, next)
    }
}

/// A key by which a list falls by `count`; among equals it rises by `rest`.
pub(super) fn by_count(count: u64, rest: &[&str]) -> String {
    format!("{:020}\0{}", u64::MAX - count, rest.join("\0"))
}

fn decode(cursor: &str) -> Result<String, Problem> {
    let bytes = hex::decode(cursor).ok();
    let key = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    key.ok_or_else(|| Problem::bad_request("bad_cursor", "`next` is not what a page gave as its `next`."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_without_gap_or_repetition() {
        let all: Vec<String> = (10..35).map(|at| format!("/ä/{at}")).collect();
        let mut seen = Vec::new();
        let mut next = None;
        loop {
            let page = Page::parse(&PageParams { limit: Some("7".into()), next: next.clone() }).unwrap();
            let (entries, cursor) = page.of(all.clone(), String::clone);
            assert!(entries.len() <= 7);
            seen.extend(entries);
            next = cursor;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn a_limit_or_cursor_that_is_none_is_refused() {
        for limit in ["0", "10001", "x"] {
            assert!(Page::parse(&PageParams { limit: Some(limit.into()), next: None }).is_err());
        }
        assert!(Page::parse(&PageParams { limit: None, next: Some("xyz".into()) }).is_err());
    }
}
