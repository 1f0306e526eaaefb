//! What can be asked, and that the answers are exact.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use sendry_hub::store::traffic::{EndpointTotals, Filter, StatusClass, Steps};
use sendry_sdk::protocol::{Histogram, Scale};

use super::fixture::*;
use super::{Harness, Store};

const ROUTES: [(&str, &str); 4] =
    [("GET", "/orders"), ("POST", "/orders"), ("GET", "/orders/{id}"), ("GET", "/users/{id}")];

pub async fn an_empty_store_answers_with_nothing<H: Harness>() {
    let (_harness, store) = H::new().connect_owned().await;
    let steps = Steps { bounds: vec![NOW - HOUR, NOW] };
    let reader = &store.reader;
    reader.check().await.unwrap();
    store.writer.check().await.unwrap();
    assert!(reader.endpoints(&scope(), all_time(), &everything()).await.unwrap().is_empty());
    assert!(reader.traffic(&scope(), &steps, &everything()).await.unwrap().is_empty());
    assert!(reader.latency(&scope(), &steps, &everything()).await.unwrap().is_empty());
    assert!(reader.instances(&scope(), all_time()).await.unwrap().is_empty());
    assert!(reader.losses(&scope(), all_time()).await.unwrap().is_empty());
    assert!(reader.consumers(&scope(), all_time(), &everything()).await.unwrap().is_empty());
    assert!(reader.resources(&scope(), &steps).await.unwrap().is_empty());
    assert!(reader.freshness(APP).await.unwrap().is_empty());
    assert!(reader.ingest_gaps().await.unwrap().is_empty());
}

/// Calls over three and a half days, in every minute of some hours and here and there in others.
fn calls() -> impl Strategy<Value = Vec<Call>> {
    let parts =
        (0i64..84 * 60, 0usize..4, prop_oneof![Just(200u16), Just(404), Just(500)], 1u64..3_000, 1usize..4);
    let call = parts.prop_map(|(minutes_ago, route, status, ms, count)| {
        call(NOW - minutes_ago * 60, ROUTES[route], status, &vec![ms; count])
    });
    proptest::collection::vec(call, 1..200)
}

fn windows() -> impl Strategy<Value = Vec<(i64, i64)>> {
    proptest::collection::vec((0i64..84 * 60, 1i64..84 * 60), 1..12)
}

/// Some random cases. They are made first and run after, because the tests await.
fn cases<T>(count: u32, strategy: impl Strategy<Value = T>) -> Vec<T> {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

async fn filled<H: Harness>(calls: &[Call]) -> (H, Store) {
    let (harness, filled) = H::new().connect_owned().await;
    for part in calls.chunks(17) {
        store(&filled, &[report(part)]).await;
    }
    (harness, filled)
}

/// The same, without what [`Filter::of_durations`] leaves out.
fn of_durations(mut row: EndpointTotals) -> EndpointTotals {
    let none = Histogram::new();
    (row.totals.headers, row.totals.request_sizes, row.totals.response_sizes) =
        (none.clone(), none.clone(), none);
    row
}

pub async fn any_window_sums_exactly<H: Harness>() {
    for (calls, windows) in cases(6, (calls(), windows())) {
        let (_harness, store) = filled::<H>(&calls).await;
        for (ago, minutes) in windows {
            let window = window(NOW - ago * 60, NOW - ago * 60 + minutes * 60);
            let found = store.reader.endpoints(&scope(), window, &everything()).await.unwrap();
            assert_same(&found, &model(&calls, window));
            let lean = store.reader.endpoints(&scope(), window, &everything().of_durations()).await.unwrap();
            assert_eq!(lean, found.into_iter().map(of_durations).collect::<Vec<_>>());
        }
    }
}

pub async fn steps_sum_exactly_and_leave_gaps<H: Harness>() {
    let widths = proptest::collection::vec(prop_oneof![Just(5i64), Just(30), Just(1_440), 1i64..700], 1..40);
    for (calls, widths, ago) in cases(6, (calls(), widths, 0i64..84 * 60)) {
        let (_harness, store) = filled::<H>(&calls).await;
        let mut bounds = vec![NOW - ago * 60];
        widths.iter().for_each(|width| bounds.push(bounds[bounds.len() - 1] + width * 60));
        let steps = Steps { bounds };
        let found = store.reader.traffic(&scope(), &steps, &everything()).await.unwrap();
        let found: BTreeMap<i64, _> =
            found.into_iter().map(|bucket| (bucket.start, bucket.by_status)).collect();
        let mut expected: BTreeMap<i64, BTreeMap<u16, u64>> = BTreeMap::new();
        for call in &calls {
            if let Some(start) = steps.start_of(call.at) {
                *expected.entry(start).or_default().entry(call.status).or_default() +=
                    call.durations_ms.len() as u64;
            }
        }
        let expected: BTreeMap<i64, Vec<_>> =
            expected.into_iter().map(|(start, counts)| (start, counts.into_iter().collect())).collect();
        assert_eq!(found, expected);
    }
}

pub async fn latency_steps_hold_the_merged_histogram<H: Harness>() {
    let (_harness, written) = H::new().connect_owned().await;
    let mut straight = Histogram::new();
    for number in 0..200u64 {
        let ms = 1 + number * number % 977;
        straight.record_nanos(ms * 1_000_000);
        let at = NOW - 60 * (number % 50).cast_signed();
        store(&written, &[report(&[call(at, ROUTES[number as usize % 4], 200, &[ms])])]).await;
    }
    let steps = Steps { bounds: vec![NOW - HOUR, NOW + 60] };
    let found = written.reader.latency(&scope(), &steps, &everything()).await.unwrap();
    assert_eq!((found.len(), found[0].start), (1, NOW - HOUR));
    assert_eq!(flat(&found[0].durations), flat(&straight));
    assert_eq!(flat(&found[0].headers), flat(&straight));
    for q in [0.5, 0.75, 0.95, 0.99, 1.0] {
        assert_eq!(found[0].durations.quantile(Scale::DURATION, q), straight.quantile(Scale::DURATION, q));
    }
}

pub async fn routes_never_called_are_listed_with_zeros<H: Harness>() {
    let (_harness, written) = H::new().connect_owned().await;
    written.writer.write_startups(&[startup(&ROUTES), startup(&ROUTES)]).await.unwrap();
    store(&written, &[report(&[call(NOW, ROUTES[0], 200, &[5])])]).await;
    let found = written.reader.endpoints(&scope(), all_time(), &everything()).await.unwrap();
    assert_eq!(found.len(), 4);
    for endpoint in found {
        let called = (endpoint.route.method.as_str(), endpoint.route.path.as_str()) == ROUTES[0];
        assert_eq!(endpoint.totals.requests, u64::from(called));
        assert_eq!(endpoint.first_seen_at.is_some(), called);
    }
}

pub async fn filters_choose_method_path_and_status<H: Harness>() {
    let calls: Vec<Call> = ROUTES
        .iter()
        .flat_map(|route| [200, 404, 503].map(|status| call(NOW, *route, status, &[5, 6])))
        .collect();
    let (_harness, store) = filled::<H>(&calls).await;
    let everything = everything();
    let cases = [
        (Filter { method: Some("GET".into()), ..everything.clone() }, 3 * 6),
        (Filter { path: Some("/orders".into()), ..everything.clone() }, 2 * 6),
        (Filter { path: Some("/orders*".into()), ..everything.clone() }, 3 * 6),
        (Filter { path: Some("*/{id}".into()), method: Some("GET".into()), ..everything.clone() }, 2 * 6),
        (Filter { path: Some("/none".into()), ..everything.clone() }, 0),
        (Filter { status: vec![StatusClass::Exact(404)], ..everything.clone() }, 4 * 2),
        (Filter { status: vec![StatusClass::Class(5)], ..everything }, 4 * 2),
    ];
    for (filter, expected) in cases {
        let found = store.reader.endpoints(&scope(), all_time(), &filter).await.unwrap();
        assert_eq!(
            found.iter().map(|endpoint| endpoint.totals.requests).sum::<u64>(),
            expected,
            "{filter:?}"
        );
        let steps = Steps { bounds: vec![NOW - HOUR, NOW + 60] };
        let chart = store.reader.traffic(&scope(), &steps, &filter).await.unwrap();
        let charted = chart.iter().flat_map(|bucket| &bucket.by_status).map(|(_, count)| count).sum::<u64>();
        assert_eq!(charted, expected, "{filter:?}");
        let mut latency = store.reader.latency(&scope(), &steps, &filter).await.unwrap();
        let lean = store.reader.latency(&scope(), &steps, &filter.of_durations()).await.unwrap();
        assert_eq!(
            latency.iter().map(|bucket| bucket.durations.count()).sum::<u64>(),
            expected,
            "{filter:?}"
        );
        latency.iter_mut().for_each(|bucket| bucket.headers = Histogram::new());
        assert_eq!(lean, latency, "{filter:?}");
    }
}

pub async fn a_filter_for_a_consumer_reads_its_traffic_alone<H: Harness>() {
    let calls = [
        call(NOW, ROUTES[0], 200, &[5]).by("ann"),
        call(NOW, ROUTES[0], 200, &[5, 6]).by("bob"),
        call(NOW - 3 * DAY, ROUTES[2], 404, &[900]).by("ann"),
        call(NOW, ROUTES[0], 200, &[7]),
    ];
    let (_harness, store) = filled::<H>(&calls).await;
    let ann = Filter { consumer: Some(hash_of("ann")), ..everything() };
    let found = store.reader.endpoints(&scope(), all_time(), &ann).await.unwrap();
    let by_path: Vec<_> = found.iter().map(|row| (row.route.path.as_str(), row.totals.requests)).collect();
    assert_eq!(by_path, [("/orders", 1), ("/orders/{id}", 1)]);
    let slow = found[1].totals.durations.quantile(ann.duration_scale(), 1.0).unwrap();
    assert!((0.8..1.0).contains(&slow), "{slow}");
    let steps = Steps { bounds: vec![NOW - 4 * DAY, NOW + 60] };
    let chart = store.reader.traffic(&scope(), &steps, &ann).await.unwrap();
    assert_eq!(chart[0].by_status, [(200, 1), (404, 1)]);
    let nobody = Filter { consumer: Some(hash_of("eve")), ..everything() };
    assert!(store.reader.traffic(&scope(), &steps, &nobody).await.unwrap().is_empty());
    let found = store.reader.endpoints(&scope(), all_time(), &nobody).await.unwrap();
    assert!(found.iter().all(|endpoint| endpoint.totals.requests == 0));
}

pub async fn apdex_leaves_out_server_errors_and_aborts<H: Harness>() {
    let calls = [200, 404, 499, 500, 503, 600].map(|status| call(NOW, ROUTES[0], status, &[10]));
    let (_harness, store) = filled::<H>(&calls).await;
    let found = store.reader.endpoints(&scope(), all_time(), &everything()).await.unwrap();
    let totals = &found[0].totals;
    assert_eq!((totals.durations.count(), totals.apdex_durations.count(), totals.aborted), (6, 3, 1));
    let steps = Steps { bounds: vec![NOW - HOUR, NOW + 60] };
    let latency = &store.reader.latency(&scope(), &steps, &everything()).await.unwrap()[0];
    assert_eq!(
        (latency.durations.count(), latency.apdex_durations.count(), latency.server_errors),
        (6, 3, 2)
    );
}

pub async fn first_and_last_calls_are_those_ever<H: Harness>() {
    let times = [NOW - 2 * HOUR, NOW - 50 * HOUR, NOW - HOUR];
    let calls = times.map(|at| call(at, ROUTES[0], 200, &[10]));
    let (_harness, store) = filled::<H>(&calls).await;
    let found = store.reader.endpoints(&scope(), window(NOW, NOW + 60), &everything()).await.unwrap();
    assert_eq!((found[0].first_seen_at, found[0].last_seen_at), (Some(NOW - 50 * HOUR), Some(NOW - HOUR)));
    assert_eq!(found[0].totals.requests, 0);
}
