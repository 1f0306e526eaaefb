//! Off the hot path: CPU of the client's own thread a request, and how long a report holds up requests while it is taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use axum::body::Body;
use axum::http::{Method, Response};
use sendry_sdk::Sendry;
use sendry_sdk::track::RequestTracker;

use crate::cpu::thread_nanos;
use crate::requests::{median, runtime};
use crate::variants::{App, OnAxum, Sink, Variant};

/// A service of ten thousand requests a second, whose report goes out every ten seconds.
const REQUESTS_PER_REPORT: u64 = 100_000;
const REPORTS: usize = 20;

const SERIES: usize = 1_000;
const FLUSHES: usize = 51;

pub fn run() {
    thread();
    hold();
}

fn thread() {
    let runtime = runtime();
    let app = runtime.block_on(OnAxum::Sendry.app());
    let sendry = crate::variants::sendry();
    let mut nanos = Vec::new();
    for _ in 0..REPORTS {
        let before = thread_nanos("sendry-sync");
        runtime.block_on(async {
            for _ in 0..REQUESTS_PER_REPORT {
                app.exchange().await;
            }
            sendry.flush().await.expect("the transport takes everything");
        });
        nanos.push((thread_nanos("sendry-sync") - before) / REQUESTS_PER_REPORT as f64);
    }
    println!("background CPU: {:.2} ns a request, at {REQUESTS_PER_REPORT} requests a report", median(nanos));
}

/// A thread counts without a pause while reports are taken from the shard that it counts into. The slowest request beside a report
/// is at least as long as that shard was held.
fn hold() {
    let sendry = Sendry::builder().transport(Arc::new(Sink)).build().expect("valid");
    let runtime = runtime();
    runtime.block_on(sendry.flush()).expect("taken");
    let (mut beside, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..FLUSHES {
        (0..SERIES).for_each(|at| count(&sendry, &format!("/route/{at}")));
        let (done, begun) = (AtomicBool::new(false), AtomicBool::new(false));
        let slowest = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !begun.load(Ordering::Relaxed) {}
                crate::requests::runtime().block_on(sendry.flush()).expect("taken");
                done.store(true, Ordering::Relaxed);
            });
            let of = |until: &dyn Fn(usize) -> bool| {
                let mut slowest = 0;
                for turn in 0.. {
                    if until(turn) {
                        break;
                    }
                    let started = Instant::now();
                    count(&sendry, "/route/0");
                    slowest = slowest.max(started.elapsed().as_nanos());
                }
                slowest as f64 / 1_000.0
            };
            alone.push(of(&|turn| turn == 10_000));
            begun.store(true, Ordering::Relaxed);
            of(&|_| done.load(Ordering::Relaxed))
        });
        beside.push(slowest);
    }
    println!(
        "slowest request while a report of {SERIES} series is taken: {:.1} µs, median of {FLUSHES}; {:.1} µs beside none",
        median(beside),
        median(alone)
    );
}

fn count(sendry: &Sendry, path: &str) {
    let response = Response::new(Body::from("an order"));
    if let Some(mut tracker) = RequestTracker::start(sendry, &Method::GET, Some(path), Some(0)) {
        tracker.respond(&response);
    }
}
