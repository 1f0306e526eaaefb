//! `GET /apps/{app_id}/releases`: which versions of the app ran, and since when.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{AppPath, EnvParams, List, RangeParams, ReadErrors};
use super::asked::{Answer, Asked};
use crate::store::traffic::{InstanceRow, Window};

/// How long before an environment's last report an instance may have reported last and still count as running.
const RUNNING_SECS: i64 = 5 * 60;

/// A version of the app in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Release {
    pub version: String,
    /// When the first instance with it started, or was heard of first: the marker on a chart.
    pub first_seen_at: i64,
    /// When an instance with it was heard of last.
    pub last_seen_at: i64,
    /// Instances that ever ran it.
    pub instances: u64,
    /// Those of them that reported within the five minutes before the environment's last report.
    pub running: u64,
}

/// The versions of the app that ran within the range, the newest first. Instances that say no version are left out.
#[utoipa::path(
    get, path = "/apps/{app_id}/releases", tag = "health", params(AppPath, EnvParams, RangeParams),
    responses((status = 200, description = "The answer", body = List<Release>), ReadErrors)
)]
pub async fn releases(asked: Asked) -> Answer<List<Release>> {
    let as_of = asked.as_of().await?;
    // Whether a version is new shows only when all that is known of it is looked at.
    let ever = Window { from: 0, to: asked.query.clock.now() + 86_400 };
    let instances = asked.query.traffic.instances(&asked.scope, ever).await?;
    let mut releases: BTreeMap<String, Release> = BTreeMap::new();
    for instance in &instances {
        add(&mut releases, instance, as_of);
    }
    let Window { from, to } = asked.range.window;
    let mut data: Vec<Release> = releases.into_values().collect();
    data.retain(|release| release.first_seen_at < to && release.last_seen_at >= from);
    data.sort_by(|a, b| b.first_seen_at.cmp(&a.first_seen_at).then(a.version.cmp(&b.version)));
    asked.list(data).await
}

fn add(releases: &mut BTreeMap<String, Release>, instance: &InstanceRow, as_of: Option<i64>) {
    let secs = |millis: i64| millis.div_euclid(1_000);
    let known = [instance.started_at, instance.first_report_at, instance.last_report_at];
    let (Some(version), Some(first), Some(last)) = (
        instance.app_version.clone(),
        known.iter().flatten().min().copied().map(secs),
        known.iter().flatten().max().copied().map(secs),
    ) else {
        return;
    };
    let release = releases.entry(version.clone()).or_insert(Release {
        version,
        first_seen_at: first,
        last_seen_at: last,
        instances: 0,
        running: 0,
    });
    release.first_seen_at = release.first_seen_at.min(first);
    release.last_seen_at = release.last_seen_at.max(last);
    release.instances += 1;
    let is_running = as_of.is_some_and(|as_of| last >= as_of - RUNNING_SECS) && !instance.ended;
    release.running += u64::from(is_running);
}
