//! A disk that fills while request logs are written, played by a limit on the size of files in a process of its own.

use std::process::Command;

use http::{Request, Response};
use http_body_util::Full;
use sendry_sdk::Sendry;
use sendry_sdk::protocol::LossReason;
use sendry_sdk::request_log::RequestLogs;
use sendry_sdk::testing::TestTransport;
use tower::{Layer, ServiceExt};

/// Says to this test that it runs in the process with the limit.
const LIMITED: &str = "SENDRY_TEST_LIMITED";
const NAME: &str = "full_disk::a_disk_that_fills_costs_entries_that_are_counted_and_no_request";
const REQUESTS: u64 = 5_000;

#[test]
fn a_disk_that_fills_costs_entries_that_are_counted_and_no_request() {
    if std::env::var_os(LIMITED).is_some() {
        return tokio::runtime::Runtime::new().unwrap().block_on(log_beyond_the_limit());
    }
    // 32 blocks of 512 or 1,024 bytes; a write beyond them fails as one to a full disk does, and the signal is ignored.
    let limited = "trap '' XFSZ; ulimit -f 32; exec \"$0\" --exact \"$1\" --nocapture";
    let program = std::env::current_exe().unwrap();
    let status = Command::new("sh").args(["-c", limited]).arg(program).arg(NAME).env(LIMITED, "1").status();
    assert!(status.unwrap().success());
}

async fn log_beyond_the_limit() {
    let (hub, spool) = (TestTransport::new(), tempfile::TempDir::new().unwrap());
    let builder = Sendry::builder().transport(hub.clone()).request_logs(RequestLogs::new());
    let sendry = builder.spool_dir(spool.path().join("spool")).build().unwrap();
    let answer = tower::service_fn(async |_: Request<Full<bytes::Bytes>>| {
        Ok::<_, std::convert::Infallible>(Response::new(Full::<bytes::Bytes>::default()))
    });
    let service = sendry.layer(|_| Some("/a")).layer(answer);
    for n in 0..REQUESTS {
        // Texts that do not compress, so that the limit is met.
        let url =
            format!("/a?n={:x}", u128::from(n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
        service.oneshot(Request::get(url).body(Full::default()).unwrap()).await.unwrap();
    }
    sendry.flush().await.unwrap();
    sendry.flush().await.unwrap();
    let reports = hub.reports();
    let losses = reports.iter().flat_map(|report| &report.losses);
    let lost: u64 =
        losses.filter(|loss| loss.reason == LossReason::RequestLogsDropped).map(|loss| loss.count).sum();
    assert_eq!(hub.requests(), REQUESTS, "every request is counted whatever becomes of its log");
    assert!(lost > 0, "the limit was met");
    assert_eq!(hub.request_logs().len() as u64 + lost, REQUESTS);
}
