//! Time passes: minutes go, then everything, and no sum changes before that.

use sendry_hub::store::traffic::plan::snap;
use sendry_hub::store::traffic::{Retention, Steps};

use super::fixture::*;
use super::{Harness, Store};

const ROUTE: (&str, &str) = ("GET", "/orders");

/// Three days of calls, one every seven minutes.
fn calls() -> Vec<Call> {
    let minutes = (0..3 * 24 * 60).step_by(7);
    minutes
        .map(|minute| call(NOW - minute * 60, ROUTE, 200 + (minute % 2) as u16, &[1 + minute as u64 % 500]))
        .collect()
}

async fn filled<H: Harness>(calls: &[Call]) -> (H, Store) {
    let (harness, filled) = H::new().connect_owned().await;
    store(&filled, &[report(calls)]).await;
    (harness, filled)
}

/// Moves the clock by `days` and cleans up as of `days` after the fixture's now.
async fn age<H: Harness>(harness: &H, store: &Store, days: i64) {
    harness.clock().advance(days * DAY);
    store.writer.delete_expired(NOW + days * DAY, &Retention::default()).await.unwrap();
}

pub async fn sums_are_the_same_before_and_after_ageing<H: Harness>() {
    let calls = calls();
    let (harness, store) = filled::<H>(&calls).await;
    let half_hour = NOW - NOW.rem_euclid(1_800);
    let windows: Vec<_> = [(1, 0), (5, 2), (49, 0), (96, 1), (150, 7), (160, -2)]
        .map(|(from, to)| window(half_hour - from * 1_800, half_hour - to * 1_800))
        .into();
    for days in [0, 31, 40, 300] {
        age(&harness, &store, days).await;
        for window in &windows {
            let found = store.reader.endpoints(&scope(), *window, &everything()).await.unwrap();
            assert_same(&found, &model(&calls, *window));
            let steps = Steps { bounds: (window.from..=window.to).step_by(1_800).collect() };
            let chart = store.reader.traffic(&scope(), &steps, &everything()).await.unwrap();
            for bucket in chart {
                let step = super::fixture::window(bucket.start, bucket.start + 1_800);
                let expected: u64 = model(&calls, step).values().map(|sum| sum.0).sum();
                assert_eq!(bucket.by_status.iter().map(|(_, count)| count).sum::<u64>(), expected);
            }
        }
        harness.clock().advance(-days * DAY);
    }
}

pub async fn old_windows_widen_to_half_hours<H: Harness>() {
    let calls = calls();
    let (harness, store) = filled::<H>(&calls).await;
    age(&harness, &store, 40).await;
    let asked = window(NOW - 5 * HOUR - 60, NOW - 3 * HOUR + 60);
    let snapped = snap(asked, NOW + 40 * DAY, &Retention::default());
    assert!(snapped.from < asked.from && asked.to < snapped.to);
    let found = store.reader.endpoints(&scope(), asked, &everything()).await.unwrap();
    assert_same(&found, &model(&calls, snapped));
}

pub async fn after_thirteen_months_nothing_is_left<H: Harness>() {
    let (harness, store) = filled::<H>(&calls()).await;
    age(&harness, &store, 390).await;
    let all = window(NOW - 10 * DAY, NOW + DAY);
    assert_eq!(requests(&store, all).await, calls().len() as u64);
    age(&harness, &store, 400).await;
    assert_eq!(requests(&store, all).await, 0);
}

pub async fn routes_stay_when_their_traffic_is_gone<H: Harness>() {
    let (harness, store) = filled::<H>(&calls()).await;
    store.writer.write_startups(&[startup(&[("GET", "/never")])]).await.unwrap();
    age(&harness, &store, 800).await;
    let found = store.reader.endpoints(&scope(), all_time(), &everything()).await.unwrap();
    let paths: Vec<_> = found.iter().map(|endpoint| endpoint.route.path.as_str()).collect();
    assert_eq!(paths, ["/never", "/orders"]);
    assert_eq!(found[1].last_seen_at, Some(NOW));
}

pub async fn a_longer_retention_does_not_count_on_minutes_that_are_gone<H: Harness>() {
    let calls = calls();
    let (harness, store) = filled::<H>(&calls).await;
    let before = store.reader.minutes_deleted_before().await.unwrap();
    assert!(before < NOW - 30 * DAY);
    // Readers keep minutes for 32 days; they were kept for one.
    let short = Retention { minutes_secs: DAY, ..Retention::default() };
    store.writer.delete_expired(NOW, &short).await.unwrap();
    let deleted_before = store.reader.minutes_deleted_before().await.unwrap();
    // A store may keep them somewhat longer.
    assert!(deleted_before > before && deleted_before <= (NOW - DAY).div_euclid(1_800) * 1_800);
    let reopened = harness.connect().await;
    for store in [&store, &reopened] {
        assert_eq!(store.reader.minutes_deleted_before().await.unwrap(), deleted_before);
        for (from, to) in [(50, 30), (60, 1), (25, 23)] {
            let asked = window(NOW - from * HOUR - 60, NOW - to * HOUR + 60);
            let snapped = snap(asked, NOW, &Retention::default().reaching(NOW, deleted_before));
            let found = store.reader.endpoints(&scope(), asked, &everything()).await.unwrap();
            assert_same(&found, &model(&calls, snapped));
        }
    }
    // What was deleted stays deleted, whatever is kept next.
    store.writer.delete_expired(NOW, &Retention::default()).await.unwrap();
    assert_eq!(store.reader.minutes_deleted_before().await.unwrap(), deleted_before);
}
