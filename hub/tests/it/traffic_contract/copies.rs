//! The same report again: in other batches, by other writers, long after.

use sendry_hub::store::traffic::{AcceptedReport, Retention, Steps, Window};

use super::fixture::*;
use super::{Harness, Store};

const ORDERS: (&str, &str) = ("GET", "/orders");
const CREATE: (&str, &str) = ("POST", "/orders");

/// Reports of one minute each, the newest first, and what they say.
fn reports(count: i64, minutes_apart: i64) -> (Vec<AcceptedReport>, Vec<Call>) {
    let call_of = |number: i64| {
        let at = NOW - number * minutes_apart * 60;
        let status = if number % 3 == 0 { 404 } else { 200 };
        call(at, if number % 2 == 0 { ORDERS } else { CREATE }, status, &[1 + number.unsigned_abs() % 700, 9])
            .by("ann")
    };
    let calls: Vec<Call> = (0..count).map(call_of).collect();
    (calls.iter().map(|call| report(std::slice::from_ref(call))).collect(), calls)
}

/// Windows that are answered from one tier and from several.
fn windows() -> [Window; 5] {
    let day = NOW - NOW.rem_euclid(DAY);
    let half_hour = NOW - NOW.rem_euclid(1_800);
    [
        window(NOW - HOUR, NOW + 60),
        window(half_hour - 5 * HOUR, half_hour),
        window(day - 2 * DAY, day),
        window(NOW - 3 * DAY + 60, NOW + 60),
        all_time(),
    ]
}

async fn assert_counted(store: &Store, calls: &[Call]) {
    for window in windows() {
        let found = store.reader.endpoints(&scope(), window, &everything()).await.unwrap();
        assert_same(&found, &model(calls, window));
        let steps = Steps { bounds: vec![window.from, window.to] };
        let chart = store.reader.traffic(&scope(), &steps, &everything()).await.unwrap();
        let charted: u64 = chart.iter().flat_map(|bucket| &bucket.by_status).map(|(_, count)| count).sum();
        assert_eq!(charted, model(calls, window).values().map(|sum| sum.0).sum::<u64>(), "{window:?}");
        let consumers = store.reader.consumers(&scope(), window, &everything()).await.unwrap();
        assert_eq!(consumers.iter().map(|row| row.totals.requests).sum::<u64>(), charted, "{window:?}");
    }
}

pub async fn batches_cut_anew_by_another_writer_count_once<H: Harness>() {
    let (harness, one) = H::new().connect_owned().await;
    let other = harness.connect().await;
    let (reports, calls) = reports(12, 47);
    one.writer.write(&reports[..7]).await.unwrap();
    // What was not acknowledged comes again, with more, less, and in another order.
    other.writer.write(&reports[3..9]).await.unwrap();
    one.writer.write(&reports[8..]).await.unwrap();
    let turned: Vec<_> = reports.iter().rev().cloned().collect();
    for batch in turned.chunks(5) {
        other.writer.write(batch).await.unwrap();
    }
    assert_counted(&one, &calls).await;
    assert_counted(&other, &calls).await;
}

pub async fn writers_apart_at_once_count_once<H: Harness>() {
    let (harness, one) = H::new().connect_owned().await;
    let other = harness.connect().await;
    let (reports, calls) = reports(40, 31);
    let writes = [one.clone(), other].into_iter().flat_map(|store| {
        reports.chunks(8).map(move |batch| {
            let (writer, batch) = (store.writer.clone(), batch.to_vec());
            tokio::spawn(async move { writer.write(&batch).await.unwrap() })
        })
    });
    for write in writes.collect::<Vec<_>>() {
        write.await.unwrap();
    }
    assert_counted(&one, &calls).await;
}

pub async fn what_comes_late_reaches_every_tier_once<H: Harness>() {
    let (harness, one) = H::new().connect_owned().await;
    let (reports, calls) = reports(60, 70);
    let (late, early): (Vec<_>, Vec<_>) = (0..).zip(reports.clone()).partition(|(number, _)| number % 4 == 1);
    let plain =
        |numbered: Vec<(i32, AcceptedReport)>| numbered.into_iter().map(|(_, one)| one).collect::<Vec<_>>();
    one.writer.write(&plain(early.clone())).await.unwrap();
    let told = |late: bool| {
        calls.iter().enumerate().filter(move |(at, _)| late || at % 4 != 1).map(|(_, call)| call.clone())
    };
    assert_counted(&one, &told(false).collect::<Vec<_>>()).await;

    harness.clock().advance(20 * HOUR);
    one.writer.roll_up(NOW + 20 * HOUR).await.unwrap();
    one.writer.delete_expired(NOW + 20 * HOUR, &Retention::default()).await.unwrap();
    assert_counted(&one, &told(false).collect::<Vec<_>>()).await;

    let other = harness.connect().await;
    other.writer.write(&reports[..30]).await.unwrap();
    other.writer.write(&plain(late)).await.unwrap();
    one.writer.write(&plain(early)).await.unwrap();
    assert_counted(&one, &calls).await;
    one.writer.roll_up(NOW + 20 * HOUR).await.unwrap();
    one.writer.delete_expired(NOW + 20 * HOUR, &Retention::default()).await.unwrap();
    assert_counted(&other, &calls).await;
}

pub async fn an_outage_of_hours_is_caught_up_exactly<H: Harness>() {
    let (harness, store) = H::new().connect_owned().await;
    let (reports, calls) = reports(48, 60);
    // Coarser tiers are made while half of it still waits in the queue.
    for (number, report) in reports.iter().enumerate() {
        if number % 2 == 0 {
            store.writer.write(std::slice::from_ref(report)).await.unwrap();
        }
    }
    harness.clock().advance(DAY);
    store.writer.delete_expired(NOW + DAY, &Retention::default()).await.unwrap();
    store.writer.write(&reports).await.unwrap();
    assert_counted(&store, &calls).await;
    harness.clock().advance(39 * DAY);
    store.writer.delete_expired(NOW + 40 * DAY, &Retention::default()).await.unwrap();
    let all = store.reader.endpoints(&scope(), all_time(), &everything()).await.unwrap();
    assert_same(&all, &model(&calls, all_time()));
}

/// Leases may be lost while their holder works, so two do the same at once, beside writers. What is read meanwhile is never less
/// than what was stored before the question, nor more than there is.
pub async fn roll_ups_at_once_beside_a_writer_lose_nothing_and_add_nothing<H: Harness>() {
    let (harness, one) = H::new().connect_owned().await;
    let other = harness.connect().await;
    let (reports, calls) = reports(48, 23);
    harness.clock().advance(3 * HOUR);
    let (done, is_done) = tokio::sync::watch::channel(false);
    let roll_up = |store: Store, is_done: tokio::sync::watch::Receiver<bool>| {
        tokio::spawn(async move {
            let mut runs = 0;
            while runs < 3 || !*is_done.borrow() {
                store.writer.roll_up(NOW + 3 * HOUR).await.unwrap();
                store.writer.delete_expired(NOW + 3 * HOUR, &Retention::default()).await.unwrap();
                runs += 1;
            }
        })
    };
    let jobs = [roll_up(one.clone(), is_done.clone()), roll_up(other.clone(), is_done)];
    let total: u64 = model(&calls, all_time()).values().map(|sum| sum.0).sum();
    for (at, batch) in reports.chunks(4).enumerate() {
        let writer = if at % 2 == 0 { &one } else { &other };
        writer.writer.write(batch).await.unwrap();
        let stored = model(&calls[..(at + 1) * 4], all_time()).values().map(|sum| sum.0).sum::<u64>();
        let found = one.reader.endpoints(&scope(), all_time(), &everything()).await.unwrap();
        let found: u64 = found.iter().map(|endpoint| endpoint.totals.requests).sum();
        assert!(
            (stored..=total).contains(&found),
            "{stored} are stored, {found} are found, {total} there will be"
        );
        // Another copy of the batch before.
        let again = &reports[at.saturating_sub(1) * 4..][..4];
        other.writer.write(again).await.unwrap();
    }
    done.send_replace(true);
    for job in jobs {
        job.await.unwrap();
    }
    assert_counted(&one, &calls).await;
    assert_counted(&other, &calls).await;
}

/// The hub's clock is a day ahead when one copy comes and a day behind when another does.
pub async fn copies_that_come_while_the_clock_jumps_count_once<H: Harness>() {
    let (harness, one) = H::new().connect_owned().await;
    let (reports, calls) = reports(20, 50);
    one.writer.write(&reports).await.unwrap();
    let mut ahead = 0;
    for jump in [DAY, -2 * DAY, DAY] {
        harness.clock().advance(jump);
        ahead += jump;
        let accepted = |report: &AcceptedReport| AcceptedReport {
            accepted_at: report.accepted_at + ahead * 1_000,
            ..report.clone()
        };
        let again: Vec<_> = reports.iter().map(accepted).collect();
        harness.connect().await.writer.write(&again).await.unwrap();
        one.writer.roll_up(NOW + ahead).await.unwrap();
    }
    assert_counted(&one, &calls).await;
}
