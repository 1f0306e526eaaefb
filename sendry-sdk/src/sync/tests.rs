//! The sync loop without its thread: ticks by a manual clock against a transport that keeps what it is sent.

mod clock;
mod request_logs;

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use tempfile::TempDir;

use super::outbox::RETRY_WINDOW_NANOS;
use super::syncer::Syncer;
use crate::config::Config;
use crate::protocol::{Accepted, LossReason};
use crate::request_log::RequestLogs;
use crate::testing::{ManualClock, TestTransport};
use crate::track::RequestTracker;
use crate::transport::{MessageKind, TransportError};
use crate::{Announcement, Sendry};

const START: i64 = 1_800_000_000;
const SEC: Duration = Duration::from_secs(1);

struct TestSync {
    syncer: Syncer,
    sendry: Sendry,
    clock: Arc<ManualClock>,
    hub: Arc<TestTransport>,
    spool: Arc<TempDir>,
}

impl TestSync {
    fn new() -> Self {
        Self::with_spool(ManualClock::at(START), Arc::new(TempDir::with_prefix("sendry-test-").unwrap()))
    }

    fn with_spool(clock: Arc<ManualClock>, spool: Arc<TempDir>) -> Self {
        Self::with_request_logs(clock, spool, None)
    }

    fn with_request_logs(clock: Arc<ManualClock>, spool: Arc<TempDir>, logs: Option<RequestLogs>) -> Self {
        let hub = TestTransport::with_clock(clock.clone());
        let config = || Config {
            enabled: true,
            env: "test".to_owned(),
            app_version: Some("1.0".to_owned()),
            spool_dir: spool.path().join("spool"),
            count_options: false,
            request_logs: logs.clone().map(|logs| logs.check().unwrap()),
            transport: hub.clone(),
            clock: Some(clock.clone()),
        };
        let (sendry, _commands) = Sendry::without_thread(&config());
        let syncer = Syncer::new(sendry.client, config());
        Self { syncer, sendry, clock, hub, spool }
    }

    /// Lets `secs` pass, a tick a second.
    async fn pass(&mut self, secs: u64) {
        for _ in 0..secs {
            self.clock.advance(SEC);
            self.syncer.tick().await;
        }
    }

    fn request(&self) {
        let response = http::Response::new(http_body_util::Empty::<bytes::Bytes>::new());
        let mut tracker = RequestTracker::start(&self.sendry, &Method::GET, Some("/a"), None).unwrap();
        assert!(tracker.respond(&response).is_none());
    }

    fn lost(&self, reason: LossReason) -> u64 {
        let reports = self.hub.reports();
        reports
            .iter()
            .flat_map(|r| &r.losses)
            .filter(|loss| loss.reason == reason)
            .map(|loss| loss.count)
            .sum()
    }
}

fn unavailable(retry_after: Option<Duration>) -> Result<Accepted, TransportError> {
    Err(TransportError::Unavailable { detail: "503".to_owned(), retry_after })
}

#[tokio::test]
async fn the_startup_message_goes_out_at_once_when_the_routes_are_known() {
    let mut sync = TestSync::new();
    sync.syncer.announce(Announcement::new().with_route("GET", "/a").routes_complete(true));
    sync.syncer.tick().await;
    let startup = sync.hub.startups().pop().unwrap();
    assert_eq!(
        (startup.env.as_str(), startup.app_version.as_deref(), startup.routes.len()),
        ("test", Some("1.0"), 1)
    );
    assert_eq!(startup.started_at_ms, START * 1_000);
}

#[tokio::test]
async fn what_several_applications_announce_is_told_together_and_once() {
    let mut sync = TestSync::new();
    for _ in 0..3 {
        for path in ["/a", "/b"] {
            sync.syncer.announce(Announcement::new().with_route("GET", path));
            sync.syncer.tick().await;
        }
    }
    let routes: Vec<usize> = sync.hub.startups().iter().map(|startup| startup.routes.len()).collect();
    assert_eq!(routes, [1, 2]);
}

#[tokio::test]
async fn reports_keep_the_rhythm_and_an_empty_one_is_the_heartbeat() {
    let mut sync = TestSync::new();
    sync.pass(60).await;
    let first_minute = sync.hub.reports().len();
    assert!((5..=7).contains(&first_minute), "{first_minute} reports in the first minute");
    sync.pass(3_600).await;
    let before = sync.hub.reports().len();
    sync.pass(600).await;
    let ten_minutes = sync.hub.reports().len() - before;
    assert!((8..=12).contains(&ten_minutes), "{ten_minutes} reports in ten minutes after the first hour");
    let sequences: Vec<u64> = sync.hub.reports().iter().map(|report| report.sequence).collect();
    assert_eq!(sequences, (0..sequences.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_hub_may_ask_for_another_interval_within_limits() {
    let mut sync = TestSync::new();
    sync.hub.answer_next(Ok(Accepted {
        server_time: 0.0,
        sync_interval_secs: Some(100_000),
        ..Accepted::default()
    }));
    sync.pass(11).await;
    assert_eq!(sync.hub.reports().len(), 1);
    sync.hub.answer_next(Ok(Accepted { sync_interval_secs: Some(100_000), ..Accepted::default() }));
    sync.syncer.flush().await.unwrap();
    sync.pass(11).await;
    let before = sync.hub.reports().len();
    // The first report went out after 9 to 11 seconds, so the next is due 279 to 341 seconds after the start; 22 are over.
    sync.pass(256).await;
    assert_eq!(sync.hub.reports().len(), before, "at most every 300 seconds, a tenth less");
    sync.pass(75).await;
    assert_eq!(sync.hub.reports().len(), before + 1);
}

#[tokio::test]
async fn an_outage_of_fifty_minutes_costs_nothing() {
    let mut sync = TestSync::new();
    sync.pass(5).await;
    sync.hub.set_down(true);
    for _ in 0..50 {
        sync.request();
        sync.pass(60).await;
    }
    sync.hub.set_down(false);
    sync.pass(120).await;
    assert_eq!(sync.hub.requests(), 50);
    assert!(sync.hub.reports().iter().all(|report| report.losses.is_empty()));
    let minutes: std::collections::BTreeSet<i64> =
        sync.hub.counted().iter().map(|counted| counted.minute).collect();
    assert_eq!(minutes.len(), 50, "each request in the minute in which it ended");
}

#[tokio::test]
async fn retries_send_the_same_bytes() {
    let mut sync = TestSync::new();
    sync.pass(5).await;
    sync.hub.set_down(true);
    sync.request();
    sync.pass(30).await;
    sync.hub.set_down(false);
    sync.pass(60).await;
    let reports: Vec<_> =
        sync.hub.bodies().into_iter().filter(|(kind, _)| *kind == MessageKind::Report).collect();
    assert!(reports.len() >= 3);
    assert_eq!(reports[0].1, reports[1].1, "the first failed and was sent again");
}

#[tokio::test]
async fn what_outlives_the_hour_is_counted_as_lost() {
    let mut sync = TestSync::new();
    sync.pass(5).await;
    sync.hub.set_down(true);
    (0..7).for_each(|_| sync.request());
    sync.pass(20).await;
    sync.clock.advance(Duration::from_nanos(RETRY_WINDOW_NANOS));
    sync.hub.set_down(false);
    sync.pass(120).await;
    assert_eq!(
        (sync.hub.requests(), sync.lost(LossReason::ReportsExpired)),
        (0, 7 + 1),
        "and the heartbeat after it"
    );
}

#[tokio::test]
async fn a_report_that_is_refused_for_good_is_dropped_and_counted() {
    let mut sync = TestSync::new();
    sync.pass(5).await;
    sync.request();
    sync.hub.answer_next(Err(TransportError::Refused("422".to_owned())));
    sync.syncer.flush().await.unwrap();
    sync.syncer.flush().await.unwrap();
    assert_eq!((sync.hub.requests(), sync.lost(LossReason::ReportsRefused)), (0, 1));
}

#[tokio::test]
async fn a_refused_key_keeps_the_data_and_is_tried_again_within_ten_minutes() {
    let mut sync = TestSync::new();
    sync.pass(5).await;
    sync.request();
    sync.hub.answer_next(Err(TransportError::Unauthorized("401".to_owned())));
    sync.pass(11).await;
    let attempts = sync.hub.bodies().len();
    sync.pass(40).await;
    assert_eq!(sync.hub.bodies().len(), attempts, "not more often than once a minute");
    sync.pass(600).await;
    assert_eq!(sync.hub.requests(), 1);
}

#[tokio::test]
async fn the_wait_that_the_hub_asks_for_is_kept() {
    let mut sync = TestSync::new();
    sync.pass(5).await;
    sync.hub.answer_next(unavailable(Some(120 * SEC)));
    sync.pass(11).await;
    let attempts = sync.hub.bodies().len();
    sync.pass(105).await;
    assert_eq!(sync.hub.bodies().len(), attempts);
    sync.pass(60).await;
    assert!(sync.hub.bodies().len() > attempts);
}

#[tokio::test]
async fn what_an_ending_process_could_not_send_the_next_one_sends() {
    let mut first = TestSync::new();
    first.pass(5).await;
    first.request();
    first.hub.set_down(true);
    assert!(first.syncer.shutdown(SEC).await.is_err());

    let mut next = TestSync::with_spool(first.clock.clone(), first.spool.clone());
    next.pass(5).await;
    let reports = next.hub.reports();
    assert_eq!((reports.len(), reports[0].is_final, next.hub.requests()), (1, true, 1));
    assert_eq!(reports[0].instance_id, first.sendry.instance_id());

    let mut third = TestSync::with_spool(first.clock.clone(), first.spool.clone());
    third.pass(5).await;
    assert!(third.hub.reports().is_empty(), "what was sent is gone from the spool");
}

#[tokio::test]
async fn what_waited_in_the_spool_for_more_than_an_hour_is_counted_as_lost() {
    let mut first = TestSync::new();
    first.hub.set_down(true);
    first.request();
    assert!(first.syncer.shutdown(SEC).await.is_err());
    first.clock.advance(Duration::from_nanos(RETRY_WINDOW_NANOS) + SEC);
    let mut next = TestSync::with_spool(first.clock.clone(), first.spool.clone());
    next.pass(15).await;
    assert_eq!((next.hub.requests(), next.lost(LossReason::ReportsExpired)), (0, 1));
}

#[tokio::test]
async fn a_spool_that_cannot_be_written_costs_the_reports_and_nothing_else() {
    let mut sync = TestSync::new();
    std::fs::write(sync.spool.path().join("spool"), "a file where the folder should be").unwrap();
    sync.hub.set_down(true);
    sync.request();
    assert!(sync.syncer.shutdown(SEC).await.is_err());
    let lost = sync.sendry.client.losses.take();
    assert!(lost.iter().any(|loss| loss.reason == LossReason::ReportsNotSpooled && loss.count == 1));
}

#[cfg(unix)]
#[tokio::test]
async fn a_spool_folder_that_others_can_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let mut sync = TestSync::new();
    let dir = sync.spool.path().join("spool");
    std::fs::create_dir(&dir).unwrap();
    std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o777)).unwrap();
    sync.hub.set_down(true);
    assert!(sync.syncer.shutdown(SEC).await.is_err());
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 0);
    // Nor is anything taken from it.
    let name = format!("{}-1-{}.json.gz", START * 1_000, uuid::Uuid::new_v4());
    std::fs::write(dir.join(name), "from somebody else").unwrap();
    let mut next = TestSync::with_spool(sync.clock.clone(), sync.spool.clone());
    next.pass(20).await;
    assert!(next.hub.bodies().iter().all(|(_, body)| body != "from somebody else"));
}

#[tokio::test]
async fn folded_routes_are_reported_as_losses() {
    let mut sync = TestSync::new();
    let response = http::Response::new(http_body_util::Empty::<bytes::Bytes>::new());
    for n in 0..10_000 {
        let path = format!("/raw/{n}");
        let mut tracker = RequestTracker::start(&sync.sendry, &Method::GET, Some(&path), None).unwrap();
        tracker.respond(&response);
    }
    sync.syncer.flush().await.unwrap();
    sync.syncer.flush().await.unwrap();
    assert_eq!(sync.hub.requests(), 10_000);
    assert!(sync.lost(LossReason::RoutesFolded) > 0);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn resources_are_sampled_once_a_minute() {
    let mut sync = TestSync::new();
    sync.pass(300).await;
    let minutes: Vec<i64> =
        sync.hub.reports().iter().flat_map(|r| &r.resources).map(|sample| sample.minute).collect();
    let all: Vec<i64> = (START / 60..START / 60 + 5).collect();
    assert!(minutes.len() >= 5 && minutes.starts_with(&all), "{minutes:?}");
    let reports = sync.hub.reports();
    assert!(reports.iter().flat_map(|r| &r.resources).all(|s| s.rss_bytes.is_some() && s.cpu.is_some()));
}

#[tokio::test]
async fn what_the_hub_did_not_take_is_on_the_disk_until_it_does() {
    let mut sync = TestSync::new();
    sync.pass(5).await;
    sync.hub.set_down(true);
    for _ in 0..3 {
        sync.request();
        sync.pass(12).await;
    }
    let files = || std::fs::read_dir(sync.spool.path().join("spool")).unwrap().count();
    assert!(files() >= 3, "a process that is killed now leaves them");

    let mut next = TestSync::with_spool(sync.clock.clone(), sync.spool.clone());
    next.pass(5).await;
    assert_eq!(next.hub.requests(), 3);
    assert_eq!(files(), 0);
    sync.hub.set_down(false);
    sync.pass(120).await;
    let ids = |sync: &TestSync| sync.hub.reports().iter().map(|report| report.report_id).collect::<Vec<_>>();
    let (own, taken) = (ids(&sync), ids(&next));
    assert!(taken.iter().all(|id| own.contains(id)), "they are the same reports, which a hub counts once");
}

#[tokio::test]
async fn what_several_processes_leave_in_one_folder_the_next_one_sends_whole() {
    let first = TestSync::new();
    let mut all: Vec<TestSync> =
        (0..4).map(|_| TestSync::with_spool(first.clock.clone(), first.spool.clone())).collect();
    for sync in &mut all {
        sync.pass(5).await;
        sync.hub.set_down(true);
        sync.request();
        assert!(sync.syncer.shutdown(SEC).await.is_err());
    }
    let mut next = TestSync::with_spool(first.clock.clone(), first.spool.clone());
    next.pass(5).await;
    let instances: std::collections::BTreeSet<_> =
        next.hub.reports().iter().map(|report| report.instance_id).collect();
    assert_eq!((instances.len(), next.hub.requests()), (4, 4));
}

/// Panics at the first message, then at the next while it is sent, and works from then on.
struct Stumbles {
    hub: Arc<TestTransport>,
    sent: std::sync::atomic::AtomicU32,
}

impl crate::transport::Transport for Stumbles {
    fn send(&self, message: crate::transport::Message) -> crate::transport::SendFuture<'_> {
        match self.sent.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 => panic!("on purpose"),
            1 => Box::pin(async { panic!("on purpose, later") }),
            _ => self.hub.send(message),
        }
    }
}

#[tokio::test]
async fn a_transport_that_panics_costs_an_attempt_and_is_counted() {
    let mut sync = TestSync::new();
    sync.syncer.transport = Arc::new(Stumbles { hub: sync.hub.clone(), sent: 0.into() });
    sync.request();
    sync.pass(60).await;
    assert_eq!((sync.hub.requests(), sync.lost(LossReason::CallbackPanicked)), (1, 2));
}

#[tokio::test]
async fn the_age_of_what_an_earlier_process_left_is_kept() {
    let mut first = TestSync::new();
    first.hub.set_down(true);
    first.request();
    assert!(first.syncer.shutdown(SEC).await.is_err());
    first.clock.advance(Duration::from_secs(3_500));
    // A new process: its monotonic time begins anew.
    let clock = ManualClock::at(START + 3_500);
    let mut next = TestSync::with_spool(clock, first.spool.clone());
    next.hub.set_down(true);
    next.pass(120).await;
    next.hub.set_down(false);
    next.pass(120).await;
    assert_eq!((next.hub.requests(), next.lost(LossReason::ReportsExpired)), (0, 1));
}
