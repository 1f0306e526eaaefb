//! One thread, in process: time, allocations and instructions a request.

use std::time::Instant;

use tokio::runtime::Runtime;

use crate::variants::{App, Named, OnActix, OnAxum, Variant};

/// Requests in a round: long enough to time, short enough that all variants meet the same moods of the machine.
const ROUND: u64 = 4_000;
const ROUNDS: usize = 151;

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
    let variants = V::value_variants();
    let apps: Vec<V::App> = variants.iter().map(|variant| runtime.block_on(variant.app())).collect();
    let mut rounds = vec![Vec::new(); apps.len()];
    for round in 0..ROUNDS {
        for at in 0..apps.len() {
            // The order turns, so that no variant always follows the same one.
            let at = (at + round) % apps.len();
            rounds[at].push(runtime.block_on(time_round(&apps[at])));
        }
    }
    let medians: Vec<f64> = rounds.into_iter().map(median).collect();
    let time = |variant: V| variants.iter().zip(&medians).find(|(known, _)| **known == variant);
    let added = |variant: V| time(variant).map_or(f64::NAN, |(_, ns)| ns - medians[0]);
    let [(prometheus, prometheus_name), (otel, otel_name)] = V::PEERS;
    println!("{}: {:.0} ns a request\n", variants[0].name(), medians[0]);
    println!("| added a request | ns | ÷ {prometheus_name} | ÷ {otel_name} |\n|---|---|---|---|");
    for variant in &variants[1..] {
        let ns = added(*variant);
        let (by_prometheus, by_otel) = (ns / added(prometheus), ns / added(otel));
        println!("| {} | {ns:.0} | {by_prometheus:.3} | {by_otel:.3} |", variant.name());
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
