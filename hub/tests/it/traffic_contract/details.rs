//! What stands beside the counts.

use sendry_hub::store::traffic::{
    AcceptedReport, AcceptedRequestLogs, ErrorClass, Filter, IngestMark, Scope, StatusClass, Steps,
};
use sendry_sdk::protocol::{
    Loss, LossReason, Report, RequestLog, RequestLogBatchHead, Resources, ServerError, ValidationError,
};
use uuid::Uuid;

use super::Harness;
use super::fixture::*;

const ROUTE: (&str, &str) = ("POST", "/orders");

fn loss(reason: LossReason, count: u64, detail: Option<&str>) -> Loss {
    Loss { reason, count, detail: detail.map(str::to_owned) }
}

pub async fn losses_are_added_by_reason<H: Harness>() {
    let (_harness, written) = H::new().connect_owned().await;
    for _ in 0..2 {
        let mut report = report(&[]);
        report.report.losses =
            vec![loss(LossReason::RoutesFolded, 3, None), loss(LossReason::TextCut, 1, Some("path"))];
        report.hub_losses = vec![loss(LossReason::RejectedByHub, 2, Some("entries"))];
        store(&written, &[report]).await;
    }
    let found = written.reader.losses(&scope(), all_time()).await.unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|row| (row.reason.as_str(), row.detail.as_str(), row.count, row.last_seen_at))
        .collect();
    assert_eq!(
        found,
        [("routes_folded", "", 6, NOW), ("rejected_by_hub", "entries", 4, NOW), ("text_cut", "path", 2, NOW)]
    );
    assert!(written.reader.losses(&scope(), window(NOW - HOUR, NOW)).await.unwrap().is_empty());
}

fn numbered(instance: u128, sequence: u64, after_secs: i64) -> AcceptedReport {
    let mut numbered = report(&[]);
    numbered.report.instance_id = Uuid::from_u128(instance);
    numbered.report.sequence = sequence;
    numbered.report.clock_offset_ms = 40;
    numbered.accepted_at += after_secs * 1_000;
    numbered
}

pub async fn instances_tell_which_reports_are_missing<H: Harness>() {
    let (_harness, written) = H::new().connect_owned().await;
    written.writer.write_startups(&[startup(&[ROUTE])]).await.unwrap();
    let mut last = numbered(1, 4, 60);
    last.report.is_final = true;
    store(&written, &[numbered(1, 0, 0), numbered(1, 1, 10), last, numbered(2, 0, 20)]).await;
    let found = written.reader.instances(&scope(), all_time()).await.unwrap();
    assert_eq!(found.len(), 2);
    let first = found.iter().find(|row| row.instance_id == Uuid::from_u128(1)).unwrap();
    assert_eq!(
        (first.reports, first.last_sequence, first.missing_reports(), first.ended),
        (3, Some(4), 2, true)
    );
    assert_eq!(
        (first.first_report_at, first.last_report_at),
        (Some(NOW * 1_000), Some(NOW * 1_000 + 60_000))
    );
    assert_eq!((first.sdk.as_deref(), first.clock_offset_ms), (Some("sendry-sdk 0.1.0"), 40));
    assert_eq!(first.started_at, Some(NOW * 1_000 - 5));
    let second = found.iter().find(|row| row.instance_id == Uuid::from_u128(2)).unwrap();
    assert_eq!((second.missing_reports(), second.ended, second.started_at), (0, false, None));
    assert!(written.reader.instances(&scope(), window(NOW - HOUR, NOW)).await.unwrap().is_empty());
}

pub async fn freshness_is_that_of_each_environment<H: Harness>() {
    let (_harness, written) = H::new().connect_owned().await;
    written.writer.write_startups(&[startup(&[])]).await.unwrap();
    assert!(written.reader.freshness(APP).await.unwrap().is_empty(), "a startup is no report");
    let dev = report_of(&Scope { env: "dev".into(), ..scope() }, &[]);
    store(&written, &[numbered(1, 0, 0), numbered(2, 0, 290), numbered(3, 0, 301), dev]).await;
    let found = written.reader.freshness(APP).await.unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|row| {
            (
                row.env.as_str(),
                row.first_report_at - NOW * 1_000,
                row.last_report_at - NOW * 1_000,
                row.instances,
            )
        })
        .collect();
    assert_eq!(found, [("dev", 0, 0, 1), ("prod", 0, 301_000, 2)]);
}

fn validation(field: &str, count: u64, consumer: Option<u32>) -> ValidationError {
    ValidationError {
        minute: NOW / 60,
        route: 0,
        status: 422,
        consumer,
        location: "body".into(),
        field: field.into(),
        message: "must not be empty".into(),
        code: "length".into(),
        count,
    }
}

pub async fn validation_errors_are_grouped_by_field<H: Harness>() {
    let (_harness, written) = H::new().connect_owned().await;
    let calls = [call(NOW, ROUTE, 422, &[1, 1]).by("ann"), call(NOW, ROUTE, 422, &[1]).by("bob")];
    for _ in 0..2 {
        let mut report = report(&calls);
        report.report.validation_errors = vec![
            validation("items.*.name", 2, Some(0)),
            validation("items.*.name", 1, Some(1)),
            validation("city", 1, None),
        ];
        store(&written, &[report]).await;
    }
    let found = written.reader.validation_errors(&scope(), all_time(), &everything()).await.unwrap();
    let rows: Vec<_> = found.iter().map(|row| (row.field.as_str(), row.count, row.consumers)).collect();
    assert_eq!(rows, [("items.*.name", 6, 2), ("city", 2, 0)]);
    assert_eq!(
        (found[0].location.as_str(), found[0].code.as_str(), found[0].status),
        ("body", "length", 422)
    );
    assert_eq!(
        (found[0].route.path.as_str(), found[0].first_seen_at, found[0].last_seen_at),
        ("/orders", NOW, NOW)
    );

    let endpoints = written.reader.endpoints(&scope(), all_time(), &everything()).await.unwrap();
    assert_eq!(endpoints[0].validation_errors, 8);
    let bob = Filter { consumer: Some(hash_of("bob")), ..everything() };
    assert_eq!(written.reader.validation_errors(&scope(), all_time(), &bob).await.unwrap()[0].count, 2);
    let other = Filter { path: Some("/other".into()), ..everything() };
    assert!(written.reader.validation_errors(&scope(), all_time(), &other).await.unwrap().is_empty());
    let before = window(NOW - HOUR, NOW);
    assert!(written.reader.validation_errors(&scope(), before, &everything()).await.unwrap().is_empty());
}

pub async fn server_errors_are_grouped_and_keep_one_backtrace<H: Harness>() {
    let (_harness, written) = H::new().connect_owned().await;
    for backtrace in [None, Some("at a"), Some("at b")] {
        let mut report = report(&[call(NOW, ROUTE, 500, &[1])]);
        report.report.server_errors = vec![ServerError {
            minute: NOW / 60,
            status: 500,
            kind: "panic".into(),
            message: "index out of bounds".into(),
            location: Some("src/main.rs:3".into()),
            backtrace: backtrace.map(str::to_owned),
            count: 2,
            ..ServerError::default()
        }];
        store(&written, &[report]).await;
    }
    let found = written.reader.server_errors(&scope(), all_time(), &everything()).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].count, found[0].kind.as_str(), found[0].status), (6, "panic", 500));
    assert_eq!(
        (found[0].location.as_deref(), found[0].backtrace.as_deref()),
        (Some("src/main.rs:3"), Some("at a"))
    );
    let fours = Filter { status: vec![StatusClass::Class(4)], ..everything() };
    assert!(written.reader.server_errors(&scope(), all_time(), &fours).await.unwrap().is_empty());
}

pub async fn consumers_are_listed_by_requests<H: Harness>() {
    let (_harness, written) = H::new().connect_owned().await;
    let calls = [
        call(NOW, ROUTE, 200, &[5]).by("ann"),
        call(NOW - 3 * DAY, ROUTE, 500, &[5, 6, 7]).by("ann"),
        call(NOW, ("GET", "/x"), 200, &[5, 6]).by("bob"),
        call(NOW, ROUTE, 200, &[7]),
    ];
    store(&written, &[report(&calls)]).await;
    let rows = async |window, filter: &Filter| {
        let found = written.reader.consumers(&scope(), window, filter).await.unwrap();
        found.into_iter().map(|row| (row.consumer, row.totals.requests)).collect::<Vec<_>>()
    };
    let (ann, bob) = (hash_of("ann"), hash_of("bob"));
    assert_eq!(rows(all_time(), &everything()).await, [(ann, 4), (bob, 2)]);
    assert_eq!(rows(window(NOW - DAY, NOW + 60), &everything()).await, [(bob, 2), (ann, 1)]);
    assert_eq!(rows(all_time(), &Filter { path: Some("/x".into()), ..everything() }).await, [(bob, 2)]);
    let fives = Filter { status: vec![StatusClass::Class(5)], ..everything() };
    assert_eq!(rows(all_time(), &fives).await, [(ann, 3)]);
    let found = written.reader.consumers(&scope(), all_time(), &everything()).await.unwrap();
    assert_eq!((found[0].first_seen_at, found[0].last_seen_at), (NOW - 3 * DAY, NOW));
    assert_eq!(found[0].totals.by_status, [(200, 1), (500, 3)]);
}

pub async fn resources_are_means_over_samples<H: Harness>() {
    let (_harness, written) = H::new().connect_owned().await;
    let sample = |minute: i64, cpu, rss_bytes| Resources { minute, cpu, rss_bytes, ..Resources::default() };
    let mut sampled = report(&[]);
    sampled.report.resources = vec![
        sample(NOW / 60, Some(0.5), Some(100)),
        sample(NOW / 60 + 1, Some(1.5), None),
        sample(NOW / 60 - 200, Some(9.0), None),
    ];
    store(&written, &[sampled]).await;
    let steps = Steps { bounds: vec![NOW - HOUR, NOW, NOW + HOUR] };
    let found = written.reader.resources(&scope(), &steps).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].start, found[0].instance_id), (NOW, Uuid::from_u128(1)));
    assert_eq!((found[0].cpu, found[0].rss_bytes, found[0].runtime_busy), (Some(1.0), Some(100.0), None));
}

pub async fn gaps_in_ingests_numbers_are_told_and_close<H: Harness>() {
    let (_harness, store) = H::new().connect_owned().await;
    let mark = |sequence| IngestMark { ingest_id: Uuid::from_u128(5), sequence, accepted_at: NOW * 1_000 };
    let accepted = |sequence| AcceptedReport { ingest: mark(sequence), ..report(&[]) };
    store.writer.write(&[accepted(0), accepted(3)]).await.unwrap();
    let gaps = store.reader.ingest_gaps().await.unwrap();
    assert_eq!((gaps.len(), gaps[0].highest, gaps[0].missing), (1, 3, 2));
    assert_eq!((gaps[0].ingest_id, gaps[0].last_accepted_at), (Uuid::from_u128(5), NOW * 1_000));
    let again = accepted(1);
    store.writer.write(std::slice::from_ref(&again)).await.unwrap();
    store.writer.write(&[again]).await.unwrap();
    assert_eq!(store.reader.ingest_gaps().await.unwrap()[0].missing, 1);
    store.writer.note_settled(&[mark(2)]).await.unwrap();
    assert!(store.reader.ingest_gaps().await.unwrap().is_empty());
}

pub async fn request_logs_twice_are_stored_once<H: Harness>() {
    let (_harness, store) = H::new().connect_owned().await;
    let log =
        RequestLog { id: Uuid::new_v4(), time_us: NOW * 1_000_000, status: 200, ..RequestLog::default() };
    let batch = AcceptedRequestLogs {
        app_id: APP,
        accepted_at: NOW * 1_000,
        ingest: IngestMark { ingest_id: Uuid::from_u128(5), sequence: 0, accepted_at: NOW * 1_000 },
        head: RequestLogBatchHead {
            batch_id: Uuid::new_v4(),
            env: "prod".into(),
            ..RequestLogBatchHead::default()
        },
        logs: vec![log],
        consumer_hashes: vec![Some(hash_of("ann"))],
        hub_losses: Vec::new(),
    };
    let written = store.writer.write_request_logs(&[batch.clone(), batch.clone()]).await.unwrap();
    assert_eq!((written.stored, written.duplicates), (1, 1));
    assert_eq!(store.writer.write_request_logs(&[batch]).await.unwrap().duplicates, 1);
    // A batch and a report may have one id.
    let mut same = report(&[]);
    same.report = Report { report_id: Uuid::from_u128(77), ..same.report };
    assert_eq!(store.writer.write(&[same]).await.unwrap().stored, 1);
}

pub async fn a_group_of_errors_is_told_over_time_by_consumer_and_version<H: Harness>() {
    let (_harness, written) = H::new().connect_owned().await;
    let calls = [call(NOW, ROUTE, 422, &[1]).by("ann"), call(NOW, ROUTE, 422, &[1]).by("bob")];
    let at = |ago: i64, version: Option<&str>, errors: Vec<ValidationError>| {
        let mut report = report(&calls);
        report.report.app_version = version.map(str::to_owned);
        let move_back = |error: ValidationError| ValidationError { minute: error.minute - ago, ..error };
        report.report.validation_errors = errors.into_iter().map(move_back).collect();
        report
    };
    store(
        &written,
        &[
            at(3, Some("1.0"), vec![validation("name", 2, Some(0)), validation("city", 9, None)]),
            at(1, Some("1.1"), vec![validation("name", 4, Some(1))]),
            at(0, None, vec![validation("name", 1, None)]),
            at(2, Some("1.0"), vec![validation("name", 1, Some(0))]),
        ],
    )
    .await;
    let groups = written.reader.validation_errors(&scope(), all_time(), &everything()).await.unwrap();
    let group = groups.iter().find(|group| group.field == "name").unwrap();
    assert_eq!((group.first_version.as_deref(), group.last_version.as_deref()), (Some("1.0"), Some("1.1")));
    let steps = Steps { bounds: vec![NOW - 240, NOW - 120, NOW - 60, NOW + 60] };
    let detail = written.reader.error_group(&scope(), &group.id, &steps).await.unwrap().unwrap();
    assert_eq!(detail.counts, [(NOW - 240, 2), (NOW - 120, 1), (NOW - 60, 5)]);
    assert_eq!(detail.consumers, [(hash_of("bob"), 4), (hash_of("ann"), 3)]);
    let versions: Vec<_> = detail
        .versions
        .iter()
        .map(|span| (span.version.as_str(), span.first_seen_at - NOW, span.last_seen_at - NOW))
        .collect();
    assert_eq!(versions, [("1.1", -60, -60), ("1.0", -180, -120)]);
    let later = Steps { bounds: vec![NOW, NOW + 60] };
    let detail = written.reader.error_group(&scope(), &group.id, &later).await.unwrap().unwrap();
    assert_eq!((detail.counts, detail.consumers.len(), detail.versions.len()), (vec![(NOW, 1)], 0, 2));
    for unknown in ["", "x", "00", "00ff"] {
        assert_eq!(written.reader.error_group(&scope(), unknown, &steps).await.unwrap(), None);
    }
    let elsewhere = Scope { env: "dev".into(), ..scope() };
    assert_eq!(written.reader.error_group(&elsewhere, &group.id, &steps).await.unwrap(), None);
}

pub async fn groups_of_errors_are_counted_by_route_and_status<H: Harness>() {
    let (_harness, written) = H::new().connect_owned().await;
    let failed = |minute: i64, status, message: &str| ServerError {
        minute,
        status,
        kind: "panic".into(),
        message: message.into(),
        count: 2,
        ..ServerError::default()
    };
    for _ in 0..2 {
        let mut report = report(&[call(NOW, ROUTE, 500, &[1]).by("ann")]);
        report.report.validation_errors =
            vec![validation("name", 2, Some(0)), validation("name", 1, None), validation("city", 1, None)];
        let minute = NOW / 60;
        report.report.server_errors = vec![
            failed(minute, 500, "a"),
            failed(minute - 1, 500, "a"),
            failed(minute, 500, "b"),
            failed(minute, 503, "a"),
        ];
        report.report.losses = vec![loss(LossReason::RoutesFolded, 3, None)];
        store(&written, &[report]).await;
    }
    let counts = async |scope: &Scope, window| {
        let found = written.reader.error_counts(scope, window).await.unwrap();
        assert!(found.iter().all(|one| (one.route.method.as_str(), one.route.path.as_str()) == ROUTE));
        found.into_iter().map(|one| (one.class, one.status, one.groups, one.count)).collect::<Vec<_>>()
    };
    let (validation, server) = (ErrorClass::Validation, ErrorClass::Server);
    let all = [(validation, 422, 2, 8), (server, 500, 2, 12), (server, 503, 1, 4)];
    assert_eq!(counts(&scope(), all_time()).await, all);
    assert_eq!(counts(&scope(), window(NOW - 60, NOW)).await, [(server, 500, 1, 4)]);
    assert_eq!(counts(&Scope { env: "dev".into(), ..scope() }, all_time()).await, []);
}

pub async fn consumers_over_time_are_new_once<H: Harness>() {
    let (_harness, written) = H::new().connect_owned().await;
    let calls = [
        call(NOW - 3 * DAY, ROUTE, 200, &[5]).by("ann"),
        call(NOW - 2 * HOUR, ROUTE, 500, &[5]).by("ann"),
        call(NOW - 2 * HOUR, ("GET", "/x"), 200, &[5, 6]).by("bob"),
        call(NOW - 2 * HOUR + 60, ("GET", "/x"), 200, &[5]).by("bob"),
        call(NOW, ("GET", "/x"), 200, &[5]).by("bob"),
        call(NOW, ROUTE, 200, &[7]),
    ];
    store(&written, &[report(&calls)]).await;
    let steps = Steps { bounds: vec![NOW - 4 * DAY, NOW - DAY, NOW - HOUR, NOW + 60] };
    let rows = async |filter: &Filter| {
        let found = written.reader.consumer_steps(&scope(), &steps, filter).await.unwrap();
        found.into_iter().map(|step| (step.start - NOW, step.active, step.new)).collect::<Vec<_>>()
    };
    assert_eq!(rows(&everything()).await, [(-4 * DAY, 1, 1), (-DAY, 2, 1), (-HOUR, 1, 0)]);
    let ann = Filter { consumer: Some(hash_of("ann")), ..everything() };
    assert_eq!(rows(&ann).await, [(-4 * DAY, 1, 1), (-DAY, 1, 0)]);
    let fives = Filter { status: vec![StatusClass::Class(5)], ..everything() };
    assert_eq!(rows(&fives).await, [(-DAY, 1, 0)]);
    let path = Filter { path: Some("/x".into()), ..everything() };
    assert_eq!(rows(&path).await, [(-DAY, 1, 1), (-HOUR, 1, 0)]);
}
