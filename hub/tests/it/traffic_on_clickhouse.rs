//! What the traffic contract cannot say of ClickHouse: what is refused at the start, and that roll-ups are as whole as they claim.

use std::sync::Arc;

use sendry_hub::clock::ManualClock;
use sendry_hub::store::StoreError;
use sendry_hub::store::traffic::clickhouse::{self, ClickHouseTraffic, Target};
use sendry_hub::store::traffic::{Filter, Retention, TrafficReader, TrafficWriter};
use sendry_sdk::protocol::{
    Buckets, Durations, Loss, LossReason, Minute, Outcomes, Report, Route, RouteSeries, Sizes,
};
use uuid::Uuid;

use crate::clickhouse::{Database, Server};
use crate::link::Link;
use crate::traffic_contract::Store;
use crate::traffic_contract::fixture::*;

async fn connect(target: &Target) -> Result<ClickHouseTraffic, StoreError> {
    clickhouse::connect(target, None, ManualClock::at(NOW), Retention::default()).await
}

/// Why a server cannot be used.
async fn refusal(url: &str) -> String {
    match connect(&Target::parse(url).unwrap()).await.err() {
        Some(StoreError::Misconfigured(said) | StoreError::SchemaTooNew(said)) => said,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_the_versions() {
    let database = Database::create();
    connect(&database.target()).await.unwrap();
    database.run("INSERT INTO schema_versions SELECT 99, now()").await;
    let said = refusal(&database.url()).await;
    assert!(said.contains("schema version 99, this hub knows up to"), "{said}");
}

#[tokio::test]
async fn hubs_that_start_at_once_all_find_the_schema() {
    let database = Database::create();
    let target = database.target();
    let starts = (0..6).map(|_| connect(&target));
    for started in futures_util::future::join_all(starts).await {
        started.unwrap();
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/traffic/clickhouse");
    let newest = std::fs::read_dir(folder).unwrap().count() as u64;
    assert_eq!(database.number("SELECT max(version) FROM schema_versions").await, newest);
}

#[tokio::test]
async fn a_wrong_password_is_told_with_the_setting() {
    let database = Database::create();
    let wrong = database.url().replace("default@", "default:wrong@");
    let said = refusal(&wrong).await;
    assert!(said.contains("refuses the user \"default\"") && said.contains("SENDRY_TRAFFIC_URL"), "{said}");
    assert!(!said.contains("wrong"), "{said}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_with_the_port() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let target = Target::parse(&format!("clickhouse://127.0.0.1:{port}/x")).unwrap();
    let Err(StoreError::Unavailable(said)) = connect(&target).await else { panic!("it is not there") };
    assert!(said.contains("cannot be reached") && said.contains("8123"), "{said}");
}

/// No test runs a cluster: the tests' ClickHouse has no Keeper. The engine reads at least what it would be told.
#[tokio::test]
async fn what_a_cluster_is_told_is_understood_and_makes_every_table_replicated() {
    let database = Database::create();
    let (alone, together) = (clickhouse::schema(None), clickhouse::schema(Some("it's one")));
    assert_eq!(alone.len(), together.len());
    for (alone, together) in alone.iter().zip(&together) {
        assert!(!alone.contains("Replicated") && !alone.contains("ON CLUSTER"), "{alone}");
        assert!(
            together.contains(r"ON CLUSTER 'it\'s one' (") && together.contains(" ENGINE = Replicated"),
            "{together}"
        );
        for statement in [alone, together] {
            assert!(!statement.contains(['{', '}']), "{statement}");
            let tree = database.texts(&format!("EXPLAIN AST {statement}")).await;
            assert!(tree.iter().any(|line| line.contains("Storage definition")), "{tree:?}");
        }
    }
    let sync = database.texts("EXPLAIN AST SYSTEM SYNC REPLICA traffic_minutes").await;
    assert!(!sync.is_empty());
}

/// A store with its database, at the fixture's now.
async fn store() -> (Database, Arc<ManualClock>, Store) {
    let (database, clock) = (Database::create(), ManualClock::at(NOW));
    let store =
        clickhouse::connect(&database.target(), None, clock.clone(), Retention::default()).await.unwrap();
    let store = Arc::new(store);
    let store = Store { writer: store.clone(), reader: store.clone(), eraser: store };
    (database, clock, store)
}

const ROUTE: (&str, &str) = ("GET", "/orders");

/// The columns of traffic are written one by one: each number here is another one, so that none can stand in another's place.
#[tokio::test]
async fn each_column_of_traffic_holds_what_its_name_says() {
    let (database, _, store) = store().await;
    let buckets = |zero, index| Buckets { zero, counts: vec![(index, 21), (index + 9, 1 << 40)] };
    let series = RouteSeries {
        route: 1,
        status: 201,
        count: 31,
        outcomes: Outcomes { aborted: 32, body_error: 33, panic: 34 },
        durations: Durations { sum_us: 35, max_us: 36, buckets: buckets(0, -40) },
        headers: Some(buckets(41, 300)),
        request: Sizes { sum: 37, buckets: buckets(42, 500) },
        response: Sizes { sum: 38, buckets: Buckets::default() },
    };
    let routes = ["/other", "/orders/{id}"].map(|path| Route { method: "PUT".into(), path: path.into() });
    let minutes = vec![Minute { minute: NOW / 60, routes: vec![series], consumers: Vec::new() }];
    let env = "x".repeat(200);
    let report = Report {
        report_id: Uuid::from_u64_pair(0x0102_0304_0506_0708, 0x090a_0b0c_0d0e_0f10),
        env: env.clone(),
        routes: routes.to_vec(),
        minutes,
        ..report(&[]).report
    };
    store.writer.write(&[accept(Uuid::from_u64_pair(0x11, 0x22), report)]).await.unwrap();

    let columns = "app_id, by_consumer, toUnixTimestamp(bucket), report_id, ordinal, hex(consumer), status, headers_apart, requests, \
                   aborted, body_errors, panics, duration_sum_us, duration_max_us, request_bytes, response_bytes";
    let table = format!("{}.traffic_minutes", database.name());
    let stored = database.texts(&format!("SELECT concatWithSeparator('|', {columns}) FROM {table}")).await;
    let zeros = "0".repeat(32);
    assert_eq!(
        stored,
        [format!(
            "00000000-0000-0011-0000-000000000022|0|{NOW}|01020304-0506-0708-090a-0b0c0d0e0f10|0|{zeros}|201|1|31|32|33|34|35|36|37|38"
        )]
    );
    let maps = "toString(durations), toString(headers), toString(request_sizes), toString(response_sizes)";
    let maps = format!("SELECT arrayJoin([{maps}]) FROM {table}");
    assert_eq!(
        database.texts(&maps).await,
        [
            "{-40:21,-31:1099511627776}",
            "{-32768:41,300:21,309:1099511627776}",
            "{-32768:42,500:21,509:1099511627776}",
            "{}"
        ]
    );
    let named = format!(
        "SELECT count() FROM traffic_minutes WHERE env = '{env}' AND route = (SELECT route FROM routes WHERE path = '/orders/{{id}}')"
    );
    assert_eq!(database.number(&named).await, 1);
}

/// The server did what it was asked and its answer was lost: for the writer that is an outage, at whatever step it happens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_insert_that_was_applied_and_not_answered_counts_once() {
    let database = Database::create();
    let link = Link::to(database.address()).await;
    let there = Target::parse(&format!("clickhouse://default@{}/{}", link.address, database.name())).unwrap();
    let store = Arc::new(connect(&there).await.unwrap());
    let calls: Vec<_> =
        (0..60).map(|number| call(NOW - number * 700, ROUTE, 200, &[5, 70]).by("ann")).collect();
    let reports: Vec<_> = calls.iter().map(|call| report(std::slice::from_ref(call))).collect();
    let mut failed_at = 0;
    for (number, batch) in (1..).zip(reports.chunks(2)) {
        link.lose_answer(number);
        if let Err(error) = store.write(batch).await {
            assert!(error.is_outage(), "{error}");
            failed_at = number;
        }
        if !link.has_lost_it() {
            // It took fewer answers than that.
            link.lose_answer(0);
        }
        // It comes again, perhaps to another worker.
        connect(&there).await.unwrap().write(batch).await.unwrap();
        store.roll_up(NOW).await.unwrap();
    }
    assert!(failed_at >= 5, "a write takes several answers, of which each was lost once: {failed_at}");
    let found = store.endpoints(&scope(), all_time(), &everything()).await.unwrap();
    assert_same(&found, &model(&calls, all_time()));
    store.delete_expired(NOW, &Retention::default()).await.unwrap();
    let found = store.endpoints(&scope(), all_time(), &everything()).await.unwrap();
    assert_same(&found, &model(&calls, all_time()));
}

/// Answers everything as ClickHouse of another version would say which it is.
async fn of_version(version: &'static str) -> String {
    let answer = move || async move { [&[version.len() as u8], version.as_bytes()].concat() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("clickhouse://default@{}/x", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
    url
}

#[tokio::test]
async fn a_server_that_is_too_old_is_told_what_is_needed() {
    let said = refusal(&of_version("24.3.18.7").await).await;
    assert!(
        said.contains("is of version 24.3.18.7; Sendry needs 24.8 or newer: upgrade the server"),
        "{said}"
    );
}

#[tokio::test]
async fn counts_do_not_rest_on_the_list_of_what_is_stored() {
    let (database, clock, store) = store().await;
    let calls: Vec<_> =
        (0..30).map(|number| call(NOW - number * 4_000, ROUTE, 200, &[5, 70]).by("ann")).collect();
    let mut reports: Vec<_> = calls.iter().map(|call| report(std::slice::from_ref(call))).collect();
    reports[3].report.losses = vec![Loss { reason: LossReason::TextCut, count: 3, detail: None }];
    for _ in 0..2 {
        // A worker that dies just before its last insert, and another that cuts the batch anew.
        store.writer.write(&reports[..20]).await.unwrap();
        database.run("TRUNCATE TABLE stored").await;
        store.writer.write(&reports[7..]).await.unwrap();
        database.run("TRUNCATE TABLE stored").await;
        let found = store.reader.endpoints(&scope(), all_time(), &everything()).await.unwrap();
        assert_same(&found, &model(&calls, all_time()));
        let losses = store.reader.losses(&scope(), all_time()).await.unwrap();
        assert_eq!(losses.iter().map(|loss| loss.count).collect::<Vec<_>>(), [3]);
        clock.advance(2 * DAY);
        store.writer.delete_expired(NOW + 2 * DAY, &Retention::default()).await.unwrap();
        clock.advance(-2 * DAY);
    }
}

#[tokio::test]
async fn a_method_of_thousands_of_routes_is_asked_for_in_every_tier() {
    let (_database, clock, store) = store().await;
    let paths: Vec<String> = (0..9_000).map(|number| format!("/pages/{number}")).collect();
    let routes: Vec<_> = paths.iter().map(|path| ("GET", path.as_str())).collect();
    store.writer.write_startups(&[startup(&routes)]).await.unwrap();
    let calls =
        [call(NOW - 3 * DAY, ("GET", "/pages/7"), 200, &[5]), call(NOW, ("GET", "/pages/8"), 200, &[5])];
    store.writer.write(&[report(&calls)]).await.unwrap();
    clock.advance(HOUR);
    store.writer.delete_expired(NOW + HOUR, &Retention::default()).await.unwrap();
    let filter = Filter { method: Some("GET".to_owned()), ..everything() };
    let found = store.reader.endpoints(&scope(), all_time(), &filter).await.unwrap();
    assert_eq!(found.len(), paths.len());
    assert_eq!(found.iter().map(|one| one.totals.requests).sum::<u64>(), 2);
}

#[tokio::test]
async fn a_run_that_died_before_its_end_is_not_read() {
    let (database, clock, store) = store().await;
    store.writer.write(&[report(&[call(NOW - 3 * DAY, ROUTE, 200, &[5])])]).await.unwrap();
    clock.advance(DAY);
    store.writer.roll_up(NOW - 3 * DAY + 2 * HOUR).await.unwrap();
    store.writer.delete_expired(NOW + DAY, &Retention::default()).await.unwrap();
    assert_eq!(database.number("SELECT uniqExact(tier) FROM rollups").await, 2);
    database.run("INSERT INTO traffic_coarse SELECT * REPLACE (run + 1 AS run) FROM traffic_coarse").await;
    assert_eq!(requests(&store, all_time()).await, 1);
}

#[tokio::test]
async fn of_two_runs_the_one_that_saw_more_counts() {
    let (database, clock, store) = store().await;
    let at = NOW - 3 * HOUR;
    store.writer.write(&[report(&[call(at, ROUTE, 200, &[5])])]).await.unwrap();
    clock.advance(DAY);
    store.writer.delete_expired(NOW + DAY, &Retention::default()).await.unwrap();
    store.writer.write(&[report(&[call(at, ROUTE, 200, &[5])])]).await.unwrap();
    store.writer.delete_expired(NOW + DAY, &Retention::default()).await.unwrap();
    // The first run ends once more, after the second.
    database.run("INSERT INTO rollups SELECT app_id, env, tier, bucket, n, run, x FROM rollups WHERE tier = 1 AND n = 1").await;
    let whole = at - at.rem_euclid(1_800);
    assert_eq!(requests(&store, window(whole, whole + 1_800)).await, 2);
    assert_eq!(database.number("SELECT count() FROM rollups WHERE tier = 1").await, 3);
}

#[tokio::test]
async fn minutes_go_by_the_hubs_clock_and_the_retention_of_today() {
    let (database, _clock, store) = store().await;
    let calls: Vec<_> = (0..20).map(|days| call(NOW - days * DAY, ROUTE, 200, &[5])).collect();
    store.writer.write(&[report(&calls)]).await.unwrap();
    let shorter = Retention { minutes_secs: 5 * DAY, ..Retention::default() };
    store.writer.delete_expired(NOW, &shorter).await.unwrap();
    let oldest =
        database.number("SELECT toUnixTimestamp(min(bucket)) FROM traffic_minutes").await.cast_signed();
    assert!((NOW - 9 * DAY..NOW - 5 * DAY).contains(&oldest), "{oldest}");
    assert_eq!(requests(&store, window(NOW - 25 * DAY, NOW - NOW.rem_euclid(DAY))).await, 19);
}

#[tokio::test]
async fn a_server_that_is_killed_loses_nothing_and_is_an_outage() {
    let mut server = Server::start();
    let database = Database::on(&server.url());
    let target = database.target();
    let store = clickhouse::connect(&target, None, ManualClock::at(NOW), Retention::default()).await.unwrap();
    let reports: Vec<_> = (0..6).map(|number| report(&[call(NOW - number * 60, ROUTE, 200, &[5])])).collect();
    store.write(&reports[..3]).await.unwrap();
    server.kill();
    let refused = store.write(&reports).await.unwrap_err();
    assert!(refused.is_outage(), "{refused}");
    assert!(TrafficWriter::check(&store).await.is_err() && TrafficReader::check(&store).await.is_err());
    server.restart();
    TrafficWriter::check(&store).await.unwrap();
    let written = store.write(&reports).await.unwrap();
    assert_eq!((written.stored, written.duplicates), (3, 3));
    let found = store.endpoints(&scope(), all_time(), &everything()).await.unwrap();
    assert_eq!(found[0].totals.requests, 6);
}
