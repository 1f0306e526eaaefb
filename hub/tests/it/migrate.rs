//! Copying traffic from SQLite into ClickHouse: afterwards every question has the answer that it had.

use std::sync::Arc;

use sendry_hub::clock::ManualClock;
use sendry_hub::migrate::{self, Copying};
use sendry_hub::store::traffic::clickhouse::{self, ClickHouseTraffic};
use sendry_hub::store::traffic::sqlite::{self, SqliteTraffic};
use sendry_hub::store::traffic::{
    AcceptedReport, AcceptedRequestLogs, Filter, IngestMark, LogPage, LogSearch, RequestLogReader, Retention,
    Scope, Steps, TrafficReader, TrafficWriter, Window,
};
use sendry_sdk::protocol::{
    Loss, LossReason, RequestLog, RequestLogBatchHead, Resources, ServerError, ValidationError,
};
use tempfile::TempDir;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::clickhouse::Database;
use crate::process::{Reporter, Served, command, run, text};
use crate::traffic_contract::fixture::*;

const ORDERS: (&str, &str) = ("GET", "/orders");
const CREATE: (&str, &str) = ("POST", "/orders");

/// How many days ago something was reported: before minutes are kept, about their edge, and lately.
const DAYS_AGO: [i64; 8] = [300, 60, 45, 33, 31, 20, 2, 0];

/// Both stores, the first of them filled.
struct Stores {
    clock: Arc<ManualClock>,
    source: SqliteTraffic,
    database: Database,
    target: ClickHouseTraffic,
    reports: Vec<AcceptedReport>,
    _dir: TempDir,
}

fn elsewhere() -> Scope {
    Scope { env: "dev".into(), ..scope() }
}

/// What was reported `ago` days ago: all kinds of things.
fn reported(number: u64, ago: i64) -> AcceptedReport {
    let at = NOW - ago * DAY;
    let calls = [
        call(at, ORDERS, 200, &[5, 70, 900]).by("ann"),
        call(at - 60, ORDERS, 499, &[3]),
        call(at - 35 * 60, CREATE, 422, &[8, 9]).by(if ago > 32 { "old" } else { "bob" }),
        call(at - 120, CREATE, 500, &[1]),
    ];
    let mut accepted = report(&calls);
    accepted.accepted_at = at * 1_000;
    // One number of the ingest process and one of the instance is missing.
    let sequence = number + u64::from(number > 3);
    accepted.ingest = IngestMark { ingest_id: Uuid::from_u128(5), sequence, accepted_at: at * 1_000 };
    let report = &mut accepted.report;
    report.created_at_ms = at * 1_000;
    report.sequence = sequence;
    report.app_version = Some(format!("1.{number}"));
    report.clock_offset_ms = 7;
    report.minutes[0].routes[0].headers = Some(report.minutes[0].routes[0].request.buckets.clone());
    report.validation_errors = vec![ValidationError {
        minute: at / 60,
        route: 1,
        status: 422,
        field: "name".into(),
        location: "body".into(),
        message: "too short".into(),
        code: "length".into(),
        count: 2,
        consumer: Some(0),
    }];
    report.server_errors = vec![ServerError {
        minute: at / 60 - 2,
        route: 1,
        status: 500,
        kind: "panic".into(),
        message: "index out of bounds".into(),
        backtrace: Some("at a".into()),
        count: 1,
        ..ServerError::default()
    }];
    report.losses = vec![Loss { reason: LossReason::TextCut, count: 3, detail: None }];
    report.resources =
        vec![Resources { minute: at / 60, cpu: Some(0.5), rss_bytes: Some(100), ..Resources::default() }];
    accepted
}

fn logs() -> AcceptedRequestLogs {
    let log = |number: i64| RequestLog {
        id: Uuid::from_u128(number.unsigned_abs().into()),
        time_us: (NOW - number * 9 * HOUR) * 1_000_000,
        method: ORDERS.0.into(),
        path: ORDERS.1.into(),
        url: format!("/orders?n={number}"),
        status: 200 + u16::from(number % 2 == 0),
        duration_us: 5,
        trace_id: Some(format!("t{number}")),
        ..RequestLog::default()
    };
    AcceptedRequestLogs {
        app_id: APP,
        accepted_at: NOW * 1_000,
        ingest: IngestMark { ingest_id: Uuid::from_u128(6), sequence: 0, accepted_at: NOW * 1_000 },
        head: RequestLogBatchHead {
            batch_id: Uuid::from_u128(3),
            env: "prod".into(),
            ..RequestLogBatchHead::default()
        },
        logs: (1..12).map(log).collect(),
        consumer_hashes: (1..12).map(|number| (number % 3 == 0).then(|| hash_of("ann"))).collect(),
        hub_losses: Vec::new(),
    }
}

impl Stores {
    async fn filled() -> Self {
        let (dir, clock, database) = (TempDir::new().unwrap(), ManualClock::at(NOW), Database::create());
        let retention = Retention::default();
        let source = sqlite::connect(&dir.path().join("traffic.db"), clock.clone(), retention).await.unwrap();
        source.write_startups(&[startup(&[ORDERS, ("GET", "/never")])]).await.unwrap();
        let reports: Vec<_> =
            DAYS_AGO.iter().enumerate().map(|(number, ago)| reported(number as u64, *ago)).collect();
        for (report, ago) in reports.iter().zip(DAYS_AGO) {
            clock.advance(-ago * DAY);
            source.write(std::slice::from_ref(report)).await.unwrap();
            source.delete_expired(NOW - ago * DAY, &retention).await.unwrap();
            clock.advance(ago * DAY);
        }
        source.write(&[report_of(&elsewhere(), &[call(NOW - HOUR, ORDERS, 200, &[5])])]).await.unwrap();
        source.write_request_logs(&[logs()]).await.unwrap();
        let target = clickhouse::connect(&database.target(), None, clock.clone(), retention).await.unwrap();
        Self { clock, source, database, target, reports, _dir: dir }
    }

    fn copying(&self) -> Copying<'_> {
        let retention = Retention::default();
        Copying { source: &self.source, target: &self.target, now: NOW, retention, afresh: false }
    }

    /// Expects every question to have one answer.
    async fn assert_same(&self) {
        let day = NOW - NOW.rem_euclid(DAY);
        for scope in [scope(), elsewhere()] {
            for window in [
                window(day - 390 * DAY, day + DAY),
                window(day - 60 * DAY, day - 40 * DAY),
                window(NOW - 33 * DAY, NOW + 60),
                window(NOW - 31 * DAY, NOW - DAY),
                window(NOW - HOUR, NOW + 60),
            ] {
                self.assert_same_counts(&scope, window).await;
                self.assert_same_beside(&scope, window).await;
            }
        }
        let (source, target) = (&self.source, &self.target);
        assert_eq!(source.freshness(APP).await.unwrap(), target.freshness(APP).await.unwrap());
        assert_eq!(source.ingest_gaps().await.unwrap(), target.ingest_gaps().await.unwrap());
        assert_eq!(migrate::verify(&self.copying()).await.unwrap(), Vec::<String>::new());
    }

    async fn assert_same_counts(&self, scope: &Scope, window: Window) {
        let (source, target) = (&self.source, &self.target);
        let steps =
            Steps { bounds: vec![window.from, window.to - DAY.min(window.to - window.from - 60), window.to] };
        for filter in [everything(), Filter { consumer: Some(hash_of("ann")), ..everything() }] {
            let (ours, theirs) = (
                source.endpoints(scope, window, &filter).await,
                target.endpoints(scope, window, &filter).await,
            );
            assert_eq!(ours.unwrap(), theirs.unwrap(), "{window:?}");
            let (ours, theirs) =
                (source.traffic(scope, &steps, &filter).await, target.traffic(scope, &steps, &filter).await);
            assert_eq!(ours.unwrap(), theirs.unwrap(), "{window:?}");
            let (ours, theirs) =
                (source.latency(scope, &steps, &filter).await, target.latency(scope, &steps, &filter).await);
            assert_eq!(ours.unwrap(), theirs.unwrap(), "{window:?}");
            let (ours, theirs) = (
                source.consumers(scope, window, &filter).await,
                target.consumers(scope, window, &filter).await,
            );
            assert_eq!(ours.unwrap(), theirs.unwrap(), "{window:?}");
            let ours = source.consumer_steps(scope, &steps, &filter).await;
            assert_eq!(ours.unwrap(), target.consumer_steps(scope, &steps, &filter).await.unwrap());
        }
        let ours = source.resources(scope, &steps).await.unwrap();
        assert_eq!(ours, target.resources(scope, &steps).await.unwrap(), "{window:?}");
    }

    async fn assert_same_beside(&self, scope: &Scope, window: Window) {
        let (source, target) = (&self.source, &self.target);
        let steps = Steps { bounds: vec![window.from, window.to] };
        let ours = source.instances(scope, window).await.unwrap();
        assert_eq!(ours, target.instances(scope, window).await.unwrap(), "{window:?}");
        let ours = source.losses(scope, window).await.unwrap();
        assert_eq!(ours, target.losses(scope, window).await.unwrap(), "{window:?}");
        let (ours, theirs) = (
            source.validation_errors(scope, window, &everything()).await.unwrap(),
            target.validation_errors(scope, window, &everything()).await.unwrap(),
        );
        assert_eq!(ours.len(), theirs.len(), "{window:?}");
        for (mut ours, theirs) in ours.into_iter().zip(theirs) {
            let detail = source.error_group(scope, &ours.id, &steps).await.unwrap();
            assert_eq!(detail, target.error_group(scope, &theirs.id, &steps).await.unwrap());
            ours.id.clone_from(&theirs.id);
            assert_eq!(ours, theirs);
        }
        let (ours, theirs) = (
            source.server_errors(scope, window, &everything()).await.unwrap(),
            target.server_errors(scope, window, &everything()).await.unwrap(),
        );
        assert_eq!(ours.len(), theirs.len(), "{window:?}");
        for (mut ours, theirs) in ours.into_iter().zip(theirs) {
            ours.id.clone_from(&theirs.id);
            assert_eq!(ours, theirs);
        }
        let search = LogSearch { from: window.from, to: window.to, ..LogSearch::default() };
        let page = LogPage { after: None, limit: 5 };
        let ours = source.request_logs(scope, &search, &page).await.unwrap();
        let theirs = target.request_logs(scope, &search, &page).await.unwrap();
        assert_eq!((ours.logs, ours.next), (theirs.logs, theirs.next), "{window:?}");
        let ours = source.request_log_groups(scope, &search).await.unwrap();
        let mut theirs = target.request_log_groups(scope, &search).await.unwrap();
        let mut sorted = ours.counts;
        sorted.sort();
        theirs.counts.sort();
        assert_eq!(sorted, theirs.counts);
    }
}

/// Copies everything and answers the lines that were told.
async fn copy(copying: &Copying<'_>) -> Vec<String> {
    let mut told = Vec::new();
    let whole = migrate::copy(copying, |line| {
        told.push(line);
        true
    });
    assert!(whole.await.unwrap());
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_gives_every_answer_and_again_changes_nothing() {
    let stores = Stores::filled().await;
    let told = copy(&stores.copying()).await;
    assert!(told.iter().any(|line| line.starts_with("2024-03-18: ")), "{told:?}");
    stores.assert_same().await;
    assert_eq!(copy(&stores.copying()).await, Vec::<String>::new(), "it is known to be done");
    copy(&Copying { afresh: true, ..stores.copying() }).await;
    stores.assert_same().await;
    // What is too old for minutes is answered by days.
    assert!(stores.database.number("SELECT count() FROM rollups WHERE tier = 2").await >= 6);
    let old = "SELECT count() FROM traffic_minutes WHERE bucket < toDateTime(1707609600)";
    assert_eq!(stores.database.number(old).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_was_interrupted_goes_on() {
    let stores = Stores::filled().await;
    let mut days = 0;
    let copying = stores.copying();
    let stopped = migrate::copy(&copying, |_| {
        days += 1;
        days < 3
    });
    assert!(!stopped.await.unwrap());
    // A day later, and cut off within a day.
    stores.clock.advance(DAY);
    let told = Notify::new();
    let copying = stores.copying();
    let cut = migrate::copy(&copying, |_| {
        told.notify_one();
        true
    });
    tokio::select! {
        biased;
        () = told.notified() => {}
        _ = cut => panic!("it was not cut off"),
    }
    stores.clock.advance(-DAY);
    assert!(!migrate::verify(&stores.copying()).await.unwrap().is_empty(), "not all of it is there");
    copy(&stores.copying()).await;
    stores.assert_same().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_again_after_the_copy_is_known() {
    let stores = Stores::filled().await;
    copy(&stores.copying()).await;
    let late: Vec<_> = stores
        .reports
        .iter()
        .zip(DAYS_AGO)
        .filter(|(_, ago)| *ago < 32)
        .map(|(one, _)| one.clone())
        .collect();
    let written = stores.target.write(&late).await.unwrap();
    assert_eq!((written.stored, written.duplicates), (0, 4));
    assert_eq!(stores.target.write_request_logs(&[logs()]).await.unwrap().duplicates, 1);
    stores.assert_same().await;
    // And what is new is counted, and told as a difference.
    stores.target.write(&[report(&[call(NOW, ORDERS, 200, &[5])])]).await.unwrap();
    let differences = migrate::verify(&stores.copying()).await.unwrap();
    assert!(
        differences.iter().any(|line| line.contains("requests 200: SQLite 3, ClickHouse 4")),
        "{differences:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_moves_a_hub_that_rests() {
    let (dir, database) = (TempDir::new().unwrap(), Database::create());
    let hub = Served::start(dir.path());
    let mut reporter = Reporter::new(dir.path(), &hub.url);
    for _ in 0..3 {
        assert!(reporter.send("/a").await);
    }
    reporter.wait_for(3).await;
    let migrate = |arguments: &[&str]| {
        let mut arguments = arguments.to_vec();
        arguments.insert(0, "migrate-store");
        command(dir.path(), &arguments).env("SENDRY_TRAFFIC_URL", database.url()).output().unwrap()
    };
    let refused = migrate(&[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("another hub works on"), "{}", text(&refused.stderr));
    drop(hub);
    let without = run(dir.path(), &["migrate-store"]);
    assert_eq!(without.status.code(), Some(2));
    assert!(text(&without.stderr).contains("traffic.url"), "{}", text(&without.stderr));
    let missing = migrate(&["--from", "sqlite:/nowhere/traffic.db"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("--from sqlite:PATH"), "{}", text(&missing.stderr));
    let done = migrate(&[]);
    assert_eq!(done.status.code(), Some(0), "{}{}", text(&done.stdout), text(&done.stderr));
    assert!(text(&done.stdout).contains("Verified"), "{}", text(&done.stdout));

    let hub = Served::start_with(dir.path(), &[("SENDRY_TRAFFIC_URL", &database.url())]);
    reporter.url.clone_from(&hub.url);
    assert_eq!(reporter.requests().await, 3);
}
