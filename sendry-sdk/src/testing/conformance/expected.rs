//! What a scenario expects, and how it is compared.

use super::{Framework, Seen, huge};
use crate::protocol::{Buckets, Outcomes, Scale, Sizes};
use crate::testing::Counted;

/// What is answered and what is counted.
#[derive(Debug, Clone)]
pub struct Expected {
    /// What the client sees.
    pub answer: Answer,
    /// The one row that is counted, if any. Its response is as long as what the client saw, unless it says otherwise.
    pub counted: Option<Row>,
}

impl Expected {
    pub(super) fn rows(&self, framework: Framework, seen: &Seen) -> Vec<Row> {
        let mut row = self.counted.clone();
        if let Some(row) = &mut row {
            row.path = framework.template(&row.path);
            if row.response_bytes == Some(Row::AS_SEEN) {
                row.response_bytes = Some(seen.body.len() as u64);
            }
        }
        row.into_iter().collect()
    }
}

impl Framework {
    /// A template of the table as this framework writes it. They differ in the tail of a path alone.
    fn template(self, portable: &str) -> String {
        match self {
            Self::Axum => portable.to_owned(),
            Self::Actix => portable.replace("{*rest}", "{rest:.*}"),
        }
    }
}

/// What a client sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A status with this body.
    Text(u16, &'static [u8]),
    /// A status; the text is the framework's own.
    Status(u16),
    /// 200 with the huge body.
    Huge,
    /// None.
    Nothing,
    /// What the server had sent when it broke off, which may be nothing.
    Cut,
}

impl Answer {
    pub(super) fn is(self, seen: &Seen) -> bool {
        match self {
            Self::Text(status, body) => seen.status == Some(status) && seen.body == body,
            Self::Status(status) => seen.status == Some(status),
            Self::Huge => seen.status == Some(200) && seen.body == huge(),
            Self::Nothing => seen.status.is_none(),
            Self::Cut => seen.status.is_none_or(|status| status == 200),
        }
    }
}

/// One request, as it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The method.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The status.
    pub status: u16,
    /// How it ended.
    pub ending: Ending,
    /// The size of the request's body, where it is known.
    pub request_bytes: Option<u64>,
    /// The size of the response's body, where it is known.
    pub response_bytes: Option<u64>,
    /// When the head was there, if ever.
    pub headers: Timed,
    /// When it ended, in milliseconds, if it has an end.
    pub duration_ms: Option<u64>,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// As it should.
    Complete,
    /// The client left.
    Aborted,
    /// The body failed.
    BodyError,
    /// The handler or the body panicked.
    Panic,
    /// The report tells of several ends, or more than one request.
    Several,
}

/// A moment, as precise as a histogram is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timed {
    /// There was none.
    Never,
    /// No time passed.
    AtOnce,
    /// The bucket of a duration.
    Bucket(i16),
}

impl Timed {
    /// The moment `ms` milliseconds after the start.
    pub fn after_ms(ms: u64) -> Self {
        if ms == 0 {
            return Self::AtOnce;
        }
        Self::Bucket(Scale::DURATION.index_of(ms as f64 / 1_000.0))
    }

    fn of(buckets: &Buckets) -> Self {
        match buckets.counts.first() {
            Some((index, _)) => Self::Bucket(*index),
            None if buckets.zero > 0 => Self::AtOnce,
            None => Self::Never,
        }
    }
}

impl Row {
    pub(super) const AS_SEEN: u64 = u64::MAX;

    /// What was counted.
    pub fn of(counted: &Counted) -> Self {
        let series = &counted.series;
        Self {
            method: counted.method.clone(),
            path: counted.path.clone(),
            status: series.status,
            ending: if series.count == 1 { Ending::of(series.outcomes) } else { Ending::Several },
            request_bytes: known(&series.request),
            response_bytes: known(&series.response),
            headers: Timed::of(series.header_buckets()),
            duration_ms: (!series.durations.is_empty()).then_some(series.durations.sum_us / 1_000),
        }
    }
}

fn known(sizes: &Sizes) -> Option<u64> {
    (!sizes.is_empty()).then_some(sizes.sum)
}

impl Ending {
    fn of(outcomes: Outcomes) -> Self {
        match (outcomes.aborted, outcomes.body_error, outcomes.panic) {
            (0, 0, 0) => Self::Complete,
            (1, 0, 0) => Self::Aborted,
            (0, 1, 0) => Self::BodyError,
            (0, 0, 1) => Self::Panic,
            _ => Self::Several,
        }
    }
}
