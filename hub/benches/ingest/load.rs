//! Loads an HTTP server with reports over connections that stay open: one blocking thread each, no HTTP library in between.
//!
//! With a rate every connection sends at its own moments, whether the answer before was fast or not; a request that had to wait for
//! the one before it is timed from when it was due. Without one it sends as soon as it was answered.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Different reports that are sent in turn.
const BODIES: u64 = 64;

/// What to send where.
#[derive(Clone, Serialize, Deserialize)]
pub struct Load {
    pub address: String,
    pub key: String,
    pub series: u32,
    pub connections: u32,
    /// Requests a second of all connections together; none: as many as there can be.
    pub rate: Option<f64>,
    pub secs: f64,
}

/// What came of it. Times in microseconds.
#[derive(Default, Serialize, Deserialize)]
pub struct Loaded {
    pub answers: u64,
    pub secs: f64,
    pub p50: f64,
    pub p99: f64,
    pub max: f64,
    pub body_bytes: usize,
}

impl Loaded {
    /// Sums up the times of single requests.
    pub fn of(mut times: Vec<Duration>, elapsed: Duration, body_bytes: usize) -> Self {
        times.sort_unstable();
        let at = |q: f64| times.get(((times.len() as f64 * q).ceil() as usize).saturating_sub(1));
        let micros = |q: f64| at(q).map_or(0.0, |time| time.as_secs_f64() * 1e6);
        let (p50, p99, max) = (micros(0.5), micros(0.99), micros(1.0));
        Self { answers: times.len() as u64, secs: elapsed.as_secs_f64(), p50, p99, max, body_bytes }
    }

    pub fn per_sec(&self) -> f64 {
        self.answers as f64 / self.secs
    }
}

/// Moments at which something is due, and the pace between them.
pub struct Pace {
    start: Instant,
    between: Duration,
    next: u32,
}

impl Pace {
    /// The `which`th of `of` senders that together send `rate` a second.
    pub fn new(start: Instant, rate: f64, (which, of): (u32, u32)) -> Self {
        let first = Duration::from_secs_f64(f64::from(which) / rate);
        Self { start: start + first, between: Duration::from_secs_f64(f64::from(of) / rate), next: 0 }
    }

    /// The next moment.
    pub fn next(&mut self) -> Instant {
        self.next += 1;
        self.start + self.between * (self.next - 1)
    }
}

/// Waits until it is due and returns when it began: what is late began when it was due, whoever held it up. The thread sleeps, because
/// tokio's timer counts milliseconds.
pub fn begin(due: Option<Instant>) -> Instant {
    let now = Instant::now();
    match due.and_then(|due| due.checked_duration_since(now)) {
        Some(wait) => {
            thread::sleep(wait);
            Instant::now()
        }
        None => due.unwrap_or(now),
    }
}

impl Load {
    /// Sends until the time is over. Panics when an answer is not a 202: nothing else may be measured.
    pub fn run(&self) -> Loaded {
        let minute = crate::reports::this_minute();
        let bodies: Vec<_> = (0..BODIES).map(|n| crate::reports::packed(n, self.series, minute)).collect();
        let body_bytes = bodies.iter().map(Vec::len).sum::<usize>() / bodies.len();
        let requests: Vec<_> = bodies.iter().map(|body| self.request(body)).collect();
        let start = Instant::now();
        let times = thread::scope(|scope| {
            let requests = &requests;
            let senders: Vec<_> = (0..self.connections)
                .map(|which| scope.spawn(move || self.send(which, requests, start)))
                .collect();
            senders.into_iter().flat_map(|sender| sender.join().expect("it was answered")).collect()
        });
        Loaded::of(times, start.elapsed(), body_bytes)
    }

    fn send(&self, which: u32, requests: &[Vec<u8>], start: Instant) -> Vec<Duration> {
        let mut stream = TcpStream::connect(&self.address).expect("the server listens");
        stream.set_nodelay(true).expect("a socket has this option");
        let end = start + Duration::from_secs_f64(self.secs);
        let mut pace = self.rate.map(|rate| Pace::new(start, rate, (which, self.connections)));
        let (mut times, mut answer) = (Vec::new(), vec![0; 4_096]);
        let mut number = which as usize;
        loop {
            number += 1;
            let due = pace.as_mut().map(Pace::next);
            if due.unwrap_or_else(Instant::now) >= end {
                return times;
            }
            let began = begin(due);
            stream.write_all(&requests[number % requests.len()]).expect("the server reads");
            read_answer(&mut stream, &mut answer);
            times.push(began.elapsed());
        }
    }

    fn request(&self, body: &[u8]) -> Vec<u8> {
        let head = format!(
            "POST /ingest/v1/report HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            self.address,
            self.key,
            body.len()
        );
        [head.as_bytes(), body].concat()
    }
}

/// Reads one answer to its end.
fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).expect("the server answers");
        assert!(read > 0, "the server hung up");
        filled += read;
        let so_far = &buffer[..filled];
        let Some(head) = so_far.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&so_far[..head]).expect("a head is text").to_ascii_lowercase();
        assert!(text.starts_with("http/1.1 202"), "{}", String::from_utf8_lossy(so_far));
        let length = text.split("content-length:").nth(1).and_then(|rest| rest.lines().next());
        let length: usize = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
        if filled >= head + 4 + length {
            return;
        }
    }
}
