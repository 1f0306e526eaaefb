//! Counts and request logs.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use tokio::try_join;
use uuid::{Builder, Uuid};

use super::super::Touched;
use super::names::{class_of, group_of};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::clickhouse::ClickHouseTraffic;
use crate::store::traffic::clickhouse::columns::TrafficColumns;
use crate::store::traffic::clickhouse::link::date_time;
use crate::store::traffic::clickhouse::rows::{EVERYBODY, EventRow, RequestLogRow, ResourceRow, TrafficRow};
use crate::store::traffic::clickhouse::write::routes::route_hash;
use crate::store::traffic::copied::{CopiedEvent, CopiedLog, CopiedResources, CopiedTraffic, Counts, Names};
use crate::store::traffic::{ConsumerHash, Scope, Tier};

/// The kinds of rows whose ordinals count apart, beside the classes of events.
const TRAFFIC: u8 = 10;
const RESOURCES: u8 = 12;

/// What the rows of an environment are made with.
struct Maker<'a> {
    scope: &'a Scope,
    names: &'a Names,
    routes: HashMap<i64, u64>,
    ordinals: HashMap<(u8, UnixSecs), u32>,
    ids: HashMap<UnixSecs, Uuid>,
}

impl ClickHouseTraffic {
    /// Stores counts, of which every bucket is whole, and marks their half hours.
    pub(crate) async fn import_counts(
        &self,
        scope: &Scope,
        names: &Names,
        counts: &Counts,
    ) -> Result<(), StoreError> {
        let mut maker = Maker::new(scope, names);
        let mut traffic = TrafficColumns::default();
        counts.traffic.iter().filter_map(|one| maker.traffic(one)).for_each(|row| traffic.push(&row));
        let events: Vec<_> = counts.events.iter().filter_map(|one| maker.event(one)).collect();
        let resources: Vec<_> = counts.resources.iter().filter_map(|one| maker.resources(one)).collect();
        try_join!(
            self.store_traffic(traffic),
            self.link.insert::<EventRow<'static>>("events_minutes", &events),
            self.link.insert::<ResourceRow<'static>>("resources_minutes", &resources),
        )?;
        let buckets = maker.ids.keys().map(|bucket| Tier::HalfHour.floor(*bucket));
        let touched: Touched<'_> = buckets.map(|bucket| (scope.app_id, scope.env.as_str(), bucket)).collect();
        self.mark(&touched).await
    }

    pub(crate) async fn import_logs(
        &self,
        scope: &Scope,
        names: &Names,
        logs: &[CopiedLog],
    ) -> Result<(), StoreError> {
        let rows = logs.iter().filter_map(|copied| {
            let (key, log) = (&names.routes.get(&copied.route)?.key, &copied.log);
            let consumer = copied.consumer.and_then(|number| names.consumers.get(&number));
            Some(RequestLogRow {
                app_id: scope.app_id,
                env: &scope.env,
                time_us: log.time_us,
                id: *log.id.as_bytes(),
                // When it was accepted is not known; it was within an hour.
                accepted_at: date_time(log.time_us.div_euclid(1_000_000)),
                method: &key.method,
                path: &key.path,
                status: log.status,
                duration_us: log.duration_us,
                consumer: consumer.map_or(EVERYBODY, |(hash, _)| *hash),
                trace_id: log.trace_id.as_deref().unwrap_or_default(),
                bytes: u32::try_from(copied.text.len()).unwrap_or(u32::MAX),
                log: copied.text.clone(),
            })
        });
        self.link.insert::<RequestLogRow<'static>>("request_logs", &rows.collect::<Vec<_>>()).await
    }
}

impl<'a> Maker<'a> {
    fn new(scope: &'a Scope, names: &'a Names) -> Self {
        let hash = |key: &crate::store::traffic::RouteKey| route_hash(&key.method, &key.path);
        let routes = names.routes.iter().map(|(number, route)| (*number, hash(&route.key))).collect();
        Self { scope, names, routes, ordinals: HashMap::new(), ids: HashMap::new() }
    }

    /// The made-up report of a bucket, and the number of its next row of this kind.
    fn place(&mut self, kind: u8, bucket: UnixSecs) -> (Uuid, u32) {
        let scope = self.scope;
        let id = *self.ids.entry(bucket).or_insert_with(|| report_id(scope, bucket));
        let next = self.ordinals.entry((kind, bucket)).or_default();
        *next += 1;
        (id, *next - 1)
    }

    fn consumer(&self, number: Option<i64>) -> ConsumerHash {
        number.and_then(|number| self.names.consumers.get(&number)).map_or(EVERYBODY, |(hash, _)| *hash)
    }

    fn traffic(&mut self, copied: &'a CopiedTraffic) -> Option<TrafficRow<'a>> {
        let (route, by_consumer) = (*self.routes.get(&copied.route)?, copied.consumer.is_some());
        let (report_id, ordinal) = self.place(TRAFFIC + u8::from(by_consumer), copied.bucket);
        let facts = &copied.facts;
        let sizes = |buckets| Some(buckets).filter(|_| !by_consumer);
        Some(TrafficRow {
            app_id: self.scope.app_id,
            env: &self.scope.env,
            by_consumer,
            bucket: date_time(copied.bucket),
            report_id,
            ordinal,
            consumer: self.consumer(copied.consumer),
            route,
            status: facts.status,
            // A consumer's times to headers are not kept.
            headers_apart: by_consumer || facts.headers.is_some(),
            requests: facts.requests,
            aborted: facts.aborted,
            body_errors: facts.body_errors,
            panics: facts.panics,
            duration_sum_us: facts.duration_sum_us,
            duration_max_us: facts.duration_max_us,
            request_bytes: facts.request_bytes,
            response_bytes: facts.response_bytes,
            durations: Some(&facts.durations),
            headers: facts.headers.as_ref().filter(|_| !by_consumer),
            request_sizes: sizes(&facts.request_sizes),
            response_sizes: sizes(&facts.response_sizes),
        })
    }

    fn event(&mut self, copied: &CopiedEvent) -> Option<EventRow<'a>> {
        let names = self.names;
        let group = group_of(names, names.groups.get(&copied.group)?)?;
        let class = class_of(names.groups.get(&copied.group)?.class)? as u8;
        let (report_id, ordinal) = self.place(class, copied.bucket);
        Some(EventRow {
            app_id: self.scope.app_id,
            env: &self.scope.env,
            class,
            bucket: date_time(copied.bucket),
            report_id,
            ordinal,
            fingerprint: group.fingerprint(),
            consumer: self.consumer(copied.consumer),
            route: group.route,
            status: group.status,
            count: copied.count,
        })
    }

    fn resources(&mut self, copied: &CopiedResources) -> Option<ResourceRow<'a>> {
        let instance_id = self.names.instances.get(&copied.instance)?.id;
        let (report_id, ordinal) = self.place(RESOURCES, copied.bucket);
        let [(cpu, cpus), (rss, rsss), (busy, busys), (depth, depths), (blocking, blockings)] =
            copied.figures;
        Some(ResourceRow {
            app_id: self.scope.app_id,
            env: &self.scope.env,
            bucket: date_time(copied.bucket),
            report_id,
            ordinal,
            instance_id,
            cpu,
            cpus,
            rss,
            rsss,
            busy,
            busys,
            depth,
            depths,
            blocking,
            blockings,
        })
    }
}

/// A function of where the rows belong.
fn report_id(scope: &Scope, bucket: UnixSecs) -> Uuid {
    let hash = Sha256::new().chain_update("copied").chain_update(scope.app_id);
    let digest = hash.chain_update(bucket.to_be_bytes()).chain_update(&scope.env).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}
