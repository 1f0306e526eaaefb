//! Whether both stores give the same answers, asked as query asks them.

use std::collections::BTreeMap;
use std::fmt::Debug;

use super::Copying;
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::plan::minutes_from;
use crate::store::traffic::{Filter, LogBudget, LogSearch, Scope, Steps, Tier, TrafficReader, Window};

/// The span of a question about what stands beside the counts.
const SPAN: i64 = 30 * 86_400;

/// Everything that is counted, by what it is of; a pair where the stores differ.
type Sums = BTreeMap<String, u64>;

/// What differs between the stores, a line each: requests by status of each minute, half hour and day that is kept so; and in
/// spans of 30 days requests of routes and consumers, events and request logs.
pub async fn verify(copying: &Copying<'_>) -> Result<Vec<String>, StoreError> {
    let mut differences = Vec::new();
    for (_, scope) in copying.source.scopes().await? {
        for tier in Tier::ALL {
            let steps = copying.steps(tier).await?;
            let ours = charted(copying.source, &scope, &steps).await?;
            compare(&mut differences, (&scope, tier), &ours, &charted(copying.target, &scope, &steps).await?);
        }
        let Window { from, to } = copying.span();
        for start in (from..to).step_by(SPAN as usize) {
            let window = Window { from: start, to: (start + SPAN).min(to) };
            let ours = summed(copying.source, &scope, window).await?;
            let theirs = summed(copying.target, &scope, window).await?;
            compare(&mut differences, (&scope, window), &ours, &theirs);
        }
        let logs_from = Tier::Day.floor(copying.now - copying.retention.request_logs_secs) + Tier::Day.secs();
        let window = Window { from: logs_from, to };
        let ours = logged(copying.source, &scope, window).await?;
        compare(
            &mut differences,
            (&scope, "request logs"),
            &ours,
            &logged(copying.target, &scope, window).await?,
        );
    }
    Ok(differences)
}

impl Copying<'_> {
    /// All buckets of `tier` that are kept.
    async fn steps(&self, tier: Tier) -> Result<Steps, StoreError> {
        let Window { mut from, to } = self.span();
        if tier == Tier::Minute {
            let deleted = self.target.minutes_deleted_before().await?;
            let kept = self.retention.reaching(self.now, deleted);
            from = from.max(minutes_from(self.now, &kept));
        }
        let step = tier.secs() as usize;
        Ok(Steps { bounds: (from..=to).step_by(step).collect() })
    }
}

async fn charted(store: &dyn TrafficReader, scope: &Scope, steps: &Steps) -> Result<Sums, StoreError> {
    let mut sums = Sums::new();
    for bucket in store.traffic(scope, steps, &Filter::default()).await? {
        let at = shown(bucket.start);
        sums.extend(
            bucket.by_status.iter().map(|(status, count)| (format!("{at} requests {status}"), *count)),
        );
        sums.insert(format!("{at} bytes in"), bucket.request_bytes);
        sums.insert(format!("{at} bytes out"), bucket.response_bytes);
    }
    Ok(sums)
}

async fn summed(store: &dyn TrafficReader, scope: &Scope, window: Window) -> Result<Sums, StoreError> {
    let everything = Filter::default();
    let mut sums = Sums::new();
    for row in store.endpoints(scope, window, &everything).await? {
        let route = format!("{} {}", row.route.method, row.route.path);
        let by_status = row.totals.by_status;
        sums.extend(by_status.into_iter().map(|(status, count)| (format!("{route} {status}"), count)));
        sums.insert(format!("{route} durations"), row.totals.durations.count());
        sums.insert(format!("{route} failed validations"), row.validation_errors);
    }
    for row in store.consumers(scope, window, &everything).await? {
        sums.insert(format!("consumer {}", hex::encode(row.consumer)), row.totals.requests);
    }
    let mut add = |name: String, count: u64| *sums.entry(name).or_default() += count;
    for row in store.validation_errors(scope, window, &everything).await? {
        add(format!("validation {} {} {}", row.route.path, row.field, row.message), row.count);
    }
    for row in store.server_errors(scope, window, &everything).await? {
        add(format!("error {} {} {}", row.route.path, row.kind, row.message), row.count);
    }
    for row in store.losses(scope, window).await? {
        add(format!("loss {} {}", row.reason, row.detail), row.count);
    }
    Ok(sums)
}

async fn logged(store: &dyn TrafficReader, scope: &Scope, window: Window) -> Result<Sums, StoreError> {
    let everything = LogBudget { logs: i64::MAX.unsigned_abs(), text_bytes: i64::MAX.unsigned_abs() };
    let Window { from, to } = window;
    let search = LogSearch { from, to, budget: everything, ..LogSearch::default() };
    let steps = Steps { bounds: (from..=to).step_by(Tier::Day.secs() as usize).collect() };
    let counted = store.request_log_steps(scope, &search, &steps).await?.counts;
    Ok(counted.into_iter().map(|row| (format!("{} {}", shown(row.start), row.status), row.count)).collect())
}

fn compare(differences: &mut Vec<String>, (scope, of): (&Scope, impl Debug), ours: &Sums, theirs: &Sums) {
    let count = |sums: &Sums, name: &str| sums.get(name).copied().unwrap_or(0);
    let names: std::collections::BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    let different = names.into_iter().filter(|name| count(ours, name) != count(theirs, name));
    differences.extend(different.map(|name| {
        let (here, there) = (count(ours, name), count(theirs, name));
        format!("app {} env {} ({of:?}): {name}: SQLite {here}, ClickHouse {there}", scope.app_id, scope.env)
    }));
}

fn shown(time: UnixSecs) -> String {
    jiff::Timestamp::from_second(time).map_or_else(|_| time.to_string(), |time| time.to_string())
}
