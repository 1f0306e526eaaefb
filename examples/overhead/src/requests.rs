//! One thread, in process: time, allocations and instructions a request.

use std::time::Instant;

use tokio::runtime::Runtime;

use crate::variants::{App, Named, OnActix, OnAxum, Variant};

/// Requests in a round: long enough to time, short enough that a pair of rounds meets the same mood of the machine.
const ROUND: u64 = 1_000;
const ROUNDS: usize = 25;

/// How often all applications are built anew. Where they happen to lie in memory moves a request by as much as some variants add.
const GENERATIONS: usize = 24;

pub fn run(variant: Named, requests: u64) {
    match variant {
        Named::Axum(variant) => send(variant, requests),
        Named::Actix(variant) => send(variant, requests),
    }
}

fn send(variant: impl Variant, requests: u64) {
    runtime().block_on(async {
        let app = variant.app().await;
        for _ in 0..requests {
            app.exchange().await;
        }
    });
}

pub fn time() {
    time_framework::<OnAxum>();
    time_framework::<OnActix>();
}

fn time_framework<V: Variant>() {
    let runtime = runtime();
    let mut bare = Vec::new();
    let mut added = vec![Vec::new(); V::value_variants().len()];
    for generation in 0..GENERATIONS {
        let apps = build::<V>(generation);
        let time = |app: &V::App| runtime.block_on(time_round(app));
        let mut pairs = vec![Vec::new(); apps.len()];
        for round in 0..ROUNDS {
            for at in 1..apps.len() {
                // The order turns, so that no variant always follows the same one.
                let at = 1 + (at + round) % (apps.len() - 1);
                let (before, own, after) = (time(&apps[0]), time(&apps[at]), time(&apps[0]));
                pairs[at].push(own - (before + after) / 2.0);
                bare.push(before);
            }
        }
        pairs.into_iter().skip(1).enumerate().for_each(|(at, pairs)| added[at + 1].push(median(pairs)));
    }
    print_added::<V>(median(bare), &added);
}

/// Builds all variants, in an order of each generation's own, and warms them up.
fn build<V: Variant>(generation: usize) -> Vec<V::App> {
    let variants = V::value_variants();
    let mut apps: Vec<Option<V::App>> = variants.iter().map(|_| None).collect();
    for at in 0..variants.len() {
        let at = (at + generation) % variants.len();
        let app = runtime().block_on(async {
            let app = variants[at].app().await;
            time_round(&app).await;
            app
        });
        apps[at] = Some(app);
    }
    apps.into_iter().flatten().collect()
}

/// The median over the generations, and half of what the middle half of them spans.
fn print_added<V: Variant>(bare: f64, added: &[Vec<f64>]) {
    let variants = V::value_variants();
    let of = |variant: V| {
        let known = variants.iter().zip(added).find(|(known, _)| **known == variant);
        known.map_or(f64::NAN, |(_, added)| median(added.clone()))
    };
    let [(prometheus, prometheus_name), (otel, otel_name)] = V::PEERS;
    println!("{}: {bare:.0} ns a request\n", V::BARE.name());
    println!("| added a request | ns | ± | ÷ {prometheus_name} | ÷ {otel_name} |\n|---|---|---|---|---|");
    for (variant, added) in variants.iter().zip(added).skip(1) {
        let mut sorted = added.clone();
        sorted.sort_by(f64::total_cmp);
        let spread = (sorted[sorted.len() * 3 / 4] - sorted[sorted.len() / 4]) / 2.0;
        let ns = of(*variant);
        let (by_prometheus, by_otel) = (ns / of(prometheus), ns / of(otel));
        println!("| {} | {ns:.0} | {spread:.0} | {by_prometheus:.3} | {by_otel:.3} |", variant.name());
    }
    println!();
}

async fn time_round(app: &impl App) -> f64 {
    let started = Instant::now();
    for _ in 0..ROUND {
        app.exchange().await;
    }
    started.elapsed().as_nanos() as f64 / ROUND as f64
}

#[cfg(feature = "allocations")]
pub fn allocations() {
    allocations_of::<OnAxum>();
    allocations_of::<OnActix>();
}

#[cfg(feature = "allocations")]
fn allocations_of<V: Variant>() {
    let bare = count(V::BARE);
    println!("{}: {bare:.2} allocations a request\n", V::BARE.name());
    println!("| added a request | allocations |\n|---|---|");
    for variant in &V::value_variants()[1..] {
        println!("| {} | {:.2} |", variant.name(), count(*variant) - bare);
    }
    println!();
}

#[cfg(feature = "allocations")]
fn count(variant: impl Variant) -> f64 {
    const REQUESTS: u32 = 10_000;
    let runtime = runtime();
    let app = runtime.block_on(variant.app());
    let send = |requests| {
        runtime.block_on(async {
            for _ in 0..requests {
                app.exchange().await;
            }
        });
    };
    send(1_000);
    let info = allocation_counter::measure(|| send(REQUESTS));
    info.count_total as f64 / f64::from(REQUESTS)
}

pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
