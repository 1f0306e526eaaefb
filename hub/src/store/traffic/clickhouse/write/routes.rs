//! Routes go by the hash of their method and path. How many an environment may have is decided here; what is beyond is folded.
//!
//! Workers that see different new routes at the same moment may admit some more than the limit; each of them then knows them all.

use std::collections::HashMap;

use clickhouse::Row;
use sendry_sdk::protocol::{FOLDED_PATH, Route};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::super::link::date_time;
use super::super::rows::RouteRow;
use super::super::{ClickHouseTraffic, of_scope};
use super::{Known, Place};
use crate::clock::UnixSecs;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::traffic::{AcceptedReport, AcceptedStartup, ROUTES_PER_ENV_MAX, Scope};

/// What is stored of a route. One that was never called was first called at the end of time and last at its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    declared: bool,
    first_seen: u32,
    last_seen: u32,
}

const NEVER_CALLED: State = State { declared: false, first_seen: u32::MAX, last_seen: 0 };

/// The routes of an environment that are stored.
#[derive(Debug, Default)]
pub(super) struct ScopeRoutes(HashMap<u64, State>);

impl ScopeRoutes {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    fn is_full(&self, new: usize) -> bool {
        (self.0.len() + new) as u64 >= ROUTES_PER_ENV_MAX
    }
}

/// What is to be stored of routes.
#[derive(Default)]
pub(super) struct RouteUpdates<'a>(HashMap<Place<'a>, ScopeUpdates>);

#[derive(Default)]
struct ScopeUpdates {
    changed: HashMap<u64, (Route, State)>,
    /// How many of them are not stored yet.
    new: usize,
}

/// The routes of a report.
pub(super) struct ReportRoutes {
    /// In the report's order.
    pub(super) hashes: Vec<u64>,
    /// Requests whose route was one too many.
    pub(super) folded: u64,
}

/// What a report says of one of its routes.
#[derive(Default, Clone, Copy)]
struct Called {
    requests: u64,
    span: Option<(UnixSecs, UnixSecs)>,
}

/// The number of a route, the same everywhere and for ever.
pub(in super::super) fn route_hash(method: &str, path: &str) -> u64 {
    let digest = Sha256::new().chain_update(method).chain_update([0]).chain_update(path).finalize();
    let mut hash = [0; 8];
    hash.copy_from_slice(&digest[..8]);
    u64::from_le_bytes(hash)
}

impl ClickHouseTraffic {
    /// The hashes of the reports' routes, and what is to be stored of these.
    pub(super) async fn resolve_routes<'a>(
        &self,
        known: &mut Known,
        reports: &[&'a AcceptedReport],
    ) -> Result<(Vec<ReportRoutes>, RouteUpdates<'a>), StoreError> {
        for report in reports {
            self.know_routes(known, report.app_id, &report.report.env, &report.report.routes).await?;
        }
        let mut updates = RouteUpdates::default();
        let resolved = reports.iter().map(|report| {
            let place = (report.app_id, report.report.env.as_str());
            let called = called(report);
            let mut routes = ReportRoutes { hashes: Vec::with_capacity(called.len()), folded: 0 };
            for (route, called) in report.report.routes.iter().zip(called) {
                let hash = updates.admit(known, place, route, called.span, false).unwrap_or_else(|| {
                    routes.folded = routes.folded.saturating_add(called.requests);
                    let folded = Route { method: route.method.clone(), path: FOLDED_PATH.to_owned() };
                    let hash = route_hash(&folded.method, FOLDED_PATH);
                    updates.admit(known, place, &folded, called.span, false).unwrap_or(hash)
                });
                routes.hashes.push(hash);
            }
            routes
        });
        let resolved = resolved.collect();
        Ok((resolved, updates))
    }

    /// What is to be stored of the routes that startups declare.
    pub(super) async fn declare_routes<'a>(
        &self,
        known: &mut Known,
        startups: &'a [AcceptedStartup],
    ) -> Result<RouteUpdates<'a>, StoreError> {
        let mut updates = RouteUpdates::default();
        for AcceptedStartup { app_id, startup, .. } in startups {
            self.know_routes(known, *app_id, &startup.env, &startup.routes).await?;
            for route in &startup.routes {
                if updates.admit(known, (*app_id, &startup.env), route, None, true).is_none() {
                    break;
                }
            }
        }
        Ok(updates)
    }

    pub(super) async fn store_routes(&self, updates: &RouteUpdates<'_>) -> Result<(), StoreError> {
        self.link.insert::<RouteRow<'static>>("routes", &updates.rows()).await
    }

    /// Reads an environment's routes, when one of `routes` is unknown: another worker may have stored it.
    async fn know_routes(
        &self,
        known: &mut Known,
        app_id: AppId,
        env: &str,
        routes: &[Route],
    ) -> Result<(), StoreError> {
        let key = (app_id, env.to_owned());
        if let Some(there) = known.routes.get(&key) {
            let is_known = |route: &Route| there.0.contains_key(&route_hash(&route.method, &route.path));
            if there.is_full(0) || routes.iter().all(is_known) {
                return Ok(());
            }
        }
        let scope = of_scope(&Scope { app_id, env: env.to_owned() });
        let sql = format!(
            "SELECT route, max(declared) AS d, min(first_seen) AS f, max(last_seen) AS l FROM routes WHERE {scope} GROUP BY route"
        );
        let rows = self.link.ask::<StoredRoute>(&sql).await?.into_iter();
        let there =
            rows.map(|row| (row.route, State { declared: row.d, first_seen: row.f, last_seen: row.l }));
        known.routes.insert(key, ScopeRoutes(there.collect()));
        Ok(())
    }
}

#[derive(Row, Deserialize)]
struct StoredRoute {
    route: u64,
    d: bool,
    f: u32,
    l: u32,
}

impl<'a> RouteUpdates<'a> {
    /// The hash of a route; none when it is new and there are [`ROUTES_PER_ENV_MAX`] already.
    fn admit(
        &mut self,
        known: &Known,
        place: Place<'a>,
        route: &Route,
        span: Option<(UnixSecs, UnixSecs)>,
        declared: bool,
    ) -> Option<u64> {
        let nothing = ScopeRoutes::default();
        let there = known.routes.get(&(place.0, place.1.to_owned())).unwrap_or(&nothing);
        let updates = self.0.entry(place).or_default();
        let hash = route_hash(&route.method, &route.path);
        let before =
            updates.changed.get(&hash).map(|(_, state)| *state).or_else(|| there.0.get(&hash).copied());
        if before.is_none() {
            if there.is_full(updates.new) && route.path != FOLDED_PATH {
                return None;
            }
            updates.new += 1;
        }
        let mut state = before.unwrap_or(NEVER_CALLED);
        state.declared |= declared;
        if let Some((first, last)) = span {
            state.first_seen = state.first_seen.min(date_time(first));
            state.last_seen = state.last_seen.max(date_time(last));
        }
        if before != Some(state) {
            updates.changed.insert(hash, (route.clone(), state));
        }
        Some(hash)
    }

    fn rows(&self) -> Vec<RouteRow<'_>> {
        let scopes =
            self.0.iter().flat_map(|(place, updates)| updates.changed.iter().map(move |one| (place, one)));
        let rows = scopes.map(|(&(app_id, env), (hash, (route, state)))| RouteRow {
            app_id,
            env,
            route: *hash,
            method: &route.method,
            path: &route.path,
            declared: state.declared,
            first_seen: state.first_seen,
            last_seen: state.last_seen,
        });
        rows.collect()
    }

    /// Remembers what is stored now.
    pub(super) fn learn(self, known: &mut HashMap<(AppId, String), ScopeRoutes>) {
        for ((app_id, env), updates) in self.0 {
            let there = known.entry((app_id, env.to_owned())).or_default();
            there.0.extend(updates.changed.into_iter().map(|(hash, (_, state))| (hash, state)));
        }
    }
}

/// How often each of the report's routes was called, and when.
fn called(accepted: &AcceptedReport) -> Vec<Called> {
    let mut called = vec![Called::default(); accepted.report.routes.len()];
    for minute in &accepted.report.minutes {
        for series in minute.routes.iter().filter(|series| series.count > 0) {
            if let Some(called) = called.get_mut(series.route as usize) {
                called.requests = called.requests.saturating_add(series.count);
                super::consumers::widen(&mut called.span, minute.minute * 60);
            }
        }
    }
    called
}
