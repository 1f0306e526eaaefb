//! Where rows come from: one sub-select a tier, joined to one source that a question adds up.

use super::super::link::time;
use super::super::{of_scope, tier_id};
use crate::store::traffic::plan::Segment;
use crate::store::traffic::{Scope, Tier};

/// A family of tables: `*_minutes` and `*_coarse`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Family {
    Traffic,
    Events,
    Resources,
}

impl Family {
    fn name(self) -> &'static str {
        match self {
            Self::Traffic => "traffic",
            Self::Events => "events",
            Self::Resources => "resources",
        }
    }
}

/// The rows of `segments` with these columns and conditions, as a sub-select; none when there are no segments.
pub(super) fn source(
    family: Family,
    scope: &Scope,
    segments: &[Segment],
    (columns, conditions): (&str, &[String]),
) -> Option<String> {
    let family = family.name();
    let scope = of_scope(scope);
    let mut conditions = conditions.join(" AND ");
    if !conditions.is_empty() {
        conditions.insert_str(0, " AND ");
    }
    let parts = Tier::ALL.into_iter().filter_map(|tier| {
        let spans = spans(segments, tier)?;
        Some(match tier {
            Tier::Minute => {
                format!("SELECT {columns} FROM {family}_minutes FINAL WHERE {scope}{conditions} AND {spans}")
            }
            Tier::HalfHour | Tier::Day => {
                let tier = tier_id(tier);
                format!(
                    "SELECT {columns} FROM {family}_coarse WHERE {scope} AND tier = {tier}{conditions} AND {spans} \
                     AND (bucket, run) IN (SELECT bucket, argMax(run, (n, run)) FROM rollups \
                     WHERE {scope} AND tier = {tier} AND {spans} GROUP BY bucket)"
                )
            }
        })
    });
    let parts: Vec<_> = parts.collect();
    if parts.is_empty() { None } else { Some(format!("({})", parts.join(" UNION ALL "))) }
}

/// The condition that a bucket lies in one of the segments of `tier`; none when there are none.
fn spans(segments: &[Segment], tier: Tier) -> Option<String> {
    let of_tier = segments.iter().filter(|segment| segment.tier == tier);
    let spans = of_tier.map(|span| format!("(bucket >= {} AND bucket < {})", time(span.from), time(span.to)));
    let spans: Vec<_> = spans.collect();
    if spans.is_empty() { None } else { Some(format!("({})", spans.join(" OR "))) }
}
