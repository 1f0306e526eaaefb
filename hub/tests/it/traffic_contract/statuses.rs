//! Statuses by route: over time, and whom they met.

use sendry_hub::store::traffic::{
    Filter, RouteKey, RouteStatus, StatusClass, StatusStep, StatusTotals, Steps,
};
use sendry_sdk::protocol::{Histogram, Scale};

use super::fixture::*;
use super::{Harness, Store};

const GET: (&str, &str) = ("GET", "/orders");
const POST: (&str, &str) = ("POST", "/orders");

fn of(route: (&str, &str), status: u16) -> RouteStatus {
    RouteStatus { route: RouteKey { method: route.0.into(), path: route.1.into() }, status }
}

async fn filled<H: Harness>(calls: &[Call]) -> (H, Store) {
    let (harness, written) = H::new().connect_owned().await;
    store(&written, &[report(calls)]).await;
    written.writer.roll_up(NOW).await.unwrap();
    (harness, written)
}

pub async fn statuses_of_routes_are_told_by_step<H: Harness>() {
    let calls = [
        call(NOW - 3 * DAY, GET, 503, &[5, 6]).by("ann"),
        call(NOW - 60, GET, 503, &[700]),
        call(NOW - 60, GET, 404, &[5]),
        call(NOW - 60, GET, 500, &[5]),
        call(NOW - 60, GET, 200, &[5]),
        call(NOW, POST, 503, &[5]).by("ann"),
        call(NOW, POST, 404, &[5]),
    ];
    let (_harness, store) = filled::<H>(&calls).await;
    let steps = Steps { bounds: vec![NOW - 5 * DAY, NOW - DAY, NOW, NOW + 60] };
    let wanted = [of(POST, 503), of(GET, 503), of(GET, 404), of(GET, 418), of(("PUT", "/x"), 503)];
    let told = async |filter: &Filter| {
        let found = store.reader.status_steps(&scope(), &steps, filter, &wanted).await.unwrap();
        found
            .into_iter()
            .map(|StatusStep { start, of, requests, .. }| (start, of, requests))
            .collect::<Vec<_>>()
    };
    let old = (NOW - 5 * DAY, of(GET, 503), 2);
    let new = [(NOW - DAY, of(GET, 404), 1), (NOW - DAY, of(GET, 503), 1), (NOW, of(POST, 503), 1)];
    assert_eq!(told(&everything()).await, [std::slice::from_ref(&old), new.as_slice()].concat());
    let filtered = Filter { method: Some("GET".into()), status: vec![StatusClass::Class(5)], ..everything() };
    assert_eq!(told(&filtered).await, [old.clone(), new[1].clone()]);
    let ann = Filter { consumer: Some(hash_of("ann")), ..everything() };
    assert_eq!(told(&ann).await, [old, new[2].clone()]);
    assert_eq!(told(&Filter { consumer: Some(hash_of("eve")), ..everything() }).await, []);

    let found = store.reader.status_steps(&scope(), &steps, &everything(), &wanted).await.unwrap();
    let mut slow = Histogram::new();
    slow.record_nanos(700_000_000);
    assert_eq!(flat(&found[2].durations), flat(&slow));
    assert_eq!(found[0].durations.count_at_most(Scale::DURATION, 0.1), 2);
    assert_eq!(store.reader.status_steps(&scope(), &steps, &everything(), &[]).await.unwrap(), []);
}

pub async fn statuses_are_counted_with_whom_they_met_and_their_last_bucket<H: Harness>() {
    let calls = [
        call(NOW - 3 * DAY, GET, 404, &[5, 6]).by("ann"),
        call(NOW - 3 * DAY, GET, 410, &[5]).by("ann"),
        call(NOW - HOUR, GET, 404, &[5]).by("bob"),
        call(NOW - 60, GET, 404, &[5]).by("ann"),
        call(NOW - 60, GET, 404, &[5]),
        call(NOW - HOUR, GET, 503, &[5]).by("bob"),
        call(NOW, GET, 200, &[5, 6]).by("cid"),
        call(NOW, POST, 404, &[5]),
    ];
    let (_harness, store) = filled::<H>(&calls).await;
    let told = async |filter: &Filter| {
        let window = window(NOW - 10 * DAY, NOW + 60);
        let mut found = store.reader.statuses(&scope(), window, filter, hash_of("(other)")).await.unwrap();
        for one in found.iter_mut().filter(|one| one.last_seen_secs == 1_800) {
            assert_eq!(one.last_seen_at, (NOW - 3 * DAY) / 1_800 * 1_800);
            (one.last_seen_at, one.last_seen_secs) = (NOW - 3 * DAY, 60);
        }
        found
    };
    let totals =
        |of: RouteStatus, (requests, route_requests): (u64, u64), consumers, (at, secs)| StatusTotals {
            of,
            requests,
            route_requests,
            consumers,
            has_folded: false,
            last_seen_at: at,
            last_seen_secs: secs,
        };
    // A half hour is looked into by its minutes, a day by its half hours, or by minutes where a store answers from these.
    let three_days_ago = NOW - 3 * DAY;
    let hour_ago = NOW - HOUR;
    let errors = Filter { status: vec![StatusClass::Class(4), StatusClass::Class(5)], ..everything() };
    let expected = [
        totals(of(GET, 404), (5, 9), 2, (NOW - 60, 60)),
        totals(of(GET, 410), (1, 9), 1, (three_days_ago, 60)),
        totals(of(GET, 503), (1, 9), 1, (hour_ago, 60)),
        totals(of(POST, 404), (1, 1), 0, (NOW, 60)),
    ];
    assert_eq!(told(&errors).await, expected);
    let posts = Filter { method: Some("POST".into()), ..errors.clone() };
    assert_eq!(told(&posts).await, expected[3..]);
    let not_found = Filter { status: vec![StatusClass::Exact(404)], ..everything() };
    assert_eq!(told(&not_found).await, [expected[0].clone(), expected[3].clone()]);
    let bob = Filter { consumer: Some(hash_of("bob")), ..errors.clone() };
    let of_bob =
        [totals(of(GET, 404), (1, 2), 1, (hour_ago, 60)), totals(of(GET, 503), (1, 2), 1, (hour_ago, 60))];
    assert_eq!(told(&bob).await, of_bob);
    let window = window(NOW, NOW + 60);
    let now = store.reader.statuses(&scope(), window, &errors, hash_of("(other)")).await.unwrap();
    assert_eq!(now, expected[3..], "what lies outside of the window met nobody");
}

pub async fn consumers_that_were_folded_are_not_counted_as_one<H: Harness>() {
    let calls = [
        call(NOW, GET, 404, &[5]).by("ann"),
        call(NOW, GET, 404, &[5]).by("(other)"),
        call(NOW, GET, 410, &[5]).by("(other)"),
        call(NOW, GET, 500, &[5]).by("ann"),
    ];
    let (_harness, store) = filled::<H>(&calls).await;
    let found = store.reader.statuses(&scope(), all_time(), &everything(), hash_of("(other)")).await.unwrap();
    let whom: Vec<_> = found.iter().map(|one| (one.of.status, one.consumers, one.has_folded)).collect();
    assert_eq!(whom, [(404, 1, true), (410, 0, true), (500, 1, false)]);
}
