//! One group of errors: over time, whom it hit, and with which versions of the app.

use std::collections::{BTreeMap, HashMap};

use clickhouse::Row;
use serde::Deserialize;
use tokio::try_join;

use super::super::rows::EVERYBODY;
use super::super::{ClickHouseTraffic, EventClass, of_scope};
use super::charts::start_of;
use super::source::{Family, source};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::{
    ConsumerHash, ERROR_VERSIONS_MAX, ErrorGroupDetail, ErrorGroupId, Scope, Steps, VersionSpan,
};

#[derive(Row, Deserialize)]
struct CountRow {
    bucket: u32,
    consumer: ConsumerHash,
    count: u64,
}

#[derive(Row, Deserialize)]
struct VersionRow {
    version: String,
    first_seen: u32,
    last_seen: u32,
}

/// The first and the last version of a group.
#[derive(Row, Deserialize)]
pub(super) struct VersionsRow {
    pub(super) fingerprint: [u8; 16],
    pub(super) first: String,
    pub(super) last: String,
}

pub(super) fn group_id(class: EventClass, fingerprint: [u8; 16]) -> ErrorGroupId {
    format!("{:02x}{}", class as u8, hex::encode(fingerprint))
}

/// The condition that a row is of the group; none when there can be no such group.
fn of_group(id: &str) -> Option<[String; 2]> {
    let bytes = hex::decode(id).ok().filter(|bytes| bytes.len() == 17)?;
    Some([format!("class = {}", bytes[0]), format!("fingerprint = unhex('{}')", hex::encode(&bytes[1..]))])
}

impl ClickHouseTraffic {
    pub(super) async fn read_error_group(
        &self,
        scope: &Scope,
        id: &str,
        steps: &Steps,
    ) -> Result<Option<ErrorGroupDetail>, StoreError> {
        let Some(conditions) = of_group(id) else { return Ok(None) };
        let place = format!("{} AND {}", of_scope(scope), conditions.join(" AND "));
        let known = self.link.ask::<u64>(&format!("SELECT count() FROM event_groups WHERE {place}")).await?;
        if known.first().is_none_or(|count| *count == 0) {
            return Ok(None);
        }
        let (rows, versions) =
            try_join!(self.group_counts(scope, &conditions, steps), self.group_versions(&place))?;
        let mut counts: BTreeMap<UnixSecs, u64> = BTreeMap::new();
        let mut consumers: HashMap<ConsumerHash, u64> = HashMap::new();
        for row in rows {
            let Some(start) = start_of(steps, row.bucket) else { continue };
            let sum = counts.entry(start).or_default();
            *sum = sum.saturating_add(row.count);
            if row.consumer != EVERYBODY {
                let sum = consumers.entry(row.consumer).or_default();
                *sum = sum.saturating_add(row.count);
            }
        }
        let mut consumers: Vec<_> = consumers.into_iter().collect();
        consumers.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        Ok(Some(ErrorGroupDetail { counts: counts.into_iter().collect(), consumers, versions }))
    }

    async fn group_counts(
        &self,
        scope: &Scope,
        conditions: &[String],
        steps: &Steps,
    ) -> Result<Vec<CountRow>, StoreError> {
        let segments = self.cover(scope, self.plan_steps(steps)).await?;
        let Some(source) = source(Family::Events, scope, &segments, ("bucket, consumer, count", conditions))
        else {
            return Ok(Vec::new());
        };
        let sql = format!("SELECT bucket, consumer, sum(count) FROM {source} GROUP BY bucket, consumer");
        self.link.ask(&sql).await
    }

    async fn group_versions(&self, place: &str) -> Result<Vec<VersionSpan>, StoreError> {
        let sql = format!(
            "SELECT version, min(first_seen), max(last_seen) AS l FROM event_versions WHERE {place} GROUP BY version \
             ORDER BY l DESC, version DESC LIMIT {ERROR_VERSIONS_MAX}"
        );
        let rows: Vec<VersionRow> = self.link.ask(&sql).await?;
        let span = |row: VersionRow| VersionSpan {
            version: row.version,
            first_seen_at: row.first_seen.into(),
            last_seen_at: row.last_seen.into(),
        };
        Ok(rows.into_iter().map(span).collect())
    }

    /// The first and the last versions of the groups; `listed` are their fingerprints as SQL.
    pub(super) async fn versions(
        &self,
        scope: &Scope,
        class: EventClass,
        listed: &str,
    ) -> Result<Vec<VersionsRow>, StoreError> {
        let sql = format!(
            "SELECT fingerprint, argMin(version, (f, version)), argMax(version, (l, version)) FROM (\
             SELECT fingerprint, version, min(first_seen) AS f, max(last_seen) AS l FROM event_versions \
             WHERE {} AND class = {} AND fingerprint IN ({listed}) GROUP BY fingerprint, version) GROUP BY fingerprint",
            of_scope(scope),
            class as u8,
        );
        self.link.ask(&sql).await
    }
}
