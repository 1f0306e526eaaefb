use proptest::prelude::*;

use super::*;

const DAY: i64 = 86_400;
const NOW: i64 = 20_000 * DAY + 12 * 3_600 + 17 * 60;

fn keep() -> Retention {
    Retention::default()
}

#[test]
fn a_day_on_its_boundaries_is_one_segment() {
    let window = Window { from: 19_999 * DAY, to: 20_000 * DAY };
    assert_eq!(plan(window, NOW, &keep()), [Segment { tier: Tier::Day, from: window.from, to: window.to }]);
}

#[test]
fn edges_are_taken_from_finer_tiers() {
    let window = Window { from: NOW - 3 * DAY, to: NOW };
    let tiers: Vec<_> = plan(window, NOW, &keep()).iter().map(|segment| segment.tier).collect();
    assert_eq!(tiers, [Tier::Minute, Tier::HalfHour, Tier::Day, Tier::HalfHour, Tier::Minute]);
}

#[test]
fn an_empty_window_needs_nothing() {
    assert_eq!(plan(Window { from: NOW, to: NOW - 60 }, NOW, &keep()), []);
    assert_eq!(plan_steps(&Steps { bounds: vec![] }, NOW, &keep()), []);
}

#[test]
fn among_deleted_minutes_a_window_widens_to_half_hours() {
    let from = NOW - 40 * DAY;
    let snapped = snap(Window { from, to: from + 60 }, NOW, &keep());
    assert_eq!(snapped, Window { from: Tier::HalfHour.floor(from), to: Tier::HalfHour.ceil(from + 60) });
}

#[test]
fn steps_of_five_minutes_over_a_day_read_one_range_of_minutes() {
    let bounds = (0..=288).map(|step| NOW - DAY + step * 300).collect();
    let segments = plan_steps(&Steps { bounds }, NOW, &keep());
    assert_eq!(segments, [Segment { tier: Tier::Minute, from: NOW - DAY, to: NOW }]);
}

fn check(segments: &[Segment], whole: Window) -> Result<(), TestCaseError> {
    let mut at = whole.from;
    for segment in segments {
        prop_assert_eq!(segment.from, at);
        prop_assert!(segment.to > segment.from);
        prop_assert_eq!(segment.from.rem_euclid(segment.tier.secs()), 0);
        prop_assert_eq!(segment.to.rem_euclid(segment.tier.secs()), 0);
        at = segment.to;
    }
    prop_assert_eq!(at, whole.to);
    Ok(())
}

proptest! {
    #[test]
    fn segments_cover_exactly_the_snapped_window(ago in -3_600i64..40 * DAY, span in 0i64..40 * DAY, skew in 0i64..DAY) {
        let now = NOW + skew;
        let window = Window { from: now - ago, to: now - ago + span };
        let snapped = snap(window, now, &keep());
        prop_assert!(snapped.from <= window.from && window.to <= snapped.to);
        prop_assert_eq!(snap(snapped, now, &keep()), snapped);
        let segments = plan(window, now, &keep());
        check(&segments, snapped)?;
        let oldest = minutes_from(now, &keep());
        prop_assert!(segments.iter().all(|segment| segment.tier != Tier::Minute || segment.from >= oldest));
        prop_assert!(segments.len() <= 5);
    }

    #[test]
    fn segments_of_steps_cover_exactly_the_snapped_span_and_never_straddle_a_boundary(
        ago in 0i64..40 * DAY, widths in proptest::collection::vec(1i64..300, 1..40), skew in 0i64..DAY,
    ) {
        let now = NOW + skew;
        let mut bounds = vec![Tier::Minute.floor(now - ago)];
        for width in widths {
            bounds.push(bounds[bounds.len() - 1] + width * 60);
        }
        let steps = Steps { bounds };
        let segments = plan_steps(&steps, now, &keep());
        check(&segments, snap(steps.window(), now, &keep()))?;
        let oldest = minutes_from(now, &keep());
        for segment in segments.iter().filter(|segment| segment.from >= oldest) {
            for bound in steps.bounds.iter().filter(|bound| segment.from < **bound && **bound < segment.to) {
                prop_assert_eq!(bound.rem_euclid(segment.tier.secs()), 0);
            }
        }
    }
}
