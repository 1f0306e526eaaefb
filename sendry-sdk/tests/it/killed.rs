//! A process that ends without warning while its hub is away: the next one sends what it counted.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use http::{Request, Response};
use http_body_util::Full;
use sendry_sdk::Sendry;
use sendry_sdk::request_log::RequestLogs;
use sendry_sdk::testing::TestTransport;
use tower::{Layer, ServiceExt};

/// Says to this test that it runs in the process that ends, and where its spool is.
const SPOOL: &str = "SENDRY_TEST_SPOOL";
const NAME: &str = "killed::what_a_process_counted_that_was_killed_in_an_outage_the_next_one_sends";
const REQUESTS: u64 = 500;

fn client(spool: PathBuf) -> (Sendry, Arc<TestTransport>) {
    let hub = TestTransport::new();
    let builder = Sendry::builder().transport(hub.clone()).request_logs(RequestLogs::new());
    (builder.spool_dir(spool).build().unwrap(), hub)
}

#[test]
fn what_a_process_counted_that_was_killed_in_an_outage_the_next_one_sends() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Some(spool) = std::env::var_os(SPOOL) {
        runtime.block_on(count_and_die(spool.into()));
    }
    let dir = tempfile::TempDir::new().unwrap();
    let spool = dir.path().join("spool");
    let program = std::env::current_exe().unwrap();
    let ended = Command::new(program).args(["--exact", NAME]).env(SPOOL, &spool).output().unwrap();
    assert!(!ended.status.success(), "it ends by a signal");
    runtime.block_on(async {
        let (sendry, hub) = client(spool);
        sendry.flush().await.unwrap();
        assert_eq!(hub.requests(), REQUESTS);
    });
}

async fn count_and_die(spool: PathBuf) {
    let (sendry, hub) = client(spool);
    hub.set_down(true);
    let answer = tower::service_fn(async |_: Request<Full<bytes::Bytes>>| {
        Ok::<_, std::convert::Infallible>(Response::new(Full::<bytes::Bytes>::default()))
    });
    let service = sendry.layer(|_| Some("/a")).layer(answer);
    for _ in 0..REQUESTS {
        service.oneshot(Request::get("/a").body(Full::default()).unwrap()).await.unwrap();
    }
    assert!(sendry.flush().await.is_err());
    std::process::abort();
}
