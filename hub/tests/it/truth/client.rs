//! The instrumented application, its requests, and a transport that sends everything twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sendry_sdk::clock::Clock;
use sendry_sdk::protocol::Accepted;
use sendry_sdk::testing::ManualClock;
use sendry_sdk::transport::{HttpTransport, Message, SendFuture, Transport, TransportError};
use sendry_sdk_axum::{Instrumented, Sendry, instrument};
use tower::ServiceExt;

use super::hub::HubProcess;
use super::model::Truth;

const ROUTES: usize = 60;
const STATUSES: [u16; 8] = [200, 201, 204, 302, 400, 404, 422, 503];
/// How late the first minute is when the test begins: within the hub's 65, and over before the clock catches up.
const BACKDATED: Duration = Duration::from_secs(20 * 60);

pub struct Traffic {
    pub sendry: Sendry,
    app: Instrumented,
    transport: Arc<Twice>,
    clock: Arc<ManualClock>,
    answer: Arc<Answer>,
    random: StdRng,
    mean: Duration,
    truth: Truth,
}

/// What the next request is answered, and how long that takes by the test clock.
#[derive(Default)]
struct Answer {
    nanos: AtomicU64,
    status: AtomicU16,
}

impl Traffic {
    /// Requests one after the other, `mean` apart by the test clock.
    pub fn new(hub: &HubProcess, mean: Duration) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let clock = ManualClock::at(i64::try_from((now - BACKDATED).as_secs()).unwrap());
        let transport = Arc::new(Twice::new(HttpTransport::new(&hub.url(), &hub.write_key).unwrap()));
        let answer = Arc::new(Answer::default());
        let sendry = Sendry::builder()
            .transport(transport.clone())
            .clock(clock.clone())
            .env("truth")
            .spool_dir(hub.data_dir().join("spool"))
            .build()
            .unwrap();
        let app = instrument(router(&clock, &answer), &sendry);
        Self {
            sendry,
            app,
            transport,
            clock,
            answer,
            random: StdRng::seed_from_u64(7),
            mean,
            truth: Truth::default(),
        }
    }

    pub async fn send(&mut self) {
        let status = STATUSES[skewed(&mut self.random, STATUSES.len())];
        let route = skewed(&mut self.random, ROUTES);
        let nanos = self.latency(route);
        self.answer.status.store(status, Ordering::Relaxed);
        self.answer.nanos.store(nanos, Ordering::Relaxed);
        let (template, path) = names(route, self.random.random_range(0..1_000_000));
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), status);
        drop(response);
        let minute = self.clock.unix_nanos() / 60_000_000_000;
        self.truth.record(&template, status, nanos, minute);
    }

    /// Log-normal around a median of each route's own, with a mean over all routes of about `mean`.
    fn latency(&mut self, route: usize) -> u64 {
        let normal = (0..12).map(|_| self.random.random::<f64>()).sum::<f64>() - 6.0;
        let median = self.mean.as_nanos() as f64 * (0.2 + route as f64 / 40.0);
        (median * (normal * 0.8).exp()) as u64
    }

    /// How often the hub could not be reached.
    pub fn outages(&self) -> u64 {
        self.transport.outages.load(Ordering::Relaxed)
    }

    pub fn truth(mut self) -> Truth {
        self.truth.sort();
        self.truth
    }
}

fn router(clock: &Arc<ManualClock>, answer: &Arc<Answer>) -> Router {
    let route = |router: Router, route: usize| {
        let (clock, answer) = (clock.clone(), answer.clone());
        let handler = async move || {
            clock.advance(Duration::from_nanos(answer.nanos.load(Ordering::Relaxed)));
            StatusCode::from_u16(answer.status.load(Ordering::Relaxed)).unwrap()
        };
        let inner = Router::new().route("/items/{item}", get(handler));
        router.nest(&format!("/v{}/shops/{{shop}}/r{route}", route % 3), inner)
    };
    (0..ROUTES).fold(Router::new(), route)
}

/// The template of a route, and a path that matches it.
fn names(route: usize, id: u32) -> (String, String) {
    let version = route % 3;
    (
        format!("/v{version}/shops/{{shop}}/r{route}/items/{{item}}"),
        format!("/v{version}/shops/s{}/r{route}/items/{id}", id % 97),
    )
}

/// Small numbers more often than large ones.
fn skewed(random: &mut StdRng, below: usize) -> usize {
    let uniform: f64 = random.random();
    ((uniform * uniform) * below as f64) as usize
}

/// Sends everything twice, and keeps the hub's time to itself: the test's clock is behind on purpose.
struct Twice {
    inner: HttpTransport,
    outages: AtomicU64,
}

impl Twice {
    fn new(inner: HttpTransport) -> Self {
        Self { inner, outages: AtomicU64::new(0) }
    }

    async fn send_twice(&self, message: Message) -> Result<Accepted, TransportError> {
        let first = self.inner.send(message.clone()).await;
        let second = self.inner.send(message).await;
        // Accepted once is enough, twice must not matter; an answer that got lost is as good as none.
        let accepted = first.and(second).inspect_err(|_| _ = self.outages.fetch_add(1, Ordering::Relaxed))?;
        Ok(Accepted { server_time: 0.0, ..accepted })
    }
}

impl Transport for Twice {
    fn send(&self, message: Message) -> SendFuture<'_> {
        Box::pin(self.send_twice(message))
    }
}
