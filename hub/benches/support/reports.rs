//! Reports of one minute as SDKs send them: forty requests a series in about twenty-five buckets, gzip level 1.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use flate2::Compression;
use flate2::write::GzEncoder;
use sendry_sdk::protocol::{Durations, Histogram, Minute, Report, Route, RouteSeries, Sizes, VERSION};
use uuid::Uuid;

const REQUESTS_PER_SERIES: u64 = 40;
/// Routes have one status in most minutes; every fourth series is a second status of the route before it.
const SERIES_PER_SECOND_STATUS: u32 = 4;

/// The minute that it is.
pub fn this_minute() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    now.as_secs() as i64 / 60
}

/// The report with this number, of `series` series.
pub fn report(number: u64, series: u32, minute: i64) -> Report {
    let route = |route: u32| Route { method: "GET".into(), path: format!("/api/v1/resource-{route}/{{id}}") };
    Report {
        version: VERSION,
        report_id: Uuid::from_u64_pair(rand::random(), number),
        instance_id: Uuid::from_u64_pair(8, number % 20),
        sequence: number / 20,
        env: "prod".into(),
        app_version: Some("1.4.2".into()),
        created_at_ms: minute * 60_000,
        routes: (0..series).map(route).collect(),
        minutes: vec![Minute {
            minute,
            routes: (0..series).map(|at| one_series(number, at)).collect(),
            consumers: Vec::new(),
        }],
        ..Report::default()
    }
}

/// The same as it goes over the wire.
pub fn packed(number: u64, series: u32, minute: i64) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let json = serde_json::to_vec(&report(number, series, minute)).expect("a report is JSON");
    encoder.write_all(&json).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

/// Latencies log-uniform over one decade, as one route's are.
fn one_series(number: u64, at: u32) -> RouteSeries {
    let is_second = at % SERIES_PER_SECOND_STATUS == SERIES_PER_SECOND_STATUS - 1;
    let mut state = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (u64::from(at) << 32);
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let (mut durations, mut sizes) = (Histogram::new(), Histogram::new());
    let (mut sum_us, mut max_us, mut bytes) = (0, 0, 0);
    for _ in 0..REQUESTS_PER_SERIES {
        let nanos = (2e6 * (1.0 + f64::from(at) / 10.0) * 10f64.powf(random())) as u64;
        let size = (400.0 * 4f64.powf(random())) as u64;
        durations.record_nanos(nanos);
        sizes.record_bytes(size);
        sum_us += nanos / 1_000;
        max_us = max_us.max(nanos / 1_000);
        bytes += size;
    }
    RouteSeries {
        route: if is_second { at - 1 } else { at },
        status: if is_second { 404 } else { 200 },
        count: REQUESTS_PER_SERIES,
        durations: Durations { sum_us, max_us, buckets: (&durations).into() },
        response: Sizes { sum: bytes, buckets: (&sizes).into() },
        ..RouteSeries::default()
    }
}
