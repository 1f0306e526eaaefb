//! Who reports: instances, the routes they declare, and their resources.

use std::collections::BTreeMap;

use sendry_sdk::protocol::{Framework, Resources};
use sqlx::SqliteConnection;

use super::super::tier_id;
use super::ids::IdCache;
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::{AcceptedReport, AcceptedStartup, RouteKey, Tier};

/// Stores who starts, and the routes it has.
pub(super) async fn store_startup(
    tx: &mut SqliteConnection,
    ids: &mut IdCache,
    accepted: &AcceptedStartup,
) -> Result<(), StoreError> {
    let startup = &accepted.startup;
    let scope = ids.scope(tx, accepted.app_id, &startup.env).await?;
    let instance = ids.instance(tx, scope, startup.instance_id).await?;
    let sql = "UPDATE instances SET app_version = coalesce(?, app_version), sdk = ?, framework = coalesce(?, framework), \
               host = coalesce(?, host), started_at = ?, seen_at = max(seen_at, ?) WHERE id = ?";
    let query = sqlx::query(sql).bind(startup.app_version.as_deref());
    let query = query.bind(format!("{} {}", startup.sdk.name, startup.sdk.version));
    let query = query.bind(startup.framework.as_ref().map(framework)).bind(startup.host.as_deref());
    query.bind(startup.started_at_ms).bind(accepted.accepted_at).bind(instance).execute(&mut *tx).await?;
    for route in &startup.routes {
        let key = RouteKey { method: route.method.clone(), path: route.path.clone() };
        let Some(id) = ids.route(tx, scope, &key).await? else { break };
        let query = sqlx::query("UPDATE routes SET declared = 1 WHERE id = ? AND declared = 0").bind(id);
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

fn framework(framework: &Framework) -> String {
    match &framework.version {
        Some(version) => format!("{} {version}", framework.name),
        None => framework.name.clone(),
    }
}

/// Stores that an instance reported.
pub(super) async fn store_report(
    tx: &mut SqliteConnection,
    (scope, instance): (i64, i64),
    accepted: &AcceptedReport,
) -> Result<(), StoreError> {
    let report = &accepted.report;
    let sql = "UPDATE instances SET app_version = coalesce(?1, app_version), \
               first_report_at = min(coalesce(first_report_at, ?2), ?2), \
               last_report_at = max(coalesce(last_report_at, ?2), ?2), reports = reports + 1, \
               last_sequence = max(coalesce(last_sequence, ?3), ?3), clock_offset_ms = ?4, ended = max(ended, ?5), \
               seen_at = max(seen_at, ?2) WHERE id = ?6";
    let query = sqlx::query(sql).bind(report.app_version.as_deref()).bind(accepted.accepted_at);
    let query =
        query.bind(i64::try_from(report.sequence).unwrap_or(i64::MAX - 1)).bind(report.clock_offset_ms);
    query.bind(report.is_final).bind(instance).execute(&mut *tx).await?;
    let sql = "UPDATE scopes SET first_report_at = min(coalesce(first_report_at, ?1), ?1), \
               last_report_at = max(coalesce(last_report_at, ?1), ?1) WHERE id = ?2";
    sqlx::query(sql).bind(accepted.accepted_at).bind(scope).execute(tx).await?;
    Ok(())
}

/// Sums over samples, and how many there were.
#[derive(Debug, Default, Clone)]
pub(super) struct ResourceSums {
    cpu: Figure,
    rss: Figure,
    busy: Figure,
    depth: Figure,
    blocking: Figure,
}

#[derive(Debug, Default, Clone, Copy)]
struct Figure {
    sum: f64,
    samples: i64,
}

impl Figure {
    fn add(&mut self, value: Option<f64>) {
        if let Some(value) = value {
            self.sum += value;
            self.samples += 1;
        }
    }

    fn merge(&mut self, other: Self) {
        self.sum += other.sum;
        self.samples += other.samples;
    }
}

impl ResourceSums {
    pub(super) fn add(&mut self, sample: &Resources) {
        self.cpu.add(sample.cpu);
        self.rss.add(sample.rss_bytes.map(|bytes| bytes as f64));
        self.busy.add(sample.runtime_busy);
        self.depth.add(sample.runtime_queue_depth.map(|depth| depth as f64));
        self.blocking.add(sample.runtime_blocking_threads.map(|threads| threads as f64));
    }

    fn merge(&mut self, other: &Self) {
        self.cpu.merge(other.cpu);
        self.rss.merge(other.rss);
        self.busy.merge(other.busy);
        self.depth.merge(other.depth);
        self.blocking.merge(other.blocking);
    }
}

/// Adds samples to all tiers.
pub(super) async fn store_resources(
    tx: &mut SqliteConnection,
    minutes: &BTreeMap<(i64, UnixSecs), ResourceSums>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO resources (tier, instance, bucket, cpu, cpus, rss, rsss, busy, busys, depth, depths, blocking, \
               blockings) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET \
               cpu = cpu + excluded.cpu, cpus = cpus + excluded.cpus, rss = rss + excluded.rss, rsss = rsss + excluded.rsss, \
               busy = busy + excluded.busy, busys = busys + excluded.busys, depth = depth + excluded.depth, \
               depths = depths + excluded.depths, blocking = blocking + excluded.blocking, \
               blockings = blockings + excluded.blockings";
    for tier in Tier::ALL {
        let mut sums: BTreeMap<(i64, UnixSecs), ResourceSums> = BTreeMap::new();
        for ((instance, minute), sample) in minutes {
            sums.entry((*instance, tier.floor(*minute))).or_default().merge(sample);
        }
        for ((instance, bucket), sums) in sums {
            let mut query = sqlx::query(sql).bind(tier_id(tier)).bind(instance).bind(bucket);
            for figure in [sums.cpu, sums.rss, sums.busy, sums.depth, sums.blocking] {
                query = query.bind(figure.sum).bind(figure.samples);
            }
            query.execute(&mut *tx).await?;
        }
    }
    Ok(())
}
