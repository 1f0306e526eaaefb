//! Two threads on one app: what they share is what hurts.

use std::sync::Barrier;
use std::time::Instant;

use crate::requests::{median, runtime};
use crate::variants::{App, LocalFuture, OnActix, OnAxum, Variant};

const PAIRS: usize = 20;
const REQUESTS: u64 = 60_000;

pub fn run() {
    run_framework::<OnAxum>("axum");
    run_framework::<OnActix>("actix-web");
}

fn run_framework<V: Variant>(framework: &str) {
    let runtime = runtime();
    let _guard = runtime.enter();
    let (bare, sendry) = (runtime.block_on(V::BARE.on_threads()), runtime.block_on(V::SENDRY.on_threads()));
    let mut ratios = Vec::new();
    println!(
        "| {framework}, pair | added by one thread, ns | added by two, ns each | ratio |\n|---|---|---|---|"
    );
    for pair in 0..PAIRS {
        let added = |threads| time(&sendry, threads) - time(&bare, threads);
        let (one, two) = (added(1), added(2));
        println!("| {pair} | {one:.0} | {two:.0} | {:.2} |", two / one);
        ratios.push(two / one);
    }
    println!("median ratio: {:.3}\n", median(ratios));
}

/// Nanoseconds a request on each of `threads` threads.
fn time<A: App>(app: &(impl Fn() -> LocalFuture<A> + Sync), threads: usize) -> f64 {
    let barrier = Barrier::new(threads);
    let total: f64 = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(|| time_thread(app(), &barrier))).collect();
        handles.into_iter().map(|handle| handle.join().expect("no panic")).sum()
    });
    total / threads as f64
}

fn time_thread<A: App>(app: LocalFuture<A>, barrier: &Barrier) -> f64 {
    runtime().block_on(async {
        let app = app.await;
        for _ in 0..1_000 {
            app.exchange().await;
        }
        barrier.wait();
        let started = Instant::now();
        for _ in 0..REQUESTS {
            app.exchange().await;
        }
        started.elapsed().as_nanos() as f64 / REQUESTS as f64
    })
}
