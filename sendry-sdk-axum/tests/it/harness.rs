use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, Response};
use http_body_util::BodyExt;
use sendry_sdk::protocol::RouteSeries;
pub use sendry_sdk::testing::ManualClock;
use sendry_sdk::testing::{Counted, TestTransport};
use sendry_sdk_axum::{Instrumented, Sendry, instrument};
use tower::ServiceExt;

pub const START: i64 = 1_800_000_000;

/// An instrumented application with a hub that keeps what it is sent.
pub struct TestApp {
    pub app: Instrumented,
    pub hub: Arc<TestTransport>,
    pub sendry: Sendry,
}

impl TestApp {
    pub fn new(router: Router) -> Self {
        Self::with_clock(ManualClock::at(START), |_| router)
    }

    /// Builds the router with the clock that its handlers move.
    pub fn with_clock(clock: Arc<ManualClock>, router: impl FnOnce(Arc<ManualClock>) -> Router) -> Self {
        let hub = TestTransport::with_clock(clock.clone());
        let sendry = Sendry::builder().transport(hub.clone()).clock(clock.clone()).build().unwrap();
        let app = instrument(router(clock), &sendry);
        Self { app, hub, sendry }
    }

    /// Sends a request and hands back the response unread.
    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.app.clone().oneshot(request).await.unwrap()
    }

    /// Sends a request and reads the response to its end.
    pub async fn call(&self, method: Method, path: &str) -> (u16, Vec<u8>) {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let response = self.send(request).await;
        let status = response.status().as_u16();
        (status, response.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    pub async fn get(&self, path: &str) -> (u16, Vec<u8>) {
        self.call(Method::GET, path).await
    }

    /// The status of the answer, where the path can stand in a request at all.
    pub async fn try_get(&self, path: &str) -> Option<u16> {
        let request = Request::builder().uri(path).body(Body::empty()).ok()?;
        Some(self.send(request).await.status().as_u16())
    }

    /// What the hub was sent, after a flush.
    pub async fn counted(&self) -> Vec<Counted> {
        self.sendry.flush().await.unwrap();
        self.hub.counted()
    }

    /// The one series that was counted.
    pub async fn only(&self) -> Counted {
        let mut counted = self.counted().await;
        assert_eq!(counted.len(), 1, "{counted:#?}");
        counted.remove(0)
    }

    /// Method, path, status and count of all that was counted, sorted.
    pub async fn summary(&self) -> Vec<(String, String, u16, u64)> {
        let row = |c: Counted| (c.method, c.path, c.series.status, c.series.count);
        let mut rows: Vec<_> = self.counted().await.into_iter().map(row).collect();
        rows.sort();
        rows
    }
}

/// The one duration of a series.
pub fn duration_of(series: &RouteSeries) -> Duration {
    assert_eq!(series.durations.buckets.count(), 1);
    Duration::from_micros(series.durations.sum_us)
}

pub fn row(method: &str, path: &str, status: u16, count: u64) -> (String, String, u16, u64) {
    (method.to_owned(), path.to_owned(), status, count)
}
