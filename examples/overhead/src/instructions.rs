//! Instructions a request, counted by callgrind (valgrind): they hardly move from run to run, nor with what else the machine does.

use std::process::{Command, Stdio};

use clap::ValueEnum;

use crate::variants::{OnActix, OnAxum, Variant};

/// Counted twice, so that what a process does once falls out.
const FEW: u64 = 2_000;
const MANY: u64 = 12_000;

pub fn run() {
    if Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("valgrind is not installed, so no instructions are counted");
        return;
    }
    of::<OnAxum>("");
    of::<OnActix>("actix-");
}

fn of<V: Variant>(prefix: &str) {
    let bare = a_request(prefix, V::BARE);
    println!("{}: {bare:.0} instructions a request\n", V::BARE.name());
    let [prometheus, otel] = V::PEERS.map(|(peer, name)| (a_request(prefix, peer) - bare, name));
    println!("| added a request | instructions | ÷ {} | ÷ {} |\n|---|---|---|---|", prometheus.1, otel.1);
    for variant in V::value_variants().iter().skip(1) {
        let added = a_request(prefix, *variant) - bare;
        let (by_prometheus, by_otel) = (added / prometheus.0, added / otel.0);
        println!("| {} | {added:.0} | {by_prometheus:.3} | {by_otel:.3} |", variant.name());
    }
    println!();
}

fn a_request<V: Variant>(prefix: &str, variant: V) -> f64 {
    let variant = ValueEnum::to_possible_value(&variant).expect("named");
    let name = format!("{prefix}{}", variant.get_name());
    (count(&name, MANY) - count(&name, FEW)) / (MANY - FEW) as f64
}

/// Instructions of a process that sends so many requests.
fn count(variant: &str, requests: u64) -> f64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().expect("a path"))
        .args(["run", variant, &requests.to_string()])
        .output()
        .expect("valgrind starts");
    let text = String::from_utf8_lossy(&output.stderr);
    let collected = text.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    collected.unwrap_or_else(|| panic!("valgrind tells no count: {text}"))
}
