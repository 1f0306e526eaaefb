//! The endpoint table.

use std::collections::HashMap;

use super::super::{EventClass, SqliteTraffic};
use super::scan::Selection;
use super::totals::Sum;
use crate::store::StoreError;
use crate::store::traffic::{EndpointTotals, Filter, RouteKey, Scope, Window};

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

        let mut sums: HashMap<i64, Sum> = HashMap::new();
        let selection =
            Selection { routes: routes.iter().map(|route| route.id).collect(), consumers, segments };
        let add =
            |found: super::scan::Found<'_>| sums.entry(found.route).or_default().add(found.cell, filter);
        selection.read(&self.database.readers, add).await?;

        let endpoints = routes.into_iter().map(|route| EndpointTotals {
            totals: sums.remove(&route.id).unwrap_or_default().finish(),
            validation_errors: failed.get(&route.id).copied().unwrap_or(0),
            first_seen_at: route.first_seen,
            last_seen_at: route.last_seen,
            route: RouteKey { method: route.method, path: route.path },
        });
        Ok(endpoints.collect())
    }
}
