//! Who reports. Everything here is a largest, a smallest or a set of bits: stored again, it is the same.

use std::collections::HashMap;

use sendry_sdk::protocol::Framework;
use tokio::try_join;
use uuid::Uuid;

use super::super::rows::{InstanceReportsRow, InstanceRow};
use super::super::{BLOCK, ClickHouseTraffic, period};
use super::Place;
use crate::store::StoreError;
use crate::store::traffic::{AcceptedReport, AcceptedStartup};

/// The instances of a batch.
#[derive(Default)]
pub(super) struct Instances<'a> {
    rows: Vec<InstanceRow<'a>>,
    reports: Vec<InstanceReportsRow<'a>>,
}

impl<'a> Instances<'a> {
    pub(super) fn of_startups(startups: &'a [AcceptedStartup]) -> Self {
        let rows = startups.iter().map(|AcceptedStartup { app_id, accepted_at, startup, .. }| InstanceRow {
            app_version: startup.app_version.as_deref().unwrap_or_default(),
            sdk: format!("{} {}", startup.sdk.name, startup.sdk.version),
            framework: startup.framework.as_ref().map(framework).unwrap_or_default(),
            host: startup.host.as_deref().unwrap_or_default(),
            started_at: startup.started_at_ms,
            ..unknown((*app_id, &startup.env), startup.instance_id, *accepted_at)
        });
        Self { rows: rows.collect(), reports: Vec::new() }
    }

    pub(super) fn of_reports(reports: &[&'a AcceptedReport]) -> Self {
        let mut rows: HashMap<(Place<'a>, Uuid), InstanceRow<'a>> = HashMap::new();
        let mut blocks: HashMap<(Place<'a>, Uuid, u64, u16), u64> = HashMap::new();
        for AcceptedReport { app_id, accepted_at, report, .. } in reports {
            let place = (*app_id, report.env.as_str());
            let sequence = report.sequence;
            let block = (place, report.instance_id, sequence / BLOCK, period(accepted_at.div_euclid(1_000)));
            *blocks.entry(block).or_default() |= 1 << (sequence % BLOCK);
            let row = rows.entry((place, report.instance_id));
            let row = row.or_insert_with(|| unknown(place, report.instance_id, *accepted_at));
            row.app_version = row.app_version.max(report.app_version.as_deref().unwrap_or_default());
            row.first_report_at = row.first_report_at.min(*accepted_at);
            row.last_report_at = row.last_report_at.max(*accepted_at);
            row.last_sequence = row.last_sequence.max(i64::try_from(sequence).unwrap_or(i64::MAX - 1));
            row.clock_offset_ms = row.clock_offset_ms.max((*accepted_at, report.clock_offset_ms));
            row.ended |= report.is_final;
            row.seen_at = row.seen_at.max(*accepted_at);
            row.period = row.period.max(period(accepted_at.div_euclid(1_000)));
        }
        let reports = blocks.into_iter().map(|(((app_id, env), instance_id, block, period), bits)| {
            InstanceReportsRow { app_id, env, instance_id, block, period, bits }
        });
        Self { rows: rows.into_values().collect(), reports: reports.collect() }
    }
}

/// An instance of which nothing but its id is known.
fn unknown<'a>((app_id, env): Place<'a>, instance_id: Uuid, accepted_at: i64) -> InstanceRow<'a> {
    InstanceRow {
        app_id,
        env,
        instance_id,
        period: period(accepted_at.div_euclid(1_000)),
        app_version: "",
        sdk: String::new(),
        framework: String::new(),
        host: "",
        started_at: i64::MIN,
        first_report_at: i64::MAX,
        last_report_at: i64::MIN,
        last_sequence: i64::MIN,
        clock_offset_ms: (i64::MIN, 0),
        ended: false,
        seen_at: accepted_at,
    }
}

fn framework(framework: &Framework) -> String {
    match &framework.version {
        Some(version) => format!("{} {version}", framework.name),
        None => framework.name.clone(),
    }
}

impl ClickHouseTraffic {
    pub(super) async fn store_instances(&self, instances: &Instances<'_>) -> Result<(), StoreError> {
        try_join!(
            self.link.insert::<InstanceRow<'static>>("instances", &instances.rows),
            self.link.insert::<InstanceReportsRow<'static>>("instance_reports", &instances.reports),
        )?;
        Ok(())
    }
}
