//! Statuses by route: what some of them have over time, and how often each occurred and whom it met.

use std::collections::{BTreeMap, HashMap, HashSet};

use sendry_sdk::protocol::Histogram;

use super::super::SqliteTraffic;
use super::super::cell::read_cell;
use super::super::write::all_routes;
use super::scan::{Found, Pairs, RouteRow, Selection};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::plan::{Segment, finer_buckets, last_seen};
use crate::store::traffic::{
    ConsumerHash, Filter, RouteStatus, Scope, StatusStep, StatusTotals, Steps, Window,
};

/// A route's number and a status.
type Status = (i64, u16);

/// How often a status occurred, and the beginning of the last bucket that has it.
type Counted = BTreeMap<Status, (u64, UnixSecs)>;

impl SqliteTraffic {
    pub(super) async fn read_status_steps(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
        wanted: &[RouteStatus],
    ) -> Result<Vec<StatusStep>, StoreError> {
        let Some(scope) = self.scope_id(scope).await? else { return Ok(Vec::new()) };
        let Some(consumer) = self.consumer_id(scope, filter).await? else { return Ok(Vec::new()) };
        let routes = self.routes(scope, filter).await?;
        let by_key: HashMap<_, _> = routes.iter().map(|route| (route.key(), route.id)).collect();
        let wanted = wanted.iter().filter(|one| filter.covers_status(one.status));
        let wanted: HashMap<Status, &RouteStatus> =
            wanted.filter_map(|one| Some(((*by_key.get(&one.route)?, one.status), one))).collect();
        let routes: HashSet<i64> = wanted.keys().map(|(route, _)| *route).collect();
        let selection = Selection {
            routes: routes.into_iter().collect(),
            consumers: vec![consumer],
            segments: self.plan_steps(steps),
        };
        let from = steps.window().from;
        let mut sums: BTreeMap<(UnixSecs, &RouteStatus), (u64, Histogram)> = BTreeMap::new();
        let add = |found: Found<'_>| {
            let Some(start) = steps.start_of(found.bucket.max(from)) else { return Some(()) };
            read_cell(found.cell, |status, facts, histograms| {
                let Some(of) = wanted.get(&(found.route, status)) else { return Some(()) };
                let (requests, durations) = sums.entry((start, of)).or_default();
                *requests = requests.saturating_add(facts.requests);
                histograms.add_durations_to(durations)
            })
        };
        selection.read(&self.database.readers, add).await?;
        sums.retain(|_, (requests, _)| *requests > 0);
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
        let Some(scope) = self.scope_id(scope).await? else { return Ok(Vec::new()) };
        let Some(consumer) = self.consumer_id(scope, filter).await? else { return Ok(Vec::new()) };
        let segments = self.plan(window);
        let routes: HashMap<i64, RouteRow> =
            self.routes(scope, filter).await?.into_iter().map(|route| (route.id, route)).collect();
        let mut selection = Selection {
            routes: routes.keys().copied().collect(),
            consumers: vec![consumer],
            segments: segments.clone(),
        };
        let (of_routes, counted) = self.count_statuses(&selection, filter).await?;
        // When exactly it was seen last is told by the finer rows of that bucket.
        selection.segments = finer_buckets(&segments, counted.values().map(|(_, last)| *last));
        let (_, finer) = self.count_statuses(&selection, filter).await?;
        let met = self.met(scope, &counted, &segments, filter).await?;
        let folded = Filter { consumer: Some(folded), ..Filter::default() };
        let folded = self.consumer_id(scope, &folded).await?;
        let totals = counted.into_iter().filter_map(|((route, status), (requests, last))| {
            let met = met.get(&(route, status));
            let has_folded =
                folded.is_some_and(|folded| met.is_some_and(|consumers| consumers.contains(&folded)));
            let finer = finer.get(&(route, status)).map(|(_, finer)| *finer);
            let (last_seen_at, last_seen_secs) = last_seen((&segments, last), (&selection.segments, finer));
            Some(StatusTotals {
                of: RouteStatus { route: routes.get(&route)?.key(), status },
                requests,
                route_requests: of_routes.get(&route).copied().unwrap_or(0),
                consumers: met.map_or(0, |consumers| consumers.len() as u64) - u64::from(has_folded),
                has_folded,
                last_seen_at,
                last_seen_secs,
            })
        });
        let mut totals: Vec<_> = totals.collect();
        totals.sort_by(|a, b| a.of.cmp(&b.of));
        Ok(totals)
    }

    /// How many requests each route had, and how often it answered each status that the filter covers.
    async fn count_statuses(
        &self,
        selection: &Selection,
        filter: &Filter,
    ) -> Result<(HashMap<i64, u64>, Counted), StoreError> {
        let mut of_routes: HashMap<i64, u64> = HashMap::new();
        let mut counted = Counted::new();
        let add = |found: Found<'_>| {
            read_cell(found.cell, |status, facts, _| {
                let all = of_routes.entry(found.route).or_default();
                *all = all.saturating_add(facts.requests);
                if facts.requests > 0 && filter.covers_status(status) {
                    let (requests, last) = counted.entry((found.route, status)).or_default();
                    *requests = requests.saturating_add(facts.requests);
                    *last = found.bucket.max(*last);
                }
                Some(())
            })
        };
        selection.read(&self.database.readers, add).await?;
        Ok((of_routes, counted))
    }

    /// The numbers of the consumers that met each of the statuses.
    async fn met(
        &self,
        scope: i64,
        counted: &Counted,
        segments: &[Segment],
        filter: &Filter,
    ) -> Result<HashMap<Status, HashSet<i64>>, StoreError> {
        let routes: HashSet<i64> = counted.keys().map(|(route, _)| *route).collect();
        let statuses: HashSet<u16> = counted.keys().map(|(_, status)| *status).collect();
        // Few of all consumers met any of these, and one cell of each bucket tells who, whatever the route.
        let consumers = self.consumers_within(scope, segments, filter).await?;
        let selection = Selection {
            routes: vec![all_routes(scope)],
            consumers: consumers.iter().map(|consumer| consumer.0).collect(),
            segments: segments.to_vec(),
        };
        let mut any = HashSet::new();
        let add = |found: Found<'_>| {
            read_cell(found.cell, |status, facts, _| {
                if facts.requests > 0 && statuses.contains(&status) {
                    any.insert(found.consumer);
                }
                Some(())
            })
        };
        selection.read(&self.database.readers, add).await?;
        let pairs =
            Pairs { routes: routes.into_iter().collect(), consumers: any, segments: selection.segments };
        let mut met: HashMap<Status, HashSet<i64>> = HashMap::new();
        let add = |found: Found<'_>| {
            read_cell(found.cell, |status, facts, _| {
                if facts.requests > 0 && statuses.contains(&status) {
                    met.entry((found.route, status)).or_default().insert(found.consumer);
                }
                Some(())
            })
        };
        pairs.read(&self.database.readers, add).await?;
        Ok(met)
    }
}
