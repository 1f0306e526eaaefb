//! One thread, in process: time, allocations and instructions a request.

use std::time::Instant;

use http_body_util::BodyExt;
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::variants::{App, Variant, request};

/// Requests in a round: long enough to time, short enough that all variants meet the same moods of the machine.
const ROUND: u64 = 4_000;
const ROUNDS: usize = 151;

/// Sends one request and reads the response to its end.
pub async fn exchange(app: &App) {
    let response = app.clone().oneshot(request()).await.unwrap_or_else(|never| match never {});
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        std::hint::black_box(frame.is_ok());
    }
}

pub fn run(variant: Variant, requests: u64) {
    runtime().block_on(async {
        let app = variant.app();
        for _ in 0..requests {
            exchange(&app).await;
        }
    });
}

pub fn time() {
    let runtime = runtime();
    let apps = runtime.block_on(async { Variant::ALL.map(Variant::app) });
    let mut rounds: [Vec<f64>; Variant::ALL.len()] = Default::default();
    for round in 0..ROUNDS {
        for at in 0..apps.len() {
            // The order turns, so that no variant always follows the same one.
            let at = (at + round) % apps.len();
            rounds[at].push(runtime.block_on(time_round(&apps[at])));
        }
    }
    let medians = rounds.map(median);
    let added = |variant: Variant| medians[variant as usize] - medians[Variant::Bare as usize];
    println!("bare: {:.0} ns a request\n", medians[0]);
    println!("| added a request | ns | ÷ axum-prometheus | ÷ OpenTelemetry |\n|---|---|---|---|");
    for variant in &Variant::ALL[1..] {
        let (ns, prometheus, otel) =
            (added(*variant), added(Variant::AxumPrometheus), added(Variant::OpenTelemetry));
        println!("| {} | {ns:.0} | {:.3} | {:.3} |", variant.name(), ns / prometheus, ns / otel);
    }
}

async fn time_round(app: &App) -> f64 {
    let started = Instant::now();
    for _ in 0..ROUND {
        exchange(app).await;
    }
    started.elapsed().as_nanos() as f64 / ROUND as f64
}

#[cfg(feature = "allocations")]
pub fn allocations() {
    let count = |variant: Variant| {
        let runtime = runtime();
        let app = runtime.block_on(async { variant.app() });
        runtime.block_on(async {
            for _ in 0..1_000 {
                exchange(&app).await
            }
        });
        let info = allocation_counter::measure(|| {
            runtime.block_on(async {
                for _ in 0..10_000 {
                    exchange(&app).await
                }
            })
        });
        info.count_total as f64 / 10_000.0
    };
    let bare = count(Variant::Bare);
    println!("bare: {bare:.2} allocations a request\n\n| added a request | allocations |\n|---|---|");
    for variant in &Variant::ALL[1..] {
        println!("| {} | {:.2} |", variant.name(), count(*variant) - bare);
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
