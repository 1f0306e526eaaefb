//! Which buckets of the coarser tiers can answer, and what answers for those that cannot.
//!
//! A half hour can when the run that made it saw all of its marks; a day when it was made from the runs that its half hours have
//! now and none of these is behind. For a day that cannot its half hours answer, for a half hour its minutes. Half hours whose
//! minutes are deleted cannot change any more, whatever their marks say.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use clickhouse::Row;
use serde::Deserialize;

use super::super::link::time;
use super::super::{ClickHouseTraffic, of_scope, tier_id};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::plan::Segment;
use crate::store::traffic::{Scope, Tier};

/// Buckets that cannot answer.
#[derive(Debug, Default)]
struct Behind {
    half_hours: BTreeSet<UnixSecs>,
    days: BTreeSet<UnixSecs>,
}

#[derive(Row, Deserialize)]
struct BehindRow {
    tier: u8,
    bucket: u32,
}

impl ClickHouseTraffic {
    /// The segments with everything in them that is not up to date moved to a finer tier. They cover the same span.
    pub(super) async fn cover(
        &self,
        scope: &Scope,
        segments: Vec<Segment>,
    ) -> Result<Vec<Segment>, StoreError> {
        let coarse_from = self.coarse_from();
        let segments = segments.into_iter().filter_map(|segment| match segment.tier {
            Tier::Minute => Some(segment),
            _ => Some(Segment { from: segment.from.max(coarse_from), ..segment }).filter(|s| s.from < s.to),
        });
        let segments: Vec<_> = segments.collect();
        let coarse = || segments.iter().filter(|segment| segment.tier != Tier::Minute);
        let (Some(from), Some(to)) = (coarse().map(|s| s.from).min(), coarse().map(|s| s.to).max()) else {
            return Ok(segments);
        };
        let with_days = coarse().any(|segment| segment.tier == Tier::Day);
        let behind = self.behind(scope, (from, to), with_days).await?;
        let minutes_from = Self::minutes_there_from(self.clock.now(), &self.retention);
        let minutes_from = minutes_from.max(self.minutes_deleted_before.load(Ordering::Relaxed));
        Ok(moved(&segments, &behind, minutes_from))
    }

    async fn behind(
        &self,
        scope: &Scope,
        (from, to): (UnixSecs, UnixSecs),
        with_days: bool,
    ) -> Result<Behind, StoreError> {
        let place = format!("{} AND bucket >= {} AND bucket < {}", of_scope(scope), time(from), time(to));
        let mut sql = half_hours_behind(&place);
        if with_days {
            sql = format!("{sql} UNION ALL {}", days_behind(&place));
        }
        let mut behind = Behind::default();
        for BehindRow { tier, bucket } in self.link.ask(&sql).await? {
            let of_tier = if tier == tier_id(Tier::Day) { &mut behind.days } else { &mut behind.half_hours };
            of_tier.insert(i64::from(bucket));
        }
        Ok(behind)
    }
}

/// Half hours of which the newest finished run did not see all marks.
fn half_hours_behind(place: &str) -> String {
    format!(
        "SELECT toUInt8(1) AS tier, bucket FROM (\
           SELECT bucket, sum(n) AS marks, groupBitXor(x) AS made, toUInt64(0) AS seen, toUInt64(0) AS saw \
           FROM marks WHERE {place} GROUP BY bucket \
           UNION ALL \
           SELECT bucket, toUInt64(0), toUInt64(0), argMax(n, (n, run)), argMax(x, (n, run)) \
           FROM rollups WHERE {place} AND tier = 1 GROUP BY bucket) \
         GROUP BY bucket HAVING sum(marks) > 0 AND (sum(marks) != sum(seen) OR groupBitXor(made) != groupBitXor(saw))"
    )
}

/// Days that were not made from the runs that their half hours have now.
fn days_behind(place: &str) -> String {
    format!(
        "SELECT toUInt8(2) AS tier, bucket FROM (\
           SELECT toDateTime(intDiv(toUnixTimestamp(b), 86400) * 86400, 'UTC') AS bucket, \
           groupBitXor(sipHash64(toUnixTimestamp(b), r)) AS made, toUInt64(0) AS saw \
           FROM (SELECT bucket AS b, argMax(run, (n, run)) AS r FROM rollups WHERE {place} AND tier = 1 GROUP BY b) GROUP BY bucket \
           UNION ALL \
           SELECT bucket, toUInt64(0), argMax(x, (n, run)) FROM rollups WHERE {place} AND tier = 2 GROUP BY bucket) \
         GROUP BY bucket HAVING groupBitXor(made) != groupBitXor(saw)"
    )
}

/// Moves what is behind to finer tiers; neighbours of one tier become one segment.
fn moved(segments: &[Segment], behind: &Behind, minutes_from: UnixSecs) -> Vec<Segment> {
    let mut moved: Vec<Segment> = Vec::with_capacity(segments.len());
    let mut push = |tier: Tier, from: UnixSecs, to: UnixSecs| match moved.last_mut() {
        Some(last) if last.tier == tier && last.to == from => last.to = to,
        _ => moved.push(Segment { tier, from, to }),
    };
    let push_half_hour = |push: &mut dyn FnMut(Tier, UnixSecs, UnixSecs), from: UnixSecs| {
        let is_behind = behind.half_hours.contains(&from) && from >= minutes_from;
        push(if is_behind { Tier::Minute } else { Tier::HalfHour }, from, from + Tier::HalfHour.secs());
    };
    let half_hour = Tier::HalfHour.secs() as usize;
    for segment in segments {
        match segment.tier {
            Tier::Minute => push(Tier::Minute, segment.from, segment.to),
            Tier::HalfHour => {
                (segment.from..segment.to).step_by(half_hour).for_each(|at| push_half_hour(&mut push, at));
            }
            Tier::Day => {
                for day in (segment.from..segment.to).step_by(Tier::Day.secs() as usize) {
                    let end = day + Tier::Day.secs();
                    let has_half_hour_behind =
                        behind.half_hours.range(day..end).any(|at| *at >= minutes_from);
                    if has_half_hour_behind || behind.days.contains(&day) {
                        (day..end).step_by(half_hour).for_each(|at| push_half_hour(&mut push, at));
                    } else {
                        push(Tier::Day, day, end);
                    }
                }
            }
        }
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;
    const HALF: i64 = 1_800;

    fn segment(tier: Tier, from: i64, to: i64) -> Segment {
        Segment { tier, from, to }
    }

    #[test]
    fn what_is_up_to_date_stays_as_it_was() {
        let segments = [
            segment(Tier::Minute, 60, HALF),
            segment(Tier::HalfHour, HALF, DAY),
            segment(Tier::Day, DAY, 9 * DAY),
        ];
        assert_eq!(moved(&segments, &Behind::default(), 0), segments);
    }

    #[test]
    fn a_day_behind_is_answered_by_its_half_hours_and_those_behind_by_minutes() {
        let behind =
            Behind { half_hours: [3 * DAY + HALF, 3 * DAY + 2 * HALF].into(), days: [DAY, 5 * DAY].into() };
        let found = moved(&[segment(Tier::Day, 0, 6 * DAY)], &behind, 0);
        let expected = [
            segment(Tier::Day, 0, DAY),
            segment(Tier::HalfHour, DAY, 2 * DAY),
            segment(Tier::Day, 2 * DAY, 3 * DAY),
            segment(Tier::HalfHour, 3 * DAY, 3 * DAY + HALF),
            segment(Tier::Minute, 3 * DAY + HALF, 3 * DAY + 3 * HALF),
            segment(Tier::HalfHour, 3 * DAY + 3 * HALF, 4 * DAY),
            segment(Tier::Day, 4 * DAY, 5 * DAY),
            segment(Tier::HalfHour, 5 * DAY, 6 * DAY),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn minutes_that_are_gone_answer_for_nothing() {
        let behind = Behind { half_hours: [HALF].into(), days: BTreeSet::new() };
        let segments = [segment(Tier::HalfHour, 0, DAY)];
        assert_eq!(moved(&segments, &behind, 2 * HALF), segments);
        assert_eq!(moved(&[segment(Tier::Day, 0, DAY)], &behind, 2 * HALF), [segment(Tier::Day, 0, DAY)]);
    }
}
