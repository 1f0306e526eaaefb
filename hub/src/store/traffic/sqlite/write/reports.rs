//! Reports as rows: each is looked at once, names become numbers, and everything is folded before it is written.

use std::collections::{BTreeMap, HashMap};

use sendry_sdk::protocol::{FOLDED_PATH, Loss, LossReason, Report, Resources, Route};
use sqlx::SqliteConnection;

use super::super::corrupt;
use super::cells::{Cells, EVERYBODY};
use super::events::{Events, Origin};
use super::ids::IdCache;
use super::{StoredClass, instances, store_id};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::{AcceptedReport, ConsumerHash, RouteKey, Tier, Written};

type Span = (UnixSecs, UnixSecs);

/// A batch in the making.
#[derive(Default)]
struct Batch {
    cells: Cells,
    events: Events,
    /// The scope of each route that was called.
    scope_of: HashMap<i64, i64>,
    resources: BTreeMap<(i64, UnixSecs), instances::ResourceSums>,
}

/// Stores what was not stored before.
pub(super) async fn store(
    tx: &mut SqliteConnection,
    ids: &mut IdCache,
    reports: &[AcceptedReport],
) -> Result<Written, StoreError> {
    let (mut written, mut batch) = (Written::default(), Batch::default());
    for accepted in reports {
        if store_id(tx, StoredClass::Report, accepted.report.report_id, accepted.accepted_at).await? {
            batch.add(tx, ids, accepted).await?;
            written.stored += 1;
        } else {
            written.duplicates += 1;
        }
    }
    batch.cells.roll_up(&batch.scope_of);
    batch.cells.store(tx).await?;
    batch.events.store(tx).await?;
    instances::store_resources(tx, &batch.resources).await?;
    Ok(written)
}

impl Batch {
    async fn add(
        &mut self,
        tx: &mut SqliteConnection,
        ids: &mut IdCache,
        accepted: &AcceptedReport,
    ) -> Result<(), StoreError> {
        let report = &accepted.report;
        let scope = ids.scope(tx, accepted.app_id, &report.env).await?;
        let instance = ids.instance(tx, scope, report.instance_id).await?;
        instances::store_report(tx, (scope, instance), accepted).await?;
        let Routes { numbers: routes, folded } = resolve_routes(tx, ids, scope, report).await?;
        let consumers = resolve_consumers(tx, ids, scope, report, &accepted.consumer_hashes).await?;
        self.scope_of.extend(routes.iter().map(|route| (*route, scope)));
        self.add_minutes(report, &routes, &consumers);
        self.add_events(scope, accepted, &routes, &consumers);
        self.add_folded(scope, accepted, folded);
        for sample in &report.resources {
            self.add_resources(instance, sample);
        }
        Ok(())
    }

    fn add_minutes(&mut self, report: &Report, routes: &[i64], consumers: &[i64]) {
        for minute in &report.minutes {
            let bucket = minute.minute * 60;
            for series in &minute.routes {
                if let Some(route) = routes.get(series.route as usize) {
                    self.cells.minute(*route, EVERYBODY, bucket).add_route(series);
                }
            }
            for series in &minute.consumers {
                let known = routes.get(series.route as usize).zip(consumers.get(series.consumer as usize));
                if let Some((route, consumer)) = known {
                    self.cells.minute(*route, *consumer, bucket).add_consumer(series);
                }
            }
        }
    }

    fn add_events(&mut self, scope: i64, accepted: &AcceptedReport, routes: &[i64], consumers: &[i64]) {
        let report = &accepted.report;
        let consumer = |index: Option<u32>| {
            index.and_then(|index| consumers.get(index as usize)).copied().unwrap_or(EVERYBODY)
        };
        let origin = |route: u32, of: Option<u32>| {
            let (route, version) = (*routes.get(route as usize)?, report.app_version.as_deref());
            Some(Origin { scope, route, consumer: consumer(of), version })
        };
        for error in &report.validation_errors {
            if let Some(origin) = origin(error.route, error.consumer) {
                self.events.add_validation(origin, error);
            }
        }
        for error in &report.server_errors {
            if let Some(origin) = origin(error.route, error.consumer) {
                self.events.add_server(origin, error);
            }
        }
        for loss in report.losses.iter().chain(&accepted.hub_losses) {
            self.events.add_loss(scope, accepted_minute(accepted), loss);
        }
    }

    /// Counts requests whose route was one too many for the environment.
    fn add_folded(&mut self, scope: i64, accepted: &AcceptedReport, count: u64) {
        if count > 0 {
            let detail = Some("hub".to_owned());
            let loss = Loss { reason: LossReason::RoutesFolded, count, detail };
            self.events.add_loss(scope, accepted_minute(accepted), &loss);
        }
    }

    fn add_resources(&mut self, instance: i64, sample: &Resources) {
        self.resources.entry((instance, sample.minute * 60)).or_default().add(sample);
    }
}

fn accepted_minute(accepted: &AcceptedReport) -> UnixSecs {
    Tier::Minute.floor(accepted.accepted_at.div_euclid(1_000))
}

/// The routes of a report.
struct Routes {
    /// In the report's order.
    numbers: Vec<i64>,
    /// Requests whose route was one too many.
    folded: u64,
}

/// Finds or makes the numbers of the report's routes; those that were called are marked so.
async fn resolve_routes(
    tx: &mut SqliteConnection,
    ids: &mut IdCache,
    scope: i64,
    report: &Report,
) -> Result<Routes, StoreError> {
    let mut called: Vec<(u64, Option<Span>)> = vec![(0, None); report.routes.len()];
    for minute in &report.minutes {
        for series in minute.routes.iter().filter(|series| series.count > 0) {
            if let Some((count, span)) = called.get_mut(series.route as usize) {
                *count = count.saturating_add(series.count);
                widen(span, minute.minute * 60);
            }
        }
    }
    let mut routes = Routes { numbers: Vec::with_capacity(called.len()), folded: 0 };
    for (Route { method, path }, (count, span)) in report.routes.iter().zip(called) {
        let mut route = RouteKey { method: method.clone(), path: path.clone() };
        let mut number = ids.route(tx, scope, &route).await?;
        if number.is_none() {
            routes.folded = routes.folded.saturating_add(count);
            route.path = FOLDED_PATH.to_owned();
            number = ids.route(tx, scope, &route).await?;
        }
        routes.numbers.push(number.ok_or_else(|| corrupt("routes"))?);
        if let Some(span) = span {
            ids.route_seen(tx, (scope, &route), span).await?;
        }
    }
    Ok(routes)
}

/// The numbers of the report's consumers, in their order.
async fn resolve_consumers(
    tx: &mut SqliteConnection,
    ids: &mut IdCache,
    scope: i64,
    report: &Report,
    hashes: &[ConsumerHash],
) -> Result<Vec<i64>, StoreError> {
    let mut called: Vec<Option<Span>> = vec![None; hashes.len()];
    for minute in &report.minutes {
        for series in &minute.consumers {
            widen_at(&mut called, series.consumer, minute.minute * 60);
        }
    }
    for error in &report.validation_errors {
        error.consumer.into_iter().for_each(|index| widen_at(&mut called, index, error.minute * 60));
    }
    for error in &report.server_errors {
        error.consumer.into_iter().for_each(|index| widen_at(&mut called, index, error.minute * 60));
    }
    let mut consumers = Vec::with_capacity(hashes.len());
    for (hash, span) in hashes.iter().zip(called) {
        consumers.push(match span {
            Some(span) => ids.consumer(tx, (scope, *hash), span).await?,
            None => EVERYBODY,
        });
    }
    Ok(consumers)
}

fn widen_at(spans: &mut [Option<Span>], index: u32, minute: UnixSecs) {
    if let Some(span) = spans.get_mut(index as usize) {
        widen(span, minute);
    }
}

fn widen(span: &mut Option<Span>, minute: UnixSecs) {
    let (first, last) = span.unwrap_or((minute, minute));
    *span = Some((first.min(minute), last.max(minute)));
}
