//! Statuses by route: what some of them have over time, and how often each occurred and whom it met.

use std::collections::{BTreeMap, HashMap};

use clickhouse::Row;
use sendry_sdk::protocol::Histogram;
use serde::Deserialize;
use tokio::try_join;

use super::super::ClickHouseTraffic;
use super::super::write::route_hash;
use super::charts::start_of;
use super::endpoints::{RouteRow, of_routes};
use super::source::{Family, source};
use super::totals::{add_buckets, conditions, of_consumer, of_status};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::plan::{Segment, finer_buckets, last_seen};
use crate::store::traffic::{
    ConsumerHash, Filter, RouteKey, RouteStatus, Scope, StatusStep, StatusTotals, Steps, Window,
};

#[derive(Row, Deserialize)]
struct StepRow {
    bucket: u32,
    route: u64,
    status: u16,
    requests: u64,
    durations: Vec<(i16, u64)>,
}

#[derive(Row, Deserialize)]
struct CountRow {
    route: u64,
    status: u16,
    requests: u64,
    last: u32,
}

#[derive(Row, Deserialize)]
struct MetRow {
    route: u64,
    status: u16,
    consumers: u64,
    has_folded: bool,
}

impl ClickHouseTraffic {
    pub(super) async fn read_status_steps(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
        wanted: &[RouteStatus],
    ) -> Result<Vec<StatusStep>, StoreError> {
        let wanted = wanted.iter().filter(|RouteStatus { route, status }| {
            filter.covers_status(*status) && filter.covers_route(&route.method, &route.path)
        });
        let key = |of: &RouteStatus| (route_hash(&of.route.method, &of.route.path), of.status);
        let wanted: HashMap<(u64, u16), &RouteStatus> = wanted.map(|of| (key(of), of)).collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let listed: Vec<_> = wanted.keys().map(|(route, status)| format!("({route},{status})")).collect();
        let mut conditions = conditions(filter);
        conditions.push(format!("(route, status) IN ({})", listed.join(",")));
        let segments = self.cover(scope, self.plan_steps(steps)).await?;
        let columns = ("bucket, route, status, requests, durations", conditions.as_slice());
        let Some(source) = source(Family::Traffic, scope, &segments, columns) else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT bucket, route, status, sum(requests) AS n, sumMap(durations) FROM {source} \
             GROUP BY bucket, route, status HAVING n > 0"
        );
        let mut sums: BTreeMap<(UnixSecs, &RouteStatus), (u64, Histogram)> = BTreeMap::new();
        for row in self.link.ask::<StepRow>(&sql).await? {
            let of = wanted.get(&(row.route, row.status));
            let Some((start, of)) = start_of(steps, row.bucket).zip(of) else { continue };
            let (requests, durations) = sums.entry((start, of)).or_default();
            *requests = requests.saturating_add(row.requests);
            add_buckets(durations, &row.durations);
        }
        let step = |((start, of), (requests, durations)): ((UnixSecs, &RouteStatus), _)| StatusStep {
            start,
            of: of.clone(),
            requests,
            durations,
        };
        Ok(sums.into_iter().map(step).collect())
    }

    pub(super) async fn read_statuses(
        &self,
        scope: &Scope,
        window: Window,
        filter: &Filter,
        folded: ConsumerHash,
    ) -> Result<Vec<StatusTotals>, StoreError> {
        let (routes, segments) = try_join!(self.routes(scope, filter), self.cover(scope, self.plan(window)))?;
        let (counts, met) = try_join!(
            self.count_statuses(scope, &segments, filter, &routes),
            self.count_met(scope, &segments, filter, (&routes, folded)),
        )?;
        // When exactly it was seen last is told by the finer rows of that bucket.
        let is_asked_for = |row: &CountRow| row.requests > 0 && filter.covers_status(row.status);
        let asked_for = counts.iter().filter(|row| is_asked_for(row));
        let finer_segments = finer_buckets(&segments, asked_for.map(|row| row.last.into()));
        let finer = self.count_statuses(scope, &finer_segments, filter, &routes).await?;
        let finer = finer.iter().filter(|row| row.requests > 0);
        let finer: HashMap<_, _> = finer.map(|row| ((row.route, row.status), i64::from(row.last))).collect();
        let mut of_routes: HashMap<u64, u64> = HashMap::new();
        for row in &counts {
            let all = of_routes.entry(row.route).or_default();
            *all = all.saturating_add(row.requests);
        }
        let met: HashMap<_, _> = met.iter().map(|row| ((row.route, row.status), row)).collect();
        let routes: HashMap<_, _> = routes.into_iter().map(|route| (route.route, route)).collect();
        let totals = counts.into_iter().filter(is_asked_for).filter_map(|row| {
            let route = routes.get(&row.route)?;
            let route = RouteKey { method: route.method.clone(), path: route.path.clone() };
            let met = met.get(&(row.route, row.status));
            let finer = finer.get(&(row.route, row.status)).copied();
            let (last_seen_at, last_seen_secs) =
                last_seen((&segments, row.last.into()), (&finer_segments, finer));
            Some(StatusTotals {
                of: RouteStatus { route, status: row.status },
                requests: row.requests,
                route_requests: of_routes.get(&row.route).copied().unwrap_or(0),
                consumers: met.map_or(0, |met| met.consumers),
                has_folded: met.is_some_and(|met| met.has_folded),
                last_seen_at,
                last_seen_secs,
            })
        });
        let mut totals: Vec<_> = totals.collect();
        totals.sort_by(|a, b| a.of.cmp(&b.of));
        Ok(totals)
    }

    /// How often each route answered each status, those that the filter leaves out too.
    async fn count_statuses(
        &self,
        scope: &Scope,
        segments: &[Segment],
        filter: &Filter,
        routes: &[RouteRow],
    ) -> Result<Vec<CountRow>, StoreError> {
        let mut conditions = conditions(&Filter { status: Vec::new(), ..filter.clone() });
        conditions.extend(of_routes(filter, routes));
        let columns = ("bucket, route, status, requests", conditions.as_slice());
        let Some(source) = source(Family::Traffic, scope, segments, columns) else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT route, status, sum(requests), maxIf(bucket, requests > 0) FROM {source} GROUP BY route, status"
        );
        self.link.ask(&sql).await
    }

    /// How many consumers met each status of each route.
    async fn count_met(
        &self,
        scope: &Scope,
        segments: &[Segment],
        filter: &Filter,
        (routes, folded): (&[RouteRow], ConsumerHash),
    ) -> Result<Vec<MetRow>, StoreError> {
        let mut conditions = vec!["by_consumer = 1".to_owned()];
        conditions.extend(filter.consumer.map(of_consumer));
        conditions.extend(of_status(filter));
        conditions.extend(of_routes(filter, routes));
        let columns = ("route, status, consumer, requests", conditions.as_slice());
        let Some(source) = source(Family::Traffic, scope, segments, columns) else { return Ok(Vec::new()) };
        let folded = of_consumer(folded);
        let sql = format!(
            "SELECT route, status, uniqExactIf(consumer, NOT {folded}), toUInt8(max({folded})) FROM {source} \
             WHERE requests > 0 GROUP BY route, status"
        );
        self.link.ask(&sql).await
    }
}
