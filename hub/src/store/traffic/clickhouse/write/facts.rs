//! Reports as rows. Nothing is added up here: a row is what one report says about one route, status and minute.

use std::borrow::Cow;
use std::collections::HashMap;

use sendry_sdk::protocol::{Loss, LossReason, Minute, Report};
use tokio::try_join;
use uuid::Uuid;

use super::super::columns::TrafficColumns;
use super::super::rows::{EventRow, ResourceRow};
use super::super::{ClickHouseTraffic, EventClass};
use super::consumers::SeenConsumers;
use super::events::{Group, Groups};
use super::make::{Event, Origin, consumer_row, event_row, resource_row, route_row};
use super::routes::ReportRoutes;
use super::versions::Versions;
use super::{Place, Touched};
use crate::clock::{UnixMillis, UnixSecs};
use crate::store::StoreError;
use crate::store::traffic::{AcceptedReport, ConsumerHash, Tier};

/// How far from its acceptance the moment in which a report was made is believed: as far as its minutes may be.
const MADE_BEFORE_SECS: i64 = 65 * 60;
const MADE_AFTER_SECS: i64 = 5 * 60;

/// Losses that the hub adds to a report's own are numbered from here on.
pub(super) const HUB_LOSSES: u32 = 1 << 20;
/// The one that tells of folded routes.
const FOLDED: u32 = 1 << 24;

/// What a batch says.
#[derive(Default)]
pub(super) struct Facts<'a> {
    pub(super) traffic: TrafficColumns,
    events: Vec<EventRow<'a>>,
    resources: Vec<ResourceRow<'a>>,
    pub(super) groups: Groups<'a>,
    pub(super) versions: Versions<'a>,
    pub(super) consumers: SeenConsumers<'a>,
    pub(super) touched: Touched<'a>,
}

/// Counts the rows of one report in each bucket.
#[derive(Default)]
struct Ordinals(HashMap<(u8, UnixSecs), Ordinal>);

/// The next row's.
#[derive(Default)]
struct Ordinal(u32);

impl Ordinal {
    fn next(&mut self) -> u32 {
        self.0 += 1;
        self.0 - 1
    }
}

impl Ordinals {
    fn next(&mut self, kind: u8, bucket: UnixSecs) -> u32 {
        self.of(kind, bucket).next()
    }

    fn of(&mut self, kind: u8, bucket: UnixSecs) -> &mut Ordinal {
        self.0.entry((kind, bucket)).or_default()
    }
}

/// The kinds of rows that [`Ordinals`] counts apart, beside the classes of events.
const ROUTES: u8 = 10;
const CONSUMERS: u8 = 11;
const RESOURCES: u8 = 12;

impl<'a> Facts<'a> {
    pub(super) fn of(reports: &[&'a AcceptedReport], routes: &[ReportRoutes]) -> Self {
        let mut facts = Self::default();
        for (accepted, routes) in reports.iter().zip(routes) {
            facts.add(accepted, routes);
        }
        facts
    }

    fn add(&mut self, accepted: &'a AcceptedReport, routes: &ReportRoutes) {
        let report = &accepted.report;
        let origin = Origin {
            place: (accepted.app_id, &report.env),
            report_id: report.report_id,
            version: report.app_version.as_deref(),
        };
        let mut ordinals = Ordinals::default();
        for minute in &report.minutes {
            self.add_minute(origin, accepted, routes, (minute, &mut ordinals));
        }
        self.add_errors(origin, accepted, routes, &mut ordinals);
        self.add_resources(origin, report, &mut ordinals);
        let losses = (0..).zip(&report.losses).chain((HUB_LOSSES..).zip(&accepted.hub_losses));
        let bucket = made_in(report, accepted.accepted_at);
        losses.for_each(|(ordinal, loss)| self.add_loss(origin, (bucket, ordinal), loss));
        if routes.folded > 0 {
            let loss = LossOf { reason: LossReason::RoutesFolded, count: routes.folded, detail: "hub" };
            self.add_loss_of(origin, (bucket, FOLDED), &loss);
        }
    }

    fn add_minute(
        &mut self,
        origin: Origin<'a>,
        accepted: &'a AcceptedReport,
        routes: &ReportRoutes,
        (minute, ordinals): (&'a Minute, &mut Ordinals),
    ) {
        let (bucket, before) = (minute.minute * 60, self.traffic.rows());
        let ordinal = ordinals.of(ROUTES, bucket);
        for series in &minute.routes {
            if let Some(route) = routes.hashes.get(series.route as usize) {
                self.traffic.push(&route_row(origin, (bucket, ordinal.next()), *route, series));
            }
        }
        let ordinal = ordinals.of(CONSUMERS, bucket);
        for series in &minute.consumers {
            let consumer = accepted.consumer_hashes.get(series.consumer as usize);
            if let Some((route, consumer)) = routes.hashes.get(series.route as usize).zip(consumer) {
                let at = (bucket, ordinal.next());
                self.traffic.push(&consumer_row(origin, at, (*route, *consumer), series));
                self.see(origin.place, *consumer, bucket);
            }
        }
        if self.traffic.rows() > before {
            self.touch(origin.place, bucket);
        }
    }

    fn add_errors(
        &mut self,
        origin: Origin<'a>,
        accepted: &'a AcceptedReport,
        routes: &ReportRoutes,
        ordinals: &mut Ordinals,
    ) {
        let hash =
            |index: Option<u32>| index.and_then(|at| accepted.consumer_hashes.get(at as usize)).copied();
        for error in &accepted.report.validation_errors {
            let Some(&route) = routes.hashes.get(error.route as usize) else { continue };
            let group = Group {
                class: EventClass::Validation,
                route,
                status: error.status,
                code: Cow::Borrowed(&error.code),
                message: &error.message,
                location: &error.location,
                field: &error.field,
            };
            let event =
                Event { minute: error.minute * 60, consumer: hash(error.consumer), count: error.count };
            self.add_event(origin, (group, None), event, ordinals);
        }
        for error in &accepted.report.server_errors {
            let Some(&route) = routes.hashes.get(error.route as usize) else { continue };
            let group = Group {
                class: EventClass::Server,
                route,
                status: error.status,
                code: Cow::Borrowed(&error.kind),
                message: &error.message,
                location: error.location.as_deref().unwrap_or_default(),
                field: "",
            };
            let event =
                Event { minute: error.minute * 60, consumer: hash(error.consumer), count: error.count };
            self.add_event(origin, (group, error.backtrace.as_deref()), event, ordinals);
        }
    }

    fn add_event(
        &mut self,
        origin: Origin<'a>,
        (group, backtrace): (Group<'a>, Option<&'a str>),
        event: Event,
        ordinals: &mut Ordinals,
    ) {
        let ordinal = ordinals.next(group.class as u8, event.minute);
        let row = event_row(origin, ordinal, &group, &event);
        self.versions.add((origin, group.class, row.fingerprint), event.minute);
        self.groups.add((origin.place, row.fingerprint), group, event.minute, backtrace);
        self.events.push(row);
        self.touch(origin.place, event.minute);
        if let Some(consumer) = event.consumer {
            self.see(origin.place, consumer, event.minute);
        }
    }

    /// Adds a loss that the batch of request logs `batch_id` has.
    pub(super) fn add_loss_of_logs(
        &mut self,
        (place, batch_id): (Place<'a>, Uuid),
        at: (UnixSecs, u32),
        loss: &'a Loss,
    ) {
        self.add_loss(Origin { place, report_id: batch_id, version: None }, at, loss);
    }

    fn add_loss(&mut self, origin: Origin<'a>, at: (UnixSecs, u32), loss: &'a Loss) {
        let detail = loss.detail.as_deref().unwrap_or_default();
        self.add_loss_of(origin, at, &LossOf { reason: loss.reason, count: loss.count, detail });
    }

    fn add_loss_of(&mut self, origin: Origin<'a>, (bucket, ordinal): (UnixSecs, u32), loss: &LossOf<'a>) {
        let (code, message) = (reason_name(loss.reason), loss.detail);
        let group =
            Group { class: EventClass::Loss, route: 0, status: 0, code, message, location: "", field: "" };
        let event = Event { minute: bucket, consumer: None, count: loss.count };
        let row = event_row(origin, ordinal, &group, &event);
        self.groups.add((origin.place, row.fingerprint), group, bucket, None);
        self.events.push(row);
        self.touch(origin.place, bucket);
    }

    fn add_resources(&mut self, origin: Origin<'a>, report: &'a Report, ordinals: &mut Ordinals) {
        for sample in &report.resources {
            let bucket = sample.minute * 60;
            let ordinal = ordinals.next(RESOURCES, bucket);
            self.resources.push(resource_row(origin, (bucket, ordinal), report.instance_id, sample));
            self.touch(origin.place, bucket);
        }
    }

    fn touch(&mut self, (app_id, env): Place<'a>, bucket: UnixSecs) {
        self.touched.insert((app_id, env, Tier::HalfHour.floor(bucket)));
    }

    /// Notes that a consumer called.
    pub(super) fn see(&mut self, place: Place<'a>, consumer: ConsumerHash, minute: UnixSecs) {
        let span = self.consumers.entry((place, consumer)).or_insert((minute, minute));
        *span = (span.0.min(minute), span.1.max(minute));
    }
}

impl ClickHouseTraffic {
    /// Stores all but the traffic, which is used up when it is stored.
    pub(super) async fn store_facts(&self, facts: &Facts<'_>) -> Result<(), StoreError> {
        try_join!(
            self.link.insert::<EventRow<'static>>("events_minutes", &facts.events),
            self.link.insert::<ResourceRow<'static>>("resources_minutes", &facts.resources),
        )?;
        Ok(())
    }
}

/// A loss whose detail is borrowed.
struct LossOf<'a> {
    reason: LossReason,
    count: u64,
    detail: &'a str,
}

/// The minute in which the report says that it was made, because a second copy of it is accepted in another one.
fn made_in(report: &Report, accepted_at: UnixMillis) -> UnixSecs {
    let accepted = accepted_at.div_euclid(1_000);
    let made = report.created_at_ms.div_euclid(1_000);
    Tier::Minute.floor(made.clamp(accepted - MADE_BEFORE_SECS, accepted + MADE_AFTER_SECS))
}

/// A reason as it is written on the wire.
fn reason_name(reason: LossReason) -> Cow<'static, str> {
    match serde_json::to_value(reason) {
        Ok(serde_json::Value::String(name)) => Cow::Owned(name),
        _ => Cow::Borrowed("unknown"),
    }
}
