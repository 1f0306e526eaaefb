//! The read side: called by query alone. It answers with sums and merged histograms, never with quantiles.

use async_trait::async_trait;
use sendry_sdk::protocol::{Histogram, Scale};
use uuid::Uuid;

use super::{
    ConsumerHash, ConsumerStep, ConsumerTotals, ErrorCounts, ErrorGroupDetail, IngestGap, RequestLogReader,
    ResourceBucket, RouteStatus, ServerErrorRow, StatusStep, StatusTotals, Tier, ValidationErrorRow,
};
use crate::clock::{UnixMillis, UnixSecs};
use crate::queue::AppId;
use crate::store::{StoreError, TableSize};

/// Answers questions about traffic.
#[async_trait]
pub trait TrafficReader: RequestLogReader {
    /// Totals with histograms per route over the window. Routes never called are included, with zeros.
    async fn endpoints(
        &self,
        scope: &Scope,
        window: Window,
        filter: &Filter,
    ) -> Result<Vec<EndpointTotals>, StoreError>;
    /// Counts by status for each step; steps without requests are left out.
    async fn traffic(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
    ) -> Result<Vec<TrafficBucket>, StoreError>;
    /// Duration histograms for each step; steps without requests are left out.
    async fn latency(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
    ) -> Result<Vec<LatencyBucket>, StoreError>;
    /// What each of the `wanted` statuses has in each step, in the order of time, route and status; what has none is left out.
    async fn status_steps(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
        wanted: &[RouteStatus],
    ) -> Result<Vec<StatusStep>, StoreError>;
    /// How often each route answered each status that the filter covers, and whom, by route and status. `folded` is the consumer
    /// that stands for those that were one too many.
    async fn statuses(
        &self,
        scope: &Scope,
        window: Window,
        filter: &Filter,
        folded: ConsumerHash,
    ) -> Result<Vec<StatusTotals>, StoreError>;
    /// The instances that reported within the window.
    async fn instances(&self, scope: &Scope, window: Window) -> Result<Vec<InstanceRow>, StoreError>;
    /// What was lost within the window, by reason.
    async fn losses(&self, scope: &Scope, window: Window) -> Result<Vec<LossRow>, StoreError>;
    /// Groups of failed validations, the most frequent first; their counts are those of the window.
    async fn validation_errors(
        &self,
        scope: &Scope,
        window: Window,
        filter: &Filter,
    ) -> Result<Vec<ValidationErrorRow>, StoreError>;
    /// Groups of server errors, the most frequent first; their counts are those of the window.
    async fn server_errors(
        &self,
        scope: &Scope,
        window: Window,
        filter: &Filter,
    ) -> Result<Vec<ServerErrorRow>, StoreError>;
    /// How many groups of errors occurred within the window, by class, route and status, in that order.
    async fn error_counts(&self, scope: &Scope, window: Window) -> Result<Vec<ErrorCounts>, StoreError>;
    /// One group of errors over time, and whom it hit; none when there is no such group.
    async fn error_group(
        &self,
        scope: &Scope,
        id: &str,
        steps: &Steps,
    ) -> Result<Option<ErrorGroupDetail>, StoreError>;
    /// Totals per consumer that called within the window, the most frequent first.
    async fn consumers(
        &self,
        scope: &Scope,
        window: Window,
        filter: &Filter,
    ) -> Result<Vec<ConsumerTotals>, StoreError>;
    /// How many consumers called in each step; steps without any are left out.
    async fn consumer_steps(
        &self,
        scope: &Scope,
        steps: &Steps,
        filter: &Filter,
    ) -> Result<Vec<ConsumerStep>, StoreError>;
    /// The minutes before this are deleted, whatever the retention is now; the beginning of time when none ever were.
    async fn minutes_deleted_before(&self) -> Result<UnixSecs, StoreError>;
    /// The instances' resources for each step; steps without samples are left out.
    async fn resources(&self, scope: &Scope, steps: &Steps) -> Result<Vec<ResourceBucket>, StoreError>;
    /// The ingest processes of which something that was accepted is not settled.
    async fn ingest_gaps(&self) -> Result<Vec<IngestGap>, StoreError>;
    /// How fresh the data of each environment of the app is.
    async fn freshness(&self, app_id: AppId) -> Result<Vec<Freshness>, StoreError>;
    /// How much room each table takes, where that costs little to know.
    async fn table_sizes(&self) -> Result<Vec<TableSize>, StoreError> {
        Ok(Vec::new())
    }
    /// Fails when nothing can be read now.
    async fn check(&self) -> Result<(), StoreError>;
}

/// Whose traffic.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    pub app_id: AppId,
    pub env: String,
}

/// A span of time: `from` included, `to` excluded, both on whole minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    pub from: UnixSecs,
    pub to: UnixSecs,
}

/// The boundaries of consecutive steps: step *i* is `[bounds[i], bounds[i + 1])`. They need not be of one width, because days
/// in a time zone are not.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Steps {
    pub bounds: Vec<UnixSecs>,
}

impl Steps {
    /// The whole span.
    pub fn window(&self) -> Window {
        Window {
            from: self.bounds.first().copied().unwrap_or(0),
            to: self.bounds.last().copied().unwrap_or(0),
        }
    }

    /// The start of the step that holds `time`.
    pub fn start_of(&self, time: UnixSecs) -> Option<UnixSecs> {
        let at = self.bounds.partition_point(|bound| *bound <= time);
        if at == 0 || at == self.bounds.len() { None } else { Some(self.bounds[at - 1]) }
    }

    /// The coarsest tier whose buckets never straddle an inner boundary. The span's own ends may lie inside a bucket: they are
    /// answered from finer tiers.
    pub fn tier(&self) -> Tier {
        let inner = self.bounds.get(1..self.bounds.len().saturating_sub(1)).unwrap_or(&[]);
        let fits = |tier: &Tier| inner.iter().all(|bound| bound.rem_euclid(tier.secs()) == 0);
        Tier::ALL.into_iter().rev().find(fits).unwrap_or(Tier::Minute)
    }
}

/// What to look at; everything when empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    pub method: Option<String>,
    /// A template, with `*` for any characters.
    pub path: Option<String>,
    /// Any of these; all when empty.
    pub status: Vec<StatusClass>,
    pub consumer: Option<ConsumerHash>,
    /// Leaves the histograms of headers and sizes empty, where nobody asks for them: they are more than half of the work.
    pub durations_only: bool,
}

impl Filter {
    /// The same, of durations alone.
    pub fn of_durations(&self) -> Self {
        Self { durations_only: true, ..self.clone() }
    }

    /// The scale of the duration histograms in the answer: consumers' durations are kept coarser than those of routes.
    pub fn duration_scale(&self) -> Scale {
        if self.consumer.is_some() { Scale::SIZE } else { Scale::DURATION }
    }

    /// Whether `route` is looked at.
    pub fn covers_route(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted == method)
            && self.path.as_deref().is_none_or(|pattern| matches_pattern(pattern, path))
    }

    /// Whether `status` is looked at.
    pub fn covers_status(&self, status: u16) -> bool {
        self.status.is_empty() || self.status.iter().any(|class| class.holds(status))
    }
}

/// Whether `text` is `pattern`, in which `*` stands for any characters. Cost: pattern × text at the worst, no recursion.
fn matches_pattern(pattern: &str, text: &str) -> bool {
    let pieces = pieces(pattern);
    let [head, middle @ .., tail] = pieces.as_slice() else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    for piece in middle {
        let Some(at) = text.find(piece) else { return false };
        text = &text[at + piece.len()..];
    }
    text.ends_with(tail)
}

/// What stands between the stars of a pattern. A star within braces is a part of a template, such as `/{*rest}`, and means itself:
/// who asks for that route gets no other.
fn pieces(pattern: &str) -> Vec<&str> {
    let mut braces = 0usize;
    let is_star = |c: char| {
        match c {
            '{' => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            _ => {}
        }
        c == '*' && braces == 0
    };
    pattern.split(is_star).collect()
}

/// One status or a class of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusClass {
    /// Exactly this one.
    Exact(u16),
    /// The hundred that begins with this digit.
    Class(u8),
}

impl StatusClass {
    /// The statuses meant, both ends included.
    pub fn bounds(self) -> (u16, u16) {
        match self {
            Self::Exact(status) => (status, status),
            Self::Class(digit) => (u16::from(digit) * 100, u16::from(digit) * 100 + 99),
        }
    }

    fn holds(self, status: u16) -> bool {
        let (low, high) = self.bounds();
        (low..=high).contains(&status)
    }
}

/// A method and a path template.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RouteKey {
    pub method: String,
    pub path: String,
}

/// Sums over requests, and their histograms.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Totals {
    pub requests: u64,
    /// Requests by status, in rising order.
    pub by_status: Vec<(u16, u64)>,
    pub aborted: u64,
    pub body_errors: u64,
    pub panics: u64,
    pub duration_sum_us: u64,
    pub duration_max_us: u64,
    /// Durations of all requests that have one, at [`Filter::duration_scale`].
    pub durations: Histogram,
    /// Durations of the requests that count for Apdex as they lasted: not 5xx, and not aborted by the client before there was a
    /// status (499). One that was aborted later, within a body, is in: reports count outcomes, but keep one histogram for all of them.
    pub apdex_durations: Histogram,
    /// Time to headers; empty under a filter for a consumer or of durations alone, as the sizes below are.
    pub headers: Histogram,
    pub request_bytes: u64,
    pub response_bytes: u64,
    /// At `Scale::SIZE`.
    pub request_sizes: Histogram,
    /// At `Scale::SIZE`.
    pub response_sizes: Histogram,
}

/// One row of the endpoint table.
#[derive(Debug, Clone, PartialEq)]
pub struct EndpointTotals {
    pub route: RouteKey,
    pub totals: Totals,
    /// How often validation failed.
    pub validation_errors: u64,
    /// When the route was first and last called, ever; none when it never was.
    pub first_seen_at: Option<UnixSecs>,
    pub last_seen_at: Option<UnixSecs>,
}

/// One step of the traffic chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrafficBucket {
    pub start: UnixSecs,
    /// Requests by status, in rising order.
    pub by_status: Vec<(u16, u64)>,
    pub request_bytes: u64,
    pub response_bytes: u64,
}

/// One step of the latency chart.
#[derive(Debug, Clone, PartialEq)]
pub struct LatencyBucket {
    pub start: UnixSecs,
    pub duration_sum_us: u64,
    pub duration_max_us: u64,
    pub durations: Histogram,
    pub headers: Histogram,
    /// As in [`Totals`].
    pub apdex_durations: Histogram,
    /// Requests answered with 5xx.
    pub server_errors: u64,
}

/// A process that reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceRow {
    pub instance_id: Uuid,
    pub app_version: Option<String>,
    pub sdk: Option<String>,
    pub framework: Option<String>,
    pub host: Option<String>,
    pub started_at: Option<UnixMillis>,
    pub first_report_at: Option<UnixMillis>,
    pub last_report_at: Option<UnixMillis>,
    /// How many reports were stored.
    pub reports: u64,
    /// Highest running number seen, from 0.
    pub last_sequence: Option<u64>,
    /// How far its clock was behind the hub's when it was corrected last.
    pub clock_offset_ms: i64,
    /// Whether it said that it ends.
    pub ended: bool,
}

impl InstanceRow {
    /// Reports that were sent, by their running numbers, and not stored.
    pub fn missing_reports(&self) -> u64 {
        self.last_sequence.map_or(0, |last| (last + 1).saturating_sub(self.reports))
    }
}

/// What was lost for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LossRow {
    /// As `LossReason` is written on the wire.
    pub reason: String,
    pub detail: String,
    pub count: u64,
    pub first_seen_at: UnixSecs,
    pub last_seen_at: UnixSecs,
}

/// How fresh an environment's data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freshness {
    pub env: String,
    pub first_report_at: UnixMillis,
    pub last_report_at: UnixMillis,
    /// Instances that reported within the last five minutes before the last report.
    pub instances: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        let cases = [
            ("/a", "/a", true),
            ("/a", "/ab", false),
            ("*", "", true),
            ("/users/*", "/users/{id}/x", true),
            ("/users/*", "/user", false),
            ("*/{id}", "/users/{id}", true),
            ("/a*b*c", "/axxbyyc", true),
            ("/a*b*c", "/axxc", false),
            ("/a*a", "/a", false),
            ("/v[1]/?*", "/v[1]/?x", true),
            ("/{*rest}", "/{*rest}", true),
            ("/{*rest}", "/{shop}/{rest}", false),
            ("/{tail:.*}", "/{tail:.*}", true),
            ("/files/{*rest}*", "/files/{*rest}/x", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(matches_pattern(pattern, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn the_ends_of_a_span_do_not_make_its_tier_finer() {
        let steps = |bounds: &[i64]| Steps { bounds: bounds.to_vec() };
        assert_eq!(steps(&[60, 7_200, 14_400, 15_000]).tier(), Tier::HalfHour);
        assert_eq!(steps(&[60, 86_400, 172_800, 172_860]).tier(), Tier::Day);
        assert_eq!(steps(&[0, 300, 600]).tier(), Tier::Minute);
    }
}
