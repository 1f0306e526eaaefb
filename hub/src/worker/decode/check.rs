//! Checks a parsed report against the protocol's limits: bad entries go, long texts are cut, and what was done is counted.

use sendry_sdk::protocol::limits::{
    BACKTRACE_BYTES_MAX, CONSUMER_ROWS_PER_MINUTE_MAX, COUNT_MAX, MESSAGE_CHARS_MAX, MINUTES_AHEAD_MAX,
    MINUTES_LATE_MAX, PATH_BYTES_MAX, ROUTE_SERIES_PER_MINUTE_MAX, SERVER_ERRORS_MAX, TEXT_BYTES_MAX,
    VALIDATION_ERRORS_MAX,
};
use sendry_sdk::protocol::{
    Buckets, Consumer, ConsumerSeries, Durations, Loss, LossReason, Minute, Report, Resources, Route,
    RouteSeries, Sizes, Startup,
};

use crate::clock::UnixMillis;

/// The largest index of a bucket: 2^64 seconds at the scale of durations. What is beyond is no measurement.
const BUCKET_INDEX_MAX: u16 = 1_024;

/// The largest sum of microseconds or bytes in one entry: 300 years, 10 petabytes.
const SUM_MAX: u64 = 10_000_000_000_000_000;

/// The lists of a minute may be this many times as long as an SDK keeps them by default, where it was configured so.
const LIST_SLACK: usize = 4;

/// What was found wrong.
#[derive(Debug, Default)]
pub(super) struct Findings {
    rejected: u64,
    out_of_window: u64,
    cut: u64,
}

impl Findings {
    pub(super) fn reject(&mut self, entries: usize) {
        self.rejected += entries as u64;
    }

    /// Whether the report had traffic, and the window left none of it.
    pub(super) fn nothing_in_window(&self, report: &Report) -> bool {
        self.is_out_of_window() && report.minutes.is_empty()
    }

    pub(super) fn is_out_of_window(&self) -> bool {
        self.out_of_window > 0
    }

    /// The same as losses, to be stored with the report.
    pub(super) fn losses(&self) -> Vec<Loss> {
        self.losses_of("entries")
    }

    /// The same as losses of `entries`.
    pub(super) fn losses_of(&self, entries: &str) -> Vec<Loss> {
        let found = [
            (LossReason::RejectedByHub, self.rejected, entries),
            (LossReason::RejectedByHub, self.out_of_window, "clock"),
            (LossReason::TextCut, self.cut, "hub"),
        ];
        let losses = found.into_iter().filter(|(_, count, _)| *count > 0);
        losses
            .map(|(reason, count, detail)| Loss { reason, count, detail: Some(detail.to_owned()) })
            .collect()
    }

    /// Keeps the entries that are `good`.
    fn keep<T>(&mut self, entries: &mut Vec<T>, good: impl Fn(&T) -> bool) {
        let before = entries.len();
        entries.retain(good);
        self.reject(before - entries.len());
    }

    /// Keeps the entries whose time is accepted.
    pub(super) fn keep_in_window<T>(&mut self, entries: &mut Vec<T>, holds: impl Fn(&T) -> bool) {
        let before = entries.len();
        entries.retain(holds);
        self.out_of_window += (before - entries.len()) as u64;
    }

    fn keep_at_most<T>(&mut self, entries: &mut Vec<T>, max: usize) {
        self.reject(entries.len().saturating_sub(max));
        entries.truncate(max);
    }

    /// Cuts `text` to `max` bytes, at a character's boundary.
    pub(super) fn cut(&mut self, text: &mut String, max: usize) {
        if text.len() > max {
            text.truncate(text.floor_char_boundary(max));
            self.cut += 1;
        }
    }

    pub(super) fn cut_some(&mut self, text: &mut Option<String>, max: usize) {
        if let Some(text) = text {
            self.cut(text, max);
        }
    }

    pub(super) fn cut_chars(&mut self, text: &mut String, max: usize) {
        // As many bytes as characters at the least: only a longer text can hold too many.
        if text.len() > max
            && let Some((at, _)) = text.char_indices().nth(max)
        {
            text.truncate(at);
            self.cut += 1;
        }
    }
}

/// Checks a report that was accepted at `accepted_at`.
pub(super) fn report(report: &mut Report, accepted_at: UnixMillis, findings: &mut Findings) {
    findings.cut_some(&mut report.app_version, TEXT_BYTES_MAX);
    report.routes.iter_mut().for_each(|route| cut_route(route, findings));
    report.consumers.iter_mut().for_each(|consumer| cut_consumer(consumer, findings));
    let window = Window::around(accepted_at);
    keep_in_window(report, window, findings);
    let known = Known { routes: report.routes.len(), consumers: report.consumers.len() };
    for minute in &mut report.minutes {
        check_minute(minute, known, findings);
    }
    check_lists(report, window, known, findings);
    take_out_bad_names(report, findings);
}

/// Cuts a startup's texts.
pub(super) fn startup(startup: &mut Startup) {
    let mut findings = Findings::default();
    startup.routes.iter_mut().for_each(|route| cut_route(route, &mut findings));
    startup.routes.retain(|route| !is_bad_route(route));
    findings.cut_some(&mut startup.app_version, TEXT_BYTES_MAX);
    findings.cut_some(&mut startup.host, TEXT_BYTES_MAX);
    for text in [&mut startup.sdk.name, &mut startup.sdk.version] {
        findings.cut(text, TEXT_BYTES_MAX);
    }
    if let Some(framework) = &mut startup.framework {
        findings.cut(&mut framework.name, TEXT_BYTES_MAX);
        findings.cut_some(&mut framework.version, TEXT_BYTES_MAX);
    }
}

/// How many names entries may refer to.
#[derive(Clone, Copy)]
struct Known {
    routes: usize,
    consumers: usize,
}

/// The minutes that are accepted, both ends included.
#[derive(Clone, Copy)]
pub(super) struct Window {
    from: i64,
    to: i64,
}

impl Window {
    pub(super) fn around(accepted_at: UnixMillis) -> Self {
        let minute = accepted_at.div_euclid(60_000);
        Self { from: minute.saturating_sub(MINUTES_LATE_MAX), to: minute.saturating_add(MINUTES_AHEAD_MAX) }
    }

    pub(super) fn holds(self, minute: i64) -> bool {
        (self.from..=self.to).contains(&minute)
    }
}

/// Drops the minutes outside the window, counted by their series.
fn keep_in_window(report: &mut Report, window: Window, findings: &mut Findings) {
    report.minutes.retain(|minute| {
        let holds = window.holds(minute.minute);
        if !holds {
            findings.out_of_window += (minute.routes.len() + minute.consumers.len()).max(1) as u64;
        }
        holds
    });
}

fn check_minute(minute: &mut Minute, known: Known, findings: &mut Findings) {
    findings.keep(&mut minute.routes, |series| is_good_series(series, known));
    findings.keep(&mut minute.consumers, |series| is_good_consumer_series(series, known));
    findings.keep_at_most(&mut minute.routes, ROUTE_SERIES_PER_MINUTE_MAX * LIST_SLACK);
    findings.keep_at_most(&mut minute.consumers, CONSUMER_ROWS_PER_MINUTE_MAX * LIST_SLACK);
}

fn check_lists(report: &mut Report, window: Window, known: Known, findings: &mut Findings) {
    findings.keep(&mut report.validation_errors, |error| {
        window.holds(error.minute)
            && known.holds(error.route, error.consumer)
            && is_good(error.status, error.count)
    });
    findings.keep(&mut report.server_errors, |error| {
        window.holds(error.minute)
            && known.holds(error.route, error.consumer)
            && is_good(error.status, error.count)
    });
    findings.keep(&mut report.resources, |sample| window.holds(sample.minute) && is_good_sample(sample));
    findings.keep(&mut report.losses, |loss| (1..=COUNT_MAX).contains(&loss.count));
    findings.keep_at_most(&mut report.validation_errors, VALIDATION_ERRORS_MAX);
    findings.keep_at_most(&mut report.server_errors, SERVER_ERRORS_MAX);
    for error in &mut report.validation_errors {
        findings.cut(&mut error.location, TEXT_BYTES_MAX);
        findings.cut(&mut error.field, PATH_BYTES_MAX);
        findings.cut(&mut error.code, TEXT_BYTES_MAX);
        findings.cut_chars(&mut error.message, MESSAGE_CHARS_MAX);
    }
    for error in &mut report.server_errors {
        findings.cut(&mut error.kind, PATH_BYTES_MAX);
        findings.cut_some(&mut error.location, PATH_BYTES_MAX);
        findings.cut_some(&mut error.backtrace, BACKTRACE_BYTES_MAX);
        findings.cut_chars(&mut error.message, MESSAGE_CHARS_MAX);
    }
    for loss in &mut report.losses {
        findings.cut_some(&mut loss.detail, PATH_BYTES_MAX);
    }
}

impl Known {
    fn holds(self, route: u32, consumer: Option<u32>) -> bool {
        (route as usize) < self.routes && consumer.is_none_or(|consumer| (consumer as usize) < self.consumers)
    }
}

fn is_good(status: u16, count: u64) -> bool {
    (100..=999).contains(&status) && (1..=COUNT_MAX).contains(&count)
}

fn is_good_series(series: &RouteSeries, known: Known) -> bool {
    let count = series.count;
    let outcomes = &series.outcomes;
    known.holds(series.route, None)
        && is_good(series.status, count)
        && [outcomes.aborted, outcomes.body_error, outcomes.panic].iter().all(|some| *some <= count)
        && are_good_durations(&series.durations, count)
        && series.headers.as_ref().is_none_or(|headers| are_good_buckets(headers, count))
        && are_good_sizes(&series.request, count)
        && are_good_sizes(&series.response, count)
}

fn is_good_consumer_series(series: &ConsumerSeries, known: Known) -> bool {
    known.holds(series.route, Some(series.consumer))
        && is_good(series.status, series.count)
        && are_good_durations(&series.durations, series.count)
        && series.request_bytes <= SUM_MAX
        && series.response_bytes <= SUM_MAX
}

fn are_good_durations(durations: &Durations, count: u64) -> bool {
    durations.sum_us <= SUM_MAX && durations.max_us <= SUM_MAX && are_good_buckets(&durations.buckets, count)
}

fn are_good_sizes(sizes: &Sizes, count: u64) -> bool {
    sizes.sum <= SUM_MAX && are_good_buckets(&sizes.buckets, count)
}

/// Not more values than requests, and none beyond measure. Indexes rise, so the ends are enough.
fn are_good_buckets(buckets: &Buckets, count: u64) -> bool {
    let ends = [buckets.counts.first(), buckets.counts.last()];
    buckets.count() <= count
        && ends.iter().flatten().all(|(index, _)| index.unsigned_abs() <= BUCKET_INDEX_MAX)
}

fn is_good_sample(sample: &Resources) -> bool {
    let is_good = |value: Option<f64>| value.is_none_or(|value| value.is_finite() && value >= 0.0);
    is_good(sample.cpu) && is_good(sample.runtime_busy)
}

fn cut_route(route: &mut Route, findings: &mut Findings) {
    findings.cut(&mut route.method, TEXT_BYTES_MAX);
    findings.cut(&mut route.path, PATH_BYTES_MAX);
}

pub(super) fn cut_consumer(consumer: &mut Consumer, findings: &mut Findings) {
    findings.cut(&mut consumer.identifier, TEXT_BYTES_MAX);
    findings.cut_some(&mut consumer.name, TEXT_BYTES_MAX);
    findings.cut_some(&mut consumer.group, TEXT_BYTES_MAX);
}

fn is_bad_route(route: &Route) -> bool {
    route.method.is_empty() || route.path.is_empty()
}

fn is_bad_consumer(consumer: &Consumer) -> bool {
    consumer.identifier.is_empty()
}

/// Takes routes and consumers without a name out, with every entry that refers to them; the others are numbered anew.
fn take_out_bad_names(report: &mut Report, findings: &mut Findings) {
    if !report.routes.iter().any(is_bad_route) && !report.consumers.iter().any(is_bad_consumer) {
        return;
    }
    let routes = renumber(&mut report.routes, is_bad_route, findings);
    let consumers = renumber(&mut report.consumers, is_bad_consumer, findings);
    for minute in &mut report.minutes {
        findings.move_or_reject(&mut minute.routes, |series| series.route.renumber(&routes));
        findings.move_or_reject(&mut minute.consumers, |series| {
            series.route.renumber(&routes) && series.consumer.renumber(&consumers)
        });
    }
    findings.move_or_reject(&mut report.validation_errors, |error| {
        error.route.renumber(&routes) && error.consumer.renumber(&consumers)
    });
    findings.move_or_reject(&mut report.server_errors, |error| {
        error.route.renumber(&routes) && error.consumer.renumber(&consumers)
    });
}

/// Takes the bad ones out; the new place of each old one.
fn renumber<T>(names: &mut Vec<T>, is_bad: fn(&T) -> bool, findings: &mut Findings) -> Vec<Option<u32>> {
    let mut next = 0;
    let place = |name: &T| {
        let place = (!is_bad(name)).then_some(next);
        next += u32::from(place.is_some());
        place
    };
    let places = names.iter().map(place).collect();
    findings.keep(names, |name| !is_bad(name));
    places
}

impl Findings {
    fn move_or_reject<T>(&mut self, entries: &mut Vec<T>, moves: impl Fn(&mut T) -> bool) {
        let before = entries.len();
        entries.retain_mut(moves);
        self.reject(before - entries.len());
    }
}

/// An index that can be moved to a new place.
trait Renumber {
    /// False when the old place is not there any more.
    fn renumber(&mut self, places: &[Option<u32>]) -> bool;
}

impl Renumber for u32 {
    fn renumber(&mut self, places: &[Option<u32>]) -> bool {
        match places.get(*self as usize).copied().flatten() {
            Some(place) => {
                *self = place;
                true
            }
            None => false,
        }
    }
}

impl Renumber for Option<u32> {
    fn renumber(&mut self, places: &[Option<u32>]) -> bool {
        self.as_mut().is_none_or(|index| index.renumber(places))
    }
}
