//! The endpoint table.

use std::collections::HashMap;

use clickhouse::Row;
use serde::Deserialize;
use tokio::try_join;

use super::super::{ClickHouseTraffic, EventClass, of_scope};
use super::totals::{Per, Sum, conditions};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::{EndpointTotals, Filter, RouteKey, Scope, Window};

/// A route as it is stored.
#[derive(Debug, Row, Deserialize)]
pub(super) struct RouteRow {
    pub(super) route: u64,
    pub(super) method: String,
    pub(super) path: String,
    first_seen: u32,
    last_seen: u32,
}

impl RouteRow {
    /// The first and the last minute; none when it was never called.
    fn called(&self) -> Option<(UnixSecs, UnixSecs)> {
        (self.first_seen <= self.last_seen).then_some((self.first_seen.into(), self.last_seen.into()))
    }
}

impl ClickHouseTraffic {
    pub(super) async fn read_endpoints(
        &self,
        scope: &Scope,
        window: Window,
        filter: &Filter,
    ) -> Result<Vec<EndpointTotals>, StoreError> {
        let (routes, segments) = try_join!(self.routes(scope, filter), self.cover(scope, self.plan(window)))?;
        let mut conditions = conditions(filter);
        conditions.extend(of_routes(filter, &routes));
        let (rows, failed) = try_join!(
            self.sums(scope, &segments, &conditions, (Per::Route, filter)),
            self.count_events_by_route(scope, EventClass::Validation, &segments, filter),
        )?;
        let mut sums: HashMap<u64, Sum> = HashMap::new();
        rows.iter().for_each(|row| sums.entry(row.key_route).or_default().add(row, filter));
        let endpoints = routes.into_iter().map(|route| EndpointTotals {
            totals: sums.remove(&route.route).unwrap_or_default().finish(),
            validation_errors: failed.get(&route.route).copied().unwrap_or(0),
            first_seen_at: route.called().map(|(first, _)| first),
            last_seen_at: route.called().map(|(_, last)| last),
            route: RouteKey { method: route.method, path: route.path },
        });
        Ok(endpoints.collect())
    }

    /// The routes of a scope that `filter` covers, by path and method.
    pub(super) async fn routes(&self, scope: &Scope, filter: &Filter) -> Result<Vec<RouteRow>, StoreError> {
        let sql = format!(
            "SELECT route, max(method), max(path), min(first_seen), max(last_seen) FROM routes WHERE {} GROUP BY route",
            of_scope(scope)
        );
        let mut routes: Vec<RouteRow> = self.link.ask(&sql).await?;
        routes.retain(|route| filter.covers_route(&route.method, &route.path));
        routes.sort_by(|a, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
        Ok(routes)
    }
}

/// The condition that a row is of `routes`, where the filter names any.
pub(super) fn of_routes(filter: &Filter, routes: &[RouteRow]) -> Option<String> {
    if filter.method.is_none() && filter.path.is_none() {
        return None;
    }
    let listed: Vec<_> = routes.iter().map(|route| route.route.to_string()).collect();
    Some(if listed.is_empty() { "0".to_owned() } else { format!("route IN ({})", listed.join(",")) })
}
