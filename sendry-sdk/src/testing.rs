//! For the tests of applications and integrations: a transport that keeps what would be sent, and a clock moved by hand.
//!
//! ```
//! use sendry_sdk::{Sendry, testing::TestTransport};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let hub = TestTransport::new();
//! let sendry = Sendry::builder().transport(hub.clone()).build()?;
//! // … send requests through the instrumented application …
//! sendry.flush().await?;
//! assert_eq!(hub.requests(), 0);
//! # Ok(())
//! # }
//! ```

pub mod conformance;

use std::collections::VecDeque;
use std::io::Read;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::{Clock, MONOTONIC_START_NANOS};
use crate::protocol::{Accepted, Report, RequestLog, RequestLogBatchHead, RouteSeries, Startup};
use crate::transport::{Message, MessageKind, SendFuture, Transport, TransportError};

/// A transport that keeps every message and answers as it was told, 202 by default.
#[derive(Debug, Default)]
pub struct TestTransport {
    state: Mutex<State>,
    clock: Option<Arc<ManualClock>>,
}

#[derive(Debug, Default)]
struct State {
    startups: Vec<Startup>,
    reports: Vec<Report>,
    request_log_heads: Vec<RequestLogBatchHead>,
    request_logs: Vec<RequestLog>,
    bodies: Vec<(MessageKind, bytes::Bytes)>,
    answers: VecDeque<Result<Accepted, TransportError>>,
    down: bool,
}

impl State {
    fn take_request_logs(&mut self, json: &[u8]) -> Result<(), TransportError> {
        let mut lines = json.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let head = serde_json::from_slice(lines.next().unwrap_or_default()).map_err(refuse)?;
        let logs: Result<Vec<RequestLog>, _> = lines.map(serde_json::from_slice).collect();
        self.request_logs.extend(logs.map_err(refuse)?);
        self.request_log_heads.push(head);
        Ok(())
    }
}

/// One series of a report with the names of its route.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Counted {
    /// The method.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The minute.
    pub minute: i64,
    /// Counts, sums and histograms.
    pub series: RouteSeries,
}

impl TestTransport {
    /// Returns a transport that accepts everything. It says that its time is the machine's.
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// The same, with the time of `clock`.
    pub fn with_clock(clock: Arc<ManualClock>) -> Arc<Self> {
        Arc::new(Self { clock: Some(clock), ..Self::default() })
    }

    /// Answers the next message so, and those after it as told by further calls, then 202 again. A `server_time` of 0 stands
    /// for the true one.
    pub fn answer_next(&self, answer: Result<Accepted, TransportError>) {
        self.lock().answers.push_back(answer);
    }

    /// Plays a hub that cannot be reached, or one that is back.
    pub fn set_down(&self, down: bool) {
        self.lock().down = down;
    }

    /// The startup messages accepted so far.
    pub fn startups(&self) -> Vec<Startup> {
        self.lock().startups.clone()
    }

    /// The reports accepted so far.
    pub fn reports(&self) -> Vec<Report> {
        self.lock().reports.clone()
    }

    /// The heads of the batches of request logs accepted so far.
    pub fn request_log_heads(&self) -> Vec<RequestLogBatchHead> {
        self.lock().request_log_heads.clone()
    }

    /// The request logs accepted so far.
    pub fn request_logs(&self) -> Vec<RequestLog> {
        self.lock().request_logs.clone()
    }

    /// All messages that were sent, accepted or not, as they would go over the wire.
    pub fn bodies(&self) -> Vec<(MessageKind, bytes::Bytes)> {
        self.lock().bodies.clone()
    }

    /// How many requests the accepted reports count.
    pub fn requests(&self) -> u64 {
        self.counted().iter().map(|counted| counted.series.count).sum()
    }

    /// Every series of the accepted reports, in the order of their arrival.
    pub fn counted(&self) -> Vec<Counted> {
        let reports = self.reports();
        let series = reports.iter().flat_map(|report| {
            report
                .minutes
                .iter()
                .flat_map(move |minute| minute.routes.iter().map(move |series| (report, minute, series)))
        });
        let name = |(report, minute, series): (&Report, &crate::protocol::Minute, &RouteSeries)| {
            let route = &report.routes[series.route as usize];
            Counted {
                method: route.method.clone(),
                path: route.path.clone(),
                minute: minute.minute,
                series: series.clone(),
            }
        };
        series.map(name).collect()
    }

    fn accept(&self, message: &Message) -> Result<Accepted, TransportError> {
        let mut state = self.lock();
        state.bodies.push((message.kind, message.body.clone()));
        if state.down {
            return Err(TransportError::Unavailable { detail: "played down".to_owned(), retry_after: None });
        }
        let mut answer = state.answers.pop_front().unwrap_or_else(|| Ok(Accepted::default()))?;
        if answer.server_time == 0.0 {
            answer.server_time = self.now();
        }
        let json = inflate(&message.body);
        match message.kind {
            MessageKind::Startup => state.startups.push(serde_json::from_slice(&json).map_err(refuse)?),
            MessageKind::Report => state.reports.push(serde_json::from_slice(&json).map_err(refuse)?),
            MessageKind::RequestLogs => state.take_request_logs(&json)?,
        }
        Ok(answer)
    }

    fn now(&self) -> f64 {
        let nanos = match &self.clock {
            Some(clock) => clock.hub_unix_nanos(),
            None => crate::clock::SystemClock::default().unix_nanos(),
        };
        nanos as f64 / 1e9
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for TestTransport {
    fn send(&self, message: Message) -> SendFuture<'_> {
        Box::pin(async move { self.accept(&message) })
    }
}

fn inflate(body: &[u8]) -> Vec<u8> {
    let mut json = Vec::new();
    // What is not gzip fails to parse right after.
    _ = flate2::read::GzDecoder::new(body).read_to_end(&mut json);
    json
}

fn refuse(error: serde_json::Error) -> TransportError {
    TransportError::Refused(format!("not what a hub takes: {error}"))
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock {
    monotonic: AtomicU64,
    /// What the machine believes, minus the monotonic time.
    machine_offset: AtomicI64,
    /// What the hub knows, minus the monotonic time.
    hub_offset: AtomicI64,
    /// How long the machine slept.
    slept: AtomicU64,
}

impl ManualClock {
    /// Returns a clock that shows `unix_secs`, on this machine as on the hub.
    pub fn at(unix_secs: i64) -> Arc<Self> {
        let start = MONOTONIC_START_NANOS;
        let offset = unix_secs * 1_000_000_000 - start as i64;
        Arc::new(Self {
            monotonic: AtomicU64::new(start),
            machine_offset: offset.into(),
            hub_offset: offset.into(),
            slept: AtomicU64::new(0),
        })
    }

    /// Lets time pass.
    pub fn advance(&self, by: std::time::Duration) {
        self.monotonic.fetch_add(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX), Ordering::SeqCst);
    }

    /// Sets the machine's clock forward or back, as an operator or NTP would. The monotonic time and the hub's stay.
    pub fn set_machine(&self, by_secs: i64) {
        self.machine_offset.fetch_add(by_secs * 1_000_000_000, Ordering::SeqCst);
    }

    /// Lets the machine sleep: its monotonic time stands still, the world goes on.
    pub fn suspend(&self, by: std::time::Duration) {
        let nanos = i64::try_from(by.as_nanos()).unwrap_or(i64::MAX);
        self.machine_offset.fetch_add(nanos, Ordering::SeqCst);
        self.hub_offset.fetch_add(nanos, Ordering::SeqCst);
        self.slept.fetch_add(nanos.unsigned_abs(), Ordering::SeqCst);
    }

    fn hub_unix_nanos(&self) -> i64 {
        self.monotonic_nanos() as i64 + self.hub_offset.load(Ordering::SeqCst)
    }
}

impl Clock for ManualClock {
    fn monotonic_nanos(&self) -> u64 {
        self.monotonic.load(Ordering::SeqCst)
    }

    fn unix_nanos(&self) -> i64 {
        self.monotonic_nanos() as i64 + self.machine_offset.load(Ordering::SeqCst)
    }

    fn boot_nanos(&self) -> Option<u64> {
        Some(self.monotonic_nanos() + self.slept.load(Ordering::SeqCst))
    }
}
