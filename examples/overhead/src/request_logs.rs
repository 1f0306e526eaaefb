//! Request logs: what they cost a request, beside tower-http's log lines, and what a line costs the writer, beside serde and the
//! encoder alone.
//!
//! Time is the CPU time of each thread, as Linux counts it: the writer has a core of its own in production and none here.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::Request;
use flate2::{Compression, write::GzEncoder};
use http_body_util::BodyExt;
use sendry_sdk::Sendry;
use sendry_sdk::protocol::{Accepted, LossReason, Report, RequestLog};
use sendry_sdk::request_log::RequestLogs;
use sendry_sdk::transport::{Message, MessageKind, SendFuture, Transport};
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};

use crate::cpu::{own_nanos, thread_nanos};
use crate::variants::{AxumApp, OnAxum, PATH, Variant, router, served};

const ROUND: u64 = 2_000;
const ROUNDS: usize = 100;

/// The writer looks for entries many times a second.
const WRITER_LOOKS_WITHIN: Duration = Duration::from_millis(120);

pub fn run() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let hub = Arc::new(Keeper::default());
    let sendry = Sendry::builder().transport(hub.clone()).request_logs(RequestLogs::new());
    let sendry = runtime.block_on(async { sendry.build() }).expect("the settings are valid");
    let logged = AxumApp(BoxCloneSyncService::new(sendry_sdk_axum::instrument(router(), &sendry)));
    let (bare, off) = runtime.block_on(async { (OnAxum::Bare.app().await, OnAxum::Sendry.app().await) });
    let apps = [bare, off, logged, traced()];
    let (mut own, mut writer): (Vec<Vec<f64>>, Vec<f64>) = (vec![Vec::new(); apps.len()], Vec::new());
    for turn in 0..ROUNDS {
        let before = thread_nanos("sendry-logs");
        for at in 0..apps.len() {
            // The order turns, so that no variant always follows the same one.
            let at = (at + turn) % apps.len();
            own[at].push(runtime.block_on(round(&apps[at])));
        }
        std::thread::sleep(WRITER_LOOKS_WITHIN);
        writer.push((thread_nanos("sendry-logs") - before) / ROUND as f64);
        runtime.block_on(sendry.flush()).expect("the transport takes everything");
    }
    let [bare, off, on, traced] = [0, 1, 2, 3].map(|at| mean(&own[at]));
    println!("| added to a request on its thread | ns of CPU |\n|---|---|");
    println!("| Sendry, logs off | {:.0} |", off - bare);
    println!("| Sendry, logs on | {:.0} |", on - bare);
    println!("| what the log adds | {:.0} |", on - off);
    println!("| TraceLayer, info to a sink | {:.0} |", traced - bare);
    println!(
        "\nlog ÷ TraceLayer: {:.2}; all of Sendry ÷ TraceLayer: {:.2}",
        (on - off) / (traced - bare),
        (on - bare) / (traced - bare)
    );
    hub.print(writer);
}

/// A request with the headers of a browser.
fn request() -> Request {
    let headers = [
        ("host", "shop.example.com"),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        ("accept", "application/json, text/plain, */*"),
        ("accept-language", "en-GB,en;q=0.7,de;q=0.3"),
        ("accept-encoding", "gzip, deflate, br, zstd"),
        ("authorization", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0NzExIn0.3b1f0c7d"),
        ("cookie", "session=0123456789abcdef"),
        ("referer", "https://shop.example.com/orders"),
    ];
    let (a, b) = (noise(), noise());
    let builder = Request::builder()
        .uri(format!("{PATH}?expand=lines&page={}&q={:x}", a % 1_000, b % 65_536))
        .header("traceparent", format!("00-{a:016x}{b:016x}-{:016x}-01", noise() | 1))
        .header("x-request-id", format!("{:016x}-{:016x}", noise(), noise()));
    let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
    builder.body(axum::body::Body::empty()).expect("the request is valid")
}

/// Ids as clients make them: they do not pack, as those of production do not.
fn noise() -> u64 {
    static STATE: AtomicU64 = AtomicU64::new(0);
    let mut mixed = STATE.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

async fn round(app: &AxumApp) -> f64 {
    let before = own_nanos();
    for _ in 0..ROUND {
        let mut app = app.0.clone();
        let ready = app.ready().await.unwrap_or_else(|never| match never {});
        let response = ready.call(request()).await.unwrap_or_else(|never| match never {});
        std::hint::black_box(response.into_body().collect().await.is_ok());
    }
    (own_nanos() - before) / ROUND as f64
}

/// tower-http's layer as its documentation sets it up for a log of requests, with a subscriber that writes into nothing.
fn traced() -> AxumApp {
    use tower_http::trace::{DefaultMakeSpan, DefaultOnRequest, DefaultOnResponse, TraceLayer};
    use tracing::Level;
    tracing_subscriber::fmt().with_writer(std::io::sink).with_max_level(Level::INFO).init();
    let layer = TraceLayer::new_for_http()
        .make_span_with(DefaultMakeSpan::new().level(Level::INFO))
        .on_request(DefaultOnRequest::new().level(Level::INFO))
        .on_response(DefaultOnResponse::new().level(Level::INFO));
    served(router().layer(layer))
}

/// Keeps the batches.
#[derive(Default)]
struct Keeper {
    batches: Mutex<Vec<bytes::Bytes>>,
    lost: Mutex<u64>,
}

impl Transport for Keeper {
    fn send(&self, message: Message) -> SendFuture<'_> {
        match message.kind {
            MessageKind::RequestLogs => self.batches.lock().expect("one thread").push(message.body),
            MessageKind::Report => {
                let report: Report = serde_json::from_slice(&unpack(&message.body)).expect("a report");
                let of_logs =
                    report.losses.iter().filter(|loss| loss.reason == LossReason::RequestLogsDropped);
                *self.lost.lock().expect("one thread") += of_logs.map(|loss| loss.count).sum::<u64>();
            }
            _ => {}
        }
        Box::pin(async { Ok(Accepted::default()) })
    }
}

impl Keeper {
    /// Prints what a line cost, and what it costs without all that the writer does besides.
    fn print(&self, writer: Vec<f64>) {
        let batches = self.batches.lock().expect("one thread");
        let texts: Vec<Vec<u8>> = batches.iter().map(|batch| unpack(batch)).collect();
        let (packed, unpacked) =
            (batches.iter().map(|b| b.len()).sum::<usize>(), texts.iter().map(Vec::len).sum::<usize>());
        let logs: Vec<RequestLog> = texts
            .iter()
            .flat_map(|text| text.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.is_empty()))
            .map(|line| serde_json::from_slice(line).expect("a line"))
            .collect();
        let alone: Vec<f64> = logs.chunks(ROUND as usize).map(alone).collect();
        let (writer, alone) = (mean(&writer), mean(&alone));
        println!(
            "\n{} lines of {} bytes, {} lost, ratio {:.1}",
            logs.len(),
            unpacked / logs.len(),
            self.lost.lock().expect("one thread"),
            unpacked as f64 / packed as f64
        );
        println!("writer: {writer:.0} ns a line, {:.0} lines/s a core", 1e9 / writer);
        println!("serde_json and the encoder alone: {alone:.0} ns; ratio {:.2}", writer / alone);
    }
}

/// What serde and the encoder take for these lines.
fn alone(logs: &[RequestLog]) -> f64 {
    let before = own_nanos();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    let mut line = Vec::new();
    for log in logs {
        line.clear();
        serde_json::to_writer(&mut line, log).expect("a line");
        line.push(b'\n');
        gzip.write_all(&line).expect("memory");
    }
    std::hint::black_box(gzip.finish().expect("memory"));
    (own_nanos() - before) / logs.len() as f64
}

fn unpack(packed: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(packed), &mut text).expect("gzip");
    text
}

/// Linux updates a running thread's CPU time at every tick, so single rounds are off by one and only their mean is exact.
fn mean(rounds: &[f64]) -> f64 {
    rounds.iter().sum::<f64>() / rounds.len() as f64
}
