//! Every report counts once, whatever happens to it.

use sendry_hub::store::StoreError;
use sendry_hub::store::traffic::{ROUTES_PER_ENV_MAX, Retention, Scope};
use sendry_sdk::protocol::limits::COUNT_MAX;
use sendry_sdk::protocol::{Buckets, Durations, FOLDED_PATH, Histogram, Route, RouteSeries};
use uuid::Uuid;

use super::Harness;
use super::fixture::*;

const ORDERS: (&str, &str) = ("GET", "/orders");

pub async fn a_report_is_read_as_it_was_sent<H: Harness>() {
    let (_harness, written) = H::new().connect_owned().await;
    let calls = [call(NOW, ORDERS, 200, &[5, 70]), call(NOW, ("POST", "/orders"), 422, &[3])];
    store(&written, &[report(&calls)]).await;
    let found = written.reader.endpoints(&scope(), all_time(), &everything()).await.unwrap();
    assert_same(&found, &model(&calls, all_time()));
    let get = found.iter().find(|endpoint| endpoint.route.method == "GET").unwrap();
    assert_eq!((get.totals.duration_sum_us, get.totals.duration_max_us), (75_000, 70_000));
    assert_eq!((get.first_seen_at, get.last_seen_at), (Some(NOW), Some(NOW)));
}

pub async fn a_report_twice_in_one_batch_is_counted_once<H: Harness>() {
    let (_harness, store) = H::new().connect_owned().await;
    let report = report(&[call(NOW, ORDERS, 200, &[5])]);
    let written = store.writer.write(&[report.clone(), report]).await.unwrap();
    assert_eq!((written.stored, written.duplicates), (1, 1));
    assert_eq!(requests(&store, all_time()).await, 1);
}

pub async fn a_report_twice_in_two_batches_is_counted_once<H: Harness>() {
    let (_harness, store) = H::new().connect_owned().await;
    let twice = report(&[call(NOW, ORDERS, 200, &[5])]);
    let other = report(&[call(NOW, ORDERS, 200, &[5])]);
    store.writer.write(std::slice::from_ref(&twice)).await.unwrap();
    let written = store.writer.write(&[other, twice]).await.unwrap();
    assert_eq!((written.stored, written.duplicates), (1, 1));
    assert_eq!(requests(&store, all_time()).await, 2);
}

pub async fn a_report_twice_at_once_is_counted_once<H: Harness>() {
    let (_harness, store) = H::new().connect_owned().await;
    let report = report(&[call(NOW, ORDERS, 200, &[5])]);
    let writes = (0..8).map(|_| {
        let (writer, report) = (store.writer.clone(), report.clone());
        tokio::spawn(async move { writer.write(&[report]).await.unwrap().stored })
    });
    let mut stored = 0;
    for write in writes.collect::<Vec<_>>() {
        stored += write.await.unwrap();
    }
    assert_eq!((stored, requests(&store, all_time()).await), (1, 1));
}

pub async fn a_report_twice_is_counted_once_after_reopening<H: Harness>() {
    let (harness, store) = H::new().connect_owned().await;
    let report = report(&[call(NOW, ORDERS, 200, &[5])]);
    store.writer.write(std::slice::from_ref(&report)).await.unwrap();
    drop(store);
    let store = harness.connect().await;
    assert_eq!(store.writer.write(&[report]).await.unwrap().duplicates, 1);
    assert_eq!(requests(&store, all_time()).await, 1);
}

pub async fn a_report_twice_is_counted_once_a_day_and_a_cleaning_later<H: Harness>() {
    let (harness, store) = H::new().connect_owned().await;
    let report = report(&[call(NOW, ORDERS, 200, &[5])]);
    store.writer.write(std::slice::from_ref(&report)).await.unwrap();
    harness.clock().advance(25 * HOUR);
    store.writer.delete_expired(NOW + 25 * HOUR, &Retention::default()).await.unwrap();
    assert_eq!(store.writer.write(&[report]).await.unwrap().duplicates, 1);
    assert_eq!(requests(&store, all_time()).await, 1);
}

pub async fn writers_at_once_lose_nothing<H: Harness>() {
    let (_harness, store) = H::new().connect_owned().await;
    let writes = (0..20).map(|number| {
        let writer = store.writer.clone();
        let report = report(&[call(NOW - 60 * number, ORDERS, 200, &[5, 6]), call(NOW, ORDERS, 404, &[1])]);
        tokio::spawn(async move { writer.write(&[report]).await.unwrap() })
    });
    for write in writes.collect::<Vec<_>>() {
        write.await.unwrap();
    }
    let found = store.reader.endpoints(&scope(), all_time(), &everything()).await.unwrap();
    assert_eq!(found[0].totals.by_status, [(200, 40), (404, 20)]);
}

pub async fn what_was_written_survives_without_a_close<H: Harness>() {
    let (harness, written) = H::new().connect_owned().await;
    store(&written, &[report(&[call(NOW, ORDERS, 200, &[5])])]).await;
    std::mem::forget(written);
    assert_eq!(requests(&harness.connect().await, all_time()).await, 1);
}

pub async fn a_report_too_old_to_know_whether_it_was_counted_is_refused<H: Harness>() {
    let (harness, store) = H::new().connect_owned().await;
    let report = report(&[call(NOW, ORDERS, 200, &[5])]);
    harness.clock().advance(40 * DAY);
    let refused = store.writer.write(&[report]).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
}

pub async fn the_largest_counts_do_not_overflow<H: Harness>() {
    let (_harness, store) = H::new().connect_owned().await;
    for _ in 0..3 {
        let mut largest = report(&[call(NOW, ORDERS, 200, &[5])]);
        let series = &mut largest.report.minutes[0].routes[0];
        series.count = COUNT_MAX;
        series.durations = Durations {
            sum_us: u64::MAX,
            max_us: u64::MAX,
            buckets: Buckets { zero: COUNT_MAX / 2, counts: vec![(-1_024, 1), (1_024, COUNT_MAX / 4)] },
        };
        store.writer.write(&[largest]).await.unwrap();
    }
    let found = store.reader.endpoints(&scope(), all_time(), &everything()).await.unwrap();
    assert_eq!((found[0].totals.requests, found[0].totals.duration_sum_us), (3 * COUNT_MAX, u64::MAX));
    assert_eq!(flat(&found[0].totals.durations).1, [(-1_024, 3), (1_024, 3 * (COUNT_MAX / 4))]);
}

pub async fn apps_and_environments_are_apart<H: Harness>() {
    let (_harness, store) = H::new().connect_owned().await;
    let others =
        [Scope { env: "dev".into(), ..scope() }, Scope { app_id: Uuid::from_u128(0xb), ..scope() }, scope()];
    for (count, scope) in (1..).zip(&others) {
        let report = report_of(scope, &[call(NOW, ORDERS, 200, &vec![5; count])]);
        store.writer.write(&[report]).await.unwrap();
    }
    for (count, scope) in (1..).zip(&others) {
        let found = store.reader.endpoints(scope, all_time(), &everything()).await.unwrap();
        assert_eq!((found.len(), found[0].totals.requests), (1, count));
    }
}

pub async fn headers_that_equal_the_durations_count_as_such<H: Harness>() {
    let (_harness, store) = H::new().connect_owned().await;
    let folded = report(&[call(NOW, ORDERS, 200, &[5, 70])]);
    let mut apart = report(&[call(NOW, ORDERS, 200, &[300])]);
    let mut headers = Histogram::new();
    headers.record_nanos(1_000_000);
    apart.report.minutes[0].routes[0].headers = Some((&headers).into());
    for report in [folded.clone(), apart, report(&[call(NOW, ORDERS, 200, &[70])])] {
        store.writer.write(&[report]).await.unwrap();
    }
    let found = store.reader.endpoints(&scope(), all_time(), &everything()).await.unwrap();
    [5, 70, 70].iter().for_each(|ms| headers.record_nanos(ms * 1_000_000));
    assert_eq!(flat(&found[0].totals.headers), flat(&headers));
    assert_eq!(found[0].totals.durations.count(), 4);
}

pub async fn routes_beyond_the_limit_are_folded_and_counted<H: Harness>() {
    let (_harness, written) = H::new().connect_owned().await;
    for part in 0..6 {
        let mut many = report(&[call(NOW, ORDERS, 200, &[5])]);
        let number = |at: u64| 2_000 * part + at;
        let routes =
            (0..2_000).map(|at| Route { method: "GET".into(), path: format!("/raw/{}", number(at)) });
        many.report.routes = routes.collect();
        let series = many.report.minutes[0].routes[0].clone();
        many.report.minutes[0].routes =
            (0..2_000).map(|route| RouteSeries { route, ..series.clone() }).collect();
        store(&written, &[many]).await;
    }
    let found = written.reader.endpoints(&scope(), all_time(), &everything()).await.unwrap();
    assert_eq!(found.len() as u64, ROUTES_PER_ENV_MAX + 1);
    let folded = found.iter().find(|endpoint| endpoint.route.path == FOLDED_PATH).unwrap();
    assert_eq!(folded.totals.requests, 12_000 - ROUTES_PER_ENV_MAX);
    let losses = written.reader.losses(&scope(), all_time()).await.unwrap();
    assert_eq!((losses[0].reason.as_str(), losses[0].count), ("routes_folded", folded.totals.requests));
}
