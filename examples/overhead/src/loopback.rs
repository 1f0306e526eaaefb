//! Over loopback: CPU that a server spends on a request, against a bare server loaded at the same time on the same core.
//!
//! Both servers are processes of their own, pinned to core 0; the load comes from core 1 and goes to both in equal shares.
//! CPU time is the kernel's (`/proc/<pid>/schedstat`), so it holds what hyper and the sockets cost too.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::requests::median;
use crate::variants::{OnAxum, PATH, Variant};

const SERVER_CORE: &str = "0";
const LOAD_CORE: &str = "1";

const CONNECTIONS: usize = 16;
const REQUESTS_PER_CONNECTION: usize = 4_000;
const ROUNDS: usize = 7;

/// Serves one variant on a free port, which is printed, until standard input ends.
pub fn serve(variant: OnAxum) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        println!("{}", listener.local_addr().expect("bound").port());
        std::thread::spawn(|| {
            _ = std::io::stdin().read_line(&mut String::new());
            std::process::exit(0);
        });
        axum::serve(listener, tower::make::Shared::new(variant.app().await.0)).await.expect("served");
    });
}

/// Runs this again, bound to the core that the load comes from.
pub fn run_bound() {
    let done = Command::new("taskset")
        .args(["-c", LOAD_CORE])
        .arg(std::env::current_exe().expect("a path"))
        .args(["loopback", "--bound"])
        .status();
    assert!(done.is_ok_and(|status| status.success()), "it needs taskset (util-linux) and two cores");
}

pub fn run() {
    println!(
        "| server CPU a request | µs | bare beside it | ratio | ÷ what axum-prometheus adds |\n|---|---|---|---|---|"
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let variants = [OnAxum::AxumPrometheus, OnAxum::Sendry, OnAxum::OpenTelemetry, OnAxum::Bare];
    let mut prometheus = f64::NAN;
    for variant in variants {
        let (own, bare) = runtime.block_on(measure(variant));
        if variant == OnAxum::AxumPrometheus {
            prometheus = own / bare - 1.0;
        }
        let share = (own / bare - 1.0) / prometheus;
        println!(
            "| {} | {:.2} | {:.2} | {:.3} | {share:.3} |",
            variant.name(),
            own / 1e3,
            bare / 1e3,
            own / bare
        );
    }
}

/// Nanoseconds of CPU a request: the variant's, and the bare server's beside it.
async fn measure(variant: OnAxum) -> (f64, f64) {
    let (own, bare) = (Server::start(variant), Server::start(OnAxum::Bare));
    let (mut own_times, mut bare_times) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (own_before, bare_before) = (own.cpu(), bare.cpu());
        tokio::join!(load(own.port), load(bare.port));
        let requests = (CONNECTIONS * REQUESTS_PER_CONNECTION) as f64;
        // The first round warms up.
        if round > 0 {
            own_times.push((own.cpu() - own_before) / requests);
            bare_times.push((bare.cpu() - bare_before) / requests);
        }
    }
    (median(own_times), median(bare_times))
}

async fn load(port: u16) {
    let connections = (0..CONNECTIONS).map(|_| tokio::spawn(load_connection(port)));
    for connection in connections.collect::<Vec<_>>() {
        connection.await.expect("no panic").expect("the server answers");
    }
}

async fn load_connection(port: u16) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    let request = format!("GET {PATH} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let mut answer = [0; 4_096];
    for _ in 0..REQUESTS_PER_CONNECTION {
        stream.write_all(request.as_bytes()).await?;
        let mut read = 0;
        // The body ends with the only `}` of the answer.
        while !answer[..read].ends_with(b"}") {
            match stream.read(&mut answer[read..]).await? {
                0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                bytes => read += bytes,
            }
        }
    }
    Ok(())
}

struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start(variant: OnAxum) -> Self {
        let name = clap::ValueEnum::to_possible_value(&variant).expect("named");
        let mut process = Command::new("taskset")
            .args(["-c", SERVER_CORE])
            .arg(std::env::current_exe().expect("a path"))
            .args(["serve", name.get_name()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("taskset (util-linux) starts");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().expect("piped")).read_line(&mut line).expect("a port");
        Self { port: line.trim().parse().expect("a port"), process }
    }

    /// Nanoseconds on a core so far, over all threads.
    fn cpu(&self) -> f64 {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.process.id())).expect("the process runs");
        tasks.flatten().map(|task| crate::cpu::nanos(task.path().join("schedstat"))).sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        _ = self.process.wait();
    }
}
