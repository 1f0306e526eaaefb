//! Routes, consumers, groups of events and instances. Each row is a largest, a smallest or a set of bits: again, it is the same.

use std::borrow::Cow;

use tokio::try_join;

use super::super::events::{Group, NO_BACKTRACE};
use crate::store::StoreError;
use crate::store::traffic::Scope;
use crate::store::traffic::clickhouse::link::date_time;
use crate::store::traffic::clickhouse::rows::{
    ConsumerRow, EventGroupRow, EventVersionRow, InstanceReportsRow, InstanceRow, RouteRow,
};
use crate::store::traffic::clickhouse::write::routes::route_hash;
use crate::store::traffic::clickhouse::{BLOCK, ClickHouseTraffic, EventClass, period};
use crate::store::traffic::copied::{CopiedGroup, CopiedInstance, Names};

impl ClickHouseTraffic {
    pub(crate) async fn import_names(&self, scope: &Scope, names: &Names) -> Result<(), StoreError> {
        let instances: Vec<_> = names.instances.values().map(|one| instance_row(scope, one)).collect();
        let reports: Vec<_> = names.instances.values().flat_map(|one| report_rows(scope, one)).collect();
        let (routes, consumers) = (route_rows(scope, names), consumer_rows(scope, names));
        let (groups, versions) = (group_rows(scope, names), version_rows(scope, names));
        try_join!(
            self.link.insert::<RouteRow<'static>>("routes", &routes),
            self.link.insert::<ConsumerRow<'static>>("consumers", &consumers),
            self.link.insert::<EventGroupRow<'static>>("event_groups", &groups),
            self.link.insert::<EventVersionRow<'static>>("event_versions", &versions),
            self.link.insert::<InstanceRow<'static>>("instances", &instances),
            self.link.insert::<InstanceReportsRow<'static>>("instance_reports", &reports),
        )?;
        Ok(())
    }
}

pub(super) fn class_of(class: u8) -> Option<EventClass> {
    [EventClass::Validation, EventClass::Server, EventClass::Loss].get(usize::from(class)).copied()
}

/// None when its route is not there.
pub(super) fn group_of<'a>(names: &'a Names, copied: &'a CopiedGroup) -> Option<Group<'a>> {
    let route = match copied.route {
        Some(number) => {
            let key = &names.routes.get(&number)?.key;
            route_hash(&key.method, &key.path)
        }
        None => 0,
    };
    Some(Group {
        class: class_of(copied.class)?,
        route,
        status: copied.status,
        code: Cow::Borrowed(&copied.code),
        message: &copied.message,
        location: &copied.location,
        field: &copied.field,
    })
}

fn route_rows<'a>(scope: &'a Scope, names: &'a Names) -> Vec<RouteRow<'a>> {
    let rows = names.routes.values().map(|route| RouteRow {
        app_id: scope.app_id,
        env: &scope.env,
        route: route_hash(&route.key.method, &route.key.path),
        method: &route.key.method,
        path: &route.key.path,
        declared: route.declared,
        first_seen: route.seen.map_or(u32::MAX, |span| date_time(span.0)),
        last_seen: route.seen.map_or(0, |span| date_time(span.1)),
    });
    rows.collect()
}

fn consumer_rows<'a>(scope: &'a Scope, names: &'a Names) -> Vec<ConsumerRow<'a>> {
    let rows = names.consumers.values().map(|&(consumer, (first, last))| ConsumerRow {
        app_id: scope.app_id,
        env: &scope.env,
        consumer,
        period: period(last),
        first_seen: date_time(first),
        last_seen: date_time(last),
    });
    rows.collect()
}

fn group_rows<'a>(scope: &'a Scope, names: &'a Names) -> Vec<EventGroupRow<'a>> {
    let rows = names.groups.values().filter_map(|copied| {
        let group = group_of(names, copied)?;
        // The minute of the backtrace is not known: it stands before those that come later.
        let backtrace = copied.backtrace.as_ref();
        let backtrace =
            backtrace.map_or(NO_BACKTRACE.to_owned(), |text| format!("{:010}{text}", copied.seen.0));
        Some(EventGroupRow {
            app_id: scope.app_id,
            env: &scope.env,
            class: group.class as u8,
            fingerprint: group.fingerprint(),
            period: period(copied.seen.1),
            route: group.route,
            status: group.status,
            code: group.code,
            message: group.message,
            location: group.location,
            field: group.field,
            backtrace,
            first_seen: date_time(copied.seen.0),
            last_seen: date_time(copied.seen.1),
        })
    });
    rows.collect()
}

fn version_rows<'a>(scope: &'a Scope, names: &'a Names) -> Vec<EventVersionRow<'a>> {
    let rows = names.versions.iter().filter_map(|(number, version, (first, last))| {
        let group = group_of(names, names.groups.get(number)?)?;
        Some(EventVersionRow {
            app_id: scope.app_id,
            env: &scope.env,
            class: group.class as u8,
            fingerprint: group.fingerprint(),
            version,
            period: period(*last),
            first_seen: date_time(*first),
            last_seen: date_time(*last),
        })
    });
    rows.collect()
}

fn instance_row<'a>(scope: &'a Scope, copied: &'a CopiedInstance) -> InstanceRow<'a> {
    let [app_version, sdk, framework, host] =
        copied.texts.each_ref().map(|text| text.as_deref().unwrap_or_default());
    let last_sequence = copied.last_sequence.map(|last| i64::try_from(last).unwrap_or(i64::MAX - 1));
    InstanceRow {
        app_id: scope.app_id,
        env: &scope.env,
        instance_id: copied.id,
        period: period(copied.seen_at.div_euclid(1_000)),
        app_version,
        sdk: sdk.to_owned(),
        framework: framework.to_owned(),
        host,
        started_at: copied.started_at.unwrap_or(i64::MIN),
        first_report_at: copied.first_report_at.unwrap_or(i64::MAX),
        last_report_at: copied.last_report_at.unwrap_or(i64::MIN),
        last_sequence: last_sequence.unwrap_or(i64::MIN),
        clock_offset_ms: (copied.last_report_at.unwrap_or(i64::MIN), copied.clock_offset_ms),
        ended: copied.ended,
        seen_at: copied.seen_at,
    }
}

/// Which reports were stored is not known, only how many: the first ones, and the last.
fn report_rows<'a>(scope: &'a Scope, copied: &CopiedInstance) -> Vec<InstanceReportsRow<'a>> {
    let Some(last) = copied.last_sequence.filter(|_| copied.reports > 0) else { return Vec::new() };
    let first_ones = (copied.reports - 1).min(last);
    let period = period(copied.seen_at.div_euclid(1_000));
    let row = |block: u64, bits: u64| InstanceReportsRow {
        app_id: scope.app_id,
        env: &scope.env,
        instance_id: copied.id,
        block,
        period,
        bits,
    };
    let mut rows: Vec<_> = (0..first_ones.div_ceil(BLOCK))
        .map(|block| row(block, bits_between(block, (0, first_ones))))
        .collect();
    rows.push(row(last / BLOCK, 1 << (last % BLOCK)));
    rows
}

/// The bits of the numbers of `[from, to)` that lie in `block`.
pub(super) fn bits_between(block: u64, (from, to): (u64, u64)) -> u64 {
    let start = block * BLOCK;
    let (from, to) = (from.max(start) - start, to.min(start + BLOCK).saturating_sub(start));
    if from >= to { 0 } else { (u64::MAX >> (BLOCK - (to - from))) << from }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_of_a_block_are_the_numbers_of_the_range_within_it() {
        assert_eq!(bits_between(0, (0, 64)), u64::MAX);
        assert_eq!(bits_between(0, (1, 3)), 0b110);
        assert_eq!(bits_between(1, (1, 66)), 0b11);
        assert_eq!(bits_between(1, (127, 500)), 1 << 63);
        assert_eq!((bits_between(2, (1, 66)), bits_between(0, (64, 70))), (0, 0));
    }
}
