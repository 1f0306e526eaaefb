//! Groups of events: failed validations, server errors, losses.

use std::collections::HashMap;

use clickhouse::Row;
use serde::Deserialize;
use tokio::try_join;

use super::super::{ClickHouseTraffic, EventClass, of_scope};
use super::endpoints::RouteRow;
use super::error_group::{VersionsRow, group_id};
use super::source::{Family, source};
use super::totals::{of_consumer, of_status};
use crate::store::StoreError;
use crate::store::traffic::plan::Segment;
use crate::store::traffic::{
    ErrorGroupId, Filter, LossRow, RouteKey, Scope, ServerErrorRow, ValidationErrorRow, Window,
};

/// Digits of time before a backtrace.
const TIME_DIGITS: usize = 10;

#[derive(Row, Deserialize)]
struct CountRow {
    fingerprint: [u8; 16],
    count: u64,
    consumers: u64,
}

#[derive(Row, Deserialize)]
struct TextRow {
    fingerprint: [u8; 16],
    route: u64,
    status: u16,
    code: String,
    message: String,
    location: String,
    field: String,
    backtrace: String,
    first_seen: u32,
    last_seen: u32,
}

#[derive(Row, Deserialize)]
struct RouteCount {
    route: u64,
    count: u64,
}

/// A group with its count in a window.
pub(super) struct GroupRow {
    route: RouteKey,
    count: u64,
    consumers: u64,
    text: TextRow,
    id: ErrorGroupId,
    first_version: Option<String>,
    last_version: Option<String>,
}

impl ClickHouseTraffic {
    /// The groups that occurred, the most frequent first.
    pub(super) async fn read_events(
        &self,
        scope: &Scope,
        class: EventClass,
        window: Window,
        filter: &Filter,
    ) -> Result<Vec<GroupRow>, StoreError> {
        let segments = self.cover(scope, self.plan(window)).await?;
        let everything = Filter::default();
        let (counts, routes) =
            try_join!(self.count_events(scope, class, &segments, filter), self.routes(scope, &everything))?;
        let (texts, versions) =
            try_join!(self.texts(scope, class, &counts), self.versions_of(scope, class, &counts))?;
        let mut versions: HashMap<_, _> = versions.into_iter().map(|row| (row.fingerprint, row)).collect();
        let mut texts: HashMap<_, _> = texts.into_iter().map(|text| (text.fingerprint, text)).collect();
        let routes: HashMap<u64, RouteRow> = routes.into_iter().map(|route| (route.route, route)).collect();
        let found = counts.into_iter().filter_map(|row| {
            let text = texts.remove(&row.fingerprint)?;
            let route = routes.get(&text.route);
            let route = RouteKey {
                method: route.map(|route| route.method.clone()).unwrap_or_default(),
                path: route.map(|route| route.path.clone()).unwrap_or_default(),
            };
            let is_covered = class == EventClass::Loss || filter.covers_route(&route.method, &route.path);
            let versions = versions.remove(&row.fingerprint).map(|row| (row.first, row.last));
            let (first_version, last_version) = versions.unzip();
            let (count, consumers, id) = (row.count, row.consumers, group_id(class, row.fingerprint));
            is_covered.then_some(GroupRow { route, count, consumers, text, id, first_version, last_version })
        });
        let mut found: Vec<_> = found.collect();
        found.sort_by(|a, b| b.count.cmp(&a.count).then(a.text.fingerprint.cmp(&b.text.fingerprint)));
        Ok(found)
    }

    /// How many events of `class` each route had.
    pub(super) async fn count_events_by_route(
        &self,
        scope: &Scope,
        class: EventClass,
        segments: &[Segment],
        filter: &Filter,
    ) -> Result<HashMap<u64, u64>, StoreError> {
        let Some(source) =
            source(Family::Events, scope, segments, ("route, count", &of_events(class, filter)))
        else {
            return Ok(HashMap::new());
        };
        let sql = format!("SELECT route, sum(count) FROM {source} GROUP BY route");
        let counts: Vec<RouteCount> = self.link.ask(&sql).await?;
        Ok(counts.into_iter().map(|row| (row.route, row.count)).collect())
    }

    async fn count_events(
        &self,
        scope: &Scope,
        class: EventClass,
        segments: &[Segment],
        filter: &Filter,
    ) -> Result<Vec<CountRow>, StoreError> {
        let columns = ("fingerprint, consumer, count", of_events(class, filter));
        let Some(source) = source(Family::Events, scope, segments, (columns.0, &columns.1)) else {
            return Ok(Vec::new());
        };
        let sql = format!(
            "SELECT fingerprint, sum(count) AS n, uniqExactIf(consumer, consumer != toFixedString('', 16)) FROM {source} \
             GROUP BY fingerprint HAVING n > 0"
        );
        self.link.ask(&sql).await
    }

    /// Losses have no versions.
    async fn versions_of(
        &self,
        scope: &Scope,
        class: EventClass,
        counts: &[CountRow],
    ) -> Result<Vec<VersionsRow>, StoreError> {
        if counts.is_empty() || class == EventClass::Loss {
            return Ok(Vec::new());
        }
        self.versions(scope, class, &listed(counts)).await
    }

    async fn texts(
        &self,
        scope: &Scope,
        class: EventClass,
        counts: &[CountRow],
    ) -> Result<Vec<TextRow>, StoreError> {
        if counts.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT fingerprint, max(route), max(status), max(code), max(message), max(location), max(field), min(backtrace), \
             min(first_seen), max(last_seen) FROM event_groups WHERE {} AND class = {} AND fingerprint IN ({}) GROUP BY fingerprint",
            of_scope(scope),
            class as u8,
            listed(counts),
        );
        self.link.ask(&sql).await
    }
}

fn listed(counts: &[CountRow]) -> String {
    let listed: Vec<_> =
        counts.iter().map(|row| format!("unhex('{}')", hex::encode(row.fingerprint))).collect();
    listed.join(",")
}

fn of_events(class: EventClass, filter: &Filter) -> Vec<String> {
    let mut conditions = vec![format!("class = {}", class as u8)];
    conditions.extend(filter.consumer.map(of_consumer));
    conditions.extend(of_status(filter));
    conditions
}

impl GroupRow {
    pub(super) fn into_validation_error(self) -> ValidationErrorRow {
        ValidationErrorRow {
            id: self.id,
            route: self.route,
            status: self.text.status,
            location: self.text.location,
            field: self.text.field,
            message: self.text.message,
            code: self.text.code,
            count: self.count,
            consumers: self.consumers,
            first_seen_at: self.text.first_seen.into(),
            last_seen_at: self.text.last_seen.into(),
            first_version: self.first_version,
            last_version: self.last_version,
        }
    }

    pub(super) fn into_server_error(self) -> ServerErrorRow {
        ServerErrorRow {
            id: self.id,
            route: self.route,
            status: self.text.status,
            kind: self.text.code,
            message: self.text.message,
            location: Some(self.text.location).filter(|location| !location.is_empty()),
            backtrace: self.text.backtrace.get(TIME_DIGITS..).map(str::to_owned),
            count: self.count,
            consumers: self.consumers,
            first_seen_at: self.text.first_seen.into(),
            last_seen_at: self.text.last_seen.into(),
            first_version: self.first_version,
            last_version: self.last_version,
        }
    }

    pub(super) fn into_loss(self) -> LossRow {
        LossRow {
            reason: self.text.code,
            detail: self.text.message,
            count: self.count,
            first_seen_at: self.text.first_seen.into(),
            last_seen_at: self.text.last_seen.into(),
        }
    }
}
