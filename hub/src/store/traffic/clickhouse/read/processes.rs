//! Who reports, how fresh it is, what it uses, and what ingest accepted.

use std::collections::BTreeMap;

use clickhouse::Row;
use serde::Deserialize;
use uuid::Uuid;

use super::super::{ARRIVALS_KEPT_SECS, BLOCK, ClickHouseTraffic, DAY, PROBE, of_scope};
use super::charts::start_of;
use super::source::{Family, source};
use crate::clock::UnixSecs;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::traffic::{Freshness, IngestGap, InstanceRow, ResourceBucket, Scope, Steps, Tier, Window};

/// How long before an environment's last report an instance may have reported last and still count as there.
const THERE_MS: i64 = 5 * 60 * 1_000;

#[derive(Row, Deserialize)]
struct StoredInstance {
    #[serde(with = "clickhouse::serde::uuid")]
    instance_id: Uuid,
    app_version: String,
    sdk: String,
    framework: String,
    host: String,
    started_at: i64,
    first_report_at: i64,
    last_report_at: i64,
    reports: u64,
    last_sequence: i64,
    clock_offset_ms: (i64, i64),
    ended: bool,
}

#[derive(Row, Deserialize)]
struct Reporting {
    env: String,
    first_report_at: i64,
    last_report_at: i64,
    instances: u64,
}

#[derive(Row, Deserialize)]
struct Arrived {
    #[serde(with = "clickhouse::serde::uuid")]
    ingest_id: Uuid,
    numbers: u64,
    lowest_block: u64,
    lowest_accepted_at: i64,
    highest_block: u64,
    highest_bits: u64,
    last_accepted_at: i64,
}

#[derive(Row, Deserialize)]
struct Figures {
    bucket: u32,
    #[serde(with = "clickhouse::serde::uuid")]
    instance_id: Uuid,
    sums: (f64, f64, f64, f64, f64),
    samples: (u64, u64, u64, u64, u64),
}

impl ClickHouseTraffic {
    /// Those of which a startup or a report was accepted in the window, or between whose reports it lies.
    pub(super) async fn read_instances(
        &self,
        scope: &Scope,
        window: Window,
    ) -> Result<Vec<InstanceRow>, StoreError> {
        let place = of_scope(scope);
        let sql = format!(
            "SELECT instance_id, version, sdk_name, framework_name, host_name, started, first, last, r.reports, sequence, offset, \
             has_ended FROM (\
               SELECT instance_id, max(app_version) AS version, max(sdk) AS sdk_name, max(framework) AS framework_name, \
               max(host) AS host_name, max(started_at) AS started, min(first_report_at) AS first, max(last_report_at) AS last, \
               max(last_sequence) AS sequence, max(clock_offset_ms) AS offset, max(ended) AS has_ended, max(seen_at) AS seen \
               FROM instances WHERE {place} GROUP BY instance_id HAVING seen >= {} AND least(first, seen) < {}) AS i \
             LEFT JOIN (SELECT instance_id, toUInt64(sum(bitCount(b))) AS reports FROM (\
               SELECT instance_id, block, groupBitOr(bits) AS b FROM instance_reports WHERE {place} GROUP BY instance_id, block) \
               GROUP BY instance_id) AS r ON i.instance_id = r.instance_id ORDER BY seen DESC, instance_id",
            window.from * 1_000,
            window.to * 1_000,
        );
        Ok(self.link.ask::<StoredInstance>(&sql).await?.into_iter().map(instance).collect())
    }

    pub(super) async fn read_freshness(&self, app_id: AppId) -> Result<Vec<Freshness>, StoreError> {
        let sql = format!(
            "SELECT e, min(f), max(l) AS latest, toUInt64(arrayCount(t -> t >= latest - {THERE_MS}, groupArray(l))) FROM (\
               SELECT env AS e, min(first_report_at) AS f, max(last_report_at) AS l FROM instances WHERE app_id = '{app_id}' \
               GROUP BY env, instance_id HAVING l > {}) GROUP BY e ORDER BY e",
            i64::MIN,
        );
        let rows = self.link.ask::<Reporting>(&sql).await?.into_iter().map(|row| Freshness {
            env: row.env,
            first_report_at: row.first_report_at,
            last_report_at: row.last_report_at,
            instances: row.instances,
        });
        Ok(rows.collect())
    }

    pub(super) async fn read_ingest_gaps(&self) -> Result<Vec<IngestGap>, StoreError> {
        let from = Tier::Day.floor(self.clock.now() - ARRIVALS_KEPT_SECS);
        let sql = format!(
            "SELECT ingest_id, toUInt64(sum(bitCount(b))), min(block), argMin(at, block), max(block), argMax(b, block), max(at) FROM (\
               SELECT ingest_id, block, groupBitOr(bits) AS b, max(accepted_at) AS at FROM arrivals \
               WHERE day >= toDate({}) AND ingest_id != '{PROBE}' GROUP BY ingest_id, block) \
             GROUP BY ingest_id ORDER BY ingest_id",
            from / DAY,
        );
        let arrived: Vec<Arrived> = self.link.ask(&sql).await?;
        Ok(arrived.into_iter().filter_map(|arrived| gap(arrived, from)).collect())
    }

    pub(super) async fn read_resources(
        &self,
        scope: &Scope,
        steps: &Steps,
    ) -> Result<Vec<ResourceBucket>, StoreError> {
        let segments = self.cover(scope, self.plan_steps(steps)).await?;
        let columns =
            "bucket, instance_id, cpu, cpus, rss, rsss, busy, busys, depth, depths, blocking, blockings";
        let Some(source) = source(Family::Resources, scope, &segments, (columns, &[])) else {
            return Ok(Vec::new());
        };
        let sql = format!(
            "SELECT bucket, instance_id, (sum(cpu), sum(rss), sum(busy), sum(depth), sum(blocking)), \
             (sum(cpus), sum(rsss), sum(busys), sum(depths), sum(blockings)) FROM {source} GROUP BY bucket, instance_id"
        );
        let mut steps_of: BTreeMap<(UnixSecs, Uuid), [(f64, u64); 5]> = BTreeMap::new();
        for row in self.link.ask::<Figures>(&sql).await? {
            let Some(start) = start_of(steps, row.bucket) else { continue };
            let sums = [row.sums.0, row.sums.1, row.sums.2, row.sums.3, row.sums.4];
            let samples = [row.samples.0, row.samples.1, row.samples.2, row.samples.3, row.samples.4];
            let figures = steps_of.entry((start, row.instance_id)).or_default();
            for (figure, (sum, samples)) in figures.iter_mut().zip(sums.into_iter().zip(samples)) {
                *figure = (figure.0 + sum, figure.1 + samples);
            }
        }
        Ok(steps_of
            .into_iter()
            .map(|((start, instance_id), figures)| means(start, instance_id, figures))
            .collect())
    }
}

fn instance(row: StoredInstance) -> InstanceRow {
    let text = |text: String| Some(text).filter(|text| !text.is_empty());
    let known = |number: i64| Some(number).filter(|number| *number != i64::MIN);
    InstanceRow {
        instance_id: row.instance_id,
        app_version: text(row.app_version),
        sdk: text(row.sdk),
        framework: text(row.framework),
        host: text(row.host),
        started_at: known(row.started_at),
        first_report_at: Some(row.first_report_at).filter(|at| *at != i64::MAX),
        last_report_at: known(row.last_report_at),
        reports: row.reports,
        last_sequence: known(row.last_sequence).map(i64::unsigned_abs),
        clock_offset_ms: row.clock_offset_ms.1,
        ended: row.ended,
    }
}

/// What is missing of an ingest process. Of one that began before `from` the earlier numbers are not known any more.
fn gap(arrived: Arrived, from: UnixSecs) -> Option<IngestGap> {
    let began_before = arrived.lowest_block > 0 && arrived.lowest_accepted_at < (from + DAY) * 1_000;
    let highest =
        arrived.highest_block * BLOCK + u64::from(63 - arrived.highest_bits.leading_zeros().min(63));
    let first = if began_before { arrived.lowest_block * BLOCK } else { 0 };
    let missing = (highest + 1 - first).saturating_sub(arrived.numbers);
    (missing > 0).then_some(IngestGap {
        ingest_id: arrived.ingest_id,
        highest,
        missing,
        last_accepted_at: arrived.last_accepted_at,
    })
}

fn means(start: UnixSecs, instance_id: Uuid, figures: [(f64, u64); 5]) -> ResourceBucket {
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
