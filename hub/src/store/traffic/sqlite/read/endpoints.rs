//! The endpoint table.

use std::collections::HashMap;

use super::super::{EventClass, SqliteTraffic};
use super::scan::{Found, Selection};
use super::totals::Sum;
use crate::store::StoreError;
use crate::store::traffic::plan::Segment;
use crate::store::traffic::{EndpointTotals, Filter, RouteKey, Scope, Window};

/// Connections that one table is read over: not all, so that a chart beside it has one.
const SCANS: usize = 3;

/// Routes that one connection reads at the least; fewer are not worth waking another.
const SHARE_MIN: usize = 8;

impl SqliteTraffic {
    pub(super) async fn read_endpoints(
        &self,
        scope: &Scope,
        window: Window,
        filter: &Filter,
    ) -> Result<Vec<EndpointTotals>, StoreError> {
        let Some(scope) = self.scope_id(scope).await? else { return Ok(Vec::new()) };
        let segments = self.plan(window);
        let routes = self.routes(scope, filter).await?;
        let consumers = Vec::from_iter(self.consumer_id(scope, filter).await?);
        let failed = self.count_by_route(scope, EventClass::Validation, &segments, filter).await?;

        let ids: Vec<i64> = routes.iter().map(|route| route.id).collect();
        let mut sums = self.sum_by_route(&ids, &consumers, &segments, filter).await?;

        let endpoints = routes.into_iter().map(|route| EndpointTotals {
            totals: sums.remove(&route.id).unwrap_or_default().finish(),
            validation_errors: failed.get(&route.id).copied().unwrap_or(0),
            first_seen_at: route.first_seen,
            last_seen_at: route.last_seen,
            route: RouteKey { method: route.method, path: route.path },
        });
        Ok(endpoints.collect())
    }

    /// Adds up the cells of `routes`, each apart. Some connections share the work: on a cold file they wait for the disk together.
    async fn sum_by_route(
        &self,
        routes: &[i64],
        consumers: &[i64],
        segments: &[Segment],
        filter: &Filter,
    ) -> Result<HashMap<i64, Sum>, StoreError> {
        let share = routes.len().div_ceil(SCANS).max(SHARE_MIN);
        let scans = routes.chunks(share).map(|routes| async {
            let mut sums: HashMap<i64, Sum> = HashMap::new();
            let selection = Selection {
                routes: routes.to_vec(),
                consumers: consumers.to_vec(),
                segments: segments.to_vec(),
            };
            let add = |found: Found<'_>| sums.entry(found.route).or_default().add(found.cell, filter);
            selection.read(&self.database.readers, add).await?;
            Ok::<_, StoreError>(sums)
        });
        let parts = futures_util::future::try_join_all(scans).await?;
        Ok(parts.into_iter().flatten().collect())
    }
}
