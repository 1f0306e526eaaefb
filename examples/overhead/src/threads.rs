//! Two threads on one app: what they share is what hurts.

use std::sync::Barrier;
use std::time::Instant;

use crate::requests::{exchange, median};
use crate::variants::{App, Variant};

const PAIRS: usize = 10;
const REQUESTS: u64 = 150_000;

pub fn run() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let _guard = runtime.enter();
    let (bare, sendry) = (Variant::Bare.app(), Variant::Sendry.app());
    let mut ratios = Vec::new();
    println!("| pair | added by one thread, ns | added by two, ns each | ratio |\n|---|---|---|---|");
    for pair in 0..PAIRS {
        let added = |threads| time(&sendry, threads) - time(&bare, threads);
        let (one, two) = (added(1), added(2));
        println!("| {pair} | {one:.0} | {two:.0} | {:.2} |", two / one);
        ratios.push(two / one);
    }
    println!("median ratio: {:.3}", median(ratios));
}

/// Nanoseconds a request on each of `threads` threads.
fn time(app: &App, threads: usize) -> f64 {
    let barrier = Barrier::new(threads);
    let total: f64 = std::thread::scope(|scope| {
        let handles: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| time_thread(app.clone(), &barrier))).collect();
        handles.into_iter().map(|handle| handle.join().expect("no panic")).sum()
    });
    total / threads as f64
}

fn time_thread(app: App, barrier: &Barrier) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        for _ in 0..1_000 {
            exchange(&app).await;
        }
        barrier.wait();
        let started = Instant::now();
        for _ in 0..REQUESTS {
            exchange(&app).await;
        }
        started.elapsed().as_nanos() as f64 / REQUESTS as f64
    })
}
