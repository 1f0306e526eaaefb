//! Request logs from the queue to the hub. There is no writer's thread here: the sync loop writes what waits.

use http::{Request, Response};
use http_body_util::Full;

use super::*;

type Body = Full<bytes::Bytes>;

impl TestSync {
    fn logging(logs: RequestLogs) -> Self {
        let spool = Arc::new(TempDir::with_prefix("sendry-test-").unwrap());
        Self::with_request_logs(ManualClock::at(START), spool, Some(logs))
    }

    /// A process after this one, in the same folder.
    fn next(&self) -> Self {
        Self::with_request_logs(self.clock.clone(), self.spool.clone(), Some(RequestLogs::new()))
    }

    /// A request to `/a`, answered with `status`.
    fn log(&self, url: &str, status: u16) {
        let request = Request::builder().uri(url).header("x-note", "hello").body(()).unwrap();
        let mut tracker = RequestTracker::start(&self.sendry, &Method::GET, Some("/a"), None).unwrap();
        tracker.log_http_request(&request, None);
        let response = Response::builder().status(status).body(Body::from("ok")).unwrap();
        tracker.respond(&response);
    }

    fn urls(&self) -> Vec<String> {
        self.hub.request_logs().into_iter().map(|log| log.url).collect()
    }

    fn files(&self) -> Vec<std::path::PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.spool.path().join("spool")) else { return Vec::new() };
        let files = entries.map(|entry| entry.unwrap().path());
        files.filter(|file| file.to_string_lossy().contains(".jsonl.gz")).collect()
    }

    fn batches_sent(&self) -> usize {
        self.hub.bodies().iter().filter(|(kind, _)| *kind == MessageKind::RequestLogs).count()
    }

    /// Losses that were reported, and those that still wait.
    fn logs_lost(&self) -> u64 {
        let waiting = self.sendry.client.losses.take();
        self.sendry.client.losses.restore(&waiting);
        let of_logs = |loss: &&crate::protocol::Loss| loss.reason == LossReason::RequestLogsDropped;
        self.lost(LossReason::RequestLogsDropped)
            + waiting.iter().filter(of_logs).map(|loss| loss.count).sum::<u64>()
    }
}

#[tokio::test]
async fn without_the_setting_nothing_is_logged_and_no_file_is_made() {
    let mut sync = TestSync::new();
    sync.log("/a", 500);
    sync.pass(30).await;
    assert_eq!((sync.hub.requests(), sync.batches_sent(), sync.files().len()), (1, 0, 0));
}

#[tokio::test]
async fn a_request_is_logged_with_the_next_report_and_its_file_is_deleted() {
    let mut sync = TestSync::logging(RequestLogs::new());
    sync.log("/a?x=1", 200);
    sync.pass(15).await;
    let logs = sync.hub.request_logs();
    assert_eq!(logs.len(), 1);
    assert_eq!((logs[0].url.as_str(), logs[0].path.as_str(), logs[0].status), ("/a?x=1", "/a", 200));
    assert_eq!(logs[0].request_headers, [("x-note".to_owned(), "hello".to_owned())]);
    assert_eq!(logs[0].response_body.bytes, Some(2));
    let head = &sync.hub.request_log_heads()[0];
    assert_eq!((head.instance_id, head.sequence, head.env.as_str()), (sync.sendry.instance_id(), 0, "test"));
    assert!(sync.files().is_empty());
    sync.pass(60).await;
    assert_eq!(sync.batches_sent(), 1, "nothing is sent where nothing was logged");
}

#[tokio::test]
async fn an_outage_of_an_hour_costs_no_entry() {
    let mut sync = TestSync::logging(RequestLogs::new());
    sync.pass(5).await;
    sync.hub.set_down(true);
    for n in 0..40 {
        sync.log(&format!("/a?n={n}"), 200);
        sync.pass(60).await;
    }
    sync.hub.set_down(false);
    sync.pass(300).await;
    assert_eq!(sync.urls(), (0..40).map(|n| format!("/a?n={n}")).collect::<Vec<_>>());
    assert_eq!(sync.logs_lost(), 0);
}

#[tokio::test]
async fn of_more_than_fifty_files_the_oldest_go_and_are_counted() {
    let mut sync = TestSync::logging(RequestLogs::new());
    sync.pass(5).await;
    sync.hub.set_down(true);
    for n in 0..60 {
        sync.log(&format!("/a?n={n}"), 200);
        sync.pass(12).await;
        assert!(sync.files().len() <= 50);
    }
    sync.hub.set_down(false);
    sync.pass(120).await;
    assert_eq!((sync.urls().len(), sync.logs_lost()), (50, 10));
    assert_eq!(sync.urls()[0], "/a?n=10");
}

#[tokio::test]
async fn what_waits_for_more_than_an_hour_is_dropped_and_counted() {
    let mut sync = TestSync::logging(RequestLogs::new());
    sync.pass(5).await;
    sync.hub.set_down(true);
    sync.log("/a", 200);
    sync.pass(15).await;
    sync.clock.advance(Duration::from_secs(3_600));
    sync.hub.set_down(false);
    sync.pass(120).await;
    assert_eq!((sync.urls().len(), sync.logs_lost(), sync.files().len()), (0, 1, 0));
}

#[tokio::test]
async fn files_are_closed_at_one_megabyte() {
    let mut sync = TestSync::logging(RequestLogs::new());
    let noise = || -> String { (0..15_000).map(|_| fastrand::alphanumeric()).collect() };
    for _ in 0..100 {
        let request = Request::builder().uri("/a").header("x-noise", noise()).body(()).unwrap();
        let mut tracker = RequestTracker::start(&sync.sendry, &Method::GET, Some("/a"), None).unwrap();
        tracker.log_http_request(&request, None);
        tracker.respond(&Response::new(Body::default()));
    }
    sync.syncer.flush().await.unwrap();
    let sizes: Vec<usize> = sync
        .hub
        .bodies()
        .iter()
        .filter(|(kind, _)| *kind == MessageKind::RequestLogs)
        .map(|(_, body)| body.len())
        .collect();
    assert_eq!((sync.urls().len(), sizes.len()), (100, 2), "{sizes:?}");
    assert!((1_000_000..1_100_000).contains(&sizes[0]), "{sizes:?}");
}

#[tokio::test]
async fn a_hub_that_wants_no_request_logs_gets_reports_and_the_logs_later() {
    let mut sync = TestSync::logging(RequestLogs::new());
    let paused = |secs| {
        Ok(Accepted {
            server_time: 0.0,
            request_logs_paused_until: Some(START + secs),
            ..Accepted::default()
        })
    };
    sync.clock.advance(5 * SEC);
    sync.hub.answer_next(paused(100));
    sync.log("/a", 200);
    sync.clock.advance(SEC);
    sync.syncer.tick().await;
    sync.hub.answer_next(paused(100));
    sync.pass(12).await;
    assert_eq!((sync.hub.requests(), sync.batches_sent()), (1, 0), "also with a flush:");
    sync.hub.answer_next(paused(100));
    sync.syncer.flush().await.unwrap();
    assert_eq!(sync.batches_sent(), 0);
    sync.hub.answer_next(Ok(Accepted { server_time: (START + 18) as f64, ..Accepted::default() }));
    sync.syncer.flush().await.unwrap();
    assert_eq!(sync.urls(), ["/a"]);
}

/// Takes reports, and request logs only where it is told to.
struct PickyHub {
    hub: Arc<TestTransport>,
    answer: TransportError,
}

impl crate::transport::Transport for PickyHub {
    fn send(&self, message: crate::transport::Message) -> crate::transport::SendFuture<'_> {
        match message.kind {
            MessageKind::RequestLogs => Box::pin(async { Err(self.answer.clone()) }),
            _ => self.hub.send(message),
        }
    }
}

#[tokio::test]
async fn request_logs_that_are_not_taken_never_delay_a_report() {
    let mut sync = TestSync::logging(RequestLogs::new());
    let answer = TransportError::Unavailable { detail: "503".to_owned(), retry_after: Some(300 * SEC) };
    sync.syncer.transport = Arc::new(PickyHub { hub: sync.hub.clone(), answer });
    sync.pass(5).await;
    for _ in 0..20 {
        sync.log("/a", 200);
        sync.pass(12).await;
    }
    assert_eq!(sync.hub.requests(), 20);
    sync.syncer.transport = sync.hub.clone();
    sync.pass(400).await;
    assert_eq!((sync.urls().len(), sync.logs_lost()), (20, 0));
}

#[tokio::test]
async fn a_batch_that_is_refused_for_good_is_dropped_and_counted() {
    let mut sync = TestSync::logging(RequestLogs::new());
    let answer = TransportError::Refused("422".to_owned());
    sync.syncer.transport = Arc::new(PickyHub { hub: sync.hub.clone(), answer });
    (0..3).for_each(|_| sync.log("/a", 200));
    sync.pass(30).await;
    assert_eq!((sync.hub.requests(), sync.logs_lost(), sync.files().len()), (3, 3, 0));
}

#[tokio::test]
async fn what_an_ending_process_could_not_send_the_next_one_sends_once() {
    let mut first = TestSync::logging(RequestLogs::new());
    first.pass(5).await;
    first.log("/a?n=1", 200);
    first.hub.set_down(true);
    assert!(first.syncer.shutdown(SEC).await.is_err());
    first.log("/a?n=2", 200);

    let (mut next, mut other) = (first.next(), first.next());
    next.pass(15).await;
    other.pass(15).await;
    assert_eq!((next.urls(), other.urls().len()), (vec!["/a?n=1".to_owned()], 0));
    assert_eq!(next.hub.request_log_heads()[0].instance_id, first.sendry.instance_id());
    assert!(first.files().is_empty());
}

#[tokio::test]
async fn a_process_that_is_killed_leaves_what_it_wrote() {
    let mut killed = TestSync::logging(RequestLogs::new());
    killed.pass(5).await;
    killed.hub.set_down(true);
    killed.log("/a", 200);
    killed.pass(15).await;
    let mut next = killed.next();
    next.pass(15).await;
    assert!(next.urls().is_empty(), "its owner may still live");
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(700);
    for file in killed.files() {
        std::fs::File::options().append(true).open(file).unwrap().set_modified(long_ago).unwrap();
    }
    next.pass(400).await;
    assert_eq!(next.urls(), ["/a"]);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_costs_the_entries_and_nothing_else() {
    let mut sync = TestSync::logging(RequestLogs::new());
    let dir = sync.spool.path().join("spool");
    std::fs::write(&dir, "a file where the folder should be").unwrap();
    for _ in 0..5 {
        sync.log("/a", 200);
        sync.pass(12).await;
    }
    assert_eq!((sync.hub.requests(), sync.logs_lost()), (5, 5));
    std::fs::remove_file(&dir).unwrap();
    sync.pass(60).await;
    sync.log("/a?again", 200);
    sync.pass(15).await;
    assert_eq!((sync.urls(), sync.logs_lost()), (vec!["/a?again".to_owned()], 5));
}

#[tokio::test]
async fn a_folder_that_vanishes_under_the_writer_costs_what_was_in_it() {
    let mut sync = TestSync::logging(RequestLogs::new());
    sync.pass(5).await;
    sync.hub.set_down(true);
    for _ in 0..3 {
        sync.log("/a", 200);
        sync.pass(12).await;
    }
    std::fs::remove_dir_all(sync.spool.path().join("spool")).unwrap();
    sync.hub.set_down(false);
    sync.pass(90).await;
    sync.log("/a?again", 200);
    sync.pass(90).await;
    assert_eq!((sync.urls(), sync.logs_lost(), sync.hub.requests()), (vec!["/a?again".to_owned()], 3, 4));
}

#[tokio::test]
async fn sampling_never_touches_the_metrics() {
    let mut sync = TestSync::logging(RequestLogs::new().sample_rate(0.0).keep_first_per_minute(2));
    (0..100).for_each(|_| sync.log("/a", 200));
    (0..3).for_each(|_| sync.log("/a", 503));
    sync.syncer.flush().await.unwrap();
    assert_eq!(sync.hub.requests(), 103);
    let failed = sync.hub.request_logs().iter().filter(|log| log.status == 503).count();
    assert_eq!((sync.urls().len(), failed, sync.logs_lost()), (5, 3, 0));
}

#[tokio::test]
async fn exclusion_by_path_and_user_agent_never_touches_the_metrics() {
    let mut sync =
        TestSync::logging(RequestLogs::new().exclude_paths(["/b/*"]).exclude_user_agents(["Watcher"]));
    ["/a", "/healthz", "/b/1?x=1", "/b"].iter().for_each(|url| sync.log(url, 200));
    let probe = Request::builder().uri("/a").header("user-agent", "the-watcher/1").body(()).unwrap();
    let mut tracker = RequestTracker::start(&sync.sendry, &Method::GET, Some("/a"), None).unwrap();
    tracker.log_http_request(&probe, None);
    tracker.respond(&Response::new(Body::default()));
    sync.syncer.flush().await.unwrap();
    assert_eq!((sync.urls(), sync.hub.requests()), (vec!["/a".to_owned(), "/b".to_owned()], 5));
}

#[tokio::test]
async fn a_function_of_the_application_excludes_and_its_panic_is_counted() {
    let logs = RequestLogs::new().exclude_if(|log| match log.url.as_str() {
        "/panic" => panic!("on purpose"),
        url => url.contains("secret=******"),
    });
    let mut sync = TestSync::logging(logs);
    ["/a", "/a?secret=x", "/panic", "/b"].iter().for_each(|url| sync.log(url, 200));
    sync.syncer.flush().await.unwrap();
    sync.syncer.flush().await.unwrap();
    assert_eq!(sync.urls(), ["/a", "/b"], "it sees what would be sent");
    assert_eq!((sync.lost(LossReason::CallbackPanicked), sync.logs_lost(), sync.hub.requests()), (1, 1, 4));
}

#[tokio::test]
async fn headers_that_are_cut_are_counted() {
    let mut sync = TestSync::logging(RequestLogs::new());
    let request = Request::builder().uri("/a").header("x-long", "x".repeat(60_000)).body(()).unwrap();
    let mut tracker = RequestTracker::start(&sync.sendry, &Method::GET, Some("/a"), None).unwrap();
    tracker.log_http_request(&request, None);
    drop(tracker);
    sync.syncer.flush().await.unwrap();
    sync.syncer.flush().await.unwrap();
    assert_eq!((sync.hub.request_logs()[0].status, sync.lost(LossReason::TextCut)), (499, 1));
}
