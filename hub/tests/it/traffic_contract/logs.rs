//! Request logs: found, counted, read whole, expired and erased.

use sendry_hub::store::traffic::{
    AcceptedRequestLogs, Filter, IngestMark, LogBudget, LogPage, LogPosition, LogSearch, Retention, Scope,
    StatusClass, Steps, StoredLog,
};
use sendry_sdk::protocol::{Consumer, LoggedBody, RequestLog, RequestLogBatchHead};
use uuid::Uuid;

use super::fixture::*;
use super::{Harness, Store};

const SECOND: i64 = 1_000_000;
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// A log `ago` seconds before now, of number `number`.
fn log(number: u128, ago: i64, route: (&str, &str), status: u16) -> RequestLog {
    RequestLog {
        id: Uuid::from_u128(number),
        time_us: (NOW - ago) * SECOND,
        method: route.0.into(),
        path: route.1.into(),
        url: format!("{}?n={number}", route.1),
        status,
        duration_us: 1_000 * number as u64,
        ..RequestLog::default()
    }
}

fn by(log: RequestLog, consumer: &str) -> RequestLog {
    RequestLog { consumer: Some(Consumer { identifier: consumer.into(), ..Consumer::default() }), ..log }
}

fn batch_of(scope: &Scope, logs: Vec<RequestLog>) -> AcceptedRequestLogs {
    let hash = |log: &RequestLog| log.consumer.as_ref().map(|consumer| hash_of(&consumer.identifier));
    AcceptedRequestLogs {
        app_id: scope.app_id,
        accepted_at: NOW * 1_000,
        ingest: IngestMark { ingest_id: Uuid::from_u128(5), sequence: 0, accepted_at: NOW * 1_000 },
        head: RequestLogBatchHead {
            batch_id: Uuid::new_v4(),
            env: scope.env.clone(),
            ..RequestLogBatchHead::default()
        },
        consumer_hashes: logs.iter().map(hash).collect(),
        logs,
        hub_losses: Vec::new(),
    }
}

async fn write(store: &Store, scope: &Scope, logs: Vec<RequestLog>) {
    let written = store.writer.write_request_logs(&[batch_of(scope, logs)]).await.unwrap();
    assert_eq!((written.stored, written.duplicates), (1, 0));
}

fn all() -> LogSearch {
    LogSearch { from: NOW - 30 * DAY, to: NOW + DAY, ..LogSearch::default() }
}

fn page(limit: usize, after: Option<LogPosition>) -> LogPage {
    LogPage { after, limit }
}

fn numbers(logs: &[StoredLog]) -> Vec<u128> {
    logs.iter().map(|log| log.log.id.as_u128()).collect()
}

async fn find(store: &Store, search: &LogSearch) -> Vec<u128> {
    let found = store.reader.request_logs(&scope(), search, &page(100, None)).await.unwrap();
    assert_eq!((found.next, found.stopped), (None, false));
    numbers(&found.logs)
}

/// Eight requests, one a minute, the first the newest.
async fn filled<H: Harness>() -> (H, Store) {
    let (harness, store) = H::new().connect_owned().await;
    let (orders, order, create) = (("GET", "/orders"), ("GET", "/orders/{id}"), ("POST", "/orders"));
    let mut logs = vec![
        log(1, 60, orders, 200),
        by(log(2, 120, order, 404), "ann"),
        by(log(3, 180, create, 201), "ann"),
        by(log(4, 240, create, 422), "bob"),
        log(5, 300, orders, 500),
        log(6, 360, order, 200),
        by(log(7, 420, order, 503), "bob"),
        log(8, 480, orders, 200),
    ];
    logs[2].trace_id = Some(TRACE.into());
    logs[6].trace_id = Some(TRACE.into());
    logs[3].response_body =
        LoggedBody { bytes: Some(40), text: Some("{\"field\":\"Straße 100%\"}".into()), missing: None };
    logs[4].request_headers = vec![("x-request-id".into(), "Req_77".into())];
    write(&store, &scope(), logs.split_off(4)).await;
    write(&store, &scope(), logs).await;
    write(&store, &Scope { env: "dev".into(), ..scope() }, vec![log(9, 60, orders, 200)]).await;
    (harness, store)
}

pub async fn request_logs_are_found_newest_first_page_by_page<H: Harness>() {
    let (_harness, store) = filled::<H>().await;
    // Some arrived in one microsecond.
    let same: Vec<_> = (20..25).map(|number| log(number, 200, ("GET", "/same"), 200)).collect();
    write(&store, &scope(), same).await;
    let expected = [1, 2, 3, 24, 23, 22, 21, 20, 4, 5, 6, 7, 8];
    assert_eq!(find(&store, &all()).await, expected);
    for limit in [1, 2, 3, 5, 13] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let found = store.reader.request_logs(&scope(), &all(), &page(limit, after)).await.unwrap();
            assert!(found.logs.len() == limit || found.next.is_none());
            seen.extend(numbers(&found.logs));
            after = found.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected, "{limit}");
    }
    let part = LogSearch { from: NOW - 300, to: NOW - 120, ..all() };
    assert_eq!(find(&store, &part).await, [3, 24, 23, 22, 21, 20, 4, 5]);
}

pub async fn request_logs_are_chosen_by_what_they_have<H: Harness>() {
    let (_harness, store) = filled::<H>().await;
    let filter = |filter: Filter| LogSearch { filter, ..all() };
    let status = |status: Vec<StatusClass>| filter(Filter { status, ..everything() });
    let path = |path: &str| filter(Filter { path: Some(path.into()), ..everything() });
    let consumer = |name: &str| filter(Filter { consumer: Some(hash_of(name)), ..everything() });
    let (min, max) = (Some(3_000), Some(5_000));
    let cases: Vec<(LogSearch, &[u128])> = vec![
        (filter(Filter { method: Some("POST".into()), ..everything() }), &[3, 4]),
        (path("/orders"), &[1, 3, 4, 5, 8]),
        (path("/orders/*"), &[2, 6, 7]),
        (path("*"), &[1, 2, 3, 4, 5, 6, 7, 8]),
        (path("/none"), &[]),
        (status(vec![StatusClass::Class(5)]), &[5, 7]),
        (
            status(vec![StatusClass::Exact(404), StatusClass::Exact(201), StatusClass::Class(5)]),
            &[2, 3, 5, 7],
        ),
        (consumer("ann"), &[2, 3]),
        (consumer("eve"), &[]),
        (LogSearch { duration_us_min: min, ..all() }, &[3, 4, 5, 6, 7, 8]),
        (LogSearch { duration_us_min: min, duration_us_max: max, ..all() }, &[3, 4, 5]),
        (LogSearch { trace_id: Some(TRACE.into()), ..all() }, &[3, 7]),
        (LogSearch { trace_id: Some(TRACE.replace('0', "1")), ..all() }, &[]),
        (LogSearch { trace_id: Some(TRACE.into()), ..consumer("bob") }, &[7]),
    ];
    for (search, expected) in cases {
        assert_eq!(find(&store, &search).await, expected, "{search:?}");
        assert_counts(&store, &search, expected.len() as u64).await;
    }
    let elsewhere = Scope { env: "other".into(), ..scope() };
    let none = store.reader.request_logs(&elsewhere, &all(), &page(9, None)).await.unwrap();
    assert_eq!((none.logs.len(), none.next), (0, None));
}

pub async fn a_text_is_found_in_values_whatever_its_case<H: Harness>() {
    let (_harness, store) = filled::<H>().await;
    let cases: Vec<(&str, &[u128])> = vec![
        ("?N=4", &[4]),
        ("/ORDERS/", &[2, 6, 7]),
        ("straße 100%\"", &[4]),
        ("100_", &[]),
        ("req_77", &[5]),
        ("reqx77", &[]),
        ("\\", &[]),
        (TRACE, &[3, 7]),
        ("request_headers", &[]),
        ("ann", &[]),
    ];
    for (text, expected) in cases {
        let search = LogSearch { text: Some(text.into()), ..all() };
        assert_eq!(find(&store, &search).await, expected, "{text}");
        assert_counts(&store, &search, expected.len() as u64).await;
    }
    let both = LogSearch {
        text: Some("orders".into()),
        filter: Filter { status: vec![StatusClass::Class(5)], ..everything() },
        ..all()
    };
    assert_eq!(find(&store, &both).await, [5, 7]);
}

/// Expects as many logs by step and by group as the list has.
async fn assert_counts(store: &Store, search: &LogSearch, expected: u64) {
    let steps = Steps { bounds: vec![search.from, NOW - 450, NOW - 300, NOW, search.to] };
    let by_step = store.reader.request_log_steps(&scope(), search, &steps).await.unwrap();
    assert_eq!(by_step.counts.iter().map(|step| step.count).sum::<u64>(), expected, "{search:?}");
    let groups = store.reader.request_log_groups(&scope(), search).await.unwrap();
    assert_eq!(groups.counts.iter().map(|group| group.count).sum::<u64>(), expected, "{search:?}");
    assert_eq!((by_step.stopped_at_us, groups.stopped_at_us), (None, None));
}

pub async fn request_logs_are_counted_by_step_and_by_what_they_have<H: Harness>() {
    let (_harness, store) = filled::<H>().await;
    let steps = Steps { bounds: vec![NOW - 480, NOW - 300, NOW - 90, NOW - 30] };
    for text in [None, Some("orders".to_owned())] {
        let search = LogSearch { text, ..all() };
        let counted = store.reader.request_log_steps(&scope(), &search, &steps).await.unwrap();
        let found: Vec<_> =
            counted.counts.iter().map(|step| (step.start - NOW, step.status, step.count)).collect();
        let expected = [
            (-480, 200, 2),
            (-480, 503, 1),
            (-300, 201, 1),
            (-300, 404, 1),
            (-300, 422, 1),
            (-300, 500, 1),
            (-90, 200, 1),
        ];
        assert_eq!(found, expected);
        let groups = store.reader.request_log_groups(&scope(), &search).await.unwrap().counts;
        let group = groups.iter().find(|group| group.route.path == "/orders" && group.status == 200).unwrap();
        assert_eq!((group.route.method.as_str(), group.consumer, group.count), ("GET", None, 2));
        let bob = groups.iter().filter(|group| group.consumer == Some(hash_of("bob"))).count();
        assert_eq!((groups.len(), bob), (7, 2));
    }
}

pub async fn a_search_stops_when_it_looked_at_enough_and_goes_on_there<H: Harness>() {
    let (_harness, store) = filled::<H>().await;
    let seldom = Filter { status: vec![StatusClass::Exact(503)], ..everything() };
    for text in [None, Some("orders".to_owned())] {
        let budget = LogBudget { logs: 3, ..LogBudget::default() };
        let search = LogSearch { filter: seldom.clone(), text, budget, ..all() };
        let (mut after, mut found, mut rounds) = (None, Vec::new(), 0);
        loop {
            let part = store.reader.request_logs(&scope(), &search, &page(5, after)).await.unwrap();
            assert_eq!(part.stopped, part.next.is_some());
            assert!(part.searched <= 3, "{}", part.searched);
            found.extend(numbers(&part.logs));
            (after, rounds) = (part.next, rounds + 1);
            if after.is_none() {
                break;
            }
        }
        assert_eq!((found, rounds), (vec![7], 3));
        let everyone = LogSearch { filter: everything(), ..search };
        let groups = store.reader.request_log_groups(&scope(), &everyone).await.unwrap();
        assert_eq!(groups.counts.iter().map(|group| group.count).sum::<u64>(), 3);
        let stopped_at_us = groups.stopped_at_us.unwrap();
        assert!(((NOW - 240) * SECOND..=(NOW - 180) * SECOND).contains(&stopped_at_us));
        let steps = Steps { bounds: vec![NOW - DAY, NOW] };
        let counted = store.reader.request_log_steps(&scope(), &everyone, &steps).await.unwrap();
        assert_eq!(counted.counts.iter().map(|step| step.count).sum::<u64>(), 3);
        assert!(counted.stopped_at_us.is_some());
    }
}

pub async fn a_request_log_is_read_whole_within_its_app<H: Harness>() {
    let (_harness, store) = H::new().connect_owned().await;
    let whole = RequestLog {
        client_address: Some("192.0.2.7".into()),
        span_id: Some("00f067aa0ba902b7".into()),
        request_headers: vec![("accept".into(), "*/*".into())],
        request_body: LoggedBody { bytes: Some(3), text: Some("<b>".into()), missing: None },
        response_body: LoggedBody { bytes: None, text: None, missing: Some("too_large".into()) },
        ..by(log(1, 60, ("GET", "/orders"), 200), "ann")
    };
    write(&store, &scope(), vec![whole.clone()]).await;
    let found = store.reader.request_log(APP, whole.id).await.unwrap().unwrap();
    assert_eq!((found.env.as_str(), found.consumer), ("prod", Some(hash_of("ann"))));
    assert_eq!(found.log, RequestLog { consumer: None, ..whole.clone() }, "who called is not in it");
    assert_eq!(store.reader.request_log(Uuid::from_u128(0xb), whole.id).await.unwrap(), None);
    assert_eq!(store.reader.request_log(APP, Uuid::from_u128(2)).await.unwrap(), None);
}

pub async fn the_same_log_in_two_batches_is_stored_once<H: Harness>() {
    let (_harness, store) = H::new().connect_owned().await;
    let one = log(1, 60, ("GET", "/orders"), 200);
    for _ in 0..2 {
        write(&store, &scope(), vec![one.clone(), one.clone()]).await;
    }
    assert_eq!(find(&store, &all()).await, [1]);
}

pub async fn request_logs_expire_by_their_time<H: Harness>() {
    let (harness, store) = H::new().connect_owned().await;
    let route = ("GET", "/orders");
    let many = (0..450).map(|number| log(1_000 + number, 2 * DAY, route, 200));
    write(&store, &scope(), many.chain([log(1, DAY - 60, route, 200)]).collect()).await;
    let dev = Scope { env: "dev".into(), ..scope() };
    write(&store, &dev, vec![log(2, 2 * DAY, route, 200)]).await;
    harness.clock().advance(14 * DAY);
    store.writer.delete_expired(NOW + 14 * DAY, &Retention::default()).await.unwrap();
    assert_eq!(find(&store, &all()).await, [1]);
    assert_eq!(store.reader.request_log(APP, Uuid::from_u128(1_000)).await.unwrap(), None);
    let gone = store.reader.request_logs(&dev, &all(), &page(9, None)).await.unwrap();
    assert!(gone.logs.is_empty());
}

pub async fn the_request_logs_of_a_consumer_are_erased_in_all_environments<H: Harness>() {
    let (_harness, store) = filled::<H>().await;
    let dev = Scope { env: "dev".into(), ..scope() };
    let other = Scope { app_id: Uuid::from_u128(0xb), ..scope() };
    let route = ("GET", "/orders");
    let many = (0..450).map(|number| by(log(1_000 + number, 90, route, 200), "ann"));
    write(&store, &dev, many.collect()).await;
    write(&store, &other, vec![by(log(11, 60, route, 200), "ann")]).await;
    assert_eq!(store.eraser.erase_request_logs(APP, hash_of("ann")).await.unwrap(), 452);
    assert_eq!(find(&store, &all()).await, [1, 4, 5, 6, 7, 8]);
    let left = store.reader.request_logs(&dev, &all(), &page(9, None)).await.unwrap();
    assert_eq!(numbers(&left.logs), [9]);
    let left = store.reader.request_logs(&other, &all(), &page(9, None)).await.unwrap();
    assert_eq!(numbers(&left.logs), [11], "another app's consumer of that name is another");
    assert_eq!(store.eraser.erase_request_logs(APP, hash_of("ann")).await.unwrap(), 0);
    assert_eq!(store.reader.request_log(APP, Uuid::from_u128(2)).await.unwrap(), None);
}
