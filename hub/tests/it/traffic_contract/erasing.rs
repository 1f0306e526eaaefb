//! Environments and apps that are erased.

use sendry_hub::store::traffic::{AcceptedReport, LogPage, LogSearch, Scope, Steps};
use sendry_sdk::protocol::{
    Loss, LossReason, RequestLog, RequestLogBatchHead, Resources, ServerError, ValidationError,
};
use uuid::Uuid;

use super::fixture::*;
use super::{Harness, Store};

const ROUTE: (&str, &str) = ("POST", "/orders");

fn dev() -> Scope {
    Scope { env: "dev".into(), ..scope() }
}

/// A report with something of everything.
fn full(scope: &Scope) -> AcceptedReport {
    let calls = [call(NOW, ROUTE, 500, &[5]).by("ann"), call(NOW - 3 * DAY, ROUTE, 200, &[5, 6])];
    let mut full = report_of(scope, &calls);
    full.report.app_version = Some("1.0".into());
    full.report.validation_errors = vec![ValidationError {
        minute: NOW / 60,
        status: 422,
        field: "name".into(),
        message: "must not be empty".into(),
        count: 1,
        ..ValidationError::default()
    }];
    full.report.server_errors = vec![ServerError {
        minute: NOW / 60,
        status: 500,
        kind: "panic".into(),
        message: "ouch".into(),
        count: 1,
        ..ServerError::default()
    }];
    full.report.losses = vec![Loss { reason: LossReason::RoutesFolded, count: 3, detail: None }];
    full.report.resources = vec![Resources { minute: NOW / 60, cpu: Some(0.5), ..Resources::default() }];
    full
}

async fn fill(written: &Store, scope: &Scope) {
    store(written, &[full(scope)]).await;
    let log = RequestLog {
        id: Uuid::new_v4(),
        time_us: NOW * 1_000_000,
        method: ROUTE.0.into(),
        path: ROUTE.1.into(),
        status: 200,
        ..RequestLog::default()
    };
    let report = full(scope);
    let batch = sendry_hub::store::traffic::AcceptedRequestLogs {
        app_id: scope.app_id,
        accepted_at: report.accepted_at,
        ingest: report.ingest,
        head: RequestLogBatchHead {
            batch_id: Uuid::new_v4(),
            env: scope.env.clone(),
            ..RequestLogBatchHead::default()
        },
        logs: vec![log],
        consumer_hashes: vec![Some(hash_of("ann"))],
        hub_losses: Vec::new(),
    };
    written.writer.write_request_logs(&[batch]).await.unwrap();
}

/// How much there is of everything that can be asked for: endpoints, requests, groups of both errors with their texts, losses,
/// consumers, instances, points of resources, request logs.
async fn found(store: &Store, scope: &Scope) -> [usize; 10] {
    let (reader, everything) = (&store.reader, everything());
    let endpoints = reader.endpoints(scope, all_time(), &everything).await.unwrap();
    let validation = reader.validation_errors(scope, all_time(), &everything).await.unwrap();
    let server = reader.server_errors(scope, all_time(), &everything).await.unwrap();
    let steps = Steps { bounds: vec![all_time().from, NOW - DAY, all_time().to] };
    let search = LogSearch { from: NOW - DAY, to: NOW + DAY, ..LogSearch::default() };
    let logs = reader.request_logs(scope, &search, &LogPage { after: None, limit: 9 }).await.unwrap();
    [
        endpoints.len(),
        endpoints.iter().map(|one| one.totals.requests as usize).sum(),
        reader.traffic(scope, &steps, &everything).await.unwrap().len(),
        validation.iter().filter(|group| group.message == "must not be empty").count(),
        server.iter().filter(|group| group.message == "ouch").count(),
        reader.losses(scope, all_time()).await.unwrap().len(),
        reader.consumers(scope, all_time(), &everything).await.unwrap().len(),
        reader.instances(scope, all_time()).await.unwrap().len(),
        reader.resources(scope, &steps).await.unwrap().len(),
        logs.logs.len(),
    ]
}

const FULL: [usize; 10] = [1, 3, 2, 1, 1, 1, 1, 1, 1, 1];

pub async fn an_erased_environment_leaves_nothing_and_others_alone<H: Harness>() {
    let (_harness, store) = H::new().connect_owned().await;
    for scope in [scope(), dev()] {
        fill(&store, &scope).await;
        assert_eq!(found(&store, &scope).await, FULL, "{scope:?}");
    }
    store.writer.roll_up(NOW).await.unwrap();
    store.eraser.erase_environment(&dev()).await.unwrap();
    assert_eq!(found(&store, &dev()).await, [0; 10]);
    assert_eq!(found(&store, &scope()).await, FULL);
    let fresh = store.reader.freshness(APP).await.unwrap();
    assert_eq!(fresh.iter().map(|one| one.env.as_str()).collect::<Vec<_>>(), ["prod"]);
    store.eraser.erase_environment(&dev()).await.unwrap();
    let elsewhere = Scope { app_id: Uuid::from_u128(0xb), ..scope() };
    store.eraser.erase_environment(&elsewhere).await.unwrap();
    assert_eq!(found(&store, &scope()).await, FULL);
}

pub async fn an_environment_that_comes_back_is_a_new_one<H: Harness>() {
    let (harness, store) = H::new().connect_owned().await;
    fill(&store, &dev()).await;
    // What writers remember of it is forgotten after an hour.
    harness.clock().advance(3_900);
    store.eraser.erase_environment(&dev()).await.unwrap();
    fill(&store, &dev()).await;
    assert_eq!(found(&store, &dev()).await, FULL);
    let endpoints = store.reader.endpoints(&dev(), all_time(), &everything()).await.unwrap();
    let called = endpoints.iter().find(|one| one.totals.requests > 0).unwrap();
    assert_eq!((called.first_seen_at, called.last_seen_at), (Some(NOW - 3 * DAY), Some(NOW)));
}

pub async fn an_erased_app_leaves_nothing_and_others_alone<H: Harness>() {
    let (harness, store) = H::new().connect_owned().await;
    let other = Scope { app_id: Uuid::from_u128(0xb), ..scope() };
    for scope in [scope(), dev(), other.clone()] {
        fill(&store, &scope).await;
    }
    store.writer.roll_up(NOW).await.unwrap();
    store.eraser.erase_app(APP).await.unwrap();
    store.eraser.erase_app(APP).await.unwrap();
    for store in [&store, &harness.connect().await] {
        for scope in [scope(), dev()] {
            assert_eq!(found(store, &scope).await, [0; 10], "{scope:?}");
        }
        assert!(store.reader.freshness(APP).await.unwrap().is_empty());
        assert_eq!(found(store, &other).await, FULL);
    }
}
