//! By what figures are judged: the thresholds and the expected errors of an app, read once a question.

use std::collections::{HashMap, HashSet};

use super::state::Query;
use super::statistics::APDEX_THRESHOLD_MS;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::traffic::{Filter, RouteKey, RouteStatus, Scope, StatusStep, Steps};

type Endpoint = (String, String);

/// The settings of one app.
#[derive(Debug, Clone, Default)]
pub(super) struct Judge {
    threshold_ms: Option<u32>,
    thresholds_ms: HashMap<Endpoint, u32>,
    expected: HashSet<(Endpoint, u16)>,
}

impl Judge {
    /// Until when a request to the endpoint satisfies, in milliseconds.
    pub(super) fn threshold_ms(&self, method: &str, path: &str) -> u32 {
        let own = self.thresholds_ms.get(&(method.to_owned(), path.to_owned()));
        own.copied().or(self.threshold_ms).unwrap_or(APDEX_THRESHOLD_MS)
    }

    /// The threshold of the one endpoint that is looked at, or the app's where there may be several.
    pub(super) fn threshold_of(&self, filter: &Filter) -> u32 {
        match (&filter.method, &filter.path) {
            (Some(method), Some(path)) => self.threshold_ms(method, path),
            _ => self.threshold_ms.unwrap_or(APDEX_THRESHOLD_MS),
        }
    }

    /// Whether an error of this status is expected of the endpoint.
    pub(super) fn expects(&self, method: &str, path: &str, status: u16) -> bool {
        !self.expected.is_empty() && self.expected.contains(&((method.to_owned(), path.to_owned()), status))
    }

    /// How many of the requests ended with an error that is expected of the endpoint.
    pub(super) fn expected_errors(
        &self,
        method: &str,
        path: &str,
        by_status: &[(u16, u64)],
    ) -> ExpectedErrors {
        let mut errors = ExpectedErrors::default();
        if self.expected.is_empty() {
            return errors;
        }
        let endpoint = (method.to_owned(), path.to_owned());
        let is_expected = |status: u16| self.expected.contains(&(endpoint.clone(), status));
        for (status, count) in by_status.iter().filter(|(status, _)| is_expected(*status)) {
            errors.add(*status, *count);
        }
        errors
    }
}

/// How many errors were expected, and how many of these were the server's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ExpectedErrors {
    pub(super) all: u64,
    pub(super) server: u64,
}

impl ExpectedErrors {
    pub(super) fn add(&mut self, status: u16, count: u64) {
        self.all += count;
        self.server += if status / 100 == 5 { count } else { 0 };
    }
}

/// Which of the expected errors a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    All,
    /// Those with 5xx: the others never count against Apdex.
    ServerErrors,
}

impl Judge {
    fn expected(&self, which: Expected) -> Vec<RouteStatus> {
        let asked = |(_, status): &&(Endpoint, u16)| which == Expected::All || status / 100 == 5;
        let named = |((method, path), status): &(Endpoint, u16)| RouteStatus {
            route: RouteKey { method: method.clone(), path: path.clone() },
            status: *status,
        };
        self.expected.iter().filter(asked).map(named).collect()
    }
}

impl Query {
    /// What the expected errors have in each step. Without marks nothing is asked.
    ///
    /// It is asked for before the counts that it is a part of, so that it is never more than these.
    pub(super) async fn expected_steps(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
        (judge, which): (&Judge, Expected),
    ) -> Result<Vec<StatusStep>, StoreError> {
        let wanted = judge.expected(which);
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        self.traffic.status_steps(scope, steps, filter, &wanted).await
    }

    pub(super) async fn judge(&self, app_id: AppId) -> Result<Judge, StoreError> {
        let mut judge = Judge::default();
        for threshold in self.metadata.apdex_thresholds(app_id).await? {
            match threshold.endpoint {
                Some(endpoint) => _ = judge.thresholds_ms.insert(endpoint, threshold.threshold_ms),
                None => judge.threshold_ms = Some(threshold.threshold_ms),
            }
        }
        let expected = self.metadata.expected_errors(app_id).await?;
        judge.expected.extend(expected.into_iter().map(|one| ((one.method, one.path), one.status)));
        Ok(judge)
    }
}
