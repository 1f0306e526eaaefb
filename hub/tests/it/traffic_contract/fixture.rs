//! Reports to store, and the plainest way to add them up.

use std::collections::BTreeMap;

use sendry_hub::store::traffic::{
    AcceptedReport, AcceptedStartup, ConsumerHash, EndpointTotals, Filter, IngestMark, RouteKey, Scope,
    Window,
};
use sendry_sdk::protocol::{
    Consumer, ConsumerSeries, Durations, Histogram, Minute, Outcomes, Report, Route, RouteSeries, Sdk, Sizes,
    Startup,
};
use uuid::Uuid;

use super::Store;

/// Noon and seventeen minutes of a day in 2024.
pub const NOW: i64 = 19_800 * 86_400 + 12 * 3_600 + 17 * 60;
pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 86_400;
pub const APP: Uuid = Uuid::from_u128(0xa);

pub fn scope() -> Scope {
    Scope { app_id: APP, env: "prod".into() }
}

pub fn everything() -> Filter {
    Filter::default()
}

pub fn window(from: i64, to: i64) -> Window {
    Window { from, to }
}

/// Everything that can be asked for without ageing.
pub fn all_time() -> Window {
    window(NOW - 30 * DAY, NOW + DAY)
}

pub fn hash_of(consumer: &str) -> ConsumerHash {
    let mut hash = [0; 16];
    hash[..consumer.len()].copy_from_slice(consumer.as_bytes());
    hash
}

/// One request's worth of a series: `durations_ms` of one route and status.
#[derive(Debug, Clone)]
pub struct Call {
    pub at: i64,
    pub route: (&'static str, &'static str),
    pub status: u16,
    pub durations_ms: Vec<u64>,
    pub consumer: Option<&'static str>,
}

pub fn call(at: i64, route: (&'static str, &'static str), status: u16, durations_ms: &[u64]) -> Call {
    Call { at, route, status, durations_ms: durations_ms.to_vec(), consumer: None }
}

impl Call {
    pub fn by(self, consumer: &'static str) -> Self {
        Self { consumer: Some(consumer), ..self }
    }

    fn durations(&self) -> (Durations, Histogram) {
        let mut histogram = Histogram::new();
        self.durations_ms.iter().for_each(|ms| histogram.record_nanos(ms * 1_000_000));
        let durations = Durations {
            sum_us: self.durations_ms.iter().sum::<u64>() * 1_000,
            max_us: self.durations_ms.iter().max().copied().unwrap_or(0) * 1_000,
            buckets: (&histogram).into(),
        };
        (durations, histogram)
    }

    fn sizes(&self, each: u64) -> Sizes {
        let mut histogram = Histogram::new();
        self.durations_ms.iter().for_each(|_| histogram.record_bytes(each));
        Sizes { sum: self.durations_ms.len() as u64 * each, buckets: (&histogram).into() }
    }
}

/// A report of `calls`, accepted now.
pub fn report(calls: &[Call]) -> AcceptedReport {
    report_of(&scope(), calls)
}

pub fn report_of(scope: &Scope, calls: &[Call]) -> AcceptedReport {
    let mut report = Report {
        version: 1,
        report_id: Uuid::new_v4(),
        instance_id: Uuid::from_u128(1),
        env: scope.env.clone(),
        created_at_ms: NOW * 1_000,
        ..Report::default()
    };
    for call in calls {
        add(&mut report, call);
    }
    accept(scope.app_id, report)
}

pub fn accept(app_id: Uuid, report: Report) -> AcceptedReport {
    let hashes = report.consumers.iter().map(|consumer| hash_of(&consumer.identifier)).collect();
    AcceptedReport {
        app_id,
        accepted_at: NOW * 1_000,
        ingest: IngestMark { ingest_id: Uuid::from_u128(5), sequence: 0, accepted_at: NOW * 1_000 },
        report,
        consumer_hashes: hashes,
        hub_losses: Vec::new(),
    }
}

fn add(report: &mut Report, call: &Call) {
    let route = Route { method: call.route.0.into(), path: call.route.1.into() };
    let route = index_of(&mut report.routes, route);
    let (durations, _) = call.durations();
    let (request, response) = (call.sizes(100), call.sizes(1_000));
    let count = call.durations_ms.len() as u64;
    let consumer = call.consumer.map(|name| {
        let consumer = Consumer { identifier: name.into(), ..Consumer::default() };
        index_of(&mut report.consumers, consumer)
    });
    let minute = call.at.div_euclid(60);
    let at = report.minutes.iter().position(|known| known.minute == minute).unwrap_or_else(|| {
        report.minutes.push(Minute { minute, ..Minute::default() });
        report.minutes.len() - 1
    });
    let minute = &mut report.minutes[at];
    if let Some(consumer) = consumer {
        let buckets = coarser(&durations);
        minute.consumers.push(ConsumerSeries {
            consumer,
            route,
            status: call.status,
            count,
            durations: Durations { buckets, ..durations.clone() },
            request_bytes: request.sum,
            response_bytes: response.sum,
        });
    }
    minute.routes.push(RouteSeries {
        route,
        status: call.status,
        count,
        outcomes: Outcomes { aborted: u64::from(call.status == 499) * count, ..Outcomes::default() },
        durations,
        headers: None,
        request,
        response,
    });
}

/// The durations at the scale of sizes.
fn coarser(durations: &Durations) -> sendry_sdk::protocol::Buckets {
    let mut histogram = Histogram::new();
    histogram.add_zero(durations.buckets.zero);
    durations.buckets.counts.iter().for_each(|(index, count)| histogram.add(index >> 2, *count));
    (&histogram).into()
}

fn index_of<T: PartialEq>(list: &mut Vec<T>, value: T) -> u32 {
    let at = list.iter().position(|known| *known == value).unwrap_or_else(|| {
        list.push(value);
        list.len() - 1
    });
    at as u32
}

pub fn startup(routes: &[(&str, &str)]) -> AcceptedStartup {
    let routes = routes.iter().map(|(method, path)| Route { method: (*method).into(), path: (*path).into() });
    AcceptedStartup {
        app_id: APP,
        accepted_at: NOW * 1_000,
        ingest: IngestMark { ingest_id: Uuid::from_u128(5), sequence: 0, accepted_at: NOW * 1_000 },
        startup: Startup {
            version: 1,
            instance_id: Uuid::from_u128(1),
            env: "prod".into(),
            sdk: Sdk { name: "sendry-sdk".into(), version: "0.1.0".into() },
            started_at_ms: NOW * 1_000 - 5,
            routes: routes.collect(),
            ..Startup::default()
        },
    }
}

/// Stores reports one by one and expects them to be new.
pub async fn store(store: &Store, reports: &[AcceptedReport]) {
    for report in reports {
        let written = store.writer.write(std::slice::from_ref(report)).await.unwrap();
        assert_eq!((written.stored, written.duplicates), (1, 0));
    }
}

/// Requests in the window, by the endpoint table.
pub async fn requests(store: &Store, window: Window) -> u64 {
    let endpoints = store.reader.endpoints(&scope(), window, &everything()).await.unwrap();
    endpoints.iter().map(|endpoint| endpoint.totals.requests).sum()
}

/// What the plainest code says about a window: requests, duration sum and histogram per route and status.
pub type Model = BTreeMap<(RouteKey, u16), (u64, Histogram)>;

pub fn model<'a>(calls: impl IntoIterator<Item = &'a Call>, window: Window) -> Model {
    let mut model = Model::new();
    let inside = |call: &&Call| (window.from..window.to).contains(&(call.at - call.at.rem_euclid(60)));
    for call in calls.into_iter().filter(inside) {
        let route = RouteKey { method: call.route.0.into(), path: call.route.1.into() };
        let sum = model.entry((route, call.status)).or_default();
        sum.0 += call.durations_ms.len() as u64;
        sum.1.merge(&call.durations().1);
    }
    model
}

/// Expects the endpoint table to say what the model says.
pub fn assert_same(found: &[EndpointTotals], model: &Model) {
    for endpoint in found {
        let mine = || model.iter().filter(|((route, _), _)| *route == endpoint.route);
        let by_status: Vec<(u16, u64)> = mine().map(|((_, status), sum)| (*status, sum.0)).collect();
        assert_eq!(endpoint.totals.by_status, by_status, "{:?}", endpoint.route);
        assert_eq!(endpoint.totals.requests, by_status.iter().map(|(_, count)| count).sum::<u64>());
        let mut durations = Histogram::new();
        mine().for_each(|(_, sum)| durations.merge(&sum.1));
        assert_eq!(flat(&endpoint.totals.durations), flat(&durations), "{:?}", endpoint.route);
        assert_eq!(flat(&endpoint.totals.headers), flat(&durations), "{:?}", endpoint.route);
        assert_eq!(endpoint.totals.request_bytes, endpoint.totals.requests * 100);
        assert_eq!(endpoint.totals.response_sizes.count(), endpoint.totals.requests);
    }
    let listed = |route: &RouteKey| found.iter().any(|endpoint| endpoint.route == *route);
    assert!(model.keys().all(|(route, _)| listed(route)));
}

/// A histogram in a form that can be compared.
pub fn flat(histogram: &Histogram) -> (u64, Vec<(i16, u64)>) {
    (histogram.zero(), histogram.iter().collect())
}
