//! Leases, and the hub's own processes.

use sendry_hub::store::metadata::{Lease, Process};
use uuid::Uuid;

use super::Harness;

fn lease(holder: Uuid, expires_at: i64) -> Lease {
    Lease { name: "retention".to_owned(), holder, expires_at }
}

pub(super) async fn a_lease_has_one_holder_until_its_time_is_over<H: Harness>() {
    let harness = H::new();
    let (here, there) = (harness.connect().await, harness.connect().await);
    let (ann, bob) = (Uuid::new_v4(), Uuid::new_v4());
    assert!(here.hold_lease(&lease(ann, 1_000), 0).await.unwrap());
    assert!(!there.hold_lease(&lease(bob, 1_500), 500).await.unwrap());
    assert!(here.hold_lease(&lease(ann, 1_600), 600).await.unwrap(), "its holder prolongs it");
    assert!(!there.hold_lease(&lease(bob, 2_599), 1_599).await.unwrap());
    assert!(there.hold_lease(&lease(bob, 2_600), 1_600).await.unwrap(), "its time is over");
    assert!(!here.hold_lease(&lease(ann, 2_700), 1_700).await.unwrap());
    assert_eq!(here.leases().await.unwrap(), [lease(bob, 2_600)]);
    here.release_lease("retention", ann).await.unwrap();
    assert_eq!(here.leases().await.unwrap().len(), 1, "who does not have it cannot let go of it");
    there.release_lease("retention", bob).await.unwrap();
    assert!(here.hold_lease(&lease(ann, 2_800), 1_800).await.unwrap());
    let other = Lease { name: "recompute".to_owned(), ..lease(bob, 2_800) };
    assert!(there.hold_lease(&other, 1_800).await.unwrap(), "another job has a lease of its own");
}

pub(super) async fn a_lease_of_a_clock_that_was_far_ahead_keeps_nobody_away<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let (ann, bob) = (Uuid::new_v4(), Uuid::new_v4());
    let years = 441_504_000_000;
    assert!(store.hold_lease(&lease(ann, years + 1_000), years).await.unwrap());
    assert!(store.hold_lease(&lease(bob, 1_500), 500).await.unwrap());
    // Clocks that differ by minutes or hours do not steal a lease from each other.
    let (day, later) = (86_400_000, 90_000_000);
    assert!(store.hold_lease(&lease(bob, later + 1_000), later).await.unwrap());
    assert!(!store.hold_lease(&lease(ann, later - day + 1_000), later - day).await.unwrap());
    assert!(store.hold_lease(&lease(ann, later - day + 999), later - day - 1).await.unwrap());
}

pub(super) async fn notes_are_replaced_and_stay<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    assert_eq!(store.note("retention").await.unwrap(), None);
    for value in [7, i64::MAX, -3] {
        store.write_note("retention", value).await.unwrap();
    }
    store.write_note("another", 1).await.unwrap();
    assert_eq!(harness.connect().await.note("retention").await.unwrap(), Some(-3));
    store.delete_note("retention").await.unwrap();
    store.delete_note("nothing").await.unwrap();
    assert_eq!(store.note("retention").await.unwrap(), None);
    assert_eq!(store.note("another").await.unwrap(), Some(1));
}

pub(super) async fn of_many_who_want_a_lease_at_once_one_gets_it<H: Harness>() {
    let harness = H::new();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let store = harness.connect().await;
        for _ in 0..4 {
            let store = store.clone();
            tasks.spawn(async move { store.hold_lease(&lease(Uuid::new_v4(), 1_000), 0).await.unwrap() });
        }
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|got| *got).count(), 1);
}

pub(super) async fn processes_are_listed_while_they_are_seen<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let process = |started_at| Process {
        id: Uuid::new_v4(),
        host: "one".into(),
        roles: "ingest,worker".into(),
        version: "0.1.0".into(),
        started_at,
        seen_at: started_at,
        state: "{}".into(),
    };
    let (mut old, new) = (process(100), process(200));
    store.write_process(&new).await.unwrap();
    store.write_process(&old).await.unwrap();
    assert_eq!(store.processes().await.unwrap(), [old.clone(), new.clone()]);
    old.seen_at = 300;
    old.state = "{\"paused\":true}".into();
    store.write_process(&old).await.unwrap();
    store.remove_processes(300).await.unwrap();
    assert_eq!(store.processes().await.unwrap(), [old.clone()]);
    store.remove_process(old.id).await.unwrap();
    assert_eq!(store.processes().await.unwrap(), []);
}
