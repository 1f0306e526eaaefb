use super::*;
use crate::query::answer::RangeParams;
use crate::store::traffic::Retention;

const BERLIN: &str = "Europe/Berlin";

fn range(from: &str, to: &str, tz: &str) -> TimeRange {
    let params = RangeParams { from: Some(from.into()), to: Some(to.into()), tz: Some(tz.into()) };
    let now = to.parse::<Timestamp>().map_or_else(|_| to.parse().unwrap(), Timestamp::as_second);
    TimeRange::parse(&params, now, Retention::default()).unwrap()
}

fn widths(chosen: &ChosenSteps) -> Vec<i64> {
    chosen.steps.bounds.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn the_step_follows_from_the_range_and_there_are_never_too_many() {
    let end = 1_800_000_000i64;
    for (span, step) in [
        (600, 60),
        (HOUR, 60),
        (3 * HOUR, 60),
        (6 * HOUR, 120),
        (DAY, 300),
        (3 * DAY, 900),
        (7 * DAY, 1_800),
        (30 * DAY, 7_200),
        (90 * DAY, 21_600),
        (400 * DAY, DAY),
    ] {
        let range = range(&(end - span).to_string(), &end.to_string(), "UTC");
        let chosen = choose(&range, None).unwrap();
        assert_eq!(chosen.secs, step, "{span}");
        assert!(chosen.steps.bounds.len() <= 403, "{span}");
        let asked = choose(&range, Some("60")).unwrap();
        assert!(asked.steps.bounds.len() <= 803, "{span}: {}", asked.steps.bounds.len());
    }
}

#[test]
fn steps_add_up_to_the_range() {
    let chosen = choose(&range("1799990040", "1799997360", "UTC"), Some("900")).unwrap();
    assert_eq!(chosen.steps.bounds.first(), Some(&1_799_990_040));
    assert_eq!(chosen.steps.bounds.last(), Some(&1_799_997_360));
    assert!(chosen.steps.bounds[1..9].iter().all(|bound| bound % 900 == 0));
    assert!(widths(&chosen).iter().all(|width| (1..=900).contains(width)));
}

#[test]
fn days_are_local_days_and_differ_where_clocks_change() {
    let spring = range("2026-03-28T00:00:00+01:00", "2026-03-31T00:00:00+02:00", BERLIN);
    assert_eq!(widths(&choose(&spring, Some("86400")).unwrap()), [24 * HOUR, 23 * HOUR, 24 * HOUR]);
    let autumn = range("2026-10-24T00:00:00+02:00", "2026-10-27T00:00:00+01:00", BERLIN);
    assert_eq!(widths(&choose(&autumn, Some("86400")).unwrap()), [24 * HOUR, 25 * HOUR, 24 * HOUR]);
}

#[test]
fn steps_of_hours_lie_on_the_local_clock_on_both_sides_of_a_change() {
    let spring = range("2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", BERLIN);
    let six = choose(&spring, Some("21600")).unwrap();
    assert_eq!(widths(&six), [5 * HOUR, 6 * HOUR, 6 * HOUR, 6 * HOUR]);
    let autumn = range("2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", BERLIN);
    let six = choose(&autumn, Some("21600")).unwrap();
    assert_eq!(widths(&six), [7 * HOUR, 6 * HOUR, 6 * HOUR, 6 * HOUR]);
    let hours = choose(&autumn, Some("3600")).unwrap();
    assert_eq!(widths(&hours), vec![HOUR; 25]);
    let hours = choose(&spring, Some("3600")).unwrap();
    assert_eq!(widths(&hours), vec![HOUR; 23]);
}

#[test]
fn zones_off_the_hour_have_their_own_hours() {
    let nepal = range("2026-05-05T00:00:00+05:45", "2026-05-07T00:00:00+05:45", "Asia/Kathmandu");
    let chosen = choose(&nepal, Some("7200")).unwrap();
    assert_eq!(widths(&chosen), vec![2 * HOUR; 24]);
}

#[test]
fn where_minutes_are_deleted_a_step_is_half_an_hour_or_more() {
    let end = 1_800_000_000i64;
    let params = RangeParams {
        from: Some((end - 50 * DAY).to_string()),
        to: Some((end - 50 * DAY + HOUR).to_string()),
        tz: None,
    };
    let old = TimeRange::parse(&params, end, Retention::default()).unwrap();
    assert_eq!(choose(&old, Some("60")).unwrap().secs, 1_800);
}

#[test]
fn a_step_that_is_none_is_refused() {
    let range = range("1799990000", "1799997200", "UTC");
    for step in ["0", "59", "86401", "x", "-60"] {
        assert_eq!(choose(&range, Some(step)).unwrap_err().kind, "bad_step", "{step}");
    }
    assert_eq!(choose(&range, Some("61")).unwrap().secs, 120);
}

#[test]
fn a_sparkline_has_about_as_many_steps_as_were_asked_for() {
    for span in [HOUR, DAY, 7 * DAY, 32 * DAY, 90 * DAY] {
        let range = range(&(1_800_000_000 - span).to_string(), "1800000000", "UTC");
        let count = widths(&choose_about(&range, 48)).len();
        assert!((24..=100).contains(&count), "{span}: {count}");
    }
}
