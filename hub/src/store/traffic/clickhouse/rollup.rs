//! The coarser tiers: half hours out of minutes, days out of half hours, each bucket computed whole.
//!
//! A run first reads which marks a bucket has, then its minutes, then writes rows under a number of its own, and last says in
//! `rollups` which marks it had seen. Of the runs of a bucket the one counts that saw the most marks: it read the minutes after
//! all of them. So two runs at once, or one that dies half way, do no harm, and no clock decides. What a run wrote and does not
//! count is never read; it goes with its partition.

use clickhouse::Row;
use serde::Deserialize;
use uuid::Uuid;

use super::link::{quote, time};
use super::read::saturating_sum;
use super::rows::RollupRow;
use super::{ClickHouseTraffic, tier_id};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::Tier;

/// How long after its end a half hour is computed: by then its processes have reported, in the rhythm of a minute. What comes
/// later makes it be computed again.
const HALF_HOUR_RESTS: i64 = 120;

/// The same for a day: reports may be an hour late.
const DAY_RESTS: i64 = 70 * 60;

/// How far back the frequent run looks; what is marked later than that waits for the thorough one and is answered from minutes.
const RECENT: i64 = 3 * 3_600;

/// How far back the thorough run looks for days that are behind, beyond the minutes.
const DAYS_BEHIND: i64 = 40 * super::DAY;

/// Buckets computed by one statement: an hour of a few hundred routes and instances is some hundred thousand rows.
const HALF_HOURS_AT_ONCE: usize = 48;
const DAYS_AT_ONCE: usize = 16;

/// Buckets listed by one question.
const LISTED_MAX: usize = 5_000;

/// A family of tables: what makes a row one of its kind, and what adds up.
struct Family {
    name: &'static str,
    keys: &'static str,
    sums: String,
    columns: &'static str,
}

/// A bucket to compute, and what is known of it.
#[derive(Debug, Clone, Row, Deserialize)]
struct Bucket {
    #[serde(with = "clickhouse::serde::uuid")]
    app_id: Uuid,
    env: String,
    bucket: u32,
    n: u64,
    x: u64,
}

impl ClickHouseTraffic {
    /// Computes what ended lately.
    pub(super) async fn roll_up_recent(&self, now: UnixSecs) -> Result<(), StoreError> {
        let last_day = Tier::Day.floor(now - DAY_RESTS);
        self.roll_up_half_hours(now - RECENT, now).await?;
        if last_day > now - RECENT - DAY_RESTS {
            // Just after a day's end; its last half hours are computed above.
            self.roll_up_days(last_day - super::DAY, last_day).await?;
        }
        Ok(())
    }

    /// Computes all that ended and is behind.
    pub(super) async fn roll_up_all(&self, now: UnixSecs) -> Result<(), StoreError> {
        self.roll_up_half_hours(0, now).await?;
        let from = Self::minutes_there_from(now, &self.retention) - DAYS_BEHIND;
        self.roll_up_days(Tier::Day.floor(from), Tier::Day.floor(now - DAY_RESTS)).await
    }

    pub(super) async fn roll_up_half_hours(&self, from: UnixSecs, now: UnixSecs) -> Result<(), StoreError> {
        let end = Tier::HalfHour.floor(now - HALF_HOUR_RESTS);
        let mut from = Tier::HalfHour.floor(from);
        loop {
            let behind = self.half_hours_behind(from, end).await?;
            for chunk in behind.chunks(HALF_HOURS_AT_ONCE) {
                self.compute(Tier::HalfHour, chunk).await?;
            }
            match behind.last() {
                Some(last) if behind.len() == LISTED_MAX => from = i64::from(last.bucket),
                _ => return Ok(()),
            }
        }
    }

    pub(super) async fn roll_up_days(&self, from: UnixSecs, end: UnixSecs) -> Result<(), StoreError> {
        let unfinished = self.half_hours_behind(from, end).await?;
        let is_unfinished = |day: &Bucket| {
            unfinished.iter().any(|half| {
                let of_day = Tier::Day.floor(half.bucket.into()) == i64::from(day.bucket);
                of_day && half.app_id == day.app_id && half.env == day.env
            })
        };
        let mut days = self.days_behind(from, end).await?;
        days.retain(|day| !is_unfinished(day));
        for chunk in days.chunks(DAYS_AT_ONCE) {
            self.compute(Tier::Day, chunk).await?;
        }
        Ok(())
    }

    async fn half_hours_behind(&self, from: UnixSecs, to: UnixSecs) -> Result<Vec<Bucket>, StoreError> {
        let span = format!("bucket >= {} AND bucket < {}", time(from), time(to));
        let sql = format!(
            "SELECT app_id, env, bucket, sum(marks) AS m, groupBitXor(made) AS d FROM (\
               SELECT app_id, env, bucket, sum(n) AS marks, groupBitXor(x) AS made, toUInt64(0) AS seen, toUInt64(0) AS saw \
               FROM marks WHERE {span} GROUP BY app_id, env, bucket \
               UNION ALL \
               SELECT app_id, env, bucket, toUInt64(0), toUInt64(0), argMax(n, (n, run)), argMax(x, (n, run)) \
               FROM rollups WHERE {span} AND tier = 1 GROUP BY app_id, env, bucket) \
             GROUP BY app_id, env, bucket HAVING m > 0 AND (m != sum(seen) OR d != groupBitXor(saw)) \
             ORDER BY bucket, app_id, env LIMIT {LISTED_MAX}"
        );
        self.link.ask(&sql).await
    }

    async fn days_behind(&self, from: UnixSecs, to: UnixSecs) -> Result<Vec<Bucket>, StoreError> {
        let span = format!("bucket >= {} AND bucket < {}", time(from), time(to));
        let day = start_of(Tier::Day, "b");
        let sql = format!(
            "SELECT app_id, env, bucket, sum(half_hours) AS m, groupBitXor(made) AS d FROM (\
               SELECT app_id, env, {day} AS bucket, sum(marks) AS half_hours, groupBitXor(sipHash64(toUnixTimestamp(b), r)) AS made, \
               toUInt64(0) AS saw FROM (\
                 SELECT app_id, env, bucket AS b, max(n) AS marks, argMax(run, (n, run)) AS r FROM rollups \
                 WHERE {span} AND tier = 1 GROUP BY app_id, env, b) GROUP BY app_id, env, bucket \
               UNION ALL \
               SELECT app_id, env, bucket, toUInt64(0), toUInt64(0), argMax(x, (n, run)) \
               FROM rollups WHERE {span} AND tier = 2 GROUP BY app_id, env, bucket) \
             GROUP BY app_id, env, bucket HAVING m > 0 AND d != groupBitXor(saw) ORDER BY bucket, app_id, env LIMIT {LISTED_MAX}"
        );
        self.link.ask(&sql).await
    }

    /// Computes buckets of one tier, and says so when everything of them is written.
    async fn compute(&self, tier: Tier, buckets: &[Bucket]) -> Result<(), StoreError> {
        if self.link.is_replicated() && tier == Tier::HalfHour {
            // Marks that this replica has may tell of minutes that it is still fetching.
            for family in families() {
                self.link.run(&format!("SYSTEM SYNC REPLICA {}_minutes", family.name)).await?;
            }
        }
        let run: u64 = rand::random();
        for family in families() {
            self.link.run(&computed(&family, tier, run, buckets)).await?;
        }
        let rows = buckets.iter().map(|bucket| RollupRow {
            app_id: bucket.app_id,
            env: &bucket.env,
            tier: tier_id(tier),
            bucket: bucket.bucket,
            n: bucket.n,
            run,
            x: bucket.x,
        });
        self.link.insert::<RollupRow<'static>>("rollups", &rows.collect::<Vec<_>>()).await
    }
}

fn families() -> [Family; 3] {
    let saturating = ["duration_sum_us", "request_bytes", "response_bytes"].map(saturating_sum);
    let [duration_sum, request_sum, response_sum] = &saturating;
    [
        Family {
            name: "traffic",
            keys: "by_consumer, consumer, route, status, headers_apart",
            sums: format!(
                "sum(requests), sum(aborted), sum(body_errors), sum(panics), {duration_sum}, max(duration_max_us), {request_sum}, \
                 {response_sum}, sumMap(durations), sumMap(headers), sumMap(request_sizes), sumMap(response_sizes)"
            ),
            columns: "requests, aborted, body_errors, panics, duration_sum_us, duration_max_us, request_bytes, response_bytes, \
                      durations, headers, request_sizes, response_sizes",
        },
        Family {
            name: "events",
            keys: "class, fingerprint, consumer, route, status",
            sums: "sum(count)".to_owned(),
            columns: "count",
        },
        Family {
            name: "resources",
            keys: "instance_id",
            sums: "sum(cpu), sum(cpus), sum(rss), sum(rsss), sum(busy), sum(busys), sum(depth), sum(depths), sum(blocking), \
                   sum(blockings)"
                .to_owned(),
            columns: "cpu, cpus, rss, rsss, busy, busys, depth, depths, blocking, blockings",
        },
    ]
}

/// The statement that computes `buckets` of one family.
fn computed(family: &Family, tier: Tier, run: u64, buckets: &[Bucket]) -> String {
    let Family { name, keys, sums, columns } = family;
    let first = buckets.iter().map(|bucket| bucket.bucket).min().unwrap_or(0);
    let last = buckets.iter().map(|bucket| bucket.bucket).max().unwrap_or(0);
    let span =
        format!("bucket >= {} AND bucket < {}", time(first.into()), time(i64::from(last) + tier.secs()));
    let places: Vec<_> = buckets
        .iter()
        .map(|b| format!("(toUUID('{}'), {}, {})", b.app_id, quote(&b.env), time(b.bucket.into())))
        .collect();
    let mut apps: Vec<_> = buckets.iter().map(|bucket| format!("toUUID('{}')", bucket.app_id)).collect();
    apps.sort_unstable();
    apps.dedup();
    let (places, apps) = (places.join(","), apps.join(","));
    let finer = match tier {
        Tier::Day => format!(
            "{name}_coarse WHERE tier = 1 AND app_id IN ({apps}) AND {span} AND (app_id, env, bucket, run) IN (\
             SELECT app_id, env, bucket, argMax(run, (n, run)) FROM rollups WHERE tier = 1 AND app_id IN ({apps}) AND {span} \
             GROUP BY app_id, env, bucket)"
        ),
        Tier::Minute | Tier::HalfHour => format!("{name}_minutes FINAL WHERE app_id IN ({apps}) AND {span}"),
    };
    let (start, tier) = (start_of(tier, "bucket"), tier_id(tier));
    format!(
        "INSERT INTO {name}_coarse (app_id, env, tier, run, bucket, {keys}, {columns}) \
         SELECT app_id, env, toUInt8({tier}), toUInt64({run}), start, {keys}, {sums} FROM (\
           SELECT app_id, env, {start} AS start, {keys}, {columns} FROM {finer}) \
         WHERE (app_id, env, start) IN ({places}) GROUP BY app_id, env, start, {keys}"
    )
}

/// The start of the bucket of `tier` that holds the time in `column`.
fn start_of(tier: Tier, column: &str) -> String {
    let secs = tier.secs();
    format!("toDateTime(intDiv(toUnixTimestamp({column}), {secs}) * {secs}, 'UTC')")
}
