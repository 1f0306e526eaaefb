//! The write side: a batch is a few inserts, each of which may be repeated.
//!
//! The order is what makes a crash harmless. First everything that the messages say, then the marks on the half hours that it
//! changed, then the ids of what is stored now; the worker acknowledges after all of it. Whatever is missing after a crash, the
//! message comes again and its rows replace themselves. The lookup of ids only saves work and counts duplicates.

mod arrivals;
mod consumers;
mod events;
mod facts;
mod import;
mod in_hand;
mod instances;
mod logs;
mod make;
mod routes;
mod versions;

pub(super) use in_hand::InHand;
pub(super) use routes::route_hash;

use std::collections::{BTreeSet, HashMap, HashSet};

use async_trait::async_trait;
use tokio::sync::{Mutex, MutexGuard};
use tokio::try_join;
use uuid::Uuid;

use self::facts::Facts;
use self::in_hand::Claim;
use self::instances::Instances;
use self::routes::ScopeRoutes;
use super::link::{date_time, time};
use super::rows::{MarkRow, StoredRow};
use super::{ClickHouseTraffic, PROBE};
use crate::clock::{UnixMillis, UnixSecs};
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::traffic::{
    AcceptedReport, AcceptedRequestLogs, AcceptedStartup, IngestMark, Retention, Tier, TrafficWriter, Written,
};

/// Names that a writer remembers, of all kinds; about 150 bytes each. Beyond it all are forgotten and learned again.
const REMEMBERED_MAX: usize = 200_000;

/// A copy of a message is looked for among what was accepted this long before and after it: SDKs retry for an hour.
const COPIES_WITHIN: i64 = super::DAY;

/// The app and environment of a row.
type Place<'a> = (AppId, &'a str);

/// A half hour that was written to.
type Touched<'a> = BTreeSet<(AppId, &'a str, UnixSecs)>;

/// How long a writer remembers names: an environment is erased only after an hour without a report, and what is remembered of it
/// would keep its names from being stored again.
const REMEMBERED_SECS: i64 = 3_600;

/// What a writer knows to be stored. INVARIANT: it is added to only after the insert that makes it true.
#[derive(Debug, Default)]
pub(super) struct Known {
    since: UnixSecs,
    routes: HashMap<(AppId, String), ScopeRoutes>,
    consumers: consumers::KnownConsumers,
    groups: events::KnownGroups,
}

impl Known {
    /// Forgets everything that was learned too long ago.
    fn refresh(&mut self, now: UnixSecs) {
        if !(0..REMEMBERED_SECS).contains(&(now - self.since)) {
            *self = Self { since: now, ..Self::default() };
        }
    }

    /// Adds what is stored now, unless everything was forgotten since that was made ready: it would be remembered for too long.
    fn learn(&mut self, since: UnixSecs, learn: impl FnOnce(&mut Self)) {
        if self.since == since {
            learn(self);
            self.trim();
        }
    }

    fn learn_of(&mut self, facts: &Facts<'_>) {
        self.consumers.learn(&facts.consumers);
        self.groups.learn(&facts.groups);
    }

    /// Forgets everything when it has become too much.
    fn trim(&mut self) {
        let routes: usize = self.routes.values().map(ScopeRoutes::len).sum();
        if routes + self.consumers.len() + self.groups.len() > REMEMBERED_MAX {
            *self = Self { since: self.since, ..Self::default() };
        }
    }
}

/// Whose ids [`StoredRow`] keeps apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum StoredClass {
    Report = 0,
    RequestLogs = 1,
}

#[async_trait]
impl TrafficWriter for ClickHouseTraffic {
    async fn write(&self, reports: &[AcceptedReport]) -> Result<Written, StoreError> {
        self.refuse_too_old(reports)?;
        let ids = reports.iter().map(|report| (report.report.report_id, report.accepted_at));
        let (_claim, new) = self.unstored(StoredClass::Report, ids).await?;
        let new: Vec<_> = new.into_iter().map(|at| &reports[at]).collect();
        if !new.is_empty() {
            self.store_reports(&new).await?;
        }
        let ids = new.iter().map(|report| (report.report.report_id, report.accepted_at));
        let marks = reports.iter().map(|report| report.ingest);
        try_join!(self.note_stored(StoredClass::Report, ids), self.note_arrivals(marks))?;
        Ok(Written { stored: new.len(), duplicates: reports.len() - new.len() })
    }

    async fn write_startups(&self, startups: &[AcceptedStartup]) -> Result<(), StoreError> {
        let mut known = self.known(&self.reports).await;
        let updates = self.declare_routes(&mut known, startups).await?;
        let since = known.since;
        drop(known);
        let instances = Instances::of_startups(startups);
        let marks = startups.iter().map(|startup| startup.ingest);
        try_join!(self.store_routes(&updates), self.store_instances(&instances))?;
        self.reports.lock().await.learn(since, |known| updates.learn(&mut known.routes));
        self.note_arrivals(marks).await
    }

    async fn write_request_logs(&self, batches: &[AcceptedRequestLogs]) -> Result<Written, StoreError> {
        let ids = batches.iter().map(|batch| (batch.head.batch_id, batch.accepted_at));
        let (_claim, new) = self.unstored(StoredClass::RequestLogs, ids).await?;
        let new: Vec<_> = new.into_iter().map(|at| &batches[at]).collect();
        if !new.is_empty() {
            self.store_logs(&new).await?;
        }
        let ids = new.iter().map(|batch| (batch.head.batch_id, batch.accepted_at));
        let marks = batches.iter().map(|batch| batch.ingest);
        try_join!(self.note_stored(StoredClass::RequestLogs, ids), self.note_arrivals(marks))?;
        Ok(Written { stored: new.len(), duplicates: batches.len() - new.len() })
    }

    async fn note_settled(&self, marks: &[IngestMark]) -> Result<(), StoreError> {
        self.note_arrivals(marks.iter().copied()).await
    }

    async fn roll_up(&self, now: UnixSecs) -> Result<(), StoreError> {
        self.roll_up_recent(now).await
    }

    async fn delete_expired(&self, now: UnixSecs, retention: &Retention) -> Result<(), StoreError> {
        self.expire(now, retention).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        let probe = IngestMark { ingest_id: PROBE, sequence: 0, accepted_at: self.clock.now_ms() };
        self.note_arrivals([probe].into_iter()).await
    }
}

impl ClickHouseTraffic {
    /// What is known, without what was learned too long ago. It is not held while something is written.
    async fn known<'a>(&self, known: &'a Mutex<Known>) -> MutexGuard<'a, Known> {
        let mut known = known.lock().await;
        known.refresh(self.clock.now());
        known
    }

    /// Stores what reports say, and marks the half hours that it changed.
    async fn store_reports(&self, reports: &[&AcceptedReport]) -> Result<(), StoreError> {
        let mut known = self.known(&self.reports).await;
        let (routes, updates) = self.resolve_routes(&mut known, reports).await?;
        let mut facts = Facts::of(reports, &routes);
        let traffic = std::mem::take(&mut facts.traffic);
        let consumers = known.consumers.missing(&facts.consumers);
        let groups = known.groups.missing(&facts.groups);
        let since = known.since;
        drop(known);
        let instances = Instances::of_reports(reports);
        try_join!(
            self.store_routes(&updates),
            self.store_instances(&instances),
            self.store_consumers(&consumers),
            self.store_groups(&groups),
            self.store_versions(&facts.versions),
            self.store_traffic(traffic),
            self.store_facts(&facts),
        )?;
        self.mark(&facts.touched).await?;
        self.reports.lock().await.learn(since, |known| {
            updates.learn(&mut known.routes);
            known.learn_of(&facts);
        });
        Ok(())
    }

    /// A report that was accepted before the oldest id that is still known may have been counted, and the minutes it tells of may
    /// be gone: better once too few than a number that is wrong. It is kept as a dead letter.
    fn refuse_too_old(&self, reports: &[AcceptedReport]) -> Result<(), StoreError> {
        let oldest = (self.clock.now() - Self::ids_kept_secs(&self.retention)) * 1_000;
        match reports.iter().find(|report| report.accepted_at < oldest) {
            Some(report) => Err(StoreError::Refused(format!(
                "report {} was accepted so long ago that it is not known any more whether it was counted",
                report.report.report_id
            ))),
            None => Ok(()),
        }
    }

    /// The places of those that are not known to be stored, each id once; while the claim is held, nobody else in this process stores
    /// any of them.
    async fn unstored(
        &self,
        class: StoredClass,
        ids: impl Iterator<Item = (Uuid, UnixMillis)>,
    ) -> Result<(Claim<'_>, Vec<usize>), StoreError> {
        let ids: Vec<_> = ids.collect();
        let claim = self.in_hand.claim(class, ids.iter().map(|(id, _)| *id)).await;
        let times = || ids.iter().map(|(_, accepted_at)| accepted_at.div_euclid(1_000));
        let (Some(first), Some(last)) = (times().min(), times().max()) else {
            return Ok((claim, Vec::new()));
        };
        let listed: Vec<_> = ids.iter().map(|(id, _)| format!("'{id}'")).collect();
        let sql = format!(
            "SELECT id FROM stored WHERE class = {} AND id IN ({}) AND accepted_at >= {} AND accepted_at < {}",
            class as u8,
            listed.join(","),
            time(Tier::Day.floor(first - COPIES_WITHIN)),
            time(Tier::Day.ceil(last + COPIES_WITHIN)),
        );
        let mut stored: HashSet<Uuid> =
            self.link.ask::<StoredId>(&sql).await?.into_iter().map(|row| row.id).collect();
        let new = (0..).zip(&ids).filter(|(_, (id, _))| stored.insert(*id)).map(|(at, _)| at);
        Ok((claim, new.collect()))
    }

    async fn note_stored(
        &self,
        class: StoredClass,
        ids: impl Iterator<Item = (Uuid, UnixMillis)>,
    ) -> Result<(), StoreError> {
        let rows = ids.map(|(id, accepted_at)| StoredRow {
            class: class as u8,
            id,
            accepted_at: date_time(accepted_at.div_euclid(1_000)),
        });
        self.link.insert::<StoredRow>("stored", &rows.collect::<Vec<_>>()).await
    }

    /// Tells that half hours were changed. The random number makes each mark one of its kind.
    async fn mark(&self, touched: &Touched<'_>) -> Result<(), StoreError> {
        let places = touched.iter().copied();
        let rows = places.map(|(app_id, env, bucket)| MarkRow {
            app_id,
            env,
            bucket: date_time(bucket),
            n: 1,
            x: rand::random(),
        });
        let rows: Vec<_> = rows.collect();
        self.link.insert::<MarkRow<'static>>("marks", &rows).await
    }
}

#[derive(clickhouse::Row, serde::Deserialize)]
struct StoredId {
    #[serde(with = "clickhouse::serde::uuid")]
    id: Uuid,
}
