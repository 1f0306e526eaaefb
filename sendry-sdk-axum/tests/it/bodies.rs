//! When a request ends, and that bodies reach the client bit for bit.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Method, Request, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use futures_core::Stream;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use sendry_sdk::testing::ManualClock;
use sendry_sdk::track::HANDED_OVER_BYTES_MAX;

use crate::harness::{START, TestApp, duration_of};

/// A body of several chunks; the clock moves by ten milliseconds before each, and it may end with an error or a panic.
struct Chunks {
    clock: Arc<ManualClock>,
    left: usize,
    end: End,
    length: Option<u64>,
}

#[derive(Clone, Copy)]
enum End {
    Well,
    Error,
    Panic,
}

impl HttpBody for Chunks {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.clock.advance(Duration::from_millis(10));
        if self.left > 0 {
            self.left -= 1;
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"chunk")))));
        }
        Poll::Ready(match self.end {
            End::Well => None,
            End::Error => Some(Err(std::io::Error::other("broken"))),
            End::Panic => panic!("on purpose"),
        })
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// An application whose one route answers with `chunks` chunks.
fn app(chunks: usize, end: End) -> TestApp {
    app_of_length(chunks, end, None)
}

fn app_of_length(chunks: usize, end: End, length: Option<u64>) -> TestApp {
    TestApp::with_clock(ManualClock::at(START), |clock| {
        let handler = async move || {
            clock.advance(Duration::from_millis(5));
            Body::new(Chunks { clock, left: chunks, end, length })
        };
        Router::new().route("/stream", get(handler))
    })
}

fn request(method: Method) -> Request<Body> {
    Request::builder().method(method).uri("/stream").body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_stream_ends_with_its_last_byte_and_its_head_is_timed_apart() {
    let app = app(3, End::Well);
    let (_, body) = app.get("/stream").await;
    assert_eq!(body, b"chunkchunkchunk");
    let series = app.only().await.series;
    assert_eq!(duration_of(&series), Duration::from_millis(45));
    let headers = series.headers.as_ref().expect("differs from the duration");
    assert_eq!(headers.counts, [(sendry_sdk::protocol::Scale::DURATION.index_of(0.005), 1)]);
    assert_eq!((series.response.sum, series.response.buckets.count()), (15, 1));
    assert!(series.outcomes.is_complete());
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_is_counted_as_aborted_with_what_was_sent() {
    let app = app(3, End::Well);
    let mut body = app.send(request(Method::GET)).await.into_body();
    body.frame().await.unwrap().unwrap();
    drop(body);
    let series = app.only().await.series;
    assert_eq!((series.status, series.outcomes.aborted, series.response.sum), (200, 1, 5));
    assert_eq!(duration_of(&series), Duration::from_millis(15));
}

#[tokio::test]
async fn a_body_that_fails_is_counted_and_its_error_reaches_the_server() {
    let app = app(1, End::Error);
    let body = app.send(request(Method::GET)).await.into_body();
    assert!(body.collect().await.unwrap_err().to_string().contains("broken"));
    assert_eq!(app.only().await.series.outcomes.body_error, 1);
}

#[tokio::test]
async fn a_body_that_panics_is_counted() {
    let app = app(1, End::Panic);
    let body = app.send(request(Method::GET)).await.into_body();
    assert!(tokio::spawn(body.collect()).await.unwrap_err().is_panic());
    assert_eq!(app.only().await.series.outcomes.panic, 1);
}

#[tokio::test]
async fn a_head_request_ends_with_its_head_and_sends_nothing() {
    let app = app(3, End::Well);
    assert_eq!(app.call(Method::HEAD, "/stream").await.1, b"");
    let series = app.only().await.series;
    assert_eq!(
        (series.response.sum, series.response.buckets.count(), series.outcomes.is_complete()),
        (0, 1, true)
    );
    assert_eq!(duration_of(&series), Duration::from_millis(5));
}

#[tokio::test]
async fn large_bodies_of_known_length_are_watched_and_small_ones_handed_over() {
    let small = app_of_length(1, End::Well, Some(5));
    drop(small.send(request(Method::GET)).await);
    let series = small.only().await.series;
    assert_eq!((series.response.sum, series.outcomes.is_complete()), (5, true));

    let large = app_of_length(2, End::Well, Some(HANDED_OVER_BYTES_MAX + 1));
    drop(large.send(request(Method::GET)).await);
    assert_eq!(large.only().await.series.outcomes.aborted, 1);
}

#[tokio::test]
async fn a_body_whose_length_was_sent_is_complete_though_it_is_dropped_before_its_end() {
    let length = HANDED_OVER_BYTES_MAX + 4;
    let chunks = usize::try_from(length / 5).unwrap();
    assert_eq!(length % 5, 3, "the hint below is of whole chunks");
    let app = app_of_length(chunks + 2, End::Well, Some((chunks as u64 + 1) * 5));
    let mut body = app.send(request(Method::GET)).await.into_body();
    for _ in 0..=chunks {
        body.frame().await.unwrap().unwrap();
    }
    drop(body);
    assert!(app.only().await.series.outcomes.is_complete());
}

#[tokio::test]
async fn a_huge_body_arrives_bit_for_bit() {
    let bytes: Vec<u8> = (0..5_000_000u32).map(|n| (n % 251) as u8).collect();
    let sent = bytes.clone();
    let app = TestApp::new(Router::new().route("/stream", get(async move || sent)));
    assert!(app.get("/stream").await.1 == bytes);
    assert_eq!(app.only().await.series.response.sum, 5_000_000);
}

#[tokio::test]
async fn event_streams_and_upgrades_have_a_time_to_headers_and_no_duration() {
    let events = async || {
        let never = http_body_util::StreamBody::new(Never);
        Response::builder()
            .header(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")
            .body(Body::new(never))
            .unwrap()
    };
    let app = TestApp::new(
        Router::new()
            .route("/stream", get(events))
            .route("/ws", get(async || StatusCode::SWITCHING_PROTOCOLS)),
    );
    drop(app.send(request(Method::GET)).await);
    app.get("/ws").await;
    let counted = app.counted().await;
    assert_eq!(counted.len(), 2);
    for series in counted.iter().map(|counted| &counted.series) {
        assert_eq!(
            (series.count, series.durations.buckets.count(), series.header_buckets().count()),
            (1, 0, 1)
        );
        assert!(series.outcomes.is_complete());
    }
}

#[tokio::test]
async fn empty_answers_end_at_once() {
    let app = TestApp::new(
        Router::new()
            .route("/none", get(async || StatusCode::NO_CONTENT))
            .route("/cached", get(async || StatusCode::NOT_MODIFIED))
            .route("/unit", get(async || ())),
    );
    for path in ["/none", "/cached", "/unit"] {
        app.get(path).await;
    }
    let counted = app.counted().await;
    assert_eq!(counted.iter().map(|counted| counted.series.response.buckets.zero).sum::<u64>(), 3);
    assert!(counted.iter().all(|counted| counted.series.outcomes.is_complete()));
}

/// A stream of frames that never has one.
struct Never;

impl Stream for Never {
    type Item = Result<Frame<Bytes>, Infallible>;

    fn poll_next(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Pending
    }
}
