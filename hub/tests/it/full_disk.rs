//! A disk that takes nothing more, under a hub on embedded stores: everything that writes fails, nothing that was accepted is lost,
//! and room alone mends it.
//!
//! The disk is full for this one process: a limit on the size of its files lets no write through. The signal that comes with it
//! is ignored from the start, as on a full disk there is none.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

use crate::harness::{PATIENCE, client, report_of, traffic};
use crate::process::{Reporter, Served, command};

fn serve(dir: &Path) -> Served {
    let hub = command(dir, &["serve"]);
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "trap '' XFSZ; exec \"$0\" serve"]).arg(hub.get_program()).current_dir(dir).env_clear();
    shell.envs(hub.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Served::spawn(dir, shell, &[])
}

/// The largest size of a file that the hub may write.
fn limit(hub: &Served, bytes: &str) {
    let id = hub.id().to_string();
    let set = Command::new("prlimit").args(["--pid", &id, &format!("--fsize={bytes}:unlimited")]).status();
    assert!(set.unwrap().success());
}

async fn ready(hub: &Served) -> (StatusCode, String) {
    let answer = client().get(format!("{}/readyz", hub.url)).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_answered_with_503_and_nothing_is_lost_or_counted_twice() {
    let dir = tempfile::tempdir().unwrap();
    let hub = serve(dir.path());
    let reporter = Reporter::new(dir.path(), &hub.url);
    let minute = jiff::Timestamp::now().as_second() / 60;
    let reports: Vec<_> =
        (0..40).map(|_| report_of("prod", minute, vec![traffic("GET", "/a", 200, 1)])).collect();
    let send = async |at: usize| reporter.send_report(&reports[at]).await;
    for at in 0..20 {
        assert_eq!(send(at).await.status(), StatusCode::ACCEPTED);
    }
    limit(&hub, "1");
    let mut accepted_before_it_was_full = 0;
    for at in 20..40 {
        let answer = send(at).await;
        if answer.status() == StatusCode::ACCEPTED {
            accepted_before_it_was_full += 1;
            continue;
        }
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.headers().contains_key("retry-after"));
    }
    assert_eq!(accepted_before_it_was_full, 0, "no write goes through");
    let (status, said) = ready(&hub).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{said}");

    limit(&hub, "unlimited");
    let recovered = async {
        while ready(&hub).await.0 != StatusCode::OK {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, recovered).await.unwrap();
    // The breaker may be open still; SDKs send what was refused again, and here also what was not.
    let resent = async {
        for at in 0..40 {
            while send(at).await.status() != StatusCode::ACCEPTED {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    };
    tokio::time::timeout(PATIENCE * 6, resent).await.unwrap();
    reporter.wait_for(40).await;
    let drained = async {
        loop {
            let system = reporter.ask("/system").await;
            let topics = system["queue"]["topics"].as_array().cloned().unwrap_or_default();
            if !topics.is_empty() && topics.iter().all(|topic| topic["depth"] == 0) {
                return system;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    let system: Value = tokio::time::timeout(PATIENCE * 2, drained).await.unwrap();
    assert_eq!(system["queue"]["topics"][0]["dead_letters"], 0);
    assert_eq!(system["gaps"], serde_json::json!([]));
    assert_eq!(reporter.requests().await, 40, "counted once");
}
