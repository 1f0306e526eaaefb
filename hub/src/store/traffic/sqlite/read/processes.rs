//! Who reports, how fresh it is, what it uses, and what ingest accepted.

use std::collections::BTreeMap;

use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::super::ingest::Arrived;
use super::super::{SqliteTraffic, corrupt};
use super::scan::segments_json;
use crate::clock::UnixSecs;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::traffic::{Freshness, IngestGap, InstanceRow, ResourceBucket, Scope, Steps, Window};

/// How long before an environment's last report an instance may have reported last and still count as there.
const THERE_MS: i64 = 5 * 60 * 1_000;

/// The five figures of [`ResourceBucket`], each as sum and samples.
type Figures = [(f64, i64); 5];

impl SqliteTraffic {
    /// Those of which a startup or a report was accepted in the window, or between whose reports it lies.
    pub(super) async fn read_instances(
        &self,
        scope: &Scope,
        window: Window,
    ) -> Result<Vec<InstanceRow>, StoreError> {
        let Some(scope) = self.scope_id(scope).await? else { return Ok(Vec::new()) };
        let sql = "SELECT instance_id, app_version, sdk, framework, host, started_at, first_report_at, last_report_at, reports, \
                   last_sequence, clock_offset_ms, ended FROM instances WHERE scope_id = ? AND seen_at >= ? \
                   AND coalesce(first_report_at, seen_at) < ? ORDER BY seen_at DESC, id";
        let query = sqlx::query(sql).bind(scope).bind(window.from * 1_000).bind(window.to * 1_000);
        query.fetch_all(&self.database.readers).await?.iter().map(instance).collect()
    }

    pub(super) async fn read_freshness(&self, app_id: AppId) -> Result<Vec<Freshness>, StoreError> {
        let sql = "SELECT s.env, s.first_report_at, s.last_report_at, (SELECT count(*) FROM instances i WHERE i.scope_id = s.id \
                   AND i.last_report_at >= s.last_report_at - ?) FROM scopes s WHERE s.app_id = ? \
                   AND s.last_report_at IS NOT NULL ORDER BY s.env";
        let query = sqlx::query_as(sql).bind(THERE_MS).bind(app_id.as_bytes().to_vec());
        let rows: Vec<(String, i64, i64, i64)> = query.fetch_all(&self.database.readers).await?;
        let freshness = rows.into_iter().map(|(env, first_report_at, last_report_at, instances)| Freshness {
            env,
            first_report_at,
            last_report_at,
            instances: instances.unsigned_abs(),
        });
        Ok(freshness.collect())
    }

    pub(super) async fn read_ingest_gaps(&self) -> Result<Vec<IngestGap>, StoreError> {
        let sql = "SELECT ingest_id, ranges, last_accepted_at FROM ingests WHERE length(ingest_id) = 16";
        let mut gaps = Vec::new();
        for row in sqlx::query(sql).fetch_all(&self.database.readers).await? {
            let arrived = Arrived::decode(row.try_get(1)?).ok_or_else(|| corrupt("an ingest's ranges"))?;
            if let Some(highest) = arrived.highest().filter(|_| arrived.missing() > 0) {
                let (ingest_id, missing) = (uuid(&row, 0)?, arrived.missing());
                gaps.push(IngestGap { ingest_id, highest, missing, last_accepted_at: row.try_get(2)? });
            }
        }
        Ok(gaps)
    }

    pub(super) async fn read_resources(
        &self,
        scope: &Scope,
        steps: &Steps,
    ) -> Result<Vec<ResourceBucket>, StoreError> {
        let Some(scope) = self.scope_id(scope).await? else { return Ok(Vec::new()) };
        let sql = "SELECT i.instance_id, r.bucket, cpu, cpus, rss, rsss, busy, busys, depth, depths, blocking, blockings \
                   FROM instances i CROSS JOIN json_each(?2) segment CROSS JOIN resources r ON r.tier = segment.value ->> 0 \
                   AND r.instance = i.id AND r.bucket >= segment.value ->> 1 AND r.bucket < segment.value ->> 2 \
                   WHERE i.scope_id = ?1 AND i.seen_at >= ?3";
        let from = steps.window().from;
        let query =
            sqlx::query(sql).bind(scope).bind(segments_json(&self.plan_steps(steps))).bind(from * 1_000);
        let mut sums: BTreeMap<(UnixSecs, Uuid), Figures> = BTreeMap::new();
        for row in query.fetch_all(&self.database.readers).await? {
            let bucket: UnixSecs = row.try_get(1)?;
            let Some(start) = steps.start_of(bucket.max(from)) else { continue };
            add_figures(sums.entry((start, uuid(&row, 0)?)).or_default(), &row)?;
        }
        Ok(sums
            .into_iter()
            .map(|((start, instance_id), figures)| means(start, instance_id, figures))
            .collect())
    }
}

fn instance(row: &SqliteRow) -> Result<InstanceRow, StoreError> {
    Ok(InstanceRow {
        instance_id: uuid(row, 0)?,
        app_version: row.try_get(1)?,
        sdk: row.try_get(2)?,
        framework: row.try_get(3)?,
        host: row.try_get(4)?,
        started_at: row.try_get(5)?,
        first_report_at: row.try_get(6)?,
        last_report_at: row.try_get(7)?,
        reports: row.try_get::<i64, _>(8)?.unsigned_abs(),
        last_sequence: row.try_get::<Option<i64>, _>(9)?.map(i64::unsigned_abs),
        clock_offset_ms: row.try_get(10)?,
        ended: row.try_get(11)?,
    })
}

fn uuid(row: &SqliteRow, at: usize) -> Result<Uuid, StoreError> {
    Uuid::from_slice(row.try_get(at)?).map_err(|_| corrupt("an id"))
}

fn add_figures(figures: &mut Figures, row: &SqliteRow) -> Result<(), StoreError> {
    for (at, figure) in figures.iter_mut().enumerate() {
        figure.0 += row.try_get::<f64, _>(2 + 2 * at)?;
        figure.1 += row.try_get::<i64, _>(3 + 2 * at)?;
    }
    Ok(())
}

fn means(start: UnixSecs, instance_id: Uuid, figures: Figures) -> ResourceBucket {
    let [cpu, rss_bytes, runtime_busy, runtime_queue_depth, runtime_blocking_threads] =
        figures.map(|(sum, samples)| (samples > 0).then(|| sum / samples as f64));
    ResourceBucket {
        start,
        instance_id,
        cpu,
        rss_bytes,
        runtime_busy,
        runtime_queue_depth,
        runtime_blocking_threads,
    }
}
