//! Which tier answers which part of a question: pure, and the same for every backend.
//!
//! A window is cut into segments: its middle from the coarsest tier that fits, its edges from finer ones. Minutes that are
//! already deleted cannot answer, so a window that begins or ends among them is widened outward to half hours: [`snap`] does
//! it, and query reports the snapped window. Both coarse tiers live equally long, so it never has to be widened to days.
//!
//! INVARIANT: the segments of a window are contiguous, cover exactly the snapped window, and each is aligned to its tier.

use std::collections::BTreeSet;

use super::{Retention, Steps, Tier, Window};
use crate::clock::UnixSecs;

/// A part of a window and the tier that answers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    pub tier: Tier,
    pub from: UnixSecs,
    pub to: UnixSecs,
}

/// The minutes before this are, or will soon be, deleted.
///
/// It lies a half hour inside the retention, so that a question planned just before a deletion does not lose its edge.
pub fn minutes_from(now: UnixSecs, retention: &Retention) -> UnixSecs {
    delete_before(Tier::Minute, now, retention) + Tier::HalfHour.secs()
}

/// Rows of `tier` that begin before this are deleted. Half hours and days end together, on a day's boundary, so that what
/// is answered from either is the same.
pub fn delete_before(tier: Tier, now: UnixSecs, retention: &Retention) -> UnixSecs {
    match tier {
        Tier::Minute => Tier::HalfHour.floor(now - retention.minutes_secs.min(retention.coarse_secs)),
        Tier::HalfHour | Tier::Day => Tier::Day.floor(now - retention.coarse_secs),
    }
}

/// The smallest window that can be answered exactly and holds `window`.
pub fn snap(window: Window, now: UnixSecs, retention: &Retention) -> Window {
    let minutes = minutes_from(now, retention);
    let tier = |time| if time < minutes { Tier::HalfHour } else { Tier::Minute };
    let from = tier(window.from).floor(window.from);
    let to = tier(window.to).ceil(window.to);
    Window { from, to: to.max(from) }
}

/// The segments that answer `window`, after it was snapped.
pub fn plan(window: Window, now: UnixSecs, retention: &Retention) -> Vec<Segment> {
    let mut segments = Vec::with_capacity(5);
    let Window { from, to } = snap(window, now, retention);
    split(Tier::Day, from, to, &mut segments);
    segments
}

/// The segments that answer each of `steps`, one step after the other, neighbours of one tier joined.
///
/// A boundary among deleted minutes that is not on a half hour moves to the half hour above it: the row between goes to the
/// step in which it begins.
pub fn plan_steps(steps: &Steps, now: UnixSecs, retention: &Retention) -> Vec<Segment> {
    let minutes = minutes_from(now, retention);
    let whole = snap(steps.window(), now, retention);
    let inner = steps.bounds.get(1..steps.bounds.len().saturating_sub(1)).unwrap_or(&[]);
    let inner = inner.iter().map(|bound| if *bound < minutes { Tier::HalfHour.ceil(*bound) } else { *bound });
    let mut segments: Vec<Segment> = Vec::new();
    let mut from = whole.from;
    for to in inner.chain([whole.to]) {
        let at = segments.len();
        split(Tier::Day, from, to, &mut segments);
        from = from.max(to);
        join(&mut segments, at);
    }
    segments
}

/// The next finer tier of those `buckets` of the segments that have one.
pub(super) fn finer_buckets(segments: &[Segment], buckets: impl Iterator<Item = UnixSecs>) -> Vec<Segment> {
    let finer_of = |bucket: UnixSecs| {
        let secs = bucket_secs(segments, bucket);
        let tier = Tier::ALL.into_iter().find(|tier| tier.secs() == secs).and_then(finer)?;
        Some(Segment { tier, from: bucket, to: bucket + secs })
    };
    let buckets: BTreeSet<_> = buckets.collect();
    buckets.into_iter().filter_map(finer_of).collect()
}

/// The last bucket that has something, and how wide it is: the finer one where its rows are still there and tell more. Each comes with
/// the segments that it was found in.
pub(super) fn last_seen(
    (segments, last): (&[Segment], UnixSecs),
    (finer_segments, finer): (&[Segment], Option<UnixSecs>),
) -> (UnixSecs, i64) {
    match finer {
        Some(finer) if finer >= last => (finer, bucket_secs(finer_segments, finer)),
        _ => (last, bucket_secs(segments, last)),
    }
}

/// How wide the bucket is that begins at `bucket`.
fn bucket_secs(segments: &[Segment], bucket: UnixSecs) -> i64 {
    let holds = |segment: &&Segment| (segment.from..segment.to).contains(&bucket);
    segments.iter().find(holds).map_or(Tier::Minute, |segment| segment.tier).secs()
}

/// Cuts `[from, to)` into `tier`'s buckets in the middle and finer ones at the edges.
fn split(tier: Tier, from: UnixSecs, to: UnixSecs, segments: &mut Vec<Segment>) {
    if from >= to {
        return;
    }
    let Some(finer) = finer(tier) else {
        segments.push(Segment { tier, from, to });
        return;
    };
    let (middle_from, middle_to) = (tier.ceil(from), tier.floor(to));
    if middle_from >= middle_to {
        return split(finer, from, to, segments);
    }
    split(finer, from, middle_from, segments);
    segments.push(Segment { tier, from: middle_from, to: middle_to });
    split(finer, middle_to, to, segments);
}

fn finer(tier: Tier) -> Option<Tier> {
    match tier {
        Tier::Day => Some(Tier::HalfHour),
        Tier::HalfHour => Some(Tier::Minute),
        Tier::Minute => None,
    }
}

/// Joins the segment at `at` to the one before it, when they are of one tier.
fn join(segments: &mut Vec<Segment>, at: usize) {
    let Some(before) = at.checked_sub(1) else { return };
    let Some(next) = segments.get(at).copied() else { return };
    if segments[before].tier == next.tier {
        segments[before].to = next.to;
        segments.remove(at);
    }
}

#[cfg(test)]
mod tests;
