//! One group of errors: over time, whom it hit, and with which versions of the app.

use std::collections::BTreeMap;

use super::super::{SqliteTraffic, corrupt};
use super::scan::segments_json;
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::plan::Segment;
use crate::store::traffic::{ConsumerHash, ErrorGroupDetail, Scope, Steps, VersionSpan};

impl SqliteTraffic {
    pub(super) async fn read_error_group(
        &self,
        scope: &Scope,
        id: &str,
        steps: &Steps,
    ) -> Result<Option<ErrorGroupDetail>, StoreError> {
        let (Some(scope), Ok(id)) = (self.scope_id(scope).await?, hex::decode(id)) else { return Ok(None) };
        let Some((class, fingerprint)) = id.split_first() else { return Ok(None) };
        let sql = "SELECT id FROM event_groups WHERE scope_id = ? AND class = ? AND fingerprint = ?";
        let query = sqlx::query_scalar(sql).bind(scope).bind(i64::from(*class)).bind(fingerprint.to_vec());
        let group: Option<i64> = query.fetch_optional(&self.database.readers).await?;
        let Some(group) = group else { return Ok(None) };
        let segments = self.plan_steps(steps);
        Ok(Some(ErrorGroupDetail {
            counts: self.group_counts(group, steps, &segments).await?,
            consumers: self.group_consumers(group, &segments).await?,
            versions: self.group_versions(group).await?,
        }))
    }

    async fn group_counts(
        &self,
        group: i64,
        steps: &Steps,
        segments: &[Segment],
    ) -> Result<Vec<(UnixSecs, u64)>, StoreError> {
        let sql = "SELECT c.bucket, sum(c.count) FROM json_each(?2) segment CROSS JOIN event_counts c \
                   ON c.tier = segment.value ->> 0 AND c.group_id = ?1 AND c.bucket >= segment.value ->> 1 \
                   AND c.bucket < segment.value ->> 2 GROUP BY segment.key, c.bucket";
        let query = sqlx::query_as(sql).bind(group).bind(segments_json(segments));
        let rows: Vec<(UnixSecs, i64)> = query.fetch_all(&self.database.readers).await?;
        let from = steps.window().from;
        let mut counts: BTreeMap<UnixSecs, u64> = BTreeMap::new();
        for (bucket, count) in rows {
            if let Some(start) = steps.start_of(bucket.max(from)) {
                let sum = counts.entry(start).or_default();
                *sum = sum.saturating_add(count.unsigned_abs());
            }
        }
        Ok(counts.into_iter().collect())
    }

    async fn group_consumers(
        &self,
        group: i64,
        segments: &[Segment],
    ) -> Result<Vec<(ConsumerHash, u64)>, StoreError> {
        let sql = "SELECT k.hash, sum(c.count) FROM json_each(?2) segment CROSS JOIN event_counts c \
                   ON c.tier = segment.value ->> 0 AND c.group_id = ?1 AND c.bucket >= segment.value ->> 1 \
                   AND c.bucket < segment.value ->> 2 JOIN consumers k ON k.id = c.consumer_id \
                   GROUP BY k.id ORDER BY sum(c.count) DESC, k.hash";
        let query = sqlx::query_as(sql).bind(group).bind(segments_json(segments));
        let rows: Vec<(Vec<u8>, i64)> = query.fetch_all(&self.database.readers).await?;
        let consumer = |(hash, count): (Vec<u8>, i64)| {
            let hash = ConsumerHash::try_from(hash).map_err(|_| corrupt("a consumer"))?;
            Ok((hash, count.unsigned_abs()))
        };
        rows.into_iter().map(consumer).collect()
    }

    async fn group_versions(&self, group: i64) -> Result<Vec<VersionSpan>, StoreError> {
        let sql = "SELECT version, first_seen, last_seen FROM event_versions WHERE group_id = ? \
                   ORDER BY last_seen DESC, version DESC";
        let rows: Vec<(String, UnixSecs, UnixSecs)> =
            sqlx::query_as(sql).bind(group).fetch_all(&self.database.readers).await?;
        let span =
            |(version, first_seen_at, last_seen_at)| VersionSpan { version, first_seen_at, last_seen_at };
        Ok(rows.into_iter().map(span).collect())
    }
}
