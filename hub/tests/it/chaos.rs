//! Everything fails while reports come in, and at the end the store equals the truth.
//!
//! Here: two ingests, two workers and one query on servers of the test's own, with ways to the broker that can be cut and slowed.
//! In [`embedded`]: one process on files. A client sends as SDKs do; every tenth report twice, some an hour late, and beside it
//! poison.
#![expect(clippy::print_stdout, reason = "what was sent and what was done to it is worth reading")]

mod client;
mod embedded;
mod hub;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sendry_hub::clock::SystemClock;
use sendry_hub::queue::rabbitmq::{self, QueueType, RabbitConfig};
use sendry_hub::queue::{DeadLetter, Queue, Topic};
use sendry_sdk::protocol::ReportHead;
use tokio::time::{Instant, sleep};

use crate::broker;
use client::{Client, Counts};
use hub::{Hub, PREFIX};

/// How long ClickHouse is away.
const AWAY_FOR: Duration = Duration::from_secs(62);
/// How long a worker stands still: the broker gives its deliveries away after two heartbeats of 10 s.
const FROZEN_FOR: Duration = Duration::from_secs(25);
/// How long the hub may take after the last fault: ingest tries the queue again after 30 s, workers a store after as long.
const SETTLES_WITHIN: Duration = Duration::from_secs(100);
/// More dead letters than are sent.
const DEAD_LETTERS_MAX: usize = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_fails_rabbitmq_clickhouse_and_postgres_have_each_report_once_and_only_poison_is_dead() {
    let (mut hub, door) = Hub::start().await;
    let client = Client::new(door);
    let sending = tokio::spawn(client.clone().run());
    let by_the_other = fail_in_every_way(&mut hub, &client).await;
    client.end();
    let accepted = tokio::time::timeout(SETTLES_WITHIN, sending).await;
    accepted.expect("in the end everything is accepted").unwrap();

    let queue = queue_of(&hub).await;
    settled(&client, &queue).await;
    let stored = client.stored().await;
    let dead = queue.dead_letters.list(None, DEAD_LETTERS_MAX).await.unwrap();
    tell(&hub.faults, &client, by_the_other);
    assert_true(&client, &stored, &dead);
    queue.health.close().await;
}

/// What is stored is what was sent, and what is dead is the poison, each piece once.
fn assert_true(client: &Client, stored: &Counts, dead: &[DeadLetter]) {
    let truth = client.sent.truth.lock().unwrap();
    println!(
        "stored: {} requests of {} in {} counts, difference {}; {} dead letters",
        stored.values().sum::<u64>(),
        truth.values().sum::<u64>(),
        truth.len(),
        difference(&truth, stored),
        dead.len()
    );
    assert_eq!(*stored, *truth);
    let poison = client.sent.poison.lock().unwrap();
    assert_eq!(dead.iter().map(name_of).collect::<BTreeSet<_>>(), *poison);
}

/// Does to the hub what can happen to one, while the client sends. Returns how many reports one worker had stored when the
/// other got them a second time.
async fn fail_in_every_way(hub: &mut Hub, client: &Client) -> usize {
    sleep(Duration::from_secs(3)).await;
    hub.kill_worker(0);
    client.keep(true);
    sleep(Duration::from_secs(5)).await;
    client.keep(false);
    let kept = client.kept_is_stored().await;
    hub.start_worker(0);
    hub.kill_worker(1);
    client.send_kept().await;
    sleep(Duration::from_secs(3)).await;
    hub.start_worker(1);

    hub.delay(Duration::from_millis(150), Duration::from_secs(4)).await;

    let down_since = Instant::now();
    hub.kill_clickhouse();
    hub.kill_worker(0);
    sleep(Duration::from_secs(8)).await;
    hub.restart_broker().await;
    hub.kill_ingest();
    sleep(Duration::from_secs(3)).await;
    hub.start_ingest();
    tokio::time::sleep_until(down_since + AWAY_FOR).await;
    hub.restart_clickhouse();
    // One that starts without it ends, and is started again by whoever looks after it.
    hub.start_worker(0);
    client.is_accepted_again().await;

    sleep(Duration::from_secs(3)).await;
    hub.cut(Duration::from_secs(2), Duration::from_secs(2)).await;
    hub.kill_worker(1);
    hub.start_worker(1);
    sleep(Duration::from_secs(2)).await;
    hub.freeze_worker(0, FROZEN_FOR).await;
    sleep(Duration::from_secs(2)).await;
    kept
}

async fn queue_of(hub: &Hub) -> Queue {
    let url = broker::url(&hub.broker.address());
    let config =
        RabbitConfig { url, prefix: PREFIX.to_owned(), queue_type: QueueType::Quorum, authorities: None };
    rabbitmq::connect(&config, Arc::new(SystemClock)).await.unwrap()
}

/// Waits until nothing is queued and everything that was accepted is stored or a dead letter, and stays so.
async fn settled(client: &Client, queue: &Queue) {
    let until = Instant::now() + SETTLES_WITHIN;
    let mut calm = 0;
    while calm < 3 {
        let depth = queue.health.stats(Topic::Reports).await.map(|stats| stats.depth);
        let gaps = client.ask("/system").await.map(|system| system["gaps"].clone());
        let is_calm = matches!(depth, Ok(0)) && gaps == Some(serde_json::json!([]));
        calm = if is_calm { calm + 1 } else { 0 };
        assert!(Instant::now() < until, "queued: {depth:?}, not accounted for: {gaps:?}");
        sleep(Duration::from_secs(1)).await;
    }
}

/// The report's id, and why it died.
fn name_of(letter: &DeadLetter) -> (uuid::Uuid, &'static str) {
    let mut unpacked = flate2::read::GzDecoder::new(letter.envelope.body.as_ref());
    let head: ReportHead = serde_json::from_reader(&mut unpacked).unwrap();
    (head.report_id, letter.reason.as_str())
}

fn difference(truth: &Counts, stored: &Counts) -> u64 {
    let keys: BTreeSet<_> = truth.keys().chain(stored.keys()).collect();
    let count = |counts: &Counts, key| counts.get(key).copied().unwrap_or_default();
    keys.into_iter().map(|key| count(truth, key).abs_diff(count(stored, key))).sum()
}

fn tell(faults: &BTreeMap<&'static str, u32>, client: &Client, by_the_other: usize) {
    let sent = &client.sent;
    let number = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    println!(
        "sent: {} reports, {} an hour late; twice: {} at once, {} after they were stored, {by_the_other} to the other worker; \
         {} poison; {} attempts refused",
        number(&sent.reports),
        number(&sent.late),
        number(&sent.copied_at_once),
        number(&sent.copied_when_stored),
        sent.poison.lock().unwrap().len(),
        number(&sent.refused)
    );
    println!("faults: {faults:?}");
}
