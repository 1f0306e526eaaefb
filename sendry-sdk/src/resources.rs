//! What the process uses, once a minute: CPU and memory from `/proc`, and the health of the tokio runtimes it serves on.
//!
//! The sync thread asks when it freezes a report. What a system does not tell is left out: outside of Linux only the runtime is
//! known, and of the runtime only what tokio promises to keep telling.

mod runtimes;

pub(crate) use runtimes::Runtimes;

use std::fs;
use std::time::Duration;

use crate::protocol::Resources;
use runtimes::Totals;

/// Below this, a mean over the time since the last sample says little: `/proc` counts CPU time in hundredths of a second.
const SPAN_MIN: Duration = Duration::from_secs(1);

/// Hundredths of a second: what Linux counts CPU time in for programs, on every architecture that Rust's std and tokio run on.
const TICKS_PER_SEC: f64 = 100.0;

/// Takes samples.
#[derive(Debug)]
pub(crate) struct ResourceMeter {
    last: Reading,
    minute: Option<i64>,
}

/// Totals at one moment.
#[derive(Debug, Default)]
struct Reading {
    /// Monotonic.
    at_nanos: u64,
    cpu_secs: Option<f64>,
    /// Of how many workers, and how long they were busy together.
    busy: Option<(usize, Duration)>,
}

impl ResourceMeter {
    pub(crate) fn new(now_nanos: u64, runtimes: &Runtimes) -> Self {
        Self { last: Reading::take(now_nanos, runtimes.totals().as_ref()), minute: None }
    }

    /// The sample of `minute`, unless it was taken before or there is nothing to tell.
    pub(crate) fn sample(&mut self, now_nanos: u64, minute: i64, runtimes: &Runtimes) -> Option<Resources> {
        let span = Duration::from_nanos(now_nanos.saturating_sub(self.last.at_nanos));
        if self.minute == Some(minute) || span < SPAN_MIN {
            return None;
        }
        let runtimes = runtimes.totals();
        let now = Reading::take(now_nanos, runtimes.as_ref());
        let sample = Resources {
            minute,
            cpu: cpu(&self.last, &now, span),
            rss_bytes: fs::read_to_string("/proc/self/status").ok().and_then(|text| resident_bytes(&text)),
            runtime_busy: busy(&self.last, &now, span),
            runtime_queue_depth: runtimes.as_ref().map(|runtimes| runtimes.queue_depth),
            runtime_blocking_threads: runtimes.and_then(|runtimes| runtimes.blocking_threads),
        };
        (self.minute, self.last) = (Some(minute), now);
        (sample != Resources { minute, ..Resources::default() }).then_some(sample)
    }
}

impl Reading {
    fn take(at_nanos: u64, runtimes: Option<&Totals>) -> Self {
        let stat = fs::read_to_string("/proc/self/stat").ok();
        Self {
            at_nanos,
            cpu_secs: stat.and_then(|text| cpu_secs(&text)),
            busy: runtimes.and_then(|runtimes| Some((runtimes.workers, runtimes.busy?))),
        }
    }
}

fn cpu(last: &Reading, now: &Reading, span: Duration) -> Option<f64> {
    Some((now.cpu_secs? - last.cpu_secs?).max(0.0) / span.as_secs_f64())
}

/// The share of the workers' time. None where the number of workers changed: there are other runtimes.
fn busy(last: &Reading, now: &Reading, span: Duration) -> Option<f64> {
    let ((before, busy_before), (workers, busy)) = (last.busy?, now.busy?);
    let share = busy.saturating_sub(busy_before).as_secs_f64() / (span.as_secs_f64() * workers.max(1) as f64);
    (before == workers).then(|| share.min(1.0))
}

/// User and system time of `/proc/self/stat`. The second field, the program's name, may hold blanks and parentheses.
fn cpu_secs(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(user.saturating_add(system) as f64 / TICKS_PER_SEC)
}

/// `VmRSS` of `/proc/self/status`, which is in KiB.
fn resident_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_ascii_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1_024)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SEC: u64 = 1_000_000_000;

    #[test]
    fn the_files_of_linux_are_read() {
        let stat = "42 (a) name (x) S 1 42 42 0 -1 4194560 1 0 0 0 250 50 7 3 20 0 4 0 100 1000 2000 18446744073709551615";
        assert_eq!(cpu_secs(stat), Some(3.0));
        assert_eq!(resident_bytes("Name:\tx\nVmRSS:\t    2048 kB\nVmData: 1 kB\n"), Some(2_097_152));
        assert_eq!((cpu_secs("42 (x) S"), resident_bytes("VmRSS: many")), (None, None));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_busy_process_shows_as_cpu_and_memory() {
        let mut meter = ResourceMeter::new(0, &Runtimes::default());
        let started = std::time::Instant::now();
        while started.elapsed() < Duration::from_millis(300) {
            std::hint::black_box(started.elapsed());
        }
        let sample = meter.sample(SEC, 7, &Runtimes::default()).unwrap();
        assert!(sample.cpu.unwrap() > 0.05 && sample.rss_bytes.unwrap() > 1 << 20, "{sample:?}");
        assert_eq!((sample.minute, sample.runtime_busy, sample.runtime_queue_depth), (7, None, None));
    }

    #[test]
    fn there_is_one_sample_a_minute() {
        let mut meter = ResourceMeter::new(0, &Runtimes::default());
        assert_eq!(meter.sample(SEC / 2, 7, &Runtimes::default()), None, "too soon to tell");
        let taken: Vec<bool> = [(10, 7), (20, 7), (70, 8), (80, 8)]
            .iter()
            .map(|(secs, minute)| meter.sample(secs * SEC, *minute, &Runtimes::default()).is_some())
            .collect();
        assert_eq!(taken, if cfg!(target_os = "linux") { [true, false, true, false] } else { [false; 4] });
    }

    #[cfg(target_has_atomic = "64")]
    #[test]
    fn a_busy_runtime_shows_as_a_share_of_its_workers_time() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let runtimes = Runtimes::default();
        runtime.block_on(async { runtimes.notice_serving() });
        let mut meter = ResourceMeter::new(0, &runtimes);
        runtime.block_on(async {
            let spin = || std::thread::sleep(Duration::from_millis(200));
            tokio::spawn(async move { spin() }).await.unwrap();
        });
        // A worker tells how long it was busy when it has nothing left to do, which may be a moment later.
        while runtimes.totals().unwrap().busy.unwrap() < Duration::from_millis(150) {
            std::thread::yield_now();
        }
        let sample = meter.sample(SEC, 7, &runtimes).unwrap();
        let busy = sample.runtime_busy.unwrap();
        assert!((0.05..=1.0).contains(&busy), "one of two workers for a fifth of a second: {busy}");
        assert_eq!(sample.runtime_queue_depth, Some(0));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_not_but_never_panics(text in "[ 0-9a-z()\\n:VmRS]{0,80}") {
            cpu_secs(&text);
            resident_bytes(&text);
        }
    }
}
