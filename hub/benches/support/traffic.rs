//! The traffic of an app as benches store it: endpoints, statuses and instances, forty requests a row.

use std::time::Duration;

use sendry_hub::clock::UnixSecs;
use sendry_hub::store::StoreError;
use sendry_hub::store::traffic::{AcceptedReport, Filter, IngestMark, Scope, Steps, TrafficReader, Window};
use sendry_sdk::protocol::{Durations, Histogram, Minute, Report, Route, RouteSeries, Sizes};
use uuid::Uuid;

pub const DAY: i64 = 86_400;
/// Not on the boundary of anything but a minute: edges cost most.
pub const NOW: UnixSecs = 20_000 * DAY + 12 * 3_600 + 17 * 60;
pub const ENDPOINTS: u32 = 50;
pub const STATUSES: [u16; 3] = [200, 404, 500];
const REQUESTS_PER_ROW: u64 = 40;

pub fn scope() -> Scope {
    Scope { app_id: Uuid::from_u128(1), env: "prod".to_owned() }
}

/// What one instance reports of `minutes` minutes.
pub fn report(first_minute: i64, minutes: i64, instance: u64) -> AcceptedReport {
    let routes = (0..ENDPOINTS)
        .map(|route| Route { method: "GET".into(), path: format!("/api/v1/resource-{route}/{{id}}") });
    let minutes = (first_minute..(first_minute + minutes).min(NOW / 60)).map(|minute| Minute {
        minute,
        routes: (0..ENDPOINTS)
            .flat_map(|route| {
                STATUSES.map(|status| series(minute.unsigned_abs() ^ (instance << 40), route, status))
            })
            .collect(),
        consumers: Vec::new(),
    });
    let report_id = Uuid::from_u64_pair(7 + instance, first_minute.unsigned_abs());
    let report = Report {
        version: 1,
        report_id,
        instance_id: Uuid::from_u64_pair(2, instance),
        env: scope().env,
        routes: routes.collect(),
        minutes: minutes.collect(),
        ..Report::default()
    };
    AcceptedReport {
        app_id: scope().app_id,
        accepted_at: NOW * 1_000,
        ingest: IngestMark { ingest_id: Uuid::from_u128(3), sequence: 0, accepted_at: NOW * 1_000 },
        report,
        consumer_hashes: Vec::new(),
        hub_losses: Vec::new(),
    }
}

/// Log-uniform latencies over two decades: forty requests fall into about twenty-five buckets.
fn series(minute: u64, route: u32, status: u16) -> RouteSeries {
    let mut state = minute.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (u64::from(route) << 32) ^ u64::from(status);
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let (mut durations, mut sizes, mut sum, mut max) = (Histogram::new(), Histogram::new(), 0, 0);
    for _ in 0..REQUESTS_PER_ROW {
        let nanos = (1e6 * (1.0 + f64::from(route) / 10.0) * 100f64.powf(random())) as u64;
        durations.record_nanos(nanos);
        sizes.record_bytes((200.0 * 20f64.powf(random())) as u64);
        sum += nanos / 1_000;
        max = max.max(nanos / 1_000);
    }
    assert!(durations.iter().count() >= 15, "too few buckets");
    RouteSeries {
        route,
        status,
        count: REQUESTS_PER_ROW,
        durations: Durations { sum_us: sum, max_us: max, buckets: (&durations).into() },
        response: Sizes { sum: 1_000 * REQUESTS_PER_ROW, buckets: (&sizes).into() },
        ..RouteSeries::default()
    }
}

/// What a page of the dashboard asks.
#[derive(Clone, Copy)]
pub enum Question {
    Endpoints,
    Traffic,
    Latency,
}

impl Question {
    pub fn name(self) -> &'static str {
        match self {
            Self::Endpoints => "endpoint table",
            Self::Traffic => "traffic chart",
            Self::Latency => "latency chart",
        }
    }

    /// How much was answered for the last `span` seconds, in steps of `step`.
    pub async fn ask(self, store: &dyn TrafficReader, span: i64, step: usize) -> Result<usize, StoreError> {
        let (scope, everything) = (scope(), Filter::default().of_durations());
        let window = Window { from: NOW - span, to: NOW };
        // Steps lie on their own multiples, the window does not: as query asks.
        let width = step as i64;
        let inner = (window.from - window.from.rem_euclid(width) + width..window.to).step_by(step);
        let steps = Steps { bounds: [window.from].into_iter().chain(inner).chain([window.to]).collect() };
        Ok(match self {
            Self::Endpoints => {
                let endpoints = store.endpoints(&scope, window, &everything).await?;
                let scale = everything.duration_scale();
                endpoints.iter().filter_map(|row| row.totals.durations.quantile(scale, 0.99)).count()
            }
            Self::Traffic => store.traffic(&scope, &steps, &everything).await?.len(),
            Self::Latency => store.latency(&scope, &steps, &everything).await?.len(),
        })
    }
}

/// The 95th percentile.
pub fn p95(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[(times.len() * 95 / 100).max(1) - 1]
}
