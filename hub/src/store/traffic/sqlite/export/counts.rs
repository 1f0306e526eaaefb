//! Counts and request logs of an environment, a span of time at once.

use super::super::cell::Cell;
use super::super::expire::next_series;
use super::super::write::EVERYBODY;
use super::super::{SqliteTraffic, corrupt, tier_id};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::copied::{CopiedEvent, CopiedLog, CopiedResources, CopiedTraffic, Counts, Names};
use crate::store::traffic::{Tier, Window};

/// A route and a consumer of which there is traffic.
pub(crate) type Series = (i64, i64);

/// The longest list of series in one statement.
const SERIES_AT_ONCE: usize = 2_000;

/// Request logs in one answer.
const LOGS_AT_ONCE: i64 = 500;

impl SqliteTraffic {
    /// What there is traffic of in `tier` among `names`, but for the sums over all routes.
    pub(crate) async fn series(&self, names: &Names, tier: Tier) -> Result<Vec<Series>, StoreError> {
        let mut found = Vec::new();
        for route in names.routes.keys() {
            let mut at = (*route, i64::MIN);
            while let Some((of, consumer, _)) = next_series(&self.database.readers, tier, at).await? {
                if of != *route {
                    break;
                }
                at = (of, consumer);
                if consumer == EVERYBODY || names.consumers.contains_key(&consumer) {
                    found.push(at);
                }
            }
        }
        Ok(found)
    }

    /// What was counted in `window`; the traffic of `series` alone.
    pub(crate) async fn counts(
        &self,
        scope: i64,
        (tier, series): (Tier, &[Series]),
        window: Window,
    ) -> Result<Counts, StoreError> {
        let mut counts = Counts::default();
        for series in series.chunks(SERIES_AT_ONCE) {
            self.add_traffic(&mut counts, tier, series, window).await?;
        }
        counts.events = self.events(scope, tier, window).await?;
        counts.resources = self.resource_sums(scope, tier, window).await?;
        Ok(counts)
    }

    async fn add_traffic(
        &self,
        counts: &mut Counts,
        tier: Tier,
        series: &[Series],
        window: Window,
    ) -> Result<(), StoreError> {
        let listed: Vec<_> = series.iter().map(|(route, consumer)| format!("[{route},{consumer}]")).collect();
        let sql = "SELECT t.route_id, t.consumer_id, t.bucket, t.cell FROM json_each(?1) s CROSS JOIN traffic t ON t.tier = ?2 \
                   AND t.route_id = s.value ->> 0 AND t.consumer_id = s.value ->> 1 AND t.bucket >= ?3 AND t.bucket < ?4";
        let query = sqlx::query_as(sql).bind(format!("[{}]", listed.join(","))).bind(tier_id(tier));
        let query = query.bind(window.from).bind(window.to);
        let rows: Vec<(i64, i64, UnixSecs, Vec<u8>)> = query.fetch_all(&self.database.readers).await?;
        for (route, consumer, bucket, cell) in rows {
            let cell = Cell::decode(&cell).ok_or_else(|| corrupt("a cell"))?;
            let consumer = named(consumer);
            let facts = cell.into_facts();
            counts.traffic.extend(facts.map(|facts| CopiedTraffic { route, consumer, bucket, facts }));
        }
        Ok(())
    }

    async fn events(&self, scope: i64, tier: Tier, window: Window) -> Result<Vec<CopiedEvent>, StoreError> {
        let sql = "SELECT c.group_id, c.consumer_id, c.bucket, c.count FROM event_groups g CROSS JOIN event_counts c ON c.tier = ? \
                   AND c.group_id = g.id AND c.bucket >= ? AND c.bucket < ? WHERE g.scope_id = ? ORDER BY 1, 3, 2";
        let query = sqlx::query_as(sql).bind(tier_id(tier)).bind(window.from).bind(window.to).bind(scope);
        let rows: Vec<(i64, i64, UnixSecs, i64)> = query.fetch_all(&self.database.readers).await?;
        let events = rows.into_iter().map(|(group, consumer, bucket, count)| CopiedEvent {
            group,
            consumer: named(consumer),
            bucket,
            count: count.unsigned_abs(),
        });
        Ok(events.collect())
    }

    async fn resource_sums(
        &self,
        scope: i64,
        tier: Tier,
        window: Window,
    ) -> Result<Vec<CopiedResources>, StoreError> {
        type Figures = (i64, UnixSecs, f64, i64, f64, i64, f64, i64, f64, i64, f64, i64);
        let sql = "SELECT r.instance, r.bucket, cpu, cpus, rss, rsss, busy, busys, depth, depths, blocking, blockings \
                   FROM instances i CROSS JOIN resources r ON r.tier = ? AND r.instance = i.id AND r.bucket >= ? AND r.bucket < ? \
                   WHERE i.scope_id = ? ORDER BY 1, 2";
        let query = sqlx::query_as(sql).bind(tier_id(tier)).bind(window.from).bind(window.to).bind(scope);
        let rows: Vec<Figures> = query.fetch_all(&self.database.readers).await?;
        let sums = rows.into_iter().map(|(instance, bucket, a, b, c, d, e, f, g, h, i, j)| {
            let figures = [(a, b), (c, d), (e, f), (g, h), (i, j)];
            let figures = figures.map(|(sum, samples): (f64, i64)| (sum, samples.unsigned_abs()));
            CopiedResources { instance, bucket, figures }
        });
        Ok(sums.collect())
    }

    /// Request logs that arrived in `window`, after the one at `after`; none left when it is empty.
    pub(crate) async fn logs(
        &self,
        scope: i64,
        window: Window,
        after: Option<&CopiedLog>,
    ) -> Result<Vec<CopiedLog>, StoreError> {
        let sql = "SELECT l.route_id, l.consumer_id, t.log FROM request_logs l JOIN request_log_texts t ON t.number = l.number \
                   WHERE l.scope_id = ? AND (l.time_us, l.id) > (?, ?) AND l.time_us < ? ORDER BY l.time_us, l.id LIMIT ?";
        let start = window.from * 1_000_000;
        let (time_us, id) =
            after.map_or((start, Vec::new()), |last| (last.log.time_us, last.log.id.as_bytes().to_vec()));
        let query = sqlx::query_as(sql).bind(scope).bind(time_us).bind(id).bind(window.to * 1_000_000);
        let rows: Vec<(i64, i64, String)> =
            query.bind(LOGS_AT_ONCE).fetch_all(&self.database.readers).await?;
        let logs = rows.into_iter().map(|(route, consumer, text)| {
            let log = serde_json::from_str(&text).map_err(|_| corrupt("a request log"))?;
            Ok(CopiedLog { route, consumer: named(consumer), log, text })
        });
        logs.collect()
    }
}

/// None where nobody is named.
fn named(consumer: i64) -> Option<i64> {
    (consumer != EVERYBODY).then_some(consumer)
}
