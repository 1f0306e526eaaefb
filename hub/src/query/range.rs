//! From the parameters of a request to a window of time that can be answered exactly.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::answer::{Range, RangeParams, TierName};
use crate::clock::UnixSecs;
use crate::http::problem::Problem;
use crate::store::traffic::plan::{Segment, plan, snap};
use crate::store::traffic::{Retention, Tier, Window};

/// The range of a request that names none.
const DEFAULT_SECS: i64 = 24 * 3_600;
/// The longest range: thirteen months and a little.
const RANGE_SECS_MAX: i64 = 400 * 86_400;
/// The last moment that is taken for a time: the end of the year 9999.
const TIME_MAX: UnixSecs = 253_402_300_799;

/// A window of time, snapped to what is stored, and the time zone of its steps.
#[derive(Debug, Clone)]
pub(super) struct TimeRange {
    pub(super) window: Window,
    pub(super) tz: TimeZone,
    /// What was asked for, before it was snapped.
    pub(super) asked: Window,
    tz_name: String,
    now: UnixSecs,
    retention: Retention,
}

impl TimeRange {
    /// Reads the parameters.
    pub(super) fn parse(params: &RangeParams, now: UnixSecs, retention: Retention) -> Result<Self, Problem> {
        let to = params.to.as_deref().map(|text| parse_time("to", text)).transpose()?.unwrap_or(now);
        let from = params.from.as_deref().map(|text| parse_time("from", text)).transpose()?;
        let from = from.unwrap_or(to - DEFAULT_SECS);
        if from >= to {
            let detail = format!("`from` ({from}) must be before `to` ({to}).");
            return Err(Problem::bad_request("bad_range", detail));
        }
        if to - from > RANGE_SECS_MAX {
            return Err(Problem::bad_request("range_too_long", "A range is at most 400 days long."));
        }
        let tz_name = params.tz.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| "UTC".to_owned());
        let tz = TimeZone::get(&tz_name).map_err(|_| {
            Problem::bad_request(
                "bad_time_zone",
                format!("{tz_name:?} is no IANA time zone, such as Europe/Berlin."),
            )
        })?;
        let asked = Window { from, to };
        Ok(Self { window: snap(asked, now, &retention), tz, asked, tz_name, now, retention })
    }

    /// How many seconds were asked for.
    pub(super) fn asked_secs(&self) -> i64 {
        self.asked.to - self.asked.from
    }

    /// What the answer says about single requests, of which every second can be asked for.
    pub(super) fn describe_requests(&self, step_secs: Option<i64>) -> Range {
        let Window { from, to } = self.asked;
        Range { from, to, step_secs, tier: TierName::Request, tz: self.tz_name.clone() }
    }

    /// The minutes before this are deleted, or will be soon.
    pub(super) fn minutes_from(&self) -> UnixSecs {
        crate::store::traffic::plan::minutes_from(self.now, &self.retention)
    }

    /// What the answer says about an answer without steps.
    pub(super) fn describe(&self) -> Range {
        self.describe_segments(None, &plan(self.window, self.now, &self.retention))
    }

    /// What the answer says about an answer with steps.
    pub(super) fn describe_steps(&self, steps: &super::steps::ChosenSteps) -> Range {
        let segments = crate::store::traffic::plan::plan_steps(&steps.steps, self.now, &self.retention);
        self.describe_segments(Some(steps.secs), &segments)
    }

    fn describe_segments(&self, step_secs: Option<i64>, segments: &[Segment]) -> Range {
        let finest = segments.iter().map(|segment| segment.tier).min().unwrap_or(Tier::Minute);
        let Window { from, to } = self.window;
        Range { from, to, step_secs, tier: TierName::from(finest), tz: self.tz_name.clone() }
    }
}

impl From<Tier> for TierName {
    fn from(tier: Tier) -> Self {
        match tier {
            Tier::Minute => Self::Minute,
            Tier::HalfHour => Self::HalfHour,
            Tier::Day => Self::Day,
        }
    }
}

/// Reads Unix seconds or RFC 3339. A `+` that arrived as a space (it was not escaped) is taken for what was meant.
fn parse_time(name: &str, text: &str) -> Result<UnixSecs, Problem> {
    let secs = text.parse::<i64>().ok().or_else(|| {
        let text = if text.contains('T') { text.replace(' ', "+") } else { text.to_owned() };
        text.parse::<Timestamp>().ok().map(Timestamp::as_second)
    });
    secs.filter(|secs| (0..=TIME_MAX).contains(secs)).ok_or_else(|| {
        let detail = format!("`{name}` is {text:?}; give RFC 3339 (2026-01-31T12:00:00Z) or Unix seconds.");
        Problem::bad_request("bad_time", detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSecs = 1_800_000_000;

    fn params(from: &str, to: &str, tz: &str) -> RangeParams {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        RangeParams { from: some(from), to: some(to), tz: some(tz) }
    }

    fn window(from: &str, to: &str) -> Result<(i64, i64), u16> {
        let range = TimeRange::parse(&params(from, to, ""), NOW, Retention::default());
        range.map(|range| (range.window.from, range.window.to)).map_err(|problem| problem.status)
    }

    #[test]
    fn times_are_rfc_3339_or_unix_seconds_and_snapped_outward_to_minutes() {
        assert_eq!(window("1799990010", "1799990101"), Ok((1_799_989_980, 1_799_990_160)));
        assert_eq!(window("2027-01-15T08:00:00Z", "2027-01-15T08:00:00.5+00:00"), Err(400));
        assert_eq!(
            window("2027-01-15T09:00:30+01:00", "2027-01-15T08:01:30Z"),
            Ok((1_800_000_000, 1_800_000_120))
        );
        assert_eq!(
            window("2027-01-15T09:00:30 01:00", "2027-01-15T08:01:30Z"),
            Ok((1_800_000_000, 1_800_000_120))
        );
    }

    #[test]
    fn without_a_range_it_is_the_last_day() {
        assert_eq!(window("", ""), Ok((NOW - 86_400, NOW)));
        assert_eq!(window("", "1799999940"), Ok((1_799_999_940 - 86_400, 1_799_999_940)));
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for (from, to) in
            [("5", "5"), ("9", "5"), ("yesterday", ""), ("", "-5"), ("1", "99999999999999"), ("1", "")]
        {
            assert_eq!(window(from, to), Err(400), "{from} {to}");
        }
        let unknown_zone = TimeRange::parse(&params("", "", "Mars/Olympus"), NOW, Retention::default());
        assert_eq!(unknown_zone.unwrap_err().kind, "bad_time_zone");
    }

    #[test]
    fn a_range_among_deleted_minutes_is_snapped_to_half_hours() {
        let old = (NOW - 40 * 86_400 + 65).to_string();
        let (from, _) = window(&old, &NOW.to_string()).unwrap();
        assert_eq!(from % 1_800, 0);
        let range = TimeRange::parse(&params(&old, "", ""), NOW, Retention::default()).unwrap();
        assert_eq!(range.describe().tier, TierName::HalfHour);
    }
}
