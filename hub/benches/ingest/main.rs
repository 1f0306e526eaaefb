//! What accepting a report costs: `cargo xtask bench ingest`, or `cargo bench -p sendry-hub --bench ingest -- stubbed|rabbitmq|embedded`.
//!
//! *Stubbed*: the hub's ingest, composed as `serve` does it, on a queue that takes everything at once, against a bare axum handler that
//! reads the body and answers 202, and one that also unpacks it; in alternation, 32 connections. *RabbitMQ* and *embedded*: from the
//! request to the 202 after the durable publish, at 1,000 reports a second, against a bare loop that makes the same bytes durable in
//! the same engine: loop, hub, loop, hub; then as many as there can be. What is measured runs on the first core, what loads it on
//! the second; a broker runs where it likes. Budgets: `docs/benchmarks.md`.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

#[path = "../../tests/it/amqp.rs"]
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
mod amqp;
mod durable;
mod load;
#[path = "../support/part.rs"]
#[allow(dead_code, reason = "shared with other benches")]
mod part;
#[path = "../support/reports.rs"]
mod reports;
mod server;

use std::path::Path;

use load::{Load, Loaded};
use part::Part;
use tempfile::TempDir;

/// Where what is measured runs, and where its load comes from.
const MEASURED: &str = "0";
const LOADING: &str = "1";

const CONNECTIONS: u32 = 32;
const SERIES: [u32; 3] = [1, 50, 200];
const ROUNDS: usize = 3;
const STUBBED_SECS: f64 = 3.0;
/// Reports a second, and how long, where the time of one is what counts.
const RATE: f64 = 1_000.0;
const PACED_SECS: f64 = 10.0;
const MOST_SECS: f64 = 4.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|given| given != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["hub", queue, prefix, dir] => run(server::hub(queue, prefix, Path::new(dir))),
        ["bare", _] => run(server::bare(false)),
        ["bare-unpacking", _] => run(server::bare(true)),
        ["load", load] => tell(&parse(load).run()),
        ["loop-rabbitmq", url, prefix, load] => {
            run(async { tell(&durable::rabbitmq(url, prefix, &parse(load)).await) })
        }
        ["loop-embedded", path, load] => {
            run(async { tell(&durable::sqlite(Path::new(path), &parse(load)).await) })
        }
        ["stubbed"] => stubbed(),
        ["rabbitmq"] => rabbitmq(),
        ["embedded"] => embedded(),
        [] => [stubbed as fn(), rabbitmq, embedded].iter().for_each(|part| part()),
        _ => panic!("there is no part {arguments:?}: stubbed, rabbitmq or embedded"),
    }
}

/// On a runtime like the hub's.
fn run(part: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(part);
}

fn parse(load: &str) -> Load {
    serde_json::from_str(load).expect("it was written by this program")
}

fn tell(loaded: &Loaded) {
    println!("{}", serde_json::to_string(loaded).expect("it is JSON"));
}

/// A server on the first core, ready to be loaded.
struct Target {
    part: Part,
    address: String,
    key: String,
    /// What a hub stores.
    _dir: TempDir,
}

/// What a load came to, and the CPU time of the server for one report.
struct Measured {
    loaded: Loaded,
    cpu_us: f64,
}

impl Target {
    fn start(arguments: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().to_str().expect("it is text");
        let mut part = Part::start(MEASURED, &[arguments, &[path]].concat());
        let line = part.line();
        let (address, key) = line.split_once(' ').expect("an address and a key");
        let target = Self { address: address.to_owned(), key: key.to_owned(), part, _dir: dir };
        target.load(1, None, 0.3);
        target
    }

    fn load(&self, series: u32, rate: Option<f64>, secs: f64) -> Measured {
        let (address, key) = (self.address.clone(), self.key.clone());
        let load = Load { address, key, series, connections: CONNECTIONS, rate, secs };
        let before = self.part.cpu();
        let loaded = read(&mut Part::start(LOADING, &["load", &json(&load)]));
        let cpu_us = (self.part.cpu() - before).as_secs_f64() * 1e6 / loaded.answers as f64;
        Measured { loaded, cpu_us }
    }
}

fn json(load: &Load) -> String {
    serde_json::to_string(load).expect("it is JSON")
}

fn read(part: &mut Part) -> Loaded {
    serde_json::from_str(&part.line()).expect("it was written by this program")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn stubbed() {
    println!(
        "ingest, broker stubbed: {CONNECTIONS} connections, server on one core, medians of {ROUNDS} rounds in alternation"
    );
    let targets = [
        Target::start(&["bare"]),
        Target::start(&["bare-unpacking"]),
        Target::start(&["hub", "none", "bench"]),
    ];
    println!(
        "{:>6} {:>7} | {:>9} {:>9} {:>9} | {:>8} {:>8} {:>8} | {:>8} {:>10} {:>8}",
        "series",
        "bytes",
        "bare/s",
        "unpack/s",
        "hub/s",
        "bare us",
        "unp. us",
        "hub us",
        "÷ bare",
        "÷ unpack",
        "budget"
    );
    for series in SERIES {
        let mut rounds = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            for (target, of_target) in targets.iter().zip(&mut rounds) {
                of_target.push(target.load(series, None, STUBBED_SECS));
            }
        }
        let bytes = rounds[0][0].loaded.body_bytes;
        let [bare, unpacking, hub] =
            rounds.each_ref().map(|rounds| median(rounds.iter().map(|one| one.loaded.per_sec()).collect()));
        let cpu = rounds.each_ref().map(|rounds| median(rounds.iter().map(|one| one.cpu_us).collect()));
        let verdict = if hub / bare >= 0.7 { "met" } else { "MISSED" };
        println!(
            "{series:>6} {bytes:>7} | {bare:>9.0} {unpacking:>9.0} {hub:>9.0} | {:>8.1} {:>8.1} {:>8.1} | {:>8.2} {:>10.2} {verdict:>8}",
            cpu[0],
            cpu[1],
            cpu[2],
            hub / bare,
            hub / unpacking
        );
    }
}

fn rabbitmq() {
    let (url, prefix) = (amqp::url(), amqp::Prefix::new());
    println!("ingest, durable, RabbitMQ (quorum queue):");
    floors();
    let target = Target::start(&["hub", &url, &prefix.name]);
    compare(&target, |load| Part::start(MEASURED, &["loop-rabbitmq", &url, &prefix.name, &json(load)]));
}

fn embedded() {
    let dir = tempfile::tempdir().expect("a directory");
    println!("ingest, durable, embedded queue:");
    floors();
    let target = Target::start(&["hub", "sqlite", "bench"]);
    let mut round = 0;
    compare(&target, |load| {
        round += 1;
        let path = dir.path().join(format!("loop-{round}.db"));
        Part::start(MEASURED, &["loop-embedded", path.to_str().expect("it is text"), &json(load)])
    });
}

/// What of the time is HTTP alone, and what reading and checking: a bare handler, and the hub on a queue that takes everything at once.
fn floors() {
    println!("  without a queue, at the same pace:");
    for (name, arguments) in [("bare", ["bare"].as_slice()), ("stub", &["hub", "none", "bench"])] {
        print_paced(name, &Target::start(arguments).load(50, Some(RATE), PACED_SECS).loaded);
    }
}

/// Loop, hub, loop, hub; then the most that each can do.
fn compare(target: &Target, mut bare_loop: impl FnMut(&Load) -> Part) {
    let load = |rate, secs| Load {
        address: String::new(),
        key: String::new(),
        series: 50,
        connections: CONNECTIONS,
        rate,
        secs,
    };
    let (mut loops, mut hubs) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        loops.push(read(&mut bare_loop(&load(Some(RATE), PACED_SECS))));
        hubs.push(target.load(50, Some(RATE), PACED_SECS));
    }
    let bytes = hubs[0].loaded.body_bytes;
    println!(
        "  {RATE:.0} reports/s of 50 series ({bytes} bytes packed), {CONNECTIONS} connections, {PACED_SECS:.0} s each:"
    );
    for (bare, hub) in loops.iter().zip(&hubs) {
        print_paced("loop", bare);
        print_paced("hub", &hub.loaded);
    }
    let of = |runs: Vec<f64>| runs.iter().sum::<f64>() / runs.len() as f64;
    let hub = |pick: fn(&Loaded) -> f64| of(hubs.iter().map(|hub| pick(&hub.loaded)).collect());
    let bare = |pick: fn(&Loaded) -> f64| of(loops.iter().map(pick).collect());
    let (p50, p99) = (hub(|one| one.p50), hub(|one| one.p99));
    let (ratio50, ratio99) = (p50 / bare(|one| one.p50), p99 / bare(|one| one.p99));
    let cpu = of(hubs.iter().map(|hub| hub.cpu_us).collect());
    println!("  hub ÷ loop: median {ratio50:.2} (budget 1.2), p99 {ratio99:.2} (budget 1.3)");
    println!(
        "  202 after the durable publish: median {:.2} ms (budget 2), p99 {:.2} ms (budget 10); {cpu:.0} us of CPU a report",
        p50 / 1e3,
        p99 / 1e3
    );
    let most_loop = read(&mut bare_loop(&load(None, MOST_SECS)));
    let most = target.load(50, None, MOST_SECS);
    println!(
        "  at most: loop {:.0}/s, hub {:.0}/s on one core (median {:.2} ms, p99 {:.2} ms), {:.0} us of CPU a report; peak memory {} MB",
        most_loop.per_sec(),
        most.loaded.per_sec(),
        most.loaded.p50 / 1e3,
        most.loaded.p99 / 1e3,
        most.cpu_us,
        target.part.peak_kb() / 1_000
    );
}

fn print_paced(name: &str, loaded: &Loaded) {
    println!(
        "    {name:<5} {:>6.0}/s  p50 {:>6.0} us  p99 {:>6.0} us  max {:>7.0} us",
        loaded.per_sec(),
        loaded.p50,
        loaded.p99,
        loaded.max
    );
}
