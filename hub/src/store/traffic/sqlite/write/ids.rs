//! The numbers that rows go by, for the names that reports use; remembered between writes.

use std::collections::HashMap;

use sendry_sdk::protocol::FOLDED_PATH;
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::clock::UnixSecs;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::traffic::{ConsumerHash, ROUTES_PER_ENV_MAX, RouteKey, Scope};

/// Names remembered, of all kinds; about 150 bytes each. Beyond it all are forgotten and learned again.
const REMEMBERED_MAX: usize = 20_000;

/// What the writer knows. INVARIANT: it holds only what is committed; a write takes it and returns it after its commit.
#[derive(Debug, Default)]
pub(in super::super) struct IdCache {
    scopes: HashMap<Scope, i64>,
    routes: HashMap<(i64, RouteKey), Known>,
    /// How many routes a scope has.
    route_counts: HashMap<i64, u64>,
    consumers: HashMap<(i64, ConsumerHash), Known>,
    instances: HashMap<(i64, Uuid), i64>,
}

/// A row that has first and last occurrences.
#[derive(Debug, Clone, Copy)]
struct Known {
    id: i64,
    seen: Option<(UnixSecs, UnixSecs)>,
}

impl IdCache {
    /// Forgets everything when it has become too much.
    pub(super) fn trim(&mut self) {
        let known = self.scopes.len() + self.routes.len() + self.consumers.len() + self.instances.len();
        if known > REMEMBERED_MAX {
            *self = Self::default();
        }
    }

    pub(super) async fn scope(
        &mut self,
        tx: &mut SqliteConnection,
        app_id: AppId,
        env: &str,
    ) -> Result<i64, StoreError> {
        let scope = Scope { app_id, env: env.to_owned() };
        if let Some(id) = self.scopes.get(&scope) {
            return Ok(*id);
        }
        let sql =
            "INSERT INTO scopes (app_id, env) VALUES (?, ?) ON CONFLICT DO UPDATE SET env = env RETURNING id";
        let query = sqlx::query_as(sql).bind(app_id.as_bytes().as_slice()).bind(env);
        let (id,): (i64,) = query.fetch_one(tx).await?;
        self.scopes.insert(scope, id);
        Ok(id)
    }

    /// The number of a route; none when it is new and there are [`ROUTES_PER_ENV_MAX`] already.
    pub(super) async fn route(
        &mut self,
        tx: &mut SqliteConnection,
        scope: i64,
        route: &RouteKey,
    ) -> Result<Option<i64>, StoreError> {
        let key = (scope, route.clone());
        if let Some(known) = self.routes.get(&key) {
            return Ok(Some(known.id));
        }
        let sql =
            "SELECT id, first_seen, last_seen FROM routes WHERE scope_id = ? AND method = ? AND path = ?";
        let query = sqlx::query_as(sql).bind(scope).bind(&route.method).bind(&route.path);
        let stored: Option<(i64, Option<i64>, Option<i64>)> = query.fetch_optional(&mut *tx).await?;
        let known = match stored {
            Some((id, first, last)) => Known { id, seen: first.zip(last) },
            None if self.is_full(tx, scope).await? && route.path != FOLDED_PATH => return Ok(None),
            None => Known { id: self.add_route(tx, scope, route).await?, seen: None },
        };
        self.routes.insert(key, known);
        Ok(Some(known.id))
    }

    async fn is_full(&mut self, tx: &mut SqliteConnection, scope: i64) -> Result<bool, StoreError> {
        if let Some(count) = self.route_counts.get(&scope) {
            return Ok(*count >= ROUTES_PER_ENV_MAX);
        }
        let query = sqlx::query_as("SELECT count(*) FROM routes WHERE scope_id = ?").bind(scope);
        let (count,): (i64,) = query.fetch_one(tx).await?;
        self.route_counts.insert(scope, count.unsigned_abs());
        Ok(count.unsigned_abs() >= ROUTES_PER_ENV_MAX)
    }

    async fn add_route(
        &mut self,
        tx: &mut SqliteConnection,
        scope: i64,
        route: &RouteKey,
    ) -> Result<i64, StoreError> {
        let sql = "INSERT INTO routes (scope_id, method, path, declared) VALUES (?, ?, ?, 0) RETURNING id";
        let query = sqlx::query_as(sql).bind(scope).bind(&route.method).bind(&route.path);
        let (id,): (i64,) = query.fetch_one(tx).await?;
        *self.route_counts.entry(scope).or_default() += 1;
        Ok(id)
    }

    /// Notes that the route was called from minute `first` to minute `last`.
    pub(super) async fn route_seen(
        &mut self,
        tx: &mut SqliteConnection,
        (scope, route): (i64, &RouteKey),
        span: (UnixSecs, UnixSecs),
    ) -> Result<(), StoreError> {
        let Some(known) = self.routes.get_mut(&(scope, route.clone())) else { return Ok(()) };
        if let Some((first, last)) = known.widen(span) {
            let sql = "UPDATE routes SET first_seen = ?, last_seen = ? WHERE id = ?";
            sqlx::query(sql).bind(first).bind(last).bind(known.id).execute(tx).await?;
        }
        Ok(())
    }

    /// The number of a consumer that called from minute `first` to minute `last`.
    pub(super) async fn consumer(
        &mut self,
        tx: &mut SqliteConnection,
        (scope, hash): (i64, ConsumerHash),
        span: (UnixSecs, UnixSecs),
    ) -> Result<i64, StoreError> {
        if let Some(known) = self.consumers.get_mut(&(scope, hash)) {
            if let Some((first, last)) = known.widen(span) {
                let sql = "UPDATE consumers SET first_seen = ?, last_seen = ? WHERE id = ?";
                sqlx::query(sql).bind(first).bind(last).bind(known.id).execute(tx).await?;
            }
            return Ok(known.id);
        }
        let sql = "INSERT INTO consumers (scope_id, hash, first_seen, last_seen) VALUES (?, ?, ?, ?) \
                   ON CONFLICT DO UPDATE SET first_seen = min(first_seen, excluded.first_seen), \
                   last_seen = max(last_seen, excluded.last_seen) RETURNING id, first_seen, last_seen";
        let query = sqlx::query_as(sql).bind(scope).bind(hash.as_slice()).bind(span.0).bind(span.1);
        let (id, first, last): (i64, i64, i64) = query.fetch_one(tx).await?;
        self.consumers.insert((scope, hash), Known { id, seen: Some((first, last)) });
        Ok(id)
    }

    pub(super) async fn instance(
        &mut self,
        tx: &mut SqliteConnection,
        scope: i64,
        instance_id: Uuid,
    ) -> Result<i64, StoreError> {
        if let Some(id) = self.instances.get(&(scope, instance_id)) {
            return Ok(*id);
        }
        let sql = "INSERT INTO instances (scope_id, instance_id, seen_at) VALUES (?, ?, 0) \
                   ON CONFLICT DO UPDATE SET scope_id = scope_id RETURNING id";
        let query = sqlx::query_as(sql).bind(scope).bind(instance_id.as_bytes().as_slice());
        let (id,): (i64,) = query.fetch_one(tx).await?;
        self.instances.insert((scope, instance_id), id);
        Ok(id)
    }
}

impl Known {
    /// Widens what is known to hold `span`; the new span when that changed it.
    fn widen(&mut self, span: (UnixSecs, UnixSecs)) -> Option<(UnixSecs, UnixSecs)> {
        let before = self.seen;
        let (first, last) = before.unwrap_or(span);
        self.seen = Some((first.min(span.0), last.max(span.1)));
        if self.seen == before { None } else { self.seen }
    }
}
