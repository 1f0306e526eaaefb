//! How a range is cut into steps: never more of them than a chart has pixels.
//!
//! Steps below an hour lie on multiples of their width; those of an hour and more lie on the clock of the requested time zone,
//! so that a day is a local day. Where clocks change, a step is an hour longer or shorter. The first and the last step are cut
//! at the range's ends, so that the steps add up to the range.

use jiff::civil;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::range::TimeRange;
use crate::clock::UnixSecs;
use crate::http::problem::Problem;
use crate::store::traffic::{Steps, Tier, Window};

/// The widths that steps may have. Each divides a day, and each from half an hour on is made of half hours.
const WIDTHS: [i64; 12] = [60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400];

/// The widths below a minute, which single requests may be counted in.
const FINE_WIDTHS: [i64; 6] = [1, 2, 5, 10, 15, 30];

/// Steps of the timeline of request logs: its bars are wide enough to be hit.
const TIMELINE_STEPS_MAX: i64 = 120;

/// Steps of one answer.
const STEPS_MAX: i64 = 800;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// Ranges up to the first number of seconds get steps of the second, when nobody asks otherwise: 180 to 400 of them.
const DEFAULTS: [(i64, i64); 8] = [
    (3 * HOUR, 60),
    (6 * HOUR, 120),
    (DAY, 300),
    (3 * DAY, 900),
    (8 * DAY, 1_800),
    (32 * DAY, 7_200),
    (100 * DAY, 21_600),
    (i64::MAX, DAY),
];

/// Steps and their width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ChosenSteps {
    pub(super) secs: i64,
    pub(super) steps: Steps,
}

/// Cuts the range into steps of the width that was asked for, or of a fitting one.
pub(super) fn choose(range: &TimeRange, asked: Option<&str>) -> Result<ChosenSteps, Problem> {
    let asked = asked.map(parse_step).transpose()?;
    let wanted = asked.unwrap_or_else(|| default_width(range.asked_secs()));
    Ok(cut(range, width(wanted, range)))
}

/// Cuts the range into about `count` steps, for a sparkline.
pub(super) fn choose_about(range: &TimeRange, count: i64) -> ChosenSteps {
    cut(range, width(range.asked_secs() / count, range))
}

/// Cuts exactly what was asked for into the bars of a timeline, down to a second.
pub(super) fn choose_for_timeline(range: &TimeRange) -> ChosenSteps {
    let mut widths = FINE_WIDTHS.into_iter().chain(WIDTHS);
    let secs = widths.find(|width| range.asked_secs() / width < TIMELINE_STEPS_MAX).unwrap_or(DAY);
    cut_window(range.asked, secs, &range.tz)
}

fn parse_step(text: &str) -> Result<i64, Problem> {
    let step = text.parse().ok().filter(|step| (60..=DAY).contains(step));
    step.ok_or_else(|| {
        Problem::bad_request("bad_step", format!("`step` is {text:?}; give whole seconds from 60 to 86400."))
    })
}

fn default_width(span: i64) -> i64 {
    DEFAULTS.iter().find(|(longest, _)| span <= *longest).map_or(DAY, |(_, step)| *step)
}

/// The narrowest width that is not below `wanted`, leaves few enough steps and is stored.
fn width(wanted: i64, range: &TimeRange) -> i64 {
    let has_minutes = range.window.from >= range.minutes_from();
    let narrowest = if has_minutes { 60 } else { Tier::HalfHour.secs() };
    let fits = |width: &i64| *width >= wanted.max(narrowest) && range.asked_secs() / width < STEPS_MAX;
    WIDTHS.into_iter().find(fits).unwrap_or(DAY)
}

fn cut(range: &TimeRange, secs: i64) -> ChosenSteps {
    cut_window(range.window, secs, &range.tz)
}

fn cut_window(window: Window, secs: i64, tz: &TimeZone) -> ChosenSteps {
    let mut bounds = vec![window.from];
    match secs {
        ..HOUR => bounds.extend(multiples(window, secs)),
        _ => bounds.extend(on_the_clock(window, secs, tz)),
    }
    bounds.push(window.to);
    ChosenSteps { secs, steps: Steps { bounds } }
}

/// Multiples of `secs` within the window, its ends excluded.
fn multiples(window: Window, secs: i64) -> impl Iterator<Item = UnixSecs> {
    let first = window.from - window.from.rem_euclid(secs) + secs;
    std::iter::successors(Some(first), move |bound| Some(bound + secs))
        .take_while(move |bound| *bound < window.to)
}

/// Times within the window, its ends excluded, at which the local clock shows a multiple of `secs` since midnight.
///
/// Hours are counted as they pass, so that none is twice as long when a clock is set back.
fn on_the_clock(window: Window, secs: i64, tz: &TimeZone) -> Vec<UnixSecs> {
    let mut bounds = Vec::new();
    let Some(mut day) = local_day(window.from, tz) else { return bounds };
    while let Some(midnight) = unix(day.at(0, 0, 0, 0), tz).filter(|midnight| *midnight < window.to) {
        let Ok(tomorrow) = day.checked_add(1.day()) else { break };
        let next_midnight = unix(tomorrow.at(0, 0, 0, 0), tz).unwrap_or(UnixSecs::MAX);
        let of_day = (0..DAY / secs + 2).filter_map(|at| match secs {
            HOUR => Some(midnight + at * HOUR),
            _ => unix(day.at(i8::try_from(at * secs / HOUR).ok().filter(|hour| *hour < 24)?, 0, 0, 0), tz),
        });
        bounds.extend(of_day.filter(|bound| *bound < next_midnight));
        day = tomorrow;
    }
    bounds.retain(|bound| *bound > window.from && *bound < window.to);
    bounds.sort_unstable();
    bounds.dedup();
    bounds
}

fn local_day(time: UnixSecs, tz: &TimeZone) -> Option<civil::Date> {
    Some(tz.to_datetime(Timestamp::from_second(time).ok()?).date())
}

/// The moment at which the local clock shows `time`: the earlier of two, the one after a gap.
fn unix(time: civil::DateTime, tz: &TimeZone) -> Option<UnixSecs> {
    Some(tz.to_ambiguous_timestamp(time).compatible().ok()?.as_second())
}

#[cfg(test)]
mod tests;
