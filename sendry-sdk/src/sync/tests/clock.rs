//! Clocks that are wrong, that are set, and that stand still while a machine sleeps.

use super::*;

#[tokio::test]
async fn a_clock_that_is_wrong_at_the_start_is_corrected_before_anything_is_reported() {
    let sync = TestSync::new();
    sync.clock.set_machine(-7_200);
    let mut sync = TestSync::with_spool(sync.clock.clone(), sync.spool.clone());
    sync.request();
    sync.pass(11).await;
    assert_eq!(sync.hub.counted()[0].minute, START / 60);
    assert_eq!(sync.hub.reports()[0].clock_offset_ms, 7_200_000);
}

#[tokio::test]
async fn a_clock_that_jumps_an_hour_moves_no_minute() {
    let mut sync = TestSync::new();
    sync.pass(15).await;
    sync.clock.set_machine(3_600);
    sync.request();
    sync.pass(15).await;
    sync.clock.set_machine(-7_200);
    sync.request();
    sync.pass(15).await;
    let minutes: Vec<i64> = sync.hub.counted().iter().map(|counted| counted.minute).collect();
    assert_eq!(minutes, [START / 60, START / 60]);
    let offsets: Vec<i64> = sync.hub.reports().iter().map(|report| report.clock_offset_ms).collect();
    assert!(
        offsets.contains(&-3_600_000) && offsets.contains(&3_600_000),
        "the operator sees it: {offsets:?}"
    );
}

#[tokio::test]
async fn without_the_hubs_time_counting_waits_five_minutes_and_then_trusts_the_machine() {
    let mut sync = TestSync::new();
    sync.hub.set_down(true);
    sync.request();
    sync.pass(290).await;
    assert!(sync.hub.bodies().iter().all(|(kind, _)| *kind == MessageKind::Startup));
    sync.pass(30).await;
    sync.hub.set_down(false);
    sync.pass(70).await;
    assert_eq!(sync.hub.requests(), 1);
}

#[tokio::test]
async fn after_a_machine_slept_what_was_counted_before_stays_in_its_minutes() {
    let mut sync = TestSync::new();
    sync.pass(15).await;
    sync.request();
    sync.clock.suspend(Duration::from_secs(3_600));
    sync.pass(15).await;
    sync.request();
    sync.pass(15).await;
    let minutes: Vec<i64> = sync.hub.counted().iter().map(|counted| counted.minute).collect();
    assert_eq!(minutes, [START / 60, START / 60 + 60]);
}

#[tokio::test]
async fn after_a_machine_slept_requests_count_in_their_minutes_though_the_hub_is_away() {
    let mut sync = TestSync::new();
    sync.pass(15).await;
    sync.hub.set_down(true);
    sync.clock.suspend(Duration::from_secs(3_000));
    sync.pass(1).await;
    (0..5).for_each(|_| sync.request());
    sync.pass(120).await;
    sync.hub.set_down(false);
    sync.pass(120).await;
    let minutes: Vec<i64> = sync.hub.counted().iter().map(|counted| counted.minute).collect();
    assert_eq!((minutes, sync.hub.requests()), (vec![START / 60 + 50], 5));
    assert!(sync.hub.reports().iter().all(|report| report.clock_offset_ms.abs() < 1_000));
}

#[tokio::test]
async fn what_waited_while_the_machine_slept_is_as_old_as_that() {
    let mut sync = TestSync::new();
    sync.pass(5).await;
    sync.hub.set_down(true);
    sync.request();
    sync.pass(20).await;
    sync.clock.suspend(Duration::from_secs(4_000));
    sync.pass(2).await;
    sync.hub.set_down(false);
    sync.pass(120).await;
    assert_eq!(sync.hub.requests(), 0);
    assert!(sync.lost(LossReason::ReportsExpired) >= 1);
}

#[tokio::test]
async fn a_machine_that_slept_and_whose_clock_was_set_meanwhile_asks_the_hub() {
    let mut sync = TestSync::new();
    sync.pass(15).await;
    sync.clock.suspend(Duration::from_secs(600));
    sync.clock.set_machine(7_200);
    sync.pass(1).await;
    sync.request();
    sync.pass(15).await;
    let minutes: Vec<i64> = sync.hub.counted().iter().map(|counted| counted.minute).collect();
    assert_eq!(minutes, [START / 60 + 10]);
}
