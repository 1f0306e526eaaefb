//! Request logs with the client's own threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{Request, Response};
use http_body_util::Full;
use sendry_sdk::protocol::LossReason;
use sendry_sdk::request_log::RequestLogs;
use sendry_sdk::testing::TestTransport;
use sendry_sdk::{Sendry, layer::SendryLayer};
use tempfile::TempDir;
use tower::{Layer, ServiceExt};

type Body = Full<bytes::Bytes>;

fn logging(logs: RequestLogs) -> (Sendry, Arc<TestTransport>, TempDir) {
    let (hub, spool) = (TestTransport::new(), TempDir::new().unwrap());
    let builder = Sendry::builder().transport(hub.clone()).request_logs(logs);
    (builder.spool_dir(spool.path().join("spool")).build().unwrap(), hub, spool)
}

async fn request<R>(layer: &SendryLayer<R>, n: usize)
where
    R: for<'a> Fn(sendry_sdk::layer::RequestHead<'a>) -> Option<&'a str> + Clone,
{
    let answer = tower::service_fn(async |_request: Request<Body>| {
        Ok::<_, std::convert::Infallible>(Response::new(Body::from("hello")))
    });
    let request =
        Request::builder().uri(format!("/a?n={n}")).header("user-agent", "a test").body(Body::default());
    layer.layer(answer).oneshot(request.unwrap()).await.unwrap();
}

fn lost(hub: &TestTransport) -> u64 {
    let reports = hub.reports();
    let losses = reports.iter().flat_map(|report| &report.losses);
    losses.filter(|loss| loss.reason == LossReason::RequestLogsDropped).map(|loss| loss.count).sum()
}

/// Four threads log while another asks for a sync again and again, half of the time with a hub that is down.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_soak_of_30_000_requests_over_an_outage_loses_none_that_is_not_counted() {
    const REQUESTS: usize = 30_000;
    let (sendry, hub, spool) = logging(RequestLogs::new());
    let done = Arc::new(AtomicBool::new(false));
    hub.set_down(true);
    let nagging = tokio::spawn({
        let (done, hub) = (done.clone(), hub.clone());
        async move {
            for round in 1_u32.. {
                _ = sendry.flush().await;
                let waiting = std::fs::read_dir(spool.path().join("spool")).map_or(0, Iterator::count);
                assert!(waiting <= 51, "fifty that wait and one that is written, not {waiting}");
                if done.load(Ordering::Relaxed) {
                    break;
                }
                hub.set_down(round % 10 < 7);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            spool
        }
    });
    let workers = (0..4).map(|worker| {
        tokio::spawn(async move {
            let layer = sendry.layer(|_| Some("/a"));
            for n in (worker..REQUESTS).step_by(4) {
                request(&layer, n).await;
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    let spool = nagging.await.unwrap();
    hub.set_down(false);
    sendry.flush().await.unwrap();
    sendry.flush().await.unwrap();

    let logs = hub.request_logs();
    let urls: std::collections::HashSet<&str> = logs.iter().map(|log| log.url.as_str()).collect();
    assert_eq!(urls.len(), logs.len(), "none arrives twice");
    assert_eq!(logs.len() as u64 + lost(&hub), REQUESTS as u64);
    assert_eq!(hub.requests(), REQUESTS as u64);
    assert_eq!(std::fs::read_dir(spool.path().join("spool")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_burst_beyond_the_memory_for_it_is_dropped_and_counted() {
    let (sendry, hub, _spool) = logging(RequestLogs::new().waiting_bytes_max(64 * 1024));
    let layer = sendry.layer(|_| Some("/a"));
    for n in 0..2_000 {
        request(&layer, n).await;
    }
    sendry.flush().await.unwrap();
    sendry.flush().await.unwrap();
    let arrived = hub.request_logs().len() as u64;
    assert!(lost(&hub) > 0 && arrived > 0);
    assert_eq!(arrived + lost(&hub), 2_000);
}

#[tokio::test]
async fn shutdown_sends_the_last_request_logs() {
    let (sendry, hub, _spool) = logging(RequestLogs::new());
    let layer = sendry.layer(|_| Some("/a"));
    request(&layer, 1).await;
    sendry.shutdown().await.unwrap();
    request(&layer, 2).await;
    assert_eq!(hub.request_logs().len(), 1);
    assert_eq!(hub.request_logs()[0].request_body.missing.as_deref(), Some("off"));
}

#[tokio::test]
async fn a_disabled_client_logs_nothing() {
    let spool = TempDir::new().unwrap();
    let builder = Sendry::builder().request_logs(RequestLogs::new());
    let sendry = builder.spool_dir(spool.path().join("spool")).build().unwrap();
    assert!(!sendry.is_enabled());
    request(&sendry.layer(|_| Some("/a")), 1).await;
    sendry.shutdown().await.unwrap();
    assert!(!spool.path().join("spool").exists());
}

/// One request to a service that answers what it was sent, behind `layer`.
async fn echo<L>(layer: L, body: &'static str) -> Vec<u8>
where
    L: Layer<Echo>,
    L::Service: tower::Service<Request<axum::body::Body>, Error = std::convert::Infallible>,
    <L::Service as tower::Service<Request<axum::body::Body>>>::Response: IntoBytes,
{
    let request = Request::post("/a").header("content-type", "application/json");
    let request = request.body(axum::body::Body::from(body)).unwrap();
    match layer.layer(Echo).oneshot(request).await {
        Ok(response) => response.into_bytes().await,
    }
}

/// The body of a response, read to its end.
trait IntoBytes {
    async fn into_bytes(self) -> Vec<u8>;
}

impl<B: http_body::Body<Error: std::fmt::Debug>> IntoBytes for Response<B> {
    async fn into_bytes(self) -> Vec<u8> {
        http_body_util::BodyExt::collect(self.into_body()).await.unwrap().to_bytes().to_vec()
    }
}

#[derive(Clone)]
struct Echo;

impl tower::Service<Request<axum::body::Body>> for Echo {
    type Response = Response<Body>;
    type Error = std::convert::Infallible;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>>>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<axum::body::Body>) -> Self::Future {
        Box::pin(async {
            let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.unwrap();
            let json = Response::builder().header("content-type", "application/json");
            Ok(json.body(Body::from(body)).unwrap())
        })
    }
}

#[tokio::test]
async fn the_generic_layer_logs_bodies_and_the_address_that_it_is_told() {
    let (sendry, hub, _spool) =
        logging(RequestLogs::new().request_bodies().response_bodies().client_address());
    let layer = || sendry.layer(|_| Some("/a")).peer_address(|_| Some([203, 0, 113, 9].into()));
    assert_eq!(echo(layer().request_bodies(axum::body::Body::new), "[1]").await, b"[1]");
    assert_eq!(echo(layer(), "[2]").await, b"[2]");
    let broken = sendry.layer(|_| Some("/a")).peer_address(|_| panic!("on purpose"));
    assert_eq!(echo(broken, "[3]").await, b"[3]");
    sendry.flush().await.unwrap();
    let logs = hub.request_logs();
    let bodies: Vec<_> = logs.iter().map(|log| log.request_body.text.as_deref()).collect();
    assert_eq!(bodies, [Some("[1]"), None, None], "without a way to make bodies they are not read along");
    assert!(logs.iter().all(|log| log.response_body.text.is_some()));
    let addresses: Vec<_> = logs.iter().map(|log| log.client_address.as_deref()).collect();
    assert_eq!(addresses, [Some("203.0.113.9"), Some("203.0.113.9"), None]);
    let reports = hub.reports();
    let losses = reports.iter().flat_map(|report| &report.losses);
    assert_eq!(losses.filter(|loss| loss.reason == LossReason::CallbackPanicked).count(), 1);
}
