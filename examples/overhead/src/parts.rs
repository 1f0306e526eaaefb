//! The parts: a report of 2,000 series, the memory of a full minute, the histogram's index.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Body;
use sendry_sdk::Sendry;
use sendry_sdk::protocol::{Accepted, Scale};
use sendry_sdk::testing::ManualClock;
use sendry_sdk::track::RequestTracker;
use sendry_sdk::transport::{Message, MessageKind, SendFuture, Transport};

const ROUTES: usize = 500;
const STATUSES: [u16; 4] = [200, 201, 404, 500];
const REQUESTS_PER_SERIES: usize = 30;

/// Keeps the size of the last report and when it was handed over.
#[derive(Default)]
struct Scales(Mutex<Option<(usize, Instant)>>);

impl Transport for Scales {
    fn send(&self, message: Message) -> SendFuture<'_> {
        if message.kind == MessageKind::Report {
            *self.0.lock().expect("no panic") = Some((message.body.len(), Instant::now()));
        }
        Box::pin(async { Ok(Accepted::default()) })
    }
}

/// Fills one minute with 2,000 series of 30 requests, latencies log-normal around a median of each route's own. A consumer for each
/// route makes 2,000 rows of consumers.
fn fill(sendry: &Sendry, clock: &ManualClock, consumer_of: impl Fn(usize) -> Option<String>) {
    let mut random = Random(42);
    for route in 0..ROUTES {
        let path = format!("/api/v1/resource{}/{{id}}/part{route}", route % 37);
        let median = 0.002 * (1.0 + (route % 50) as f64);
        for status in STATUSES {
            for _ in 0..REQUESTS_PER_SERIES {
                let mut tracker =
                    RequestTracker::start(sendry, &axum::http::Method::GET, Some(&path), Some(0));
                if let (Some(tracker), Some(consumer)) = (&mut tracker, consumer_of(route)) {
                    tracker.poll(|| sendry_sdk::set_consumer(&consumer, None, None));
                }
                clock.advance(Duration::from_secs_f64(median * (random.normal() * 0.5).exp()) / 1_000);
                let body = "x".repeat(200 + route % 100 * 10 + (random.uniform() * 300.0) as usize);
                let response =
                    axum::http::Response::builder().status(status).body(Body::from(body)).expect("valid");
                _ = tracker.map(|mut tracker| tracker.respond(&response));
            }
        }
    }
}

pub fn report() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (mut times, mut bytes) = (Vec::new(), 0);
    for _ in 0..9 {
        let (scales, clock) = (Arc::new(Scales::default()), ManualClock::at(1_800_000_000));
        let sendry = Sendry::builder().transport(scales.clone()).clock(clock.clone()).build().expect("valid");
        runtime.block_on(sendry.flush()).expect("taken");
        fill(&sendry, &clock, |_| None);
        let started = Instant::now();
        runtime.block_on(sendry.flush()).expect("taken");
        let (size, handed_over) = scales.0.lock().expect("no panic").expect("a report");
        times.push((handed_over - started).as_secs_f64() * 1_000.0);
        bytes = size;
    }
    let time = crate::requests::median(times);
    println!(
        "2,000 series of 30 requests: {time:.2} ms until handed over, {:.1} KB on the wire",
        bytes as f64 / 1_000.0
    );
    index();
}

fn index() {
    let mut random = Random(7);
    let values: Vec<f64> = (0..4_096).map(|_| 0.001 * (random.normal() * 2.0).exp()).collect();
    let started = Instant::now();
    let mut sum = 0i64;
    for _ in 0..5_000 {
        for value in &values {
            sum += i64::from(Scale::DURATION.index_of(std::hint::black_box(*value)));
        }
    }
    std::hint::black_box(sum);
    println!("histogram index: {:.2} ns a value", started.elapsed().as_nanos() as f64 / (5_000.0 * 4_096.0));
}

#[cfg(feature = "allocations")]
pub fn memory() {
    let clock = ManualClock::at(1_800_000_000);
    let mut sendry = None;
    let idle = allocation_counter::measure(|| {
        sendry = Some(
            Sendry::builder()
                .transport(Arc::new(Scales::default()))
                .clock(clock.clone())
                .build()
                .expect("valid"),
        );
    });
    let sendry = sendry.expect("built");
    let full =
        allocation_counter::measure(|| fill(&sendry, &clock, |route| Some(format!("customer-{route}"))));
    println!("idle: {:.1} KB", idle.bytes_current as f64 / 1_000.0);
    println!(
        "2,000 routes × statuses and 2,000 rows of consumers in one minute: {:.2} MB",
        full.bytes_current as f64 / 1e6
    );
}

/// A small generator, the same in every run.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}
