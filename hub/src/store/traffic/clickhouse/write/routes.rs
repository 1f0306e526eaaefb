//! Routes go by the hash of their method and path. How many an environment may have is decided here; what is beyond is folded.
//!
//! Workers, or two batches of one, that see different new routes at the same moment may admit some more than the limit; each of them then knows them all.

use std::collections::{HashMap, HashSet};

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

impl State {
    /// Everything that either of them says.
    fn with(self, other: Self) -> Self {
        Self {
            declared: self.declared || other.declared,
            first_seen: self.first_seen.min(other.first_seen),
            last_seen: self.last_seen.max(other.last_seen),
        }
    }
}

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

    fn hold(&self, hashes: &[u64]) -> bool {
        hashes.iter().all(|hash| self.0.contains_key(hash))
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

fn hashes_of(routes: &[Route]) -> Vec<u64> {
    routes.iter().map(|route| route_hash(&route.method, &route.path)).collect()
}

impl ClickHouseTraffic {
    /// The hashes of the reports' routes, and what is to be stored of these.
    pub(super) async fn resolve_routes<'a>(
        &self,
        known: &mut Known,
        reports: &[&'a AcceptedReport],
    ) -> Result<(Vec<ReportRoutes>, RouteUpdates<'a>), StoreError> {
        let (mut updates, mut read) = (RouteUpdates::default(), HashSet::new());
        let mut resolved = Vec::with_capacity(reports.len());
        for report in reports {
            let place = (report.app_id, report.report.env.as_str());
            let hashes = hashes_of(&report.report.routes);
            let there = self.routes_of(known, place, &hashes, &mut read).await?;
            resolved.push(updates.0.entry(place).or_default().resolve(there, report, hashes));
        }
        Ok((resolved, updates))
    }

    /// What is to be stored of the routes that startups declare.
    pub(super) async fn declare_routes<'a>(
        &self,
        known: &mut Known,
        startups: &'a [AcceptedStartup],
    ) -> Result<RouteUpdates<'a>, StoreError> {
        let (mut updates, mut read) = (RouteUpdates::default(), HashSet::new());
        for AcceptedStartup { app_id, startup, .. } in startups {
            let place = (*app_id, startup.env.as_str());
            let hashes = hashes_of(&startup.routes);
            let there = self.routes_of(known, place, &hashes, &mut read).await?;
            let updates = updates.0.entry(place).or_default();
            for (route, hash) in startup.routes.iter().zip(hashes) {
                if !updates.admit(there, (route, hash), State { declared: true, ..NEVER_CALLED }) {
                    break;
                }
            }
        }
        Ok(updates)
    }

    pub(super) async fn store_routes(&self, updates: &RouteUpdates<'_>) -> Result<(), StoreError> {
        self.link.insert::<RouteRow<'static>>("routes", &updates.rows()).await
    }

    /// The routes of an environment. They are read when one of `hashes` is unknown, because another worker may have stored it; once
    /// for a batch, which `read` remembers.
    async fn routes_of<'k, 'a>(
        &self,
        known: &'k mut Known,
        place: Place<'a>,
        hashes: &[u64],
        read: &mut HashSet<Place<'a>>,
    ) -> Result<&'k ScopeRoutes, StoreError> {
        let (app_id, env) = (place.0, place.1.to_owned());
        let there = known.routes.get(&(app_id, env.clone()));
        let is_known = there.is_some_and(|there| there.is_full(0) || there.hold(hashes));
        if !is_known && read.insert(place) {
            let there = self.read_routes(&Scope { app_id, env: env.clone() }).await?;
            known.routes.insert((app_id, env.clone()), there);
        }
        Ok(known.routes.entry((app_id, env)).or_default())
    }

    async fn read_routes(&self, scope: &Scope) -> Result<ScopeRoutes, StoreError> {
        let scope = of_scope(scope);
        let sql = format!(
            "SELECT route, max(declared) AS d, min(first_seen) AS f, max(last_seen) AS l FROM routes WHERE {scope} GROUP BY route"
        );
        let rows = self.link.ask::<StoredRoute>(&sql).await?.into_iter();
        let there =
            rows.map(|row| (row.route, State { declared: row.d, first_seen: row.f, last_seen: row.l }));
        Ok(ScopeRoutes(there.collect()))
    }
}

#[derive(Row, Deserialize)]
struct StoredRoute {
    route: u64,
    d: bool,
    f: u32,
    l: u32,
}

impl ScopeUpdates {
    /// Where the entries of a report belong, whose routes have these hashes.
    fn resolve(
        &mut self,
        there: &ScopeRoutes,
        report: &AcceptedReport,
        mut hashes: Vec<u64>,
    ) -> ReportRoutes {
        let mut requests_folded: u64 = 0;
        for ((route, hash), called) in report.report.routes.iter().zip(&mut hashes).zip(called(report)) {
            if !self.admit(there, (route, *hash), called.state()) {
                requests_folded = requests_folded.saturating_add(called.requests);
                let folded = Route { method: route.method.clone(), path: FOLDED_PATH.to_owned() };
                *hash = route_hash(&folded.method, FOLDED_PATH);
                self.admit(there, (&folded, *hash), called.state());
            }
        }
        ReportRoutes { hashes, folded: requests_folded }
    }

    /// Adds what is new of a route; false when the route is and there are [`ROUTES_PER_ENV_MAX`] already.
    fn admit(&mut self, there: &ScopeRoutes, (route, hash): (&Route, u64), news: State) -> bool {
        let before = self.changed.get(&hash).map(|(_, state)| *state).or_else(|| there.0.get(&hash).copied());
        if before.is_none() {
            if there.is_full(self.new) && route.path != FOLDED_PATH {
                return false;
            }
            self.new += 1;
        }
        let state = before.unwrap_or(NEVER_CALLED).with(news);
        if before != Some(state) {
            self.changed.insert(hash, (route.clone(), state));
        }
        true
    }
}

impl RouteUpdates<'_> {
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
            for (hash, (_, state)) in updates.changed {
                let known = there.0.entry(hash).or_insert(state);
                *known = known.with(state);
            }
        }
    }
}

impl Called {
    fn state(self) -> State {
        let Some((first, last)) = self.span else { return NEVER_CALLED };
        State { declared: false, first_seen: date_time(first), last_seen: date_time(last) }
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
