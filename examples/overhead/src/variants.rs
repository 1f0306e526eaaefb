//! The applications under test: one router, bare and behind each middleware, set up as its README says.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::response::Response;
use axum::routing::get;
use sendry_sdk::Sendry;
use sendry_sdk::protocol::Accepted;
use sendry_sdk::transport::{Message, SendFuture, Transport};
use tower::util::BoxCloneSyncService;
use tower::{Layer, Service};

/// An application, whatever is around it.
pub type App = BoxCloneSyncService<Request, Response, Infallible>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Variant {
    Bare,
    /// A tower layer that does nothing: what any layer costs in axum.
    Nothing,
    Sendry,
    AxumPrometheus,
    OpenTelemetry,
}

impl Variant {
    pub const ALL: [Self; 5] =
        [Self::Bare, Self::Nothing, Self::Sendry, Self::AxumPrometheus, Self::OpenTelemetry];

    pub fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Nothing => "a layer that does nothing",
            Self::Sendry => "Sendry",
            Self::AxumPrometheus => "axum-prometheus 0.10",
            Self::OpenTelemetry => "opentelemetry-instrumentation-tower 0.19",
        }
    }

    pub fn app(self) -> App {
        match self {
            Self::Bare => served(router()),
            Self::Nothing => served(router().layer(NothingLayer)),
            Self::Sendry => {
                let app = sendry_sdk_axum::instrument(router(), &sendry());
                BoxCloneSyncService::new(app)
            }
            Self::AxumPrometheus => {
                let (layer, _handle) = axum_prometheus::PrometheusMetricLayer::pair();
                served(router().layer(layer))
            }
            Self::OpenTelemetry => {
                install_meter();
                let layer = opentelemetry_instrumentation_tower::http::server::Layer::new();
                served(router().layer(layer))
            }
        }
    }
}

/// As `axum::serve` does with a router: the state is given once, not at every request.
fn served(router: Router) -> App {
    BoxCloneSyncService::new(router.with_state(()))
}

/// The path that is called, and the template it matches.
pub const PATH: &str = "/api/users/17/orders/4711";

/// A small service: thirty routes around the one that is called.
fn router() -> Router {
    let others = (0..29)
        .fold(Router::new(), |router, n| router.route(&format!("/r{n}/{{id}}"), get(async || "other")));
    let order = async |Path((user, order)): Path<(u32, u32)>| {
        (user < order).then_some("{\"order\":4711,\"state\":\"paid\"}").unwrap_or("none")
    };
    others.route("/api/users/{user}/orders/{order}", get(order))
}

/// A client whose reports are taken at once: what is measured is the request's side.
pub fn sendry() -> Sendry {
    Sendry::builder().transport(Arc::new(Sink)).build().expect("the settings are valid")
}

struct Sink;

impl Transport for Sink {
    fn send(&self, _message: Message) -> SendFuture<'_> {
        Box::pin(async { Ok(Accepted::default()) })
    }
}

fn install_meter() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let reader = opentelemetry_sdk::metrics::ManualReader::builder().build();
        let provider = opentelemetry_sdk::metrics::SdkMeterProvider::builder().with_reader(reader).build();
        opentelemetry::global::set_meter_provider(provider);
    });
}

pub fn request() -> Request {
    Request::builder()
        .uri(PATH)
        .header("host", "localhost")
        .body(Body::empty())
        .expect("the request is valid")
}

#[derive(Clone, Copy)]
struct NothingLayer;

impl<S> Layer<S> for NothingLayer {
    type Service = Nothing<S>;

    fn layer(&self, inner: S) -> Nothing<S> {
        Nothing(inner)
    }
}

#[derive(Clone)]
struct Nothing<S>(S);

impl<S: Service<Request>> Service<Request> for Nothing<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> S::Future {
        self.0.call(request)
    }
}
