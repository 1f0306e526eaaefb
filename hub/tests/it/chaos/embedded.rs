//! One process with all roles on embedded stores, killed with -9 again and again.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sendry_hub::clock::SystemClock;
use sendry_hub::queue::sqlite;
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep};

use super::client::Client;
use super::hub::Door;
use super::{DEAD_LETTERS_MAX, SETTLES_WITHIN, assert_true, tell};
use crate::broker::free_port;
use crate::process::{Served, json, run};

/// How often the process is killed, and how long it lives in between and is gone.
const KILLS: u32 = 6;
const LIVES_FOR: Duration = Duration::from_millis(3_500);
const GONE_FOR: Duration = Duration::from_millis(800);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_killed_again_and_again_has_each_report_once_and_only_poison_is_dead() {
    let dir = tempfile::tempdir().unwrap();
    // No set-up link is printed and waited for.
    std::fs::write(dir.path().join("has-users"), "").unwrap();
    let address = format!("127.0.0.1:{}", free_port());
    let create = |arguments: &[&str]| block_in_place(|| json(&run(dir.path(), arguments)));
    let app = create(&["app", "create", "shop", "--json"]);
    let token = create(&["token", "create", "test", "--json"]);
    let mut hub = Some(serve(dir.path(), &address));
    let url = format!("http://{address}");
    let client = Client::new(Door::new(vec![url.clone()], url, (&app, &token)));
    let sending = tokio::spawn(client.clone().run());
    for _ in 0..KILLS {
        sleep(LIVES_FOR).await;
        drop(hub.take());
        sleep(GONE_FOR).await;
        hub = Some(serve(dir.path(), &address));
    }
    client.end();
    let accepted = tokio::time::timeout(SETTLES_WITHIN, sending).await;
    accepted.expect("in the end everything is accepted").unwrap();
    settled(&client).await;

    let stored = client.stored().await;
    drop(hub);
    let file = dir.path().join("data/queue.db");
    let queue = sqlite::connect(&file, u64::MAX, Arc::new(SystemClock)).await.unwrap();
    let dead = queue.dead_letters.list(None, DEAD_LETTERS_MAX).await.unwrap();
    tell(&BTreeMap::from([("process killed", KILLS)]), &client, 0);
    assert_true(&client, &stored, &dead);
    assert_eq!(dead.len(), client.sent.poison.lock().unwrap().len(), "each is dead once");
    queue.health.close().await;
}

fn serve(dir: &Path, address: &str) -> Served {
    block_in_place(|| Served::start_with(dir, &[("SENDRY_LISTEN", address)]))
}

/// Waits until nothing is queued and nothing is missing.
async fn settled(client: &Client) {
    let until = Instant::now() + SETTLES_WITHIN;
    loop {
        let gaps = client.ask("/system").await.map(|system| system["gaps"].clone());
        // `/system` tells of the queue as it was some seconds ago, `/metrics` as it is.
        let depth = client.metric("sendry_queue_depth{topic=\"reports\"}").await;
        if depth == Some(0) && gaps == Some(serde_json::json!([])) {
            return;
        }
        assert!(Instant::now() < until, "queued: {depth:?}, not accounted for: {gaps:?}");
        sleep(Duration::from_millis(500)).await;
    }
}
